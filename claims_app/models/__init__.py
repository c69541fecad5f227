"""The tables. Import models from here."""

from claims_app.models import unit_of_work, versions
from claims_app.models.account import FormSubmission, User
from claims_app.models.appraisal import Appraisal, AppraisalDraft, AppraisalEvidence, AppraisalRound
from claims_app.models.candidate import Candidate, CandidateDecision, CandidateOrigin
from claims_app.models.claim import Claim
from claims_app.models.claim_words import claim_words
from claims_app.models.credentials import ApiRequest, ApiToken, Attempt, PasswordReset, UserSession
from claims_app.models.data_number import data_number
from claims_app.models.deployment_note import deployment_notes
from claims_app.models.discussion import Comment, Flag, Mention, ReaderReport
from claims_app.models.draft import Draft
from claims_app.models.evidence import EvidenceItem, Limitation
from claims_app.models.facet_snapshot import facet_snapshots
from claims_app.models.importing import Import, ImportCheckpoint, ImportFile, ImportRow
from claims_app.models.job import Job
from claims_app.models.levels import bodies_of
from claims_app.models.matching import DecidedReference, StudyDistinction, StudyKey, StudyPair, StudyPairQueue
from claims_app.models.merge import Merge
from claims_app.models.mergeable import Mergeable
from claims_app.models.overlap import OverlapDismissal
from claims_app.models.proposal import ConflictOfInterest, Proposal
from claims_app.models.quote_verification import QuoteVerification
from claims_app.models.recent_error import RecentError
from claims_app.models.record import Link, Record, target_table_of
from claims_app.models.release import Release
from claims_app.models.retraction import RetractionLoad, RetractionNotice
from claims_app.models.review import Reviewed
from claims_app.models.revision import Revision, UnrecordedChange
from claims_app.models.saved_view import SavedView
from claims_app.models.schema_support import schema_support
from claims_app.models.search import claim_documents, search_pending, study_documents
from claims_app.models.seed import SeedRecord
from claims_app.models.study import Study, StudyGroup, StudySpecies, StudyText
from claims_app.models.summary import claim_summaries
from claims_app.models.topic import Topic, claim_topics
from claims_app.models.watch import Watch, WatchRun
from claims_app.models.webhook import Webhook, WebhookDelivery
from claims_app.vocabulary import RecordType

versions.make_versions_tables()

RECORD_MODELS: dict[RecordType, type[Record]] = {
    model.record_type: model for model in Record.__subclasses__()
}
"""The model of each record type."""

LINKS: tuple[tuple[type[Record], Link, str], ...] = tuple(
    (RECORD_MODELS[record_type], link, target_table_of(RECORD_MODELS[record_type], link.column))
    for record_type in RecordType
    for link in RECORD_MODELS[record_type].links
)
"""Each column that links a record to another one: the model, the link, and the table that it points to."""

__all__ = [
    "LINKS",
    "RECORD_MODELS",
    "ApiRequest",
    "ApiToken",
    "Appraisal",
    "AppraisalDraft",
    "AppraisalEvidence",
    "AppraisalRound",
    "Attempt",
    "Candidate",
    "CandidateDecision",
    "CandidateOrigin",
    "Claim",
    "Comment",
    "ConflictOfInterest",
    "DecidedReference",
    "Draft",
    "EvidenceItem",
    "Flag",
    "FormSubmission",
    "Import",
    "ImportCheckpoint",
    "ImportFile",
    "ImportRow",
    "Job",
    "Limitation",
    "Link",
    "Mention",
    "Merge",
    "Mergeable",
    "OverlapDismissal",
    "PasswordReset",
    "Proposal",
    "QuoteVerification",
    "ReaderReport",
    "RecentError",
    "Record",
    "Release",
    "RetractionLoad",
    "RetractionNotice",
    "Reviewed",
    "Revision",
    "SavedView",
    "SeedRecord",
    "Study",
    "StudyDistinction",
    "StudyGroup",
    "StudyKey",
    "StudyPair",
    "StudyPairQueue",
    "StudySpecies",
    "StudyText",
    "Topic",
    "UnrecordedChange",
    "User",
    "UserSession",
    "Watch",
    "WatchRun",
    "Webhook",
    "WebhookDelivery",
    "bodies_of",
    "claim_documents",
    "claim_summaries",
    "claim_topics",
    "claim_words",
    "data_number",
    "deployment_notes",
    "facet_snapshots",
    "schema_support",
    "search_pending",
    "study_documents",
    "unit_of_work",
    "versions",
]
