"""The forms for logging in, and for getting in again."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from claims_app.rules.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD

_AGAIN = "Both are to be the same, so that what you think you typed is your password."


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


class ForgotForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Whose password is forgotten."""

    username = StringField(
        "Name, or address for mail",
        render_kw={"autocomplete": "username", "required": True, "maxlength": 254, "autocapitalize": "none"},
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A new password, typed twice."""

    new_password = PasswordField(
        "New password",
        description=f"At least {SHORTEST_PASSWORD} characters. Several words that you use nowhere else are good.",
        render_kw={"autocomplete": "new-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )
    again = PasswordField(
        "The same again",
        render_kw={"autocomplete": "new-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )

    def is_typed_twice(self) -> bool:
        """Whether both are the same; if not, the field says so."""
        if self.new_password.data == self.again.data:
            return True
        self.again.errors = [*self.again.errors, _AGAIN]
        return False
