"""Every controlled term of the database, with its label and its one-line definition.

A term's *value* is what tables, URLs, forms and CSV files hold; its *label* is what a person
reads; its *definition* is the help that the interface shows. Database constraints, form choices
and filters are generated from these classes, so a term is added or reworded only here.
"""

from claims_app.vocabulary.accounts import AttemptKind, TokenScope
from claims_app.vocabulary.appraisal import (
    AppraisalStage,
    CertaintyDomain,
    Conclusion,
    EvidenceLevel,
    LevelState,
    RiskOfBiasTool,
    Scheme,
)
from claims_app.vocabulary.claims import ClaimKind, ClaimStatus
from claims_app.vocabulary.discussion import FlagKind
from claims_app.vocabulary.evidence import (
    CORRELATION_MEASURES,
    RATIO_MEASURES,
    Direction,
    Directness,
    EffectMeasure,
    Hedge,
    LimitationKind,
    QuoteCheck,
    RiskOfBias,
    UnitOfAnalysis,
)
from claims_app.vocabulary.hooks import DeliveryState, HookEvent
from claims_app.vocabulary.importing import ImportState, ReferenceDecision, RowOutcome, RowState
from claims_app.vocabulary.inbox import CandidateAction, CandidateState, OriginKind, PutOutcome
from claims_app.vocabulary.matching import NoticeNature, Relation
from claims_app.vocabulary.merging import Stays
from claims_app.vocabulary.records import Action, RecordType, Role, Via
from claims_app.vocabulary.review import Effect, ProposalKind, ReviewState, Whose
from claims_app.vocabulary.saved_views import ViewOf
from claims_app.vocabulary.studies import PublicationState, Species, Standing, StudyDesign
from claims_app.vocabulary.term import Term
from claims_app.vocabulary.watches import WatchService, WatchState

__all__ = [
    "CORRELATION_MEASURES",
    "RATIO_MEASURES",
    "Action",
    "AppraisalStage",
    "AttemptKind",
    "CandidateAction",
    "CandidateState",
    "CertaintyDomain",
    "ClaimKind",
    "ClaimStatus",
    "Conclusion",
    "DeliveryState",
    "Direction",
    "Directness",
    "Effect",
    "EffectMeasure",
    "EvidenceLevel",
    "FlagKind",
    "Hedge",
    "HookEvent",
    "ImportState",
    "LevelState",
    "LimitationKind",
    "NoticeNature",
    "OriginKind",
    "ProposalKind",
    "PublicationState",
    "PutOutcome",
    "QuoteCheck",
    "RecordType",
    "ReferenceDecision",
    "Relation",
    "ReviewState",
    "RiskOfBias",
    "RiskOfBiasTool",
    "Role",
    "RowOutcome",
    "RowState",
    "Scheme",
    "Species",
    "Standing",
    "Stays",
    "StudyDesign",
    "Term",
    "TokenScope",
    "UnitOfAnalysis",
    "Via",
    "ViewOf",
    "WatchService",
    "WatchState",
    "Whose",
]
