"""The kinds of writes that bear on the level of a claim, for random pairs of them on one pair of claims.

A move reads what it needs in its transaction and returns the write itself, so that a test can let two transactions
read before either of them writes. It raises Refused if it has nothing to write to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Merge, Proposal, Record, Revision, Study
from claims_app.services.appraisal import rounds
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.deduplication import merging, unmerging
from claims_app.services.history import restore
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import form_values
from claims_app.services.review import decisions
from claims_app.services.transfer.importing import applying
from claims_app.services.transfer.importing.model import Difference, PlannedRow
from claims_app.vocabulary import Action, RecordType, ReviewState, RowState
from tests.factories import EVIDENCE, LIMITATION, make_appraisal, make_claim, make_evidence, make_study

Write = Callable[[], Record | None]
"""Writes, and returns the record that was written, if it has a history of its own."""


@dataclass(frozen=True)
class Plot:
    """The records of one round: two claims, and three studies, the last of them a preprint of the first."""

    claims: tuple[int, ...]
    studies: tuple[int, ...]


Move = Callable[[WriteSession, Plot, Random], Write]


def lay_out(session: WriteSession) -> Plot:
    """Create the records of a plot. Neither claim has been appraised yet, and each has one evidence item."""
    both = [make_claim(session) for _ in range(2)]
    first, second = (make_study(session, design="case_control") for _ in range(2))
    preprint = make_study(session, publication_state="preprint", version_of_id=first.id)
    make_evidence(session, both[0], preprint)
    make_evidence(session, both[1], second)
    return Plot(tuple(claim.id for claim in both), (first.id, second.id, preprint.id))


def _some(
    session: Session, chance: Random, model: type[records.R], *conditions: ColumnElement[bool]
) -> records.R:
    found = session.scalars(select(model).where(*conditions).order_by(model.id)).all()
    if not found:
        raise Refused("There is none.")
    return chance.choice(found)


def _claim(session: Session, plot: Plot, chance: Random) -> Claim:
    """Return one of the claims, mostly the first."""
    return records.get(session, Claim, plot.claims[chance.random() < 0.2])


def _item(session: Session, plot: Plot, chance: Random) -> EvidenceItem:
    return _some(session, chance, EvidenceItem, EvidenceItem.claim_id.in_(plot.claims))


def _study(session: Session, plot: Plot, chance: Random) -> Study:
    return records.get(session, Study, chance.choice(plot.studies))


def _limitation(session: Session, plot: Plot, chance: Random) -> Limitation:
    items = select(EvidenceItem.id).where(EvidenceItem.claim_id.in_(plot.claims))
    return _some(
        session, chance, Limitation, Limitation.claim_id.in_(plot.claims) | Limitation.evidence_id.in_(items)
    )


def _refuse_many(session: Session, plot: Plot, model: type[EvidenceItem | Limitation], most: int) -> None:
    """Raise Refused if the claims have enough of these, so that losing one matters and rounds stay quick."""
    of_claims = select(func.count()).select_from(model).where(model.claim_id.in_(plot.claims))
    if (session.scalar(of_claims) or 0) >= most:
        raise Refused("There are enough.")


def _changed(session: WriteSession, record: Record, **values: object) -> Write:
    raw, version = {**form_values(session, record), **values}, record.version
    return lambda: proposals.change(session, record, version, raw)


def appraise(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Appraise a claim."""
    claim = _claim(session, plot, chance)
    return lambda: make_appraisal(session, claim)


def ask_for_two_appraisals(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Request two independent appraisals, or cancel them."""
    claim = _claim(session, plot, chance)
    is_open = rounds.open_round_of(session, claim.id) is not None

    def write() -> None:
        if is_open:
            rounds.call_off(session, claim)
        else:
            rounds.open_round(session, claim, None)

    return write


def edit_claim(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change the kind of a claim."""
    return _changed(
        session, _claim(session, plot, chance), kind=chance.choice(["association", "mechanism", "treatment"])
    )


def delete_claim(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Delete a claim, which is refused as long as anything belongs to it."""
    claim = _claim(session, plot, chance)
    version = claim.version

    def write() -> None:
        claims.delete_claim(session, claim, version)

    return write


def add_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Add an evidence item."""
    _refuse_many(session, plot, EvidenceItem, 4)
    claim, study = _claim(session, plot, chance), _study(session, plot, chance)
    raw = {**EVIDENCE, "study_id": study.id, "direction": chance.choice(["supports", "contradicts"])}
    return lambda: evidence.create_evidence(session, claim, raw, duplicate_is_meant=True)


def submit_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Add an evidence item that waits for review."""
    write = add_evidence(session, plot, chance)

    def submitted() -> Record | None:
        item = write()
        assert isinstance(item, EvidenceItem)
        item.review_state = ReviewState.SUBMITTED
        records.save(session)
        return item

    return submitted


def edit_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change the direction of an evidence item."""
    direction = chance.choice(["supports", "contradicts", "inconclusive"])
    return _changed(session, _item(session, plot, chance), direction=direction)


def move_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Link an evidence item to another study."""
    item, study = _item(session, plot, chance), _study(session, plot, chance)
    raw, version = {**form_values(session, item), "study_id": study.id}, item.version
    return lambda: evidence.update_evidence(session, item, version, raw, duplicate_is_meant=True)


def delete_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Delete an evidence item."""
    item = _item(session, plot, chance)
    version = item.version

    def write() -> Record | None:
        evidence.delete_evidence(session, item, version)
        return item

    return write


def restore_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Restore an evidence item that was deleted."""
    deletion = _some_revision(session, chance, plot, Revision.action == Action.DELETE)
    return lambda: restore.restore(session, RecordType.EVIDENCE, f"EVD-{deletion.record_id}")


def revert_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Go back to an earlier version of an evidence item."""
    item = _item(session, plot, chance)
    version, earlier = item.version, chance.randint(1, item.version)
    return lambda: restore.revert(session, item, version, earlier)


def _some_revision(
    session: Session, chance: Random, plot: Plot, *conditions: ColumnElement[bool]
) -> Revision:
    found = session.scalars(
        select(Revision)
        .where(Revision.record_type == RecordType.EVIDENCE, Revision.claim_id.in_(plot.claims), *conditions)
        .order_by(Revision.id)
    ).all()
    if not found:
        raise Refused("There is none.")
    return chance.choice(found)


def add_limitation(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Add a limitation of a claim or of an evidence item."""
    _refuse_many(session, plot, Limitation, 2)
    parent = _claim(session, plot, chance) if chance.random() < 0.5 else _item(session, plot, chance)
    raw = {**LIMITATION, "domain": "imprecision"}
    return lambda: evidence.create_limitation(session, parent, raw)


def edit_limitation(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change which domain a limitation affects."""
    domain = chance.choice(["imprecision", "indirectness", "inconsistency"])
    return _changed(session, _limitation(session, plot, chance), domain=domain)


def delete_limitation(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Delete a limitation."""
    limitation = _limitation(session, plot, chance)
    version = limitation.version

    def write() -> Record | None:
        evidence.delete_limitation(session, limitation, version)
        return limitation

    return write


def import_rows(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Import an edited file with all evidence of both claims, in any order."""
    items = list(session.scalars(select(EvidenceItem).where(EvidenceItem.claim_id.in_(plot.claims))))
    chance.shuffle(items)
    rows = [
        PlannedRow(
            line=line,
            state=RowState.CHANGED,
            record_type=RecordType.EVIDENCE,
            target=item.public_id,
            version=item.version,
            values={"direction": chance.choice(["supports", "contradicts"])},
            differences=[Difference(name="direction", label="Direction", now="", new="")],
        )
        for line, item in enumerate(items, 1)
    ]

    def write() -> None:
        applying.lock_claims(session, rows)
        for row in rows:
            applying.apply(session, row)

    return write


def edit_study(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change the design of a study."""
    design = chance.choice(["case_control", "cohort", "randomised_trial", "cross_sectional"])
    return _changed(session, _study(session, plot, chance), design=design)


def retract_study(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Retract a study, or take its retraction back."""
    study = _study(session, plot, chance)
    standing = "retracted" if study.standing.value == "current" else "current"
    return _changed(session, study, standing=standing)


def group_study(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change the group of a study."""
    study = _study(session, plot, chance)
    return _changed(session, study, group=chance.choice([None, f"Group {plot.claims[0]}"]))


def change_published_version(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Change of which study the preprint is an earlier version."""
    preprint = records.get(session, Study, plot.studies[2])
    return _changed(session, preprint, version_of_id=chance.choice([None, *plot.studies[:2]]))


def delete_study(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Delete a study, which is refused as long as evidence is linked to it."""
    study = _study(session, plot, chance)
    version = study.version

    def write() -> None:
        studies.delete_study(session, study, version)

    return write


def _merge(session: WriteSession, model: type[Claim] | type[Study], numbers: tuple[int, ...]) -> Write:
    kept, merged = (records.get(session, model, number) for number in numbers)
    versions = kept.version, merged.version

    def write() -> None:
        merging.merge(session, kept, merged, versions, merging.MergeChoices())

    return write


def merge_claims(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Merge one of the claims into the other."""
    return _merge(session, Claim, plot.claims[:: chance.choice([1, -1])])


def merge_studies(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Merge one of the studies into the other."""
    return _merge(session, Study, plot.studies[:2][:: chance.choice([1, -1])])


def undo_merge(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Undo a merge of the claims or the studies."""
    present = session.scalars(select(Merge).where(Merge.undone_at.is_(None)).order_by(Merge.id)).all()
    mine = [
        merge
        for merge in present
        if merge.merged_id in (plot.claims if merge.record_type is RecordType.CLAIM else plot.studies)
    ]
    if not mine:
        raise Refused("There is none.")
    merge = chance.choice(mine)
    model: Any = Claim if merge.record_type is RecordType.CLAIM else Study
    versions = tuple(session.get_one(model, number).version for number in (merge.kept_id, merge.merged_id))
    name = merge.merged_name

    def write() -> None:
        unmerging.undo(session, merge.record_type, name, versions)

    return write


def _proposed(session: WriteSession, record: Record, column: InstrumentedAttribute[Any], value: str) -> Write:
    """Return the write that proposes a change of one field."""
    seen = form_values(session, record)[column.key]

    def write() -> Record | None:
        return proposals._propose(session, proposals.ProposalKind.CHANGE, record, {column.key: [seen, value]})

    return write


def propose_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Propose a change of an evidence item."""
    direction = chance.choice(["supports", "contradicts"])
    return _proposed(session, _item(session, plot, chance), EvidenceItem.direction, direction)


def propose_study(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Propose a change of a study."""
    design = chance.choice(["case_control", "cohort"])
    return _proposed(session, _study(session, plot, chance), Study.design, design)


def decide_on_proposal(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Accept a proposal about a study or evidence."""
    about = Proposal.claim_id.in_(plot.claims) | (
        (Proposal.target_type == RecordType.STUDY) & Proposal.target_id.in_(plot.studies)
    )
    proposal = _some(session, chance, Proposal, about, Proposal.state == ReviewState.SUBMITTED)
    version = proposal.version
    choices = dict.fromkeys(proposal.changes, decisions.PROPOSED)

    def write() -> Record | None:
        decisions.accept(session, proposal, version, choices=choices)
        return proposal

    return write


def decide_on_evidence(session: WriteSession, plot: Plot, chance: Random) -> Write:
    """Accept or reject an evidence item that waits for review."""
    waits = EvidenceItem.review_state == ReviewState.SUBMITTED
    item = _some(session, chance, EvidenceItem, EvidenceItem.claim_id.in_(plot.claims), waits)
    version, accepts = item.version, chance.random() < 0.7

    def write() -> Record | None:
        if accepts:
            decisions.accept(session, item, version)
        else:
            decisions.reject(session, item, version, "No.")
        return item

    return write


MOVES: tuple[Move, ...] = (
    *(
        appraise,
        add_evidence,
        submit_evidence,
        edit_evidence,
        move_evidence,
        delete_evidence,
        delete_evidence,
    ),
    *(restore_evidence, restore_evidence, revert_evidence),
    *(import_rows, add_limitation, edit_limitation, delete_limitation),
    *(edit_study, retract_study, group_study, change_published_version, delete_study),
    *(merge_claims, merge_studies, undo_merge, undo_merge),
    *(propose_evidence, propose_study, decide_on_proposal, decide_on_evidence),
    *(edit_claim, delete_claim, ask_for_two_appraisals),
)
"""Every kind of write. Those that bring something back are drawn more often, so that there is something to lose."""
