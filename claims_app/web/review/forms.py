"""The forms of review."""

from wtforms import HiddenField, SelectField, StringField

from claims_app.rules.schemas import REASON_LENGTH
from claims_app.web.forms import SentForm

_REASON = {"maxlength": REASON_LENGTH}


class DecisionForm(SentForm):
    """Accepts or rejects one record or proposal; `decision` is the button."""

    version = HiddenField()
    decision_reason = StringField(
        "Reason",
        description="Required to reject, so that the author knows what to change. Visible to everyone.",
        render_kw=_REASON,
    )


class QueueForm(SentForm):
    """Accepts or rejects several at once."""

    decision_reason = StringField(
        "Reason", description="Applies to all selected items. Required to reject.", render_kw=_REASON
    )


class WithdrawForm(SentForm):
    """Withdraws the user's own proposal."""

    version = HiddenField()


class ConflictForm(SentForm):
    """Declares a conflict of interest."""

    topic = SelectField("Topic", choices=[], validate_choice=False, render_kw={"required": True})
    text = StringField(
        "Conflict of interest",
        description="For example: I hold shares in a company that sells the test.",
        render_kw={"maxlength": 500, "required": True},
    )
