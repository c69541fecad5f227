"""The history of records: revisions, and the fields that each of them changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import RECORD_MODELS, Merge, Revision
from claims_app.rules.identifiers import parse_public_id, public_id
from claims_app.services.core.errors import NotFound
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.core.record_states import differences, read_changes, read_edits, states_at
from claims_app.services.history import merge_queries
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import Action, RecordType

NEWEST_FIRST = Order("Newest first", ((Revision.id, True),))


@dataclass(frozen=True)
class FieldChange:
    """A changed field with its values before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RevisionPage:
    """One revision of a record, with what its page needs."""

    revision: Revision
    changes: Sequence[FieldChange]
    newest: int
    """The newest version of the record."""

    exists: bool
    """Whether the record exists now."""

    merge: Merge | None = None
    """The merge of the record into another one, if it is merged now."""

    @property
    def can_be_reverted_to(self) -> bool:
        """Whether the record can be reverted to this version."""
        return (
            self.exists
            and self.merge is None
            and self.revision.version < self.newest
            and self.revision.action is not Action.DELETE
            and KINDS[self.revision.record_type].writing is not None
        )

    @property
    def can_be_restored(self) -> bool:
        """Whether it is the deletion of a record that can be restored."""
        return (
            not self.exists
            and self.revision.version == self.newest
            and self.revision.action is Action.DELETE
            and KINDS[self.revision.record_type].writing is not None
        )


@dataclass(frozen=True)
class VersionComparison:
    """Two versions of one record, side by side."""

    first: Revision
    second: Revision
    changes: Sequence[FieldChange]


def history_of(
    session: Session, record_type: RecordType, identifier: str, request: PageRequest
) -> Page[Revision]:
    """Return a page of the revisions of a record, newest first; for a claim, with those of its evidence.

    Merges into the record are included. The record may have been deleted. Raises NotFound if it never existed, and
    BadFilter for a broken cursor.
    """
    number = number_of(session, record_type, identifier)
    mine = (
        Revision.claim_id == number
        if record_type is RecordType.CLAIM
        else (Revision.record_type == record_type) & (Revision.record_id == number)
    )
    mine |= merge_queries.revisions_about(record_type, number)
    query = select(Revision).where(mine).options(joinedload(Revision.actor))
    page = fetch_page(session, query, NEWEST_FIRST, request)
    read_edits(session, page.items)
    return page


def versions_of(session: Session, record_type: RecordType, identifier: str) -> Sequence[Revision]:
    """Return the revisions of the record itself, oldest first. Raises NotFound if it never existed."""
    number = number_of(session, record_type, identifier)
    return all_revisions(session, record_type, number)


def show_revision(session: Session, record_type: RecordType, identifier: str, version: int) -> RevisionPage:
    """Return one revision of a record. Raises NotFound if the record or the version never existed."""
    number = number_of(session, record_type, identifier)
    revision = one_revision(session, record_type, number, version)
    newest = session.scalar(
        select(func.max(Revision.version)).where(
            Revision.record_type == record_type, Revision.record_id == number
        )
    )
    return RevisionPage(
        revision,
        changes_of(revision),
        newest or version,
        session.get(RECORD_MODELS[record_type], number) is not None,
        merge_queries.merge_of(session, record_type, number),
    )


def changes_of(revision: Revision) -> list[FieldChange]:
    """Return the fields that a revision changed."""
    return [FieldChange(name, before, after) for name, (before, after) in revision.changes.items()]


def compare_versions(
    session: Session, record_type: RecordType, identifier: str, first: int, second: int
) -> VersionComparison:
    """Return two versions of a record and their differences. Raises NotFound if either never existed."""
    number = number_of(session, record_type, identifier)
    ends = [one_revision(session, record_type, number, version) for version in (first, second)]
    keys = [(number, revision.version) for revision in ends if revision.action is not Action.DELETE]
    states = states_at(session, record_type, keys)
    before, after = (states.get((number, version), {}) for version in (first, second))
    changes = differences(RECORD_MODELS[record_type], before, after)
    return VersionComparison(ends[0], ends[1], [FieldChange(name, *both) for name, both in changes.items()])


def number_of(session: Session, record_type: RecordType, identifier: str) -> int:
    """Return the number of an existing or deleted record. Raises NotFound if it never existed."""
    number = parse_public_id(record_type, identifier)
    known = number is not None and session.scalar(
        select(Revision.id).where(Revision.record_type == record_type, Revision.record_id == number).limit(1)
    )
    if number is None or not known:
        raise NotFound(f"There is no {record_type.label.lower()} “{identifier}”.")
    return number


def all_revisions(session: Session, record_type: RecordType, number: int) -> Sequence[Revision]:
    """Return the revisions of one record, oldest first."""
    return session.scalars(
        select(Revision)
        .where(Revision.record_type == record_type, Revision.record_id == number)
        .options(joinedload(Revision.actor))
        .order_by(Revision.version)
    ).all()


def one_revision(session: Session, record_type: RecordType, number: int, version: int) -> Revision:
    """Return the revision that led to `version` of a record. Raises NotFound if there is none."""
    revision = session.scalar(
        select(Revision)
        .where(Revision.record_type == record_type, Revision.record_id == number)
        .where(Revision.version == version)
        .options(joinedload(Revision.actor))
    )
    if revision is None:
        raise NotFound(f"{public_id(record_type, number)} has no version {version}.")
    read_changes(session, [revision])
    return revision
