"""The forms of the user's own account. Changes that could lock the owner out require the current password."""

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from claims_app.rules.accounts import FULL_NAME_LENGTH, LONGEST_LABEL, LONGEST_PASSWORD
from claims_app.vocabulary import TokenScope
from claims_app.web.auth.forms import NewPasswordForm
from claims_app.web.forms import choice

DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "No expiry"}


class PresentPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Confirms the identity of the owner with the current password."""

    present_password = PasswordField(
        "Current password",
        validators=[InputRequired("Enter your current password.")],
        description="Required so that no one else can take over the account at an unlocked computer.",
        render_kw={"autocomplete": "current-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )

    def is_right(self, check: Callable[[str, str], object | None], username: str) -> bool:
        """Return whether the password is that of `username` according to `check`; if not, add an error."""
        if check(username, self.present_password.data or "") is not None:
            return True
        self.present_password.errors = ["This is not your current password."]
        return False


class PasswordForm(PresentPasswordForm, NewPasswordForm):
    """Changes the password."""


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Sets the name as it appears in author lists."""

    full_name = StringField(
        "Author name",
        description="Family name first, as in author lists: Goebel, Andreas. It is used to warn you when you "
        "work on your own studies.",
        render_kw={"maxlength": FULL_NAME_LENGTH, "autocomplete": "off"},
    )


class EmailForm(PresentPasswordForm):
    """Sets the email address."""

    email = StringField(
        "Email address",
        description="Only used to send you password reset links. Leave it empty to remove your address.",
        render_kw={"autocomplete": "email", "maxlength": 254, "inputmode": "email", "autocapitalize": "none"},
    )


class TokenForm(PresentPasswordForm):
    """Creates an API token."""

    label = StringField(
        "Purpose",
        description="A short description, such as the name of the program.",
        render_kw={"required": True, "maxlength": LONGEST_LABEL, "autocomplete": "off"},
    )
    scope = RadioField(
        "Access",
        choices=[choice(term.value, f"{term.label}: {term.definition}") for term in TokenScope],
        default=TokenScope.READ.value,
    )
    days = SelectField(
        "Expires after", choices=[choice(days, label) for days, label in DAYS.items()], default="90"
    )


class ButtonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A form with only the CSRF token that a POST needs."""
