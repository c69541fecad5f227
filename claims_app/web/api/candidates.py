"""Candidates of the inbox as they are answered."""

from typing import Any

from claims_app.formats.delimited import Column, Kind
from claims_app.models import Candidate, CandidateDecision, CandidateOrigin, User
from claims_app.rules.identifiers import public_id
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox_queries import CandidatePage
from claims_app.vocabulary import (
    CandidateAction,
    CandidateState,
    OriginKind,
    PutOutcome,
    RecordType,
    Relation,
)
from claims_app.web.api.shapes import Shape, column, list_of

ORIGIN = Shape.of(
    "CandidateOrigin",
    column("kind", Kind.TERM, "How it came to the inbox.", OriginKind),
    column("detail", Kind.TEXT, "The identifier, file name or search."),
    column("line", Kind.INTEGER, "The line in the file."),
    column("claim_id", Kind.TERM, "The claim that it may be about."),
    column("watch_id", Kind.TERM, "The watch that found it."),
    column("by", Kind.TEXT, "Who added it; null for the server."),
    column("at", Kind.DATETIME, "When (UTC)."),
)
DECISION = Shape.of(
    "CandidateDecision",
    column("action", Kind.TERM, "What was done.", CandidateAction),
    column("reason", Kind.TEXT, "Why."),
    column("by", Kind.TEXT, "Who decided; null for the server."),
    column("at", Kind.DATETIME, "When (UTC)."),
    column("claim_id", Kind.TERM, "The claim that it was linked to."),
    column("study_id", Kind.TERM, "The study that it became."),
    column("evidence_id", Kind.TERM, "The evidence that came from it."),
    column("assigned_to", Kind.TEXT, "Who got it."),
)
KNOWN = Shape.of(
    "KnownStudy",
    column("study_id", Kind.TERM, "A study that is or may be the same report."),
    column("relation", Kind.TERM, "How they are related.", Relation),
    column("reasons", Kind.LIST, "Why, in sentences."),
)
_COLUMNS: tuple[Column, ...] = (
    column("number", Kind.INTEGER, "The number of the candidate."),
    column("state", Kind.TERM, "Whether it was decided on.", CandidateState),
    column("title", Kind.TEXT, "The title; null while only an identifier is known."),
    column("authors", Kind.LIST, "The authors."),
    column("year", Kind.INTEGER, "The year of publication."),
    column("journal", Kind.TEXT, "The journal."),
    *(column(name, Kind.TERM, "An identifier of the paper.") for name in inbox.IDENTIFIERS),
    column("retraction", Kind.TEXT, "What its source says about a retraction."),
    column("reason", Kind.TEXT, "The reason for the decision."),
    column("study_id", Kind.TERM, "The study that was made from it or is the same."),
    column("assigned_to", Kind.TEXT, "The curator that it is assigned to."),
    column("decided_by", Kind.TEXT, "Who decided."),
    column("decided_at", Kind.DATETIME, "When it was decided (UTC)."),
    column("added_at", Kind.DATETIME, "When it came to the inbox (UTC)."),
    column("version", Kind.INTEGER, "Its version, which a decision must name."),
)
_ORIGINS = list_of("How it came to the inbox.", ORIGIN)
CANDIDATE = Shape.of("Candidate", *_COLUMNS, parts=(ORIGIN,), origins=_ORIGINS)
WHOLE = Shape.of(
    "CandidateWithAdvice",
    *_COLUMNS,
    column("abstract", Kind.TEXT, "The abstract."),
    column("notice", Kind.TEXT, "A retraction notice about the paper, in a sentence."),
    column("itself_a_notice", Kind.TEXT, "Why it looks like a notice and not like a study."),
    column("likely_claims", Kind.LIST, "Claims that it may be about, most likely first."),
    parts=(ORIGIN, DECISION, KNOWN),
    origins=_ORIGINS,
    known=list_of("Studies that are or may be the same report, best match first.", KNOWN),
    decisions=list_of("What was decided so far.", DECISION),
)
PUT = Shape.of(
    "PutInInbox",
    column("outcome", Kind.TERM, "What came of it.", PutOutcome),
    column("sentence", Kind.TEXT, "The same in a sentence."),
    column("number", Kind.INTEGER, "The candidate; null if it is a study already."),
    column("study_id", Kind.TERM, "The study that it is already."),
)


def candidate_object(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as it is listed."""
    return {
        "number": candidate.id,
        "state": candidate.state,
        "title": candidate.title,
        "authors": candidate.authors.split("\n") if candidate.authors else [],
        "year": candidate.year,
        "journal": candidate.journal,
        **{name: getattr(candidate, name) for name in inbox.IDENTIFIERS},
        "retraction": candidate.retraction,
        "reason": candidate.reason,
        "study_id": candidate.study_name,
        "assigned_to": _name(candidate.assigned_to),
        "decided_by": _name(candidate.decided_by),
        "decided_at": candidate.decided_at,
        "added_at": candidate.added_at,
        "version": candidate.version,
        "origins": [_origin(origin) for origin in candidate.origins],
    }


def candidate_with_advice(page: CandidatePage) -> dict[str, Any]:
    """Return a candidate with what helps to decide."""
    return {
        **candidate_object(page.candidate),
        "abstract": page.candidate.abstract,
        "notice": page.notice,
        "itself_a_notice": page.itself_a_notice,
        "likely_claims": [one.claim.public_id for one in page.likely],
        "known": [
            {"study_id": one.study.public_id, "relation": one.relation, "reasons": list(one.reasons)}
            for one in page.known
        ],
        "decisions": [_decision_object(one) for one in page.candidate.decisions],
    }


def _origin(origin: CandidateOrigin) -> dict[str, Any]:
    return {
        "kind": origin.kind,
        "detail": origin.detail,
        "line": origin.line,
        "claim_id": origin.claim_name,
        "watch_id": _named(RecordType.WATCH, origin.watch_id),
        "by": _name(origin.by),
        "at": origin.at,
    }


def _decision_object(decision: CandidateDecision) -> dict[str, Any]:
    return {
        "action": decision.action,
        "reason": decision.reason,
        "by": _name(decision.by),
        "at": decision.at,
        "claim_id": _named(RecordType.CLAIM, decision.claim_id),
        "study_id": _named(RecordType.STUDY, decision.study_id),
        "evidence_id": _named(RecordType.EVIDENCE, decision.evidence_id),
        "assigned_to": _name(decision.to),
    }


def _name(user: User | None) -> str | None:
    return user.username if user else None


def _named(record_type: RecordType, number: int | None) -> str | None:
    return None if number is None else public_id(record_type, number)
