"""Read models of the inbox: the filtered list, the page of a candidate, and counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.formats import json_schema
from claims_app.models import Candidate, CandidateDecision, CandidateOrigin, Claim, Study, Topic, Watch
from claims_app.models.matching import paper_of
from claims_app.rules import ranking
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.matching import compare
from claims_app.rules.papers import OF_ONE_REPORT
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.core.query import Filters, terms, text
from claims_app.services.core.topics import called, not_a_topic, topic_names
from claims_app.services.intake import claim_suggestions, inbox, notices, retractions
from claims_app.vocabulary import CandidateState, OriginKind, RecordType, Relation

OLDEST_FIRST = Order("Oldest first", ((Candidate.id, False),))


def _claim_filter() -> Any:
    def read(_name: str, given: list[str]) -> str:
        if len(given) > 1 or parse_public_id(RecordType.CLAIM, given[0]) is None:
            raise BadFilter(f"“{given[0]}” is not a claim. Enter an identifier such as CLM-1.")
        return given[0].upper()

    schema = json_schema.identifier(RecordType.CLAIM)
    return field(default=None, metadata={"read": read, "schema": schema, "many": False})


def _assigned_filter() -> Any:
    def read(_name: str, given: list[str]) -> str:
        if given != ["me"]:
            raise BadFilter("The filter “assigned” accepts only “me”.")
        return "me"

    schema = {"type": "string", "enum": ["me"]}
    return field(default=None, metadata={"read": read, "schema": schema, "many": False})


@dataclass(frozen=True)
class InboxFilters(Filters):
    """The filters of the inbox. Without a state it lists waiting candidates."""

    state: tuple[CandidateState, ...] = terms(CandidateState)
    claim: str | None = _claim_filter()
    topic: str | None = text()
    assigned: str | None = _assigned_filter()
    origin: tuple[OriginKind, ...] = terms(OriginKind)


@dataclass(frozen=True)
class CandidatePage:
    """One candidate with the information needed to decide on it."""

    candidate: Candidate
    known: list[claim_suggestions.Known]
    notice: str | None
    """The retraction notice about the paper, in a sentence."""

    itself_a_notice: str | None
    """Sentences about the candidate if it looks like a notice, and not like a study."""

    likely: list[claim_suggestions.Likely]
    asked_for: list[Claim]
    """The claims named by its origins, for example those of the watches that found it."""

    abstract: list[tuple[str, bool]]
    """The abstract in pieces, each with whether to highlight it as a word of these claims."""

    next: int | None
    previous: int | None


def list_candidates(
    session: Session, filters: InboxFilters, user_id: int | None, request: PageRequest
) -> Page[Candidate]:
    """Return a page of the matching candidates, oldest first. Raises BadFilter."""
    return _page_of(session, chosen(session, filters, user_id), request)


def found_by(session: Session, watch: Watch, request: PageRequest) -> Page[Candidate]:
    """Return a page of all candidates that a watch found, oldest first. Raises BadFilter."""
    origin = (CandidateOrigin.candidate_id == Candidate.id) & (CandidateOrigin.watch_id == watch.id)
    return _page_of(session, select(Candidate).where(exists().where(origin)), request)


def _page_of(session: Session, query: Select[Candidate], request: PageRequest) -> Page[Candidate]:
    loaded = query.options(
        selectinload(Candidate.origins).joinedload(CandidateOrigin.by),
        joinedload(Candidate.assigned_to),
        joinedload(Candidate.decided_by),
    )
    return fetch_page(session, loaded, OLDEST_FIRST, request)


def chosen(session: Session, filters: InboxFilters, user_id: int | None) -> Select[Candidate]:
    """Return the query for the candidates that match `filters`; `user_id` is “me” there. Raises BadFilter."""
    query = select(Candidate).where(Candidate.state.in_(filters.state or (CandidateState.WAITING,)))
    if filters.assigned is not None:
        query = query.where(Candidate.assigned_to_id == user_id)
    origin = CandidateOrigin.candidate_id == Candidate.id
    if filters.claim is not None:
        number = parse_public_id(RecordType.CLAIM, filters.claim)
        query = query.where(exists().where(origin, CandidateOrigin.claim_id == number))
    if filters.topic is not None:
        if session.scalar(select(Topic.id).where(Topic.slug == filters.topic)) is None:
            raise BadFilter(not_a_topic(filters.topic, topic_names(session)))
        query = query.where(exists().where(origin, CandidateOrigin.topic_id.in_(called([filters.topic]))))
    if filters.origin:
        query = query.where(exists().where(origin, CandidateOrigin.kind.in_(filters.origin)))
    return query


def show_candidate(
    session: Session, number: int, filters: InboxFilters, user_id: int | None
) -> CandidatePage:
    """Return the page of a candidate, with its neighbours among those that match. Raises NotFound and BadFilter."""
    candidate = inbox.find(session, number)
    session.scalars(
        select(Candidate)
        .where(Candidate.id == number)
        .options(
            selectinload(Candidate.origins).joinedload(CandidateOrigin.by),
            selectinload(Candidate.decisions).options(
                joinedload(CandidateDecision.by), joinedload(CandidateDecision.to)
            ),
        )
    ).all()
    likely_ones = claim_suggestions.likely_claims(session, candidate.title or "", candidate.abstract or "")
    verdict = retractions.retraction_for(session, candidate.doi, candidate.pmid)
    numbers = {origin.claim_id for origin in candidate.origins if origin.claim_id is not None}
    asked_for = list(session.scalars(select(Claim).where(Claim.id.in_(numbers)).order_by(Claim.id)))
    words = claim_suggestions.words_of_claims([*asked_for, *(found.claim for found in likely_ones)])
    around = chosen(session, filters, user_id).with_only_columns(Candidate.id)
    return CandidatePage(
        candidate=candidate,
        known=claim_suggestions.known(session, candidate),
        notice=None if verdict is None else verdict.sentence,
        itself_a_notice=notices.described(session, candidate.content),
        likely=likely_ones,
        asked_for=asked_for,
        abstract=ranking.marked(candidate.abstract or "", words),
        next=session.scalar(around.where(Candidate.id > number).order_by(Candidate.id).limit(1)),
        previous=session.scalar(around.where(Candidate.id < number).order_by(Candidate.id.desc()).limit(1)),
    )


def known_among(session: Session, candidates: Sequence[Candidate]) -> dict[int, Study]:
    """Return the existing study of each candidate that has one, by candidate id. Runs one query.

    A study that has an identifier of a candidate, but another title, is not its study.
    """
    wanted = {name: {value for c in candidates if (value := getattr(c, name))} for name in OF_ONE_REPORT}
    same = [getattr(Study, name).in_(values) for name, values in wanted.items() if values]
    made = {c.study_id for c in candidates if c.study_id is not None}
    found = session.scalars(
        select(Study).where(or_(Study.id.in_(made), *same), Study.merged_into_id.is_(None))
    ).all()
    return {
        c.id: study for c in candidates for study in found if study.id == c.study_id or _is_same(c, study)
    }


def next_waiting(session: Session, filters: InboxFilters, user_id: int | None, after: int) -> int | None:
    """Return the number of the next matching candidate after `after`, or else of the first one, or None."""
    around = chosen(session, filters, user_id).with_only_columns(Candidate.id).order_by(Candidate.id).limit(1)
    following = session.scalar(around.where(Candidate.id > after))
    return following if following is not None else session.scalar(around.where(Candidate.id != after))


def count_waiting(session: Session) -> int:
    """Return the number of waiting candidates."""
    waiting = Candidate.state == CandidateState.WAITING
    return session.scalar(select(func.count(Candidate.id)).where(waiting)) or 0


def count_for_claim(session: Session, claim_id: int) -> int:
    """Return the number of waiting candidates that were found or added for this claim."""
    return (
        session.scalar(
            select(func.count(func.distinct(CandidateOrigin.candidate_id)))
            .join(Candidate, Candidate.id == CandidateOrigin.candidate_id)
            .where(CandidateOrigin.claim_id == claim_id, Candidate.state == CandidateState.WAITING)
        )
        or 0
    )


def topics(session: Session) -> Sequence[Topic]:
    """Return the topics named by origins of candidates, sorted by name."""
    used = exists().where(CandidateOrigin.topic_id == Topic.id)
    return session.scalars(select(Topic).where(used).order_by(Topic.name)).all()


def _is_same(candidate: Candidate, study: Study) -> bool:
    if not any(
        (value := getattr(candidate, name)) and getattr(study, name) == value for name in OF_ONE_REPORT
    ):
        return False
    match = compare(candidate.content, paper_of(study))
    return match is not None and match.relation is Relation.SAME
