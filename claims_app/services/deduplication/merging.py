"""Merging duplicates: two claims, or two studies, that are the same become one.

One stays; the other one keeps its row, its appraisals and its history, and says into which it was
merged. All that hung on it moves, as changes of the records that move. What is written into `Merge`
is what `services.deduplication.unmerging` needs to take all of it back:

- `fields`: by part (see `rules.merging`), the values of the kept record before and after
- `topics`: the topics that it got
- `identifiers`: those that the merged record gave up for it
- `moved`: each record that moved, the column that points now to the kept one, and its version after
- `dropped`: the evidence items that were left out, with their limitations
- `filled`: the texts of which only the merged study had the content
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from claims_app.database import changed_at
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
from claims_app.permissions import Permission
from claims_app.rules.fields import Names, Text
from claims_app.rules.merging import FieldGroup, parts_of, taken_by_default
from claims_app.rules.records import REASON_LENGTH
from claims_app.services.appraisal import rounds
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.records import evidence, studies
from claims_app.services.records.kinds import KINDS, typed_now, writing_of
from claims_app.vocabulary import RecordType, ReviewState, Stays

_REASON = Text(name="edit_summary", label="A reason", required=True, max_length=REASON_LENGTH)


def links_to(record: Record) -> list[tuple[type[Record], str]]:
    """Return the kinds of records that belong to `record`, each with the column by which."""
    return [(model, link.column) for model, link, target in LINKS if target == record.__tablename__]


@dataclass(frozen=True)
class PartComparison:
    """A part in which two records differ."""

    part: FieldGroup
    kept: Mapping[str, Any]
    merged: Mapping[str, Any]
    default: Stays


@dataclass(frozen=True)
class EvidencePair:
    """Evidence of both records that links the same study to the same claim; `about` is the other end of it."""

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
    """The topics that the kept record gets."""

    pairs: Sequence[EvidencePair]
    moving: Mapping[RecordType, int]
    """How many records of each sort move."""

    obstacles: Sequence[str]
    """What has to be settled first."""


@dataclass(frozen=True)
class MergeChoices:
    """What somebody decided: by the name of a part, and by the number of what a pair is about."""

    parts: Mapping[str, Stays] = field(default_factory=dict)
    pairs: Mapping[int, Stays] = field(default_factory=dict)


def compare(session: Session, kept: Claim | Study, merged: Claim | Study) -> MergeComparison:
    """Return two records of one sort side by side. Raises Refused if they are one and the same."""
    if kept.id == merged.id:
        raise Refused(f"{kept.public_id} cannot be merged into itself; choose another one.")
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
    session: Session,
    kept: Claim | Study,
    merged: Claim | Study,
    versions: tuple[int, int],
    choices: MergeChoices,
) -> Merge:
    """Merge `merged` into `kept`, which were read at `versions`, in that order.

    Raises NotAllowed, StaleVersion, Invalid (a reason is missing, or the values taken do not go together),
    and Refused while something has to be settled first.
    """
    lock(session, kept, merged)
    for read, version in zip((kept, merged), versions, strict=True):
        records.require_version(read, version)
        authorization.require(session, Permission.MERGE, read)
    reason = reason_of(session)
    comparison = compare(session, kept, merged)
    if comparison.obstacles:
        raise Refused(" ".join(comparison.obstacles))
    with authorization.at_once(session):
        dropped = _drop(session, comparison.pairs, choices)
        wanted = _wanted(session, comparison, choices)
        before = typed_now(session, kept)
        filled = _fill(session, kept, merged)
        moved = _moving(session, kept, merged)
        for record, column in moved:
            setattr(record, column, kept.id)
        identifiers = _give_up(merged, wanted)
        merged.merged_into_id = kept.id
        records.save(session)
        writing_of(kept.record_type).update(session, kept, kept.version, wanted)
        recheck_quotes(session, kept)
    after = typed_now(session, kept)
    change = authorization.change_of(session)
    made = Merge(
        record_type=kept.record_type,
        kept_id=kept.id,
        merged_id=merged.id,
        reason=reason,
        merged_at=changed_at(session),
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
                {**_named(record), "column": column, "version": record.version} for record, column in moved
            ],
            "dropped": dropped,
            "filled": [{**_named(text), "version": text.version} for text in filled],
        },
    )
    session.add(made)
    records.save(session)
    return made


def lock(session: Session, *two: Claim | Study) -> None:
    """Make whoever changes one of the records, or links something to it, wait; and read them anew."""
    numbers = [record.id for record in two]
    if isinstance(two[0], Study):
        # Who adds evidence locks the claim first, so this does, too.
        linked = select(EvidenceItem.claim_id).where(EvidenceItem.study_id.in_(numbers))
        session.execute(select(Claim.id).where(Claim.id.in_(linked)).order_by(Claim.id).with_for_update())
    model = type(two[0])
    rows = select(model).where(model.id.in_(numbers)).order_by(model.id)
    session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()


def reason_of(session: Session) -> str:
    """Return the reason of the change that `session` writes. Raises Invalid if there is none."""
    try:
        return str(_REASON.clean(authorization.change_of(session).summary))
    except ValueError as refused:
        raise Invalid({"edit_summary": [str(refused)]}) from None


def recheck_quotes(session: Session, record: Claim | Study) -> None:
    """Check the quotes again that are checked against this study, or against the origin of this claim."""
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
    """Return the fields of `record` as they can be of the one that stays: neither is a version of the other."""
    values = typed_now(session, record)
    if values.get("version_of_id") == other.id:
        values["version_of_id"] = None
    return values


def _wanted(session: Session, comparison: MergeComparison, choices: MergeChoices) -> dict[str, Any]:
    """Return the fields of the kept record as they shall be."""
    wanted = _typed(session, comparison.kept, comparison.merged)
    for compared in comparison.parts:
        if choices.parts.get(compared.part.name, compared.default) is Stays.MERGED:
            wanted |= compared.merged
    for name in _joined(comparison.kept):
        wanted[name] = [*(wanted[name] or ()), *comparison.topics]
    return wanted


def _moving(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[tuple[Record, str]]:
    """Return what hangs on `merged` and moves to `kept`, each with the column by which it hangs."""
    hanging = [
        (record, column)
        for model, column in links_to(kept)
        for record in session.scalars(
            select(model).where(getattr(model, column) == merged.id).order_by(model.id)
        )
        if record is not kept
    ]
    # A text that the kept study has already stays where it is.
    known = set(session.scalars(select(StudyText.sha256).where(StudyText.study_id == kept.id)))
    return [
        (record, column)
        for record, column in hanging
        if not (isinstance(record, StudyText) and record.sha256 in known)
    ]


def _count(moving: Sequence[tuple[Record, str]]) -> dict[RecordType, int]:
    counts: dict[RecordType, int] = {}
    for record, _ in moving:
        counts[record.record_type] = counts.get(record.record_type, 0) + 1
    return counts


def _pairs(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[EvidencePair]:
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
    about = (Proposal.target_type == merged.record_type) & (Proposal.target_id == merged.id)
    if isinstance(merged, Claim):
        about |= Proposal.claim_id == merged.id
    waiting = session.scalars(
        select(Proposal).where(about, Proposal.state == ReviewState.SUBMITTED).order_by(Proposal.id)
    ).all()
    found = []
    if waiting:
        names = ", ".join(proposal.public_id for proposal in waiting)
        found.append(f"Changes of {merged.public_id} wait for review; decide on them first: {names}.")
    if isinstance(merged, Claim) and rounds.open_round_of(session, merged.id) is not None:
        found.append(
            f"Two independent appraisals of {merged.public_id} are under way; settle them, or call them off."
        )
    if isinstance(kept, Study) and kept.version_of_id not in (None, merged.id):
        earlier = select(Study).where(Study.version_of_id == merged.id, Study.id != kept.id)
        if (version := session.scalar(earlier.limit(1))) is not None:
            found.append(
                f"{version.public_id} is an earlier version of {merged.public_id}, and {kept.public_id} is one "
                "itself of another study. Say first which is the published one."
            )
    return found


def _drop(session: Session, pairs: Sequence[EvidencePair], choices: MergeChoices) -> list[dict[str, Any]]:
    """Delete the evidence items that were decided against, with their limitations; return what they were."""
    dropped: list[dict[str, Any]] = []
    for pair in pairs:
        stays = choices.pairs.get(pair.about.id, Stays.BOTH)
        left_out = {Stays.KEPT: pair.merged, Stays.MERGED: pair.kept}.get(stays, ())
        for item in left_out:
            dropped.append(_named(item))
            limitations = select(Limitation).where(Limitation.evidence_id == item.id).order_by(Limitation.id)
            for limitation in session.scalars(limitations).all():
                dropped.append(_named(limitation))
                evidence.delete_limitation(session, limitation, limitation.version)
            evidence.delete_evidence(session, item, item.version)
    return dropped


def _fill(session: Session, kept: Claim | Study, merged: Claim | Study) -> list[StudyText]:
    """Give the texts of which the kept study has the fingerprint alone the content that the merged one has."""
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
    """Take from `merged` the identifiers that the kept study gets, since no two studies can have them."""
    given: dict[str, Any] = {}
    if isinstance(merged, Study):
        for name in studies.OF_ONE_REPORT:
            value = getattr(merged, name)
            if value is not None and value == wanted[name]:
                given[name] = value
                setattr(merged, name, None)
    return given


def _named(record: Record) -> dict[str, Any]:
    return {"record_type": record.record_type.value, "id": record.id}
