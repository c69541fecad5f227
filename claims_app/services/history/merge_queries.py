"""Queries for merges, for pages and for the history."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Claim, Merge, Revision, Study
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import Action, RecordType


def merges_into(session: Session, record_type: RecordType, number: int) -> Sequence[Merge]:
    """Return the merges into a record, newest first, without those undone at the moment that `session` sees."""
    if not KINDS[record_type].is_mergeable:
        return []
    return session.scalars(select_merges_into(record_type, number)).all()


def select_merges_into(record_type: RecordType, number: int) -> Select[Merge]:
    """Return the query for the merges into a record of a type whose records can be merged (see `merges_into`)."""
    model = cast(type[Claim | Study], KINDS[record_type].model)
    newest = (
        select(func.max(Merge.id))
        .where(Merge.record_type == record_type, Merge.kept_id == number)
        .where(Merge.merged_id.in_(select(model.id).where(model.merged_into_id == number)))
        .group_by(Merge.merged_id)
    )
    merges = select(Merge).where(Merge.id.in_(newest)).options(joinedload(Merge.merged_by))
    return merges.order_by(Merge.id.desc())


def merge_of(session: Session, record_type: RecordType, number: int) -> Merge | None:
    """Return the merge of this record into another one, or None."""
    return session.scalar(
        select(Merge)
        .where(Merge.record_type == record_type, Merge.merged_id == number, Merge.undone_at.is_(None))
        .options(joinedload(Merge.merged_by))
    )


def revisions_about(record_type: RecordType, number: int) -> ColumnElement[bool]:
    """Return the condition for revisions that merged a record into this one, or undid such a merge."""
    return (
        (Revision.record_type == record_type)
        & Revision.action.in_((Action.MERGE, Action.UNMERGE))
        & Revision.record_id.in_(
            select(Merge.merged_id).where(Merge.record_type == record_type, Merge.kept_id == number)
        )
    )
