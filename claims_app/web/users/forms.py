"""The forms for managing accounts."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from claims_app.vocabulary import Role
from claims_app.web.forms import choices


class NewAccountForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A new account; its owner sets the password through a link."""

    username = StringField(
        "User name",
        description="2 to 64 characters: a-z, 0-9, dot, @, underscore and hyphen. It cannot be changed later.",
        render_kw={"required": True, "maxlength": 64, "autocapitalize": "none", "autocomplete": "off"},
    )
    role = SelectField("Role", choices=choices(Role), default=Role.CURATOR.value)
    email = StringField(
        "Email address",
        description="Optional. Password reset links are sent to it.",
        render_kw={"maxlength": 254, "inputmode": "email", "autocapitalize": "none", "autocomplete": "off"},
    )


class RoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Changes the role of an account."""

    role = SelectField("Role", choices=choices(Role))
