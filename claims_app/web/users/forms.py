"""The forms by which admins manage accounts."""

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from claims_app.vocabulary import Role
from claims_app.web.forms import choices


class NewAccountForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A new account; its owner chooses the password, with a link."""

    username = StringField(
        "Name",
        description="2 to 64 of the characters a-z, 0-9, dot, @, underscore and hyphen. It cannot be changed later.",
        render_kw={"required": True, "maxlength": 64, "autocapitalize": "none", "autocomplete": "off"},
    )
    role = SelectField("Role", choices=choices(Role), default=Role.CURATOR.value)
    email = StringField(
        "Address for mail",
        description="May stay empty. Links for a new password go there.",
        render_kw={"maxlength": 254, "inputmode": "email", "autocapitalize": "none", "autocomplete": "off"},
    )


class RoleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Another role."""

    role = SelectField("Role", choices=choices(Role))
