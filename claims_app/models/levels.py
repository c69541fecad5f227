"""Locks the claims whose evidence changes, compares it with their newest appraisals, and marks levels as stale.

Only triggers write the level of a claim; only this module writes whether it is stale. Each flush locks the claims
whose evidence it is about to change, and notes them; these are compared before the transaction commits.

What two transactions do to one claim happens one after the other: each locks the claim before it writes anything that
bears on its level, and reads the evidence afterwards. A transaction that locks several claims locks them in the order
of their numbers, and before any other record, so that no two wait for each other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, inspect, or_, select, update
from sqlalchemy.orm import Session, aliased, attributes, joinedload, selectinload

from claims_app.database import Base, WriteSession
from claims_app.models.appraisal import Appraisal
from claims_app.models.claim import Claim
from claims_app.models.evidence import EvidenceItem, Limitation
from claims_app.models.record import Record
from claims_app.models.study import Study
from claims_app.rules.appraisal.body import Body, Finding, Weakness
from claims_app.vocabulary import AppraisalStage, ClaimKind, ReviewState

_AT_ONCE = 500
# The table bypasses the unit of work: derived columns are no change of the record.
_CLAIMS = Base.metadata.tables["claims"]
_ACCEPTED = EvidenceItem.review_state == ReviewState.ACCEPTED


LOADED_WITH_STUDY = joinedload(EvidenceItem.study).options(
    joinedload(Study.group),
    joinedload(Study.version_of),
    selectinload(Study.species_rows),
)
"""The study of evidence items with what is shown of it, as a loader option."""

LOADED_WITH_EVIDENCE = (LOADED_WITH_STUDY, selectinload(EvidenceItem.limitations))
"""The related rows that a body of evidence needs, as loader options for evidence items."""


def bodies_of(session: Session, claim_ids: Collection[int]) -> dict[int, Body]:
    """Return the body of evidence behind each of the claims, in a constant number of queries."""
    rows = session.execute(select(Claim.id, Claim.kind).where(Claim.id.in_(claim_ids)))
    kinds = {number: kind for number, kind in rows}  # noqa: C416  # dict() has no types for rows
    items: dict[int, list[EvidenceItem]] = defaultdict(list)
    for item in session.scalars(
        select(EvidenceItem)
        .where(EvidenceItem.claim_id.in_(claim_ids))
        .options(*LOADED_WITH_EVIDENCE)
        .order_by(EvidenceItem.id)
        # Collections loaded earlier may be older than what the session has flushed since.
        .execution_options(populate_existing=True)
    ):
        items[item.claim_id].append(item)
    limitations: dict[int, list[Limitation]] = defaultdict(list)
    for limitation in session.scalars(
        select(Limitation)
        .where(Limitation.claim_id.in_(claim_ids))
        .order_by(Limitation.id)
        .execution_options(populate_existing=True)
    ):
        if limitation.claim_id is not None:
            limitations[limitation.claim_id].append(limitation)
    return {number: body_from(kind, items[number], limitations[number]) for number, kind in kinds.items()}


def body_from(kind: ClaimKind, items: Iterable[EvidenceItem], limitations: Iterable[Limitation]) -> Body:
    """Return the body of evidence of a claim of this `kind`, from its evidence items and its own limitations."""
    counted = sorted((item for item in items if item.counts), key=lambda item: item.id)
    return Body(kind, tuple(map(finding_of, counted)), tuple(_weaknesses(limitations)))


def finding_of(item: EvidenceItem) -> Finding:
    """Return the finding that an appraisal takes from an evidence item and its study."""
    study = item.study
    return Finding(
        evidence_id=item.id,
        evidence_version=item.version,
        study_id=study.id,
        study_version=study.version,
        citation=study.citation,
        year=study.year,
        direction=item.direction,
        directness=item.directness,
        hedge=item.hedge,
        risk_of_bias=item.risk_of_bias,
        summary=item.summary,
        effect_measure=item.effect_measure,
        effect_value=item.effect_value,
        ci_low=item.ci_low,
        ci_high=item.ci_high,
        ci_level=item.ci_level,
        p_value=item.p_value,
        n_cases=item.n_cases,
        n_controls=item.n_controls,
        n_animals=item.n_animals,
        n_donors=item.n_donors,
        unit_of_analysis=item.unit_of_analysis,
        outcome=item.outcome,
        events_cases=item.events_cases,
        events_controls=item.events_controls,
        mean_cases=item.mean_cases,
        sd_cases=item.sd_cases,
        mean_controls=item.mean_controls,
        sd_controls=item.sd_controls,
        design=study.design,
        species=tuple(study.species),
        publication_state=study.publication_state,
        standing=study.standing,
        version_of_id=study.version_of_id,
        group_id=study.counted_group_id,
        weaknesses=tuple(_weaknesses(item.limitations)),
    )


def _weaknesses(limitations: Iterable[Limitation]) -> Iterator[Weakness]:
    for limitation in limitations:
        if limitation.domain is not None and limitation.is_accepted:
            yield Weakness(limitation.id, limitation.kind, limitation.domain, limitation.text)


def newest_appraisals(session: Session, claim_ids: Collection[int]) -> Sequence[Appraisal]:
    """Return, for each of the claims, the newest appraisal that decides its level."""
    later = aliased(Appraisal)
    is_newest = ~(
        select(later.id)
        .where(later.claim_id == Appraisal.claim_id, later.id > Appraisal.id)
        .where(later.stage != AppraisalStage.INDEPENDENT)
        .exists()
    )
    return session.scalars(
        select(Appraisal).where(
            Appraisal.claim_id.in_(claim_ids), Appraisal.stage != AppraisalStage.INDEPENDENT, is_newest
        )
    ).all()


def has_evidence(session: Session, claim_id: int) -> bool:
    """Return whether any accepted evidence is linked to a claim, counted or not."""
    accepted = select(EvidenceItem.id).where(EvidenceItem.claim_id == claim_id, _ACCEPTED)
    return session.scalar(accepted.limit(1)) is not None


def mark_stale(session: WriteSession) -> None:
    """Compare the evidence that the transaction changed with the evidence of the newest appraisals.

    Sets `stale_since` of these claims and nothing else: triggers derive the level itself from the newest
    appraisal (see `claims_app.triggers`).
    """
    touched = session.touched_claims
    session.touched_claims = set()
    # Evidence that was linked to a changed study just before that changed belongs to claims not locked yet.
    lock_claims(session, touched)
    derived = [getattr(Claim, name) for name in Claim.derived]
    for some in batches(touched):
        wanted = Claim.id.in_(some)
        claims = session.execute(select(Claim.id, *derived).where(wanted).order_by(Claim.id)).all()
        moved = _compare(session, {row.id: row for row in claims if row.appraisal_id is not None})
        for row in claims:
            _refresh_derived(session, row.id, {**row._mapping, **moved.get(row.id, {})})


def _compare(session: WriteSession, appraised: Mapping[int, Any]) -> dict[int, dict[str, Any]]:
    """Set `stale_since` of the `appraised` claims where it changes; return the new values by claim number."""
    if not appraised:
        return {}
    bodies = bodies_of(session, list(appraised))
    seen = select(Appraisal.claim_id, Appraisal.evidence_digest)
    rows = session.execute(seen.where(Appraisal.id.in_([claim.appraisal_id for claim in appraised.values()])))
    moved = {}
    for claim_id, digest in rows:
        before = appraised[claim_id].stale_since
        since = None if bodies[claim_id].digest() == digest else before or session.changed_at
        if since != before:
            moved[claim_id] = {"stale_since": since}
            session.execute(update(_CLAIMS).where(_CLAIMS.c.id == claim_id).values(stale_since=since))
    return moved


def _refresh_derived(session: Session, claim_id: int, values: Mapping[str, Any]) -> None:
    """Copy derived values into the claim, if the session has loaded it."""
    claim = session.identity_map.get(session.identity_key(Claim, claim_id))
    if claim is not None:
        for name in Claim.derived:
            attributes.set_committed_value(claim, name, values[name])


def _before_and_now(record: Record, name: str) -> Iterator[int]:
    """Yield the values of the column `name` of `record` before the flush and now."""
    history = inspect(record).attrs[name].history
    for value in (*(history.deleted or ()), getattr(record, name)):
        if value is not None:
            yield value


def _claims_of(records: Iterable[object]) -> tuple[set[int], list[Select[int]]]:
    """Return the numbers of the claims whose evidence includes one of `records`, and queries for more of them."""
    numbers: set[int] = set()
    studies: set[int] = set()
    items: set[int] = set()
    for record in records:
        match record:
            case Claim():
                numbers.add(record.id)
            case Appraisal():
                numbers.add(record.claim_id)
            case EvidenceItem():
                numbers.update(_before_and_now(record, "claim_id"))
            case Limitation(claim_id=None):
                items.update(_before_and_now(record, "evidence_id"))
            case Limitation():
                numbers.update(_before_and_now(record, "claim_id"))
            case Study():
                studies.add(record.id)
    queries = []
    linked = select(EvidenceItem.claim_id).distinct()
    for some in batches(items):
        queries.append(linked.where(EvidenceItem.id.in_(some)))
    for some in batches(studies):
        # Evidence of a preprint depends on the standing of its published version.
        of_study = or_(Study.id.in_(some), Study.version_of_id.in_(some))
        queries.append(linked.join(EvidenceItem.study).where(of_study))
    return numbers, queries


def note_touched_claims(session: WriteSession) -> None:
    """Note the claims whose evidence a flush changed; `mark_stale` compares them once, before the commit.

    Of a claim itself, only the kind says how its evidence is judged.
    """
    bearing = [
        record
        for record in _bearing_on_levels(session)
        if not isinstance(record, Claim) or inspect(record).attrs.kind.history.has_changes()
    ]
    numbers, queries = _claims_of(bearing)
    session.touched_claims.update(numbers, *map(session.scalars, queries))


def lock_touched_claims(session: WriteSession) -> None:
    """Lock the claims whose evidence a flush is about to change."""
    lock_claims_of(session, *_bearing_on_levels(session))


def lock_claims_of(session: WriteSession, *records: object) -> None:
    """Lock the claims whose evidence includes one of `records`, before these are locked or read again."""
    if not _locks(session):
        return
    numbers, queries = _claims_of(records)
    if len(queries) == 1 and not numbers:
        # Usual for a change of a study: found and locked in one statement.
        wanted = Claim.id.in_(queries[0])
        session.locked_claims.update(session.scalars(_locked(wanted)))
    else:
        lock_claims(session, numbers.union(*map(session.scalars, queries)))


def lock_claims(session: WriteSession, numbers: Iterable[int]) -> None:
    """Lock these claims until the transaction ends, in the order of their numbers.

    Whatever the transaction reads afterwards includes what others committed about them. References to a claim, such
    as a new watch for it, need not wait for the lock.
    """
    if _locks(session):
        for some in batches(set(numbers) - session.locked_claims):
            session.execute(_locked(Claim.id.in_(some)))
            session.locked_claims.update(some)


def forget_locks(session: WriteSession) -> None:
    """Forget which claims are locked: a rollback, also to a savepoint, may have released them."""
    session.locked_claims.clear()


def batches(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield the numbers in order, in lists that are short enough for one query."""
    every = sorted(numbers)
    for begin in range(0, len(every), _AT_ONCE):
        yield every[begin : begin + _AT_ONCE]


def _locked(wanted: ColumnElement[bool]) -> Select[int]:
    return select(Claim.id).where(wanted).order_by(Claim.id).with_for_update(key_share=True)


def _locks(session: WriteSession) -> bool:
    # On SQLite, one transaction writes at a time.
    return not session.only_judges and session.get_bind().dialect.name != "sqlite"


def _bearing_on_levels(session: WriteSession) -> list[object]:
    """Return the records that a flush writes and on which the level of a claim may depend."""
    # Nothing depends on a new claim or study yet; records linked to it are new themselves.
    new = [record for record in session.new if isinstance(record, EvidenceItem | Limitation | Appraisal)]
    changed = [record for record in session.dirty if session.is_modified(record)]
    return [*new, *changed, *session.deleted]
