"""The form for logging in."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from claims_app.services.users import LONGEST_PASSWORD


class LoginForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Name and password."""

    username = StringField(
        "Name",
        render_kw={"autocomplete": "username", "required": True, "maxlength": 64, "autocapitalize": "none"},
    )
    password = PasswordField(
        "Password",
        render_kw={"autocomplete": "current-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )
