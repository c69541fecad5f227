"""The fields of a proposal."""

from claims_app.rules.fields import Schema, Text
from claims_app.rules.schemas.shared import REASON_LENGTH

PROPOSAL = Schema(
    noun="proposal",
    fields=(
        Text(
            name="reason",
            label="Reason for the change",
            help="What should change, and why.",
            required=True,
            max_length=REASON_LENGTH,
        ),
        Text(name="decision_reason", label="Reason for the decision", max_length=REASON_LENGTH),
    ),
)
