"""Merges duplicates: one claim or study into another one.

The merged record keeps its row, its appraisals and its history, and points to the kept one. Records linked to it move
to the kept one, each as a change of its own. `Merge.effects` holds what `services.deduplication.unmerging` needs to
undo the merge:

- `fields`: by part (see `rules.merging`), the values of the kept record before and after
- `topics`: the topics that were added to it
- `identifiers`: those that moved from the merged record to it
- `moved`: each record that moved, the column that links it to the kept one, and its version afterwards
- `dropped`: the evidence items that were deleted as duplicates, with their limitations
- `filled`: the stored texts whose content came from the merged study
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from claims_app.database import WriteSession
from claims_app.models import (
    LINKS,
    Claim,
    EvidenceItem,
    Limitation,
    Merge,
    Proposal,
    Record,
    Study,
    StudyText,
)
from claims_app.models.levels import lock_claims_of
from claims_app.permissions import Permission
from claims_app.rules.fields import Names, Text
from claims_app.rules.merging import FieldGroup, parts_of, taken_by_default
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.services.appraisal import rounds
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.records import evidence, studies
from claims_app.services.records.kinds import KINDS, form_values, writing_of
from claims_app.vocabulary import RecordType, ReviewState, Stays

_REASON = Text(name="edit_summary", label="Reason", required=True, max_length=REASON_LENGTH)


def links_to(record: Record) -> list[tuple[type[Record], str]]:
    """Return the models of records that can be linked to `record`, each with the linking column."""
    return [(model, link.column) for model, link, target in LINKS if target == record.__tablename__]


@dataclass(frozen=True)
class PartComparison:
    """A group of fields in which two records differ, and the suggested choice."""

    part: FieldGroup
    kept: Mapping[str, Any]
    merged: Mapping[str, Any]
    default: Stays


@dataclass(frozen=True)
class EvidencePair:
    """Evidence of both records about the same study or claim, which is `about`."""

    about: Claim | Study
    kept: Sequence[EvidenceItem]
    merged: Sequence[EvidenceItem]


@dataclass(frozen=True)
class MergeComparison:
    """Two records side by side, before one is merged into the other."""

    kept: Claim | Study
    merged: Claim | Study
    parts: Sequence[PartComparison]
    topics: Sequence[str]
    """The topics that are added to the kept record."""

    pairs: Sequence[EvidencePair]
    moving: Mapping[RecordType, int]
    """The number of records of each type that move."""

    obstacles: Sequence[str]
    """Sentences about what has to be resolved first."""


@dataclass(frozen=True)
class MergeChoices:
    """The user's choices: by the name of a part, and by the number of the study or claim of a pair."""

    parts: Mapping[str, Stays] = field(default_factory=dict)
    pairs: Mapping[int, Stays] = field(default_factory=dict)


def compare(session: Session, kept: Claim | Study, merged: Claim | Study) -> MergeComparison:
    """Compare two records of one type. Raises Refused if they are the same record."""
    if kept.id == merged.id:
        raise Refused(f"{kept.public_id} cannot be merged into itself. Choose another record.")
    mine, other = _typed(session, kept, merged), _typed(session, merged, kept)
    differing = [part for part in _parts(kept) if part.of(mine) != part.of(other)]
    return MergeComparison(
        kept=kept,
        merged=merged,
        parts=[
            PartComparison(part, part.of(mine), part.of(other), taken_by_default(part, mine, other))
            for part in differing
        ],
        topics=[
            topic for name in _joined(kept) for topic in other[name] or () if topic not in (mine[name] or ())
        ],
        pairs=_pairs(session, kept, merged),
        moving=_count(_moving(session, kept, merged)),
        obstacles=_obstacles(session, kept, merged),
    )


def merge(
    session: WriteSession,
    kept: Claim | Study,
    merged: Claim | Study,
    versions: tuple[int, int],
    choices: MergeChoices,
) -> Merge:
    """Merge `merged` into `kept`; `versions` are those that `kept` and `merged` were read at.

    Raises NotAllowed, StaleVersion, Invalid if the reason is missing or the chosen values do not go together, and
    Refused if something has to be resolved first.
    """
    lock(session, kept, merged)
    for read, version in zip((kept, merged), versions, strict=True):
        records.require_version(read, version)
        authorization.require(session, Permission.MERGE, read)
    reason = reason_of(session)
    comparison = compare(session, kept, merged)
    if comparison.obstacles:
        raise Refused(" ".join(comparison.obstacles))
    with authorization.without_review(session):
        dropped = _drop(session, comparison.pairs, choices)
        wanted = _wanted(session, comparison, choices)
        before = form_values(session, kept)
        filled = _fill(session, kept, merged)
        moved = _moving(session, kept, merged)
        for record, column in moved:
            setattr(record, column, kept.id)
        identifiers = _give_up(merged, wanted)
        merged.merged_into_id = kept.id
        records.save(session)
        writing_of(kept.record_type).update(session, kept, kept.version, wanted)
        recheck_quotes(session, kept)
    after = form_values(session, kept)
    change = authorization.change_of(session)
    made = Merge(
        record_type=kept.record_type,
        kept_id=kept.id,
        merged_id=merged.id,
        reason=reason,
        merged_at=session.changed_at,
        merged_by_id=change.actor_id,
        effects={
            "fields": {
                part.name: {"before": part.of(before), "after": part.of(after)}
                for part in _parts(kept)
                if part.of(before) != part.of(after)
            },
            "topics": list(comparison.topics),
            "identifiers": identifiers,
            "moved": [
                {**_reference_to(record), "column": column, "version": record.version}
                for record, column in moved
            ],
            "dropped": dropped,
            "filled": [{**_reference_to(text), "version": text.version} for text in filled],
        },
    )
    session.add(made)
    records.save(session)
    return made


def lock(session: WriteSession, *two: Claim | Study) -> None:
    """Lock the records against changes and new links, and reload them."""
    numbers = [record.id for record in two]
    lock_claims_of(session, *two)
    model = type(two[0])
    rows = select(model).where(model.id.in_(numbers)).order_by(model.id)
    session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()


def reason_of(session: WriteSession) -> str:
    """Return the reason of the change that `session` writes. Raises Invalid if it is missing or too long."""
    try:
        return str(_REASON.clean(authorization.change_of(session).summary))
    except ValueError as refused:
        raise Invalid({"edit_summary": [str(refused)]}) from None


def recheck_quotes(session: WriteSession, record: Claim | Study) -> None:
    """Check again the quotes from this study, or from the source of this claim."""
    if isinstance(record, Study):
        quotes.recheck(session, record.id)
    else:
        quotes.recheck_limitations(session, record)
    records.save(session)


def _parts(record: Claim | Study) -> list[FieldGroup]:
    return parts_of(KINDS[record.record_type].schema)


def _joined(record: Claim | Study) -> list[str]:
    return [f.name for f in KINDS[record.record_type].schema.fields if isinstance(f, Names)]


def _typed(session: Session, record: Claim | Study, other: Claim | Study) -> dict[str, Any]:
    """Return the form values of `record`, without a link to `other` as its published version."""
    values = form_values(session, record)
    if values.get("version_of_id") == other.id:
        values["version_of_id"] = None
    return values


def _wanted(session: Session, comparison: MergeComparison, choices: MergeChoices) -> dict[str, Any]:
    """Return the form values of the kept record after the merge."""
    wanted = _typed(session, comparison.kept, comparison.merged)
    for compared in comparison.parts:
        if choices.parts.get(compared.part.name, compared.default) is Stays.MERGED:
            wanted |= compared.merged
    for name in _joined(comparison.kept):
        wanted[name] = [*(wanted[name] or ()), *comparison.topics]
    return wanted


def _moving(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[tuple[Record, str]]:
    """Return the records that move from `merged` to `kept`, each with the linking column."""
    linked = [
        (record, column)
        for model, column in links_to(kept)
        for record in session.scalars(
            select(model).where(getattr(model, column) == merged.id).order_by(model.id)
        )
        if record is not kept
    ]
    # A text that the kept study already has does not move.
    known = set(session.scalars(select(StudyText.sha256).where(StudyText.study_id == kept.id)))
    return [
        (record, column)
        for record, column in linked
        if not (isinstance(record, StudyText) and record.sha256 in known)
    ]


def _count(moving: Sequence[tuple[Record, str]]) -> dict[RecordType, int]:
    counts: dict[RecordType, int] = {}
    for record, _ in moving:
        counts[record.record_type] = counts.get(record.record_type, 0) + 1
    return counts


def _pairs(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[EvidencePair]:
    """Return the evidence of both records that is about the same study or claim."""
    here, there = ("claim_id", "study_id") if isinstance(kept, Claim) else ("study_id", "claim_id")
    of = {
        record.id: session.scalars(
            select(EvidenceItem)
            .where(getattr(EvidenceItem, here) == record.id)
            .order_by(getattr(EvidenceItem, there), EvidenceItem.id)
        ).all()
        for record in (kept, merged)
    }
    both = {getattr(item, there) for item in of[kept.id]} & {getattr(item, there) for item in of[merged.id]}
    return [
        EvidencePair(
            session.get_one(Study, number) if isinstance(kept, Claim) else session.get_one(Claim, number),
            [item for item in of[kept.id] if getattr(item, there) == number],
            [item for item in of[merged.id] if getattr(item, there) == number],
        )
        for number in sorted(both)
    ]


def _obstacles(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[str]:
    """Return a sentence for each thing that has to be resolved before the merge."""
    about = (Proposal.target_type == merged.record_type) & (Proposal.target_id == merged.id)
    if isinstance(merged, Claim):
        about |= Proposal.claim_id == merged.id
    waiting = session.scalars(
        select(Proposal).where(about, Proposal.state == ReviewState.SUBMITTED).order_by(Proposal.id)
    ).all()
    found = []
    if waiting:
        names = ", ".join(proposal.public_id for proposal in waiting)
        found.append(f"Changes to {merged.public_id} are waiting for review. Decide on them first: {names}.")
    if isinstance(merged, Claim) and rounds.open_round_of(session, merged.id) is not None:
        found.append(
            f"Two independent appraisals of {merged.public_id} are under way. Settle or cancel them first."
        )
    if isinstance(kept, Study) and kept.version_of_id not in (None, merged.id):
        earlier = select(Study).where(Study.version_of_id == merged.id, Study.id != kept.id)
        if (version := session.scalar(earlier.limit(1))) is not None:
            found.append(
                f"{version.public_id} is an earlier version of {merged.public_id}, and {kept.public_id} is itself an "
                "earlier version of another study. First correct which study is the published one."
            )
    return found


def _drop(
    session: WriteSession, pairs: Sequence[EvidencePair], choices: MergeChoices
) -> list[dict[str, Any]]:
    """Delete the evidence items that were not chosen, with their limitations; return references to them."""
    dropped: list[dict[str, Any]] = []
    for pair in pairs:
        stays = choices.pairs.get(pair.about.id, Stays.BOTH)
        left_out = {Stays.KEPT: pair.merged, Stays.MERGED: pair.kept}.get(stays, ())
        for item in left_out:
            dropped.append(_reference_to(item))
            limitations = select(Limitation).where(Limitation.evidence_id == item.id).order_by(Limitation.id)
            for limitation in session.scalars(limitations).all():
                dropped.append(_reference_to(limitation))
                evidence.delete_limitation(session, limitation, limitation.version)
            evidence.delete_evidence(session, item, item.version)
    return dropped


def _fill(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[StudyText]:
    """Copy content from texts of the merged study to fingerprints of the same texts of the kept one; return these."""
    if not isinstance(kept, Study):
        return []
    texts = {
        text.sha256: text
        for text in session.scalars(
            select(StudyText)
            .where(StudyText.study_id == merged.id, StudyText.content.is_not(None))
            .options(undefer(StudyText.content))
        )
    }
    without = session.scalars(
        select(StudyText)
        .where(StudyText.study_id == kept.id, StudyText.content.is_(None), StudyText.sha256.in_(texts))
        .order_by(StudyText.id)
    ).all()
    for text in without:
        text.content = texts[text.sha256].content
    return list(without)


def _give_up(merged: Claim | Study, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Remove from `merged` the identifiers that move to the kept study, because they are unique; return them."""
    given: dict[str, Any] = {}
    if isinstance(merged, Study):
        for name in studies.OF_ONE_REPORT:
            value = getattr(merged, name)
            if value is not None and value == wanted[name]:
                given[name] = value
                setattr(merged, name, None)
    return given


def _reference_to(record: Record) -> dict[str, Any]:
    return {"record_type": record.record_type.value, "id": record.id}
