"""The inbox: candidate studies from files, lookups and saved searches, waiting for a curator's decision."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from claims_app.database import WriteSession
from claims_app.models import Candidate, CandidateDecision, CandidateOrigin, Study
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import Choices, RecordReference
from claims_app.rules.identifiers import LARGEST_NUMBER
from claims_app.rules.reference import Reference
from claims_app.rules.schemas.candidate import KNOWN_BY
from claims_app.rules.text import normalise_newlines
from claims_app.rules.title_agreement import titles_agree
from claims_app.rules.titles import Title
from claims_app.rules.words import digest_of_title
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NotFound, StaleVersion
from claims_app.services.deduplication import study_matching
from claims_app.services.records import studies
from claims_app.vocabulary import (
    CandidateAction,
    CandidateState,
    OriginKind,
    PutOutcome,
    Standing,
)

IDENTIFIERS = (*studies.OF_ONE_REPORT, "registry_id")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Why a reference is put into the inbox.

    `detail` is the identifier as typed, the file name, or the identifier of the watch. The acting user and the time
    come from the session.
    """

    kind: OriginKind
    detail: str
    line: int | None = None
    claim_id: int | None = None
    topic_id: int | None = None
    watch_id: int | None = None


@dataclass(frozen=True)
class Put:
    """The result of putting a reference into the inbox: a new or existing candidate, or an existing study."""

    outcome: PutOutcome
    candidate: Candidate | None = None
    study: Study | None = None
    note: str | None = None
    """What was left out, in a sentence."""

    @property
    def sentence(self) -> str:
        """The result in a sentence, for the user."""
        if self.study is not None:
            return f"Already in the database as {self.study.public_id}."
        if self.candidate is not None and self.outcome is PutOutcome.NOT_RELEVANT:
            return f"Judged not relevant before, so it was not added again. Reason: {self.candidate.reason}"
        return f"{self.outcome.definition} {self.note or ''}".strip()


def put(session: WriteSession, reference: Reference, origin: Origin) -> Put:
    """Put `reference` into the inbox, unless it is already a study or was judged not relevant before.

    A candidate that is already there gets the new origin and the missing values. An identifier alone is enough, but
    one that belongs to a study or a candidate with another title does not make it that one.
    Values that are not valid for a study are dropped. Raises NotAllowed, and Invalid if neither a title nor an
    identifier remains.
    """
    authorization.require(session, Permission.CREATE)
    known = _Known.of(reference)
    if "title" in known.content:
        # The database has no constraint for the title of a reference without identifiers.
        records.one_at_a_time(session, f"inbox {digest_of_title(known.content['title'])}")
    if study := study_matching.identified(session, known.content):
        candidate = _same(session, known)
        return Put(PutOutcome.KNOWN, candidate, study)
    candidate = _same(session, known)
    if candidate is None:
        try:
            with session.begin_nested():
                candidate = Candidate(state=CandidateState.WAITING, added_at=session.changed_at, content={})
                note = known.fill(session, candidate)
                session.add(candidate)
        except IntegrityError:
            # Another transaction added the same reference at the same moment.
            candidate = _same(session, known)
            if candidate is None:
                raise
        else:
            _add_origin(session, candidate, origin)
            return Put(PutOutcome.NEW, candidate, note=note)
    if candidate.state is CandidateState.NOT_RELEVANT:
        return Put(PutOutcome.NOT_RELEVANT, candidate)
    known.fill(session, candidate)
    _add_origin(session, candidate, origin)
    return Put(PutOutcome.WAITING, candidate)


def find_same(session: Session, reference: Reference) -> Candidate | None:
    """Return the candidate that is the same report as `reference`, or None."""
    try:
        return _same(session, _Known.of(reference))
    except Invalid:
        return None


def complete(session: WriteSession, candidate: Candidate, reference: Reference) -> Candidate:
    """Fill in the missing values of `candidate` from `reference`. Raises NotAllowed, StaleVersion and Invalid."""
    authorization.require(session, Permission.CREATE)
    before = candidate.version
    _Known.of(reference).fill(session, candidate)
    flush(session)
    if candidate.version != before:
        decide(session, candidate, CandidateAction.COMPLETED)
    return candidate


def find(session: Session, number: int) -> Candidate:
    """Return the candidate with this number. Raises NotFound."""
    candidate = session.get(Candidate, number) if 0 < number <= LARGEST_NUMBER else None
    if candidate is None:
        raise NotFound(f"The inbox has no candidate {number}.")
    return candidate


def decide(
    session: WriteSession, candidate: Candidate, action: CandidateAction, **more: Any
) -> CandidateDecision:
    """Record a decision about `candidate` permanently, with the acting user and the time, and return it.

    `more` are further columns of the decision. Raises StaleVersion.
    """
    decision = CandidateDecision(
        candidate_id=candidate.id,
        action=action,
        by_id=authorization.change_of(session).actor_id,
        at=session.changed_at,
        **more,
    )
    session.add(decision)
    flush(session)
    return decision


def flush(session: WriteSession) -> None:
    """Flush the session. Raises StaleVersion if another user has changed the candidate."""
    try:
        session.flush()
    except (StaleDataError, IntegrityError):
        raise StaleVersion from None


@dataclass(frozen=True)
class _Known:
    """The cleaned content of a reference: valid values of a study, the abstract and a retraction warning."""

    content: dict[str, Any]
    abstract: str | None
    retraction: str | None

    @classmethod
    def of(cls, reference: Reference) -> "_Known":
        content, errors = {}, {}
        for field in schemas.STUDY.fields:
            raw = reference.values.get(field.name)
            if raw in (None, "", [], ()) or isinstance(field, RecordReference):
                continue
            try:
                value = field.clean(raw)
            except ValueError as refused:
                errors[field.name] = [str(refused)]
                continue
            if value is not None:
                content[field.name] = _as_json(value, many=isinstance(field, Choices))
        if not any(content.get(name) for name in ("title", *IDENTIFIERS)):
            raise Invalid(errors or {"title": ["Enter a title, or an identifier such as a DOI."]})
        return cls(content, _abstract_of(reference), _retraction_of(reference, content))

    def fill(self, session: Session, candidate: Candidate) -> str | None:
        """Fill in the missing values of `candidate`, except identifiers that belong to another candidate.

        Returns a sentence about the identifiers that were left out, or None.
        """
        content = {name: value for name, value in self.content.items() if name not in candidate.content}
        left = []
        for name in [name for name in studies.OF_ONE_REPORT if name in content]:
            owner = _owner(session, name, content[name], candidate)
            # If the same report was added since somebody looked, the constraint of the database says so.
            if owner is None or (candidate.id is None and _agree(self.content, owner)):
                continue
            left.append(f"{schemas.STUDY.field(name).label} {content.pop(name)} of candidate {owner.id}")
        if content:
            candidate.content = {**candidate.content, **content}
        for name in KNOWN_BY:
            if name in content:
                setattr(candidate, name, content[name])
        if candidate.title is not None and candidate.title_key is None:
            candidate.title_key = digest_of_title(candidate.title)
        if candidate.abstract is None and self.abstract:
            candidate.abstract = self.abstract
        if candidate.retraction is None and self.retraction:
            candidate.retraction = self.retraction
        return f"Added without the {' and the '.join(left)}." if left else None


def _as_json(value: object, *, many: bool) -> object:
    if many and isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _abstract_of(reference: Reference) -> str | None:
    field = schemas.CANDIDATE.field("abstract")
    try:
        cleaned = field.clean(normalise_newlines(reference.abstract).strip())
    except ValueError:
        return None
    return None if cleaned is None else str(cleaned)


def _retraction_of(reference: Reference, content: Mapping[str, Any]) -> str | None:
    """Return the source's warning about the standing of the paper, in a sentence, or None."""
    standing = content.get("standing")
    if standing not in (None, Standing.CURRENT.value):
        return f"According to its source: {Standing.of(standing).label.lower()}."
    # The readers of references and the lookup services word these warnings.
    warnings = [text for text in reference.warnings if "retracted" in text or "taken back" in text]
    return warnings[0][: schemas.CANDIDATE.limit("retraction")] if warnings else None


def _same(session: Session, known: _Known) -> Candidate | None:
    """Return the candidate that is the same report, matched by an identifier or else by title and year, or None."""
    content = known.content
    for name in studies.OF_ONE_REPORT:
        if name in content:
            found = session.scalar(select(Candidate).where(getattr(Candidate, name) == content[name]))
            if found is not None and _agree(content, found):
                return found
    differs = [_differs(name, content[name]) for name in studies.OF_ONE_REPORT if name in content]
    if "title" not in content:
        if "registry_id" not in content or differs:
            return None
        alone = [getattr(Candidate, name).is_(None) for name in studies.OF_ONE_REPORT]
        registered = select(Candidate).where(Candidate.registry_id == content["registry_id"], *alone)
        return session.scalar(registered.order_by(Candidate.id).limit(1))
    same = select(Candidate).where(Candidate.title_key == digest_of_title(content["title"]))
    if differs:
        same = same.where(*(~different for different in differs))
    year = content.get("year")
    same = same.where(Candidate.year.is_(None) if year is None else Candidate.year == year)
    return session.scalar(same.order_by(Candidate.id).limit(1))


def _owner(session: Session, name: str, value: str, candidate: Candidate) -> Candidate | None:
    """Return the candidate other than `candidate` that has an identifier, or None."""
    other = select(Candidate).where(getattr(Candidate, name) == value)
    if candidate.id is not None:
        other = other.where(Candidate.id != candidate.id)
    with session.no_autoflush:
        return session.scalar(other.limit(1))


def _agree(content: Mapping[str, Any], candidate: Candidate) -> bool:
    """Return whether a candidate that shares an identifier has the same title, as far as both have one."""
    return titles_agree(Title(content.get("title") or ""), Title(candidate.title or ""))


def _differs(name: str, value: str) -> ColumnElement[bool]:
    column = getattr(Candidate, name)
    return ~or_(column.is_(None), column == value)


def _add_origin(session: WriteSession, candidate: Candidate, origin: Origin) -> None:
    """Record why `candidate` is in the inbox, unless the same origin is already recorded."""
    limit = schemas.CANDIDATE_ORIGIN.limit("detail")
    values = {
        "kind": origin.kind,
        "detail": origin.detail.strip()[:limit] or origin.kind.label,
        "line": origin.line,
        "claim_id": origin.claim_id,
        "topic_id": origin.topic_id,
        "watch_id": origin.watch_id,
    }
    session.flush()
    same = select(CandidateOrigin.id).where(CandidateOrigin.candidate_id == candidate.id)
    for name, value in values.items():
        column = getattr(CandidateOrigin, name)
        same = same.where(column.is_(None) if value is None else column == value)
    if session.scalar(same.limit(1)) is None:
        by_id = authorization.change_of(session).actor_id
        session.add(CandidateOrigin(candidate_id=candidate.id, by_id=by_id, at=session.changed_at, **values))
        records.save(session)
