"""The fields of a candidate that have rules: those of a study that it is known by, and why it was decided on."""

from claims_app.rules.fields import Choice, Field, Schema, Text
from claims_app.rules.records.study import STUDY, TEXT_LENGTH
from claims_app.vocabulary import CandidateState, OriginKind

REASON_LENGTH = 500

KNOWN_BY = ("title", "authors", "year", "journal", "doi", "pmid", "pmcid", "registry_id")
"""Fields of a study that a candidate has columns for."""


def _of_study(name: str) -> Field:
    return STUDY.field(name)


CANDIDATE = Schema(
    noun="candidate",
    fields=(
        *(_of_study(name) for name in KNOWN_BY),
        Text(name="abstract", label="Abstract", multiline=True, exact=True, max_length=TEXT_LENGTH),
        Text(name="retraction", label="Retraction", max_length=REASON_LENGTH),
        Choice(name="state", label="State", terms=CandidateState),
        Text(name="reason", label="Why", max_length=REASON_LENGTH),
    ),
)
"""What the table holds; `title` is needed of a study, and not of a candidate."""

CANDIDATE_ORIGIN = Schema(
    noun="origin",
    fields=(
        Choice(name="kind", label="How", terms=OriginKind),
        Text(name="detail", label="From", max_length=REASON_LENGTH),
    ),
)

NOT_RELEVANT = Schema(
    noun="candidate",
    fields=(
        Text(
            name="reason",
            label="Why it is not relevant",
            required=True,
            max_length=REASON_LENGTH,
            help="One sentence. It is kept, and keeps the paper from coming back.",
        ),
    ),
)
