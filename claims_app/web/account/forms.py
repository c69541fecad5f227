"""The forms of one's own account. What could shut the owner out asks for the present password."""

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, StringField

from claims_app.rules.accounts import FULL_NAME_LENGTH, LONGEST_LABEL, LONGEST_PASSWORD
from claims_app.vocabulary import TokenScope
from claims_app.web.auth.forms import NewPasswordForm
from claims_app.web.forms import choice

DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Until it is revoked"}


class PresentPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Asks whether it is really the owner."""

    present_password = PasswordField(
        "Present password",
        description="Asked for here, so that nobody at an open browser can take the account over.",
        render_kw={"autocomplete": "current-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )

    def is_right(self, check: Callable[[str, str], object | None], username: str) -> bool:
        """Whether `check` says that the password is that of `username`; if not, the field says so."""
        if check(username, self.present_password.data or "") is not None:
            return True
        self.present_password.errors = ["This is not your present password."]
        return False


class PasswordForm(PresentPasswordForm, NewPasswordForm):
    """For another password."""


class NameForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Sets the name as it stands in lists of authors."""

    full_name = StringField(
        "Your name",
        description="Family name first, as in the lists of authors: Goebel, Andreas. You are told then which "
        "studies are your own.",
        render_kw={"maxlength": FULL_NAME_LENGTH, "autocomplete": "off"},
    )


class EmailForm(PresentPasswordForm):
    """Where mail goes."""

    email = StringField(
        "Address for mail",
        description="Used for one thing: a link for a new password, when you ask for it. Leave it empty to have none.",
        render_kw={"autocomplete": "email", "maxlength": 254, "inputmode": "email", "autocapitalize": "none"},
    )


class TokenForm(PresentPasswordForm):
    """A new API token."""

    label = StringField(
        "What it is for",
        description="A few words by which you will know it again, such as the name of the program.",
        render_kw={"required": True, "maxlength": LONGEST_LABEL, "autocomplete": "off"},
    )
    scope = RadioField(
        "What it may do",
        choices=[choice(term.value, f"{term.label}: {term.definition}") for term in TokenScope],
        default=TokenScope.READ.value,
    )
    days = SelectField(
        "Works for", choices=[choice(days, label) for days, label in DAYS.items()], default="90"
    )


class ButtonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Carries the token that a POST needs."""
