"""Undoes merges: records that have not moved again move back, and notes list what cannot be undone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import RECORD_MODELS, Claim, Merge, Record, Reviewed, Study, StudyText
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.rules.merging import FieldGroup, parts_of
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.core.record_states import state_at
from claims_app.services.deduplication import merging
from claims_app.services.history import merge_queries, restore
from claims_app.services.history.record_history import all_revisions, number_of
from claims_app.services.records.kinds import KINDS, form_values, writing_of
from claims_app.vocabulary import RecordType, ReviewState


@dataclass
class Plan:
    """What undoing a merge will do, or has done."""

    merge: Merge
    kept: Claim | Study
    merged: Claim | Study
    back: list[tuple[Record, str]] = field(default_factory=list)
    """The records that move back to the merged record, each with the linking column."""

    parts: list[tuple[FieldGroup, dict[str, Any]]] = field(default_factory=list)
    """The groups of fields of the kept record that get their earlier values, with these values."""

    topics: list[str] = field(default_factory=list)
    """The topics that are removed from the kept record."""

    restored: list[tuple[RecordType, int]] = field(default_factory=list)
    """The deleted evidence and limitations that are restored, by type and number."""

    notes: list[str] = field(default_factory=list)
    """A sentence for each thing that the undoing does not bring back."""

    @property
    def restored_names(self) -> list[str]:
        """The public identifiers of the restored records."""
        return [public_id(record_type, number) for record_type, number in self.restored]


def plan(session: Session, record_type: RecordType, identifier: str) -> Plan:
    """Return what undoing the merge of the record `identifier` would do.

    Raises NotFound, and Refused if the record is not merged, or another merge has to be undone first.
    """
    if not KINDS[record_type].is_mergeable:
        raise NotFound(f"A {record_type.label.lower()} cannot be merged.")
    number = number_of(session, record_type, identifier)
    merge = merge_queries.merge_of(session, record_type, number)
    if merge is None:
        raise Refused(f"{public_id(record_type, number)} is not merged into another record.")
    later = merge_queries.merge_of(session, record_type, merge.kept_id)
    if later is not None:
        raise Refused(
            f"{merge.kept_name} was itself merged into {later.kept_name} later. Undo that merge first."
        )
    model: type[Claim] | type[Study] = Claim if record_type is RecordType.CLAIM else Study
    made = Plan(merge, _get(session, model, merge.kept_id), _get(session, model, number))
    _plan_moves(session, made)
    _plan_fields(session, made)
    _plan_restoring(session, made)
    made.notes += [
        f"{record.public_id} was added after the merge and stays with {merge.kept_name}."
        for record in _added_since(session, made)
    ]
    return made


def undo(session: WriteSession, record_type: RecordType, identifier: str, versions: tuple[int, int]) -> Plan:
    """Undo the merge of the record `identifier`; `versions` are those that the kept one and it were read at.

    Returns what was done. Raises NotAllowed, NotFound, StaleVersion, Invalid without a reason, and Refused as `plan`
    does or if the earlier values of the kept record are no longer valid.
    """
    first = plan(session, record_type, identifier)
    merging.lock(session, first.kept, first.merged)
    session.expire(first.merge)
    made = plan(session, record_type, identifier)
    authorization.require(session, Permission.MERGE, made.kept)
    for read, version in zip((made.kept, made.merged), versions, strict=True):
        records.require_version(read, version)
    merging.reason_of(session)
    with authorization.without_review(session):
        made.merged.merged_into_id = None
        records.save(session)
        _empty_filled(session, made)
        for record, column in made.back:
            setattr(record, column, made.merged.id)
        records.save(session)
        _give_back_fields(session, made)
        _give_back_identifiers(session, made)
        for checked in (made.kept, made.merged):
            merging.recheck_quotes(session, checked)
        made.notes += list(_restore(session, made))
    made.merge.undone_at = session.changed_at
    made.merge.undone_by_id = authorization.change_of(session).actor_id
    records.save(session)
    return made


def _get(session: Session, model: type[Claim] | type[Study], number: int) -> Claim | Study:
    return session.get_one(Claim, number) if model is Claim else session.get_one(Study, number)


def _plan_moves(session: Session, made: Plan) -> None:
    for entry in made.merge.effects["moved"]:
        record_type = RecordType.of(entry["record_type"])
        name = public_id(record_type, entry["id"])
        record = session.get(RECORD_MODELS[record_type], entry["id"])
        if record is None:
            made.notes.append(f"{name} was deleted after the merge and stays deleted.")
        elif getattr(record, entry["column"]) != made.kept.id:
            made.notes.append(f"{name} was moved elsewhere after the merge and stays there.")
        else:
            made.back.append((record, entry["column"]))
            if record.version != entry["version"]:
                made.notes.append(f"{name} was changed after the merge and moves back with its changes.")


def _plan_fields(session: Session, made: Plan) -> None:
    """Plan which fields and topics of the kept record get their earlier values."""
    now: dict[str, Any] = form_values(session, made.kept)
    effects = made.merge.effects
    for part in parts_of(KINDS[made.kept.record_type].schema):
        if part.name not in effects["fields"]:
            continue
        values = effects["fields"][part.name]
        if part.of(now) == values["after"]:
            made.parts.append((part, values["before"]))
        else:
            made.notes.append(
                f"“{part.label}” of {made.kept.public_id} was changed after the merge and keeps its value."
            )
    made.topics = [topic for topic in effects["topics"] if topic in (now.get("topics") or ())]


def _plan_restoring(session: Session, made: Plan) -> None:
    for entry in made.merge.effects["dropped"]:
        record_type = RecordType.of(entry["record_type"])
        if session.get(RECORD_MODELS[record_type], entry["id"]) is None:
            made.restored.append((record_type, entry["id"]))
        else:
            name = public_id(record_type, entry["id"])
            made.notes.append(f"{name} was restored after the merge and stays where it is.")


def _added_since(session: Session, made: Plan) -> Sequence[Record]:
    known = {id(record) for record, _ in made.back}
    return [
        record
        for model, column in merging.links_to(made.kept)
        for record in session.scalars(
            select(model)
            .where(getattr(model, column) == made.kept.id, model.created_at > made.merge.merged_at)
            .order_by(model.id)
        )
        if id(record) not in known
    ]


def _give_back_fields(session: WriteSession, made: Plan) -> None:
    wanted: dict[str, Any] = form_values(session, made.kept)
    for _, values in made.parts:
        wanted |= values
    if made.topics:
        wanted["topics"] = [topic for topic in wanted["topics"] or () if topic not in made.topics]
    try:
        writing_of(made.kept.record_type).update(session, made.kept, made.kept.version, wanted)
    except Invalid as error:
        sentences = " ".join(sentence for listed in error.errors.values() for sentence in listed)
        raise Refused(f"{made.kept.public_id} cannot get its earlier values back: {sentences}") from error


def _give_back_identifiers(session: WriteSession, made: Plan) -> None:
    for name, value in made.merge.effects["identifiers"].items():
        holder = session.scalar(select(Study).where(getattr(Study, name) == value))
        if holder is None:
            setattr(made.merged, name, value)
        else:
            made.notes.append(f"{value} stays with {holder.public_id}.")
    records.save(session)


def _empty_filled(session: Session, made: Plan) -> None:
    """Remove the content that stored texts got from the merged study."""
    for entry in made.merge.effects["filled"]:
        text = session.get(StudyText, entry["id"])
        if text is not None and text.version == entry["version"]:
            text.content = None


def _restore(session: WriteSession, made: Plan) -> Iterator[str]:
    """Restore the deleted records; yield a sentence for each one that cannot be restored."""
    for record_type, number in made.restored:
        name = public_id(record_type, number)
        before = all_revisions(session, record_type, number)[-2]
        try:
            record = restore.restore(session, record_type, name)
        except Refused as refused:
            yield str(refused)
            continue
        state = state_at(session, record_type, number, before.version)
        if isinstance(record, Reviewed) and (waited := state.get("review_state")):
            record.review_state = ReviewState.of(waited)
            records.save(session)
