"""The fields and the rules of every kind of record.

Forms, imports, the seed and the database constraints are generated from these schemas, so a limit, a
help text or a rule is changed only here (and, for the database, in a migration).
"""

from claims_app.rules.schemas.appraisal import APPRAISAL, outcome_checks
from claims_app.rules.schemas.candidate import CANDIDATE, CANDIDATE_ORIGIN, NOT_RELEVANT
from claims_app.rules.schemas.claim import CLAIM
from claims_app.rules.schemas.discussion import COMMENT, DISMISSAL, FLAG, HIDING, REPORT, RESOLUTION
from claims_app.rules.schemas.evidence import EVIDENCE, LIMITATION
from claims_app.rules.schemas.proposal import PROPOSAL
from claims_app.rules.schemas.shared import ORIGIN_QUOTE, OWN_QUOTE, REASON_LENGTH, REVISION, QuoteFields
from claims_app.rules.schemas.study import STUDY, STUDY_GROUP, STUDY_TEXT, TEXT_LENGTH
from claims_app.rules.schemas.topic import TOPIC
from claims_app.rules.schemas.watch import WATCH

__all__ = [
    "APPRAISAL",
    "CANDIDATE",
    "CANDIDATE_ORIGIN",
    "CLAIM",
    "COMMENT",
    "DISMISSAL",
    "EVIDENCE",
    "FLAG",
    "HIDING",
    "LIMITATION",
    "NOT_RELEVANT",
    "ORIGIN_QUOTE",
    "OWN_QUOTE",
    "PROPOSAL",
    "REASON_LENGTH",
    "REPORT",
    "RESOLUTION",
    "REVISION",
    "STUDY",
    "STUDY_GROUP",
    "STUDY_TEXT",
    "TEXT_LENGTH",
    "TOPIC",
    "WATCH",
    "QuoteFields",
    "outcome_checks",
]
