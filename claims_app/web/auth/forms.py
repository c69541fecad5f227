"""The forms for login and password reset."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired

from claims_app.rules.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from claims_app.services.accounts import passwords
from claims_app.services.core.errors import Invalid

_AGAIN = "The two passwords do not match."


class LoginForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """User name and password."""

    username = StringField(
        "User name",
        validators=[DataRequired("Enter your user name.")],
        render_kw={"autocomplete": "username", "required": True, "maxlength": 64, "autocapitalize": "none"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )


class ForgotForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Requests a password reset link."""

    username = StringField(
        "User name or email address",
        render_kw={"autocomplete": "username", "required": True, "maxlength": 254, "autocapitalize": "none"},
    )


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A new password, entered twice."""

    new_password = PasswordField(
        "New password",
        validators=[InputRequired("Enter a new password.")],
        description=f"At least {SHORTEST_PASSWORD} characters. A phrase of several unusual words works well.",
        render_kw={"autocomplete": "new-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )
    again = PasswordField(
        "Repeat new password",
        render_kw={"autocomplete": "new-password", "required": True, "maxlength": LONGEST_PASSWORD},
    )

    def is_allowed(self, *about: str) -> bool:
        """Return whether both passwords match and follow the rules; if not, add an error.

        `about` has what others know of the owner.
        """
        if self.new_password.data != self.again.data:
            self.again.errors = [*self.again.errors, _AGAIN]
            return False
        try:
            passwords.check_rules(self.new_password.data or "", about)
        except Invalid as refused:
            self.new_password.errors = refused.errors["password"]
            return False
        return True
