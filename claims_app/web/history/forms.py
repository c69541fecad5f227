"""The forms of the history: revert, restore, and mark changes as seen."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from claims_app.rules.schemas import REASON_LENGTH
from claims_app.web.forms import SentForm


class RevertForm(SentForm):
    """Reverts a record to an earlier version, with a reason."""

    version = HiddenField()
    edit_summary = StringField(
        "Reason",
        description="One line for the history: why you revert to this version.",
        render_kw={"maxlength": REASON_LENGTH},
    )


class RestoreForm(SentForm):
    """Restores a deleted record, with a reason."""

    edit_summary = StringField(
        "Reason",
        description="One line for the history: why you restore it.",
        render_kw={"maxlength": REASON_LENGTH},
    )


class LookForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """A form with only the CSRF token that a POST needs."""
