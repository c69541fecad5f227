"""The fields of a candidate: the bibliographic fields of a study, and the reason for the decision."""

from claims_app.rules.fields import Choice, Field, Schema, Text
from claims_app.rules.schemas.study import STUDY, TEXT_LENGTH
from claims_app.vocabulary import CandidateState, OriginKind

REASON_LENGTH = 500

KNOWN_BY = ("title", "authors", "year", "journal", "doi", "pmid", "pmcid", "registry_id")
"""The fields of a study that a candidate has, too."""


def _of_study(name: str) -> Field:
    return STUDY.field(name)


CANDIDATE = Schema(
    noun="candidate",
    fields=(
        *(_of_study(name) for name in KNOWN_BY),
        Text(name="abstract", label="Abstract", multiline=True, exact=True, max_length=TEXT_LENGTH),
        Text(name="retraction", label="Retraction", max_length=REASON_LENGTH),
        Choice(name="state", label="State", terms=CandidateState),
        Text(name="reason", label="Reason", max_length=REASON_LENGTH),
    ),
)
"""The columns of the table. Unlike a study, a candidate need not have a `title`."""

CANDIDATE_ORIGIN = Schema(
    noun="origin",
    fields=(
        Choice(name="kind", label="Source", terms=OriginKind),
        Text(name="detail", label="Details", max_length=REASON_LENGTH),
    ),
)

NOT_RELEVANT = Schema(
    noun="candidate",
    fields=(
        Text(
            name="reason",
            label="Reason",
            required=True,
            max_length=REASON_LENGTH,
            help="One sentence. The paper will not come back to the inbox.",
        ),
    ),
)
