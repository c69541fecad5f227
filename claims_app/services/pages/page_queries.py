"""Read models of the pages of a claim and a study. Each runs a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from claims_app.models import (
    Claim,
    EvidenceItem,
    Limitation,
    Merge,
    Proposal,
    Record,
    Revision,
    Study,
    StudyGroup,
    StudyText,
    Topic,
)
from claims_app.models.levels import bodies_of
from claims_app.models.study import ABSTRACT
from claims_app.rules.counting import Balance, Link, balance
from claims_app.services.appraisal.levels import (
    ClaimLevel,
    LevelStep,
    level_of_claim,
    levels_over_time,
)
from claims_app.services.core import records
from claims_app.services.core.filters import CLAIM_ORDERS, is_listed, is_not_merged
from claims_app.services.core.paging import Order, Page, PageRequest, Some, fetch_page, fetch_some
from claims_app.services.core.record_states import differences, read_edits, state_at, state_of
from claims_app.services.history import merge_queries
from claims_app.services.pages.claim_evidence import (
    EvidenceRequest,
    EvidenceRow,
    EvidenceTable,
    body_of_rows,
    evidence_rows,
    table_of,
)
from claims_app.services.pages.quote_notes import QuoteNotes, notes_of_claim, notes_of_items
from claims_app.services.pages.sections import ClaimSections, sections_of_claim, sections_of_study
from claims_app.services.review import decisions
from claims_app.vocabulary import RecordType, ReviewState

FIRST_PAGE = PageRequest(50)


@dataclass(frozen=True)
class ClaimPage:
    """Everything that the page of a claim shows."""

    claim: Claim
    balance: Balance
    people: tuple[int, int]
    """The minimum number of people behind the evidence, and for how many independent groups a number is known."""

    level: ClaimLevel
    moves: Sequence[LevelStep]
    limitations: Sequence[Limitation]
    table: EvidenceTable
    items: Sequence[EvidenceItem]
    """The evidence in the table, in its order."""

    revisions: Sequence[Revision]
    has: ClaimSections
    quotes: QuoteNotes
    proposals: Sequence[Proposal] = ()
    """Open proposals about the claim, its evidence and its limitations."""

    rejected: Sequence[EvidenceRow] = ()
    merges: Some[Merge] = field(default_factory=Some)
    """Claims that were merged into it."""


@dataclass(frozen=True)
class ShownText:
    """A text of a study. Its content may be long, so that only that of an abstract is read."""

    text: StudyText
    is_stored: bool
    abstract: str | None


@dataclass(frozen=True)
class StudyPage:
    """Everything that the page of a study shows."""

    study: Study
    evidence: Page[EvidenceItem]
    origin_of: Page[Claim]
    versions: Some[Study]
    same_group: Some[Study]
    texts: Sequence[ShownText]
    revisions: Sequence[Revision]
    quotes: QuoteNotes
    proposals: Sequence[Proposal] = ()
    """Open proposals about the study."""

    merges: Some[Merge] = field(default_factory=Some)
    """Studies that were merged into it."""


# Queries and options that are built once: that takes as long as to run them.
_WITH_CLAIM = (selectinload(Claim.topics), joinedload(Claim.origin_study))
_WITH_STUDY = (joinedload(Study.group), joinedload(Study.version_of), joinedload(Study.species_rows))
_ITEMS = (
    select(EvidenceItem)
    .where(EvidenceItem.id.in_(bindparam("numbers", expanding=True)))
    .options(joinedload(EvidenceItem.study).options(joinedload(Study.group), joinedload(Study.version_of)))
)
_BY_CLAIM = Order("Claim", ((EvidenceItem.claim_id, False), (EvidenceItem.id, False)))
_REVISIONS = (
    select(Revision)
    .where(Revision.record_type == bindparam("record_type"), Revision.record_id == bindparam("record_id"))
    .options(joinedload(Revision.actor))
    .order_by(Revision.version.desc())
    .limit(bindparam("limit"))
)


_LAST_CHANGES = 5
"""The changes on the page of a claim; the others are in its history."""


def balances(session: Session, claim_ids: Iterable[int]) -> dict[int, Balance]:
    """Return the balance of the counted evidence of each claim, by claim id, in one query."""
    ids = list(claim_ids)
    links: dict[int, list[Link]] = defaultdict(list)
    published = aliased(Study)
    rows = session.execute(
        select(
            EvidenceItem.claim_id,
            EvidenceItem.direction,
            Study.id,
            Study.version_of_id,
            func.coalesce(published.group_id, Study.group_id),
            Study.standing,
            Study.year,
            published.standing,
        )
        .join(EvidenceItem.study)
        .outerjoin(published, published.id == Study.version_of_id)
        .where(EvidenceItem.claim_id.in_(ids), EvidenceItem.review_state == ReviewState.ACCEPTED)
    )
    for claim_id, direction, study_id, version_of_id, group_id, standing, year, published_as in rows:
        links[claim_id].append(
            Link(direction, study_id, version_of_id, group_id, standing, year, published_as)
        )
    return {claim_id: balance(links[claim_id]) for claim_id in ids}


def show_claim(session: Session, identifier: str, wanted: EvidenceRequest | None = None) -> ClaimPage:
    """Return the page of the claim with this public identifier, with the `wanted` part of its evidence.

    Raises NotFound, Gone and Merged.
    """
    claim = records.find(session, Claim, identifier, *_WITH_CLAIM)
    has = sections_of_claim(session, claim.id)
    rows = evidence_rows(session, claim.id)
    table = table_of(rows, wanted or EvidenceRequest())
    numbers = [row.id for row in table.rows]
    found = {item.id: item for item in session.scalars(_ITEMS, {"numbers": numbers})}
    items = [found[number] for number in numbers]
    body = body_of_rows(claim.kind, rows)
    moves = levels_over_time(session, claim)
    limitations = _limitations_of(session, claim, items)
    uncounted = {row.id: why for row in rows if (why := row.why_uncounted)}
    return ClaimPage(
        claim=claim,
        balance=body.balance,
        people=body.people,
        level=level_of_claim(
            session,
            claim,
            # What changed since the appraisal is found in the whole evidence, which is not read otherwise.
            bodies_of(session, [claim.id])[claim.id] if claim.stale_since is not None else body,
            uncounted,
        ),
        moves=moves,
        limitations=limitations,
        table=table,
        items=items,
        revisions=revisions_of(session, RecordType.CLAIM, claim.id, limit=_LAST_CHANGES),
        proposals=session.scalars(
            select(Proposal)
            .where(Proposal.claim_id == claim.id, Proposal.state == ReviewState.SUBMITTED)
            .options(joinedload(Proposal.author))
            .order_by(Proposal.id)
        ).all()
        if has.proposals
        else [],
        rejected=[row for row in rows if row.review_state is ReviewState.REJECTED],
        merges=_merges_into(session, RecordType.CLAIM, claim.id) if has.merged else Some(),
        has=has,
        quotes=notes_of_claim(session, claim, limitations, items),
    )


def _limitations_of(session: Session, claim: Claim, items: Sequence[EvidenceItem]) -> list[Limitation]:
    """Return the limitations of `claim`, and give each of its evidence `items` its own, in one query."""
    found = session.scalars(
        select(Limitation)
        .where(or_(Limitation.claim_id == claim.id, Limitation.evidence_id.in_([item.id for item in items])))
        .order_by(Limitation.id)
    ).all()
    for item in items:
        of_item = [limitation for limitation in found if limitation.evidence_id == item.id]
        set_committed_value(item, "limitations", of_item)
    return [one for one in found if one.claim_id == claim.id and one.review_state is not ReviewState.REJECTED]


def show_study(session: Session, identifier: str, request: PageRequest = FIRST_PAGE) -> StudyPage:
    """Return the page of the study with this public identifier, with the part of its evidence that is asked for.

    Raises NotFound, Gone and Merged, and BadFilter for a broken cursor.
    """
    study = records.find(session, Study, identifier, *_WITH_STUDY)
    has = sections_of_study(session, study.id)
    evidence = (
        select(EvidenceItem)
        .where(EvidenceItem.study_id == study.id, is_listed(EvidenceItem))
        .options(joinedload(EvidenceItem.claim), selectinload(EvidenceItem.limitations))
    )
    origin_of = select(Claim).where(Claim.origin_study_id == study.id, is_not_merged(Claim))
    items = fetch_page(session, evidence, _BY_CLAIM, request)
    return StudyPage(
        study=study,
        evidence=items,
        origin_of=fetch_page(session, origin_of, CLAIM_ORDERS["id"], FIRST_PAGE)
        if has.origin
        else Page([], 0, None, None),
        versions=_some_studies(session, Study.version_of_id == study.id) if has.versions else Some(),
        same_group=_some_studies(session, Study.group_id == study.group_id, Study.id != study.id)
        if study.group_id
        else Some(),
        texts=_texts_of(session, study),
        revisions=revisions_of(session, RecordType.STUDY, study.id),
        quotes=notes_of_items(session, items.items),
        proposals=decisions.open_proposals(session, study) if has.proposals else [],
        merges=_merges_into(session, RecordType.STUDY, study.id) if has.merged else Some(),
    )


def _some_studies(session: Session, *conditions: ColumnElement[bool]) -> Some[Study]:
    return fetch_some(session, select(Study).where(*conditions, is_not_merged(Study)).order_by(Study.id))


def _merges_into(session: Session, record_type: RecordType, number: int) -> Some[Merge]:
    return fetch_some(session, merge_queries.select_merges_into(record_type, number))


def _texts_of(session: Session, study: Study) -> list[ShownText]:
    is_abstract = func.lower(StudyText.label) == ABSTRACT
    return [
        ShownText(text, is_stored, abstract)
        for text, is_stored, abstract in session.execute(
            select(StudyText, StudyText.content.is_not(None), case((is_abstract, StudyText.content)))
            .where(StudyText.study_id == study.id)
            .order_by(StudyText.id)
        )
    ]


def page_of_texts(session: Session, study: Study, request: PageRequest) -> Page[StudyText]:
    """Return a page of the texts of a study, oldest first, without their contents. Raises BadFilter."""
    query = select(StudyText).where(StudyText.study_id == study.id)
    return fetch_page(session, query, Order("Oldest first", ((StudyText.id, False),)), request)


def revisions_of(
    session: Session, record_type: RecordType, record_id: int, limit: int = 20
) -> Sequence[Revision]:
    """Return the last revisions of a record, latest first."""
    asked = {"record_type": record_type, "record_id": record_id, "limit": limit}
    return read_edits(session, session.scalars(_REVISIONS, asked))


def revisions_since(session: Session, record: Record, version: int, limit: int = 5) -> Sequence[Revision]:
    """Return the last revisions of `record` after `version`, latest first, with who made them."""
    return session.scalars(
        select(Revision)
        .where(
            Revision.record_type == record.record_type,
            Revision.record_id == record.id,
            Revision.version > version,
        )
        .options(joinedload(Revision.actor))
        .order_by(Revision.version.desc())
        .limit(limit)
    ).all()


def before_others(session: Session, record: Record, version: int) -> dict[str, Any]:
    """Return the fields changed after `version` of `record`, each with its value at that version."""
    then = state_at(session, record.record_type, record.id, version)
    return {
        name: before
        for name, (before, _) in differences(type(record), then, state_of(record)).items()
        if then
    }


def all_topics(session: Session) -> Sequence[Topic]:
    """Return all topics, sorted by name."""
    return session.scalars(select(Topic).order_by(Topic.name)).all()


def all_groups(session: Session) -> Sequence[StudyGroup]:
    """Return all study groups, sorted by name."""
    return session.scalars(select(StudyGroup).order_by(StudyGroup.name)).all()
