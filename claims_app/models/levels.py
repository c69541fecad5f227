"""Keeps what claims say about their level true: whether the evidence of today is what the appraisal saw.

No service can forget it: the listeners below look at what a `WriteSession` flushes, note the claims
whose evidence it touched, and compare them with their newest appraisal before the transaction commits.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import event, inspect, or_, select, update
from sqlalchemy.orm import Session, UOWTransaction, aliased, attributes, joinedload, selectinload

from claims_app.database import Base, WriteSession, changed_at
from claims_app.models.appraisal import Appraisal
from claims_app.models.claim import Claim
from claims_app.models.evidence import EvidenceItem, Limitation
from claims_app.models.mixins import Record
from claims_app.models.study import Study
from claims_app.rules.appraisal.body import Body, Finding, Weakness
from claims_app.vocabulary import AppraisalStage, ClaimKind, ReviewState

_TOUCHED = "claims_whose_evidence_was_touched"
_AT_ONCE = 500
# The table, past the unit of work: what is derived is no change of the record.
_CLAIMS = Base.metadata.tables["claims"]
_ACCEPTED = EvidenceItem.review_state == ReviewState.ACCEPTED


LOADED_WITH_EVIDENCE = (
    joinedload(EvidenceItem.study).options(
        joinedload(Study.group),
        joinedload(Study.version_of),
        selectinload(Study.species_rows),
    ),
    selectinload(EvidenceItem.limitations),
)
"""What a body of evidence needs of the tables around an evidence item."""


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
        # Lists that the session loaded before may be older than what it has flushed since.
        .execution_options(populate_existing=True)
    ):
        items[item.claim_id].append(item)
    limitations: dict[int, list[Limitation]] = defaultdict(list)
    for limitation in session.scalars(
        select(Limitation).where(Limitation.claim_id.in_(claim_ids)).order_by(Limitation.id)
    ):
        if limitation.claim_id is not None:
            limitations[limitation.claim_id].append(limitation)
    return {number: body_from(kind, items[number], limitations[number]) for number, kind in kinds.items()}


def body_from(kind: ClaimKind, items: Iterable[EvidenceItem], limitations: Iterable[Limitation]) -> Body:
    """Return the body of evidence of a claim of this `kind`, from its evidence items and its own limitations."""
    counted = sorted((item for item in items if item.counts), key=lambda item: item.id)
    return Body(kind, tuple(map(finding_of, counted)), tuple(_weaknesses(limitations)))


def finding_of(item: EvidenceItem) -> Finding:
    """Return what an appraisal sees of an evidence item and its study."""
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
    """Return the newest appraisal of each of the claims that counts for its level."""
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
    """Whether any accepted evidence is linked to a claim, counted or not."""
    accepted = select(EvidenceItem.id).where(EvidenceItem.claim_id == claim_id, _ACCEPTED)
    return session.scalar(accepted.limit(1)) is not None


def refresh_levels(session: Session, claim_ids: Iterable[int]) -> None:
    """Compare the evidence of the claims with what their newest appraisal saw, and set their level and state.

    The claims are locked, so that of an appraisal and a change of its evidence at the same moment the
    second one sees the first.
    """
    wanted = sorted(set(claim_ids))
    for begin in range(0, len(wanted), _AT_ONCE):
        numbers = wanted[begin : begin + _AT_ONCE]
        session.execute(select(Claim.id).where(Claim.id.in_(numbers)).order_by(Claim.id).with_for_update())
        appraisals = {appraisal.claim_id: appraisal for appraisal in newest_appraisals(session, numbers)}
        bodies = bodies_of(session, appraisals.keys())
        # The database itself takes the level of a claim without any accepted evidence.
        with_evidence = select(EvidenceItem.claim_id).where(
            EvidenceItem.claim_id.in_(appraisals.keys()), _ACCEPTED
        )
        states = session.execute(
            select(Claim.id, Claim.appraisal_id, Claim.stale_since).where(Claim.id.in_(with_evidence))
        ).all()
        for claim_id, appraisal_id, stale_since in states:
            appraisal = appraisals[claim_id]
            same = bodies[claim_id].digest() == appraisal.evidence_digest
            since = None if same else stale_since or changed_at(session)
            if (appraisal_id, stale_since) != (appraisal.id, since):
                session.execute(
                    update(_CLAIMS)
                    .where(_CLAIMS.c.id == claim_id)
                    .values(appraisal_id=appraisal.id, evidence_level=appraisal.level, stale_since=since)
                )
        _reload(session, numbers)


def _reload(session: Session, claim_ids: Iterable[int]) -> None:
    """Take what the database derived into the claims that the session holds."""
    held = [
        claim
        for number in claim_ids
        if (claim := session.identity_map.get(session.identity_key(Claim, number))) is not None
    ]
    if not held:
        return
    rows = session.execute(
        select(Claim.id, *(getattr(Claim, name) for name in Claim.derived)).where(
            Claim.id.in_([claim.id for claim in held])
        )
    )
    values = {row.id: row for row in rows}
    for claim in held:
        for name in Claim.derived:
            attributes.set_committed_value(claim, name, getattr(values[claim.id], name))


def _before_and_now(record: Record, name: str) -> Iterator[int]:
    """Yield the numbers that the column `name` of `record` had before the flush and has now."""
    history = inspect(record).attrs[name].history
    for value in (*(history.deleted or ()), getattr(record, name)):
        if value is not None:
            yield value


def _touched(session: Session, records: Iterable[object]) -> Iterator[int]:
    """Yield the claims whose evidence one of `records` is part of."""
    for record in records:
        if isinstance(record, EvidenceItem):
            yield from _before_and_now(record, "claim_id")
        elif isinstance(record, Claim):
            yield record.id
        elif isinstance(record, Limitation):
            if record.claim_id is not None:
                yield record.claim_id
            elif record.evidence_id is not None:
                yield from session.scalars(
                    select(EvidenceItem.claim_id).where(EvidenceItem.id == record.evidence_id)
                )
        elif isinstance(record, Study):
            # Evidence of a preprint hangs on the standing of what it was published as.
            yield from session.scalars(
                select(EvidenceItem.claim_id)
                .join(EvidenceItem.study)
                .where(or_(Study.id == record.id, Study.version_of_id == record.id))
                .distinct()
            )


@event.listens_for(WriteSession, "after_flush")
def _note_claims(session: WriteSession, _context: UOWTransaction) -> None:
    # Nothing hangs on a claim or a study that is new; what is linked to it is noted by itself.
    new = [record for record in session.new if isinstance(record, EvidenceItem | Limitation)]
    changed = [record for record in session.dirty if session.is_modified(record)]
    noted: set[int] = session.info.setdefault(_TOUCHED, set())
    noted.update(_touched(session, [*new, *changed, *session.deleted]))


@event.listens_for(WriteSession, "before_commit")
def _refresh_noted_claims(session: WriteSession) -> None:
    session.flush()
    if noted := session.info.pop(_TOUCHED, None):
        appraised = session.scalars(
            select(Appraisal.claim_id).where(Appraisal.claim_id.in_(noted)).distinct()
        ).all()
        refresh_levels(session, appraised)
