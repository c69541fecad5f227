"""The forms of the history: going back to a version, restoring, and having looked."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from claims_app.rules.records import REASON_LENGTH
from claims_app.web.forms import SentForm


class RevertForm(SentForm):
    """Asks why a record shall be what it was."""

    version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="One line for the history: why it goes back.",
        render_kw={"maxlength": REASON_LENGTH},
    )


class RestoreForm(SentForm):
    """Asks why a deleted record shall come back."""

    edit_summary = StringField(
        "Reason",
        description="One line for the history: why it comes back.",
        render_kw={"maxlength": REASON_LENGTH},
    )


class LookForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Carries the token that a POST needs."""
