"""Saves the rows of a batch: new records together, in a constant number of statements, and all others one by one."""

from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Record
from claims_app.models.levels import lock_claims_of
from claims_app.rules.identifiers import parse_public_id
from claims_app.services.core import records
from claims_app.services.core.errors import ServiceError
from claims_app.services.core.many import one_of
from claims_app.services.records import claims, evidence, studies
from claims_app.services.transfer.importing import applying, decisions
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.vocabulary import RecordType, RowState

Save = Callable[[WriteSession, Sequence[PlannedRow]], list[Done]]
"""Saves rows, and returns their results in the same order."""


def apply(session: WriteSession, rows: Sequence[PlannedRow]) -> list[Done]:
    """Save `rows`, with the same results as `applying.apply` for one after the other."""
    applying.lock_claims(session, rows)
    done: list[Done] = []
    for may_be_new, some in groupby(rows, key=_is_new):
        if may_be_new:
            done += _add(session, list(some))
        else:
            done += [applying.apply(session, row) for row in some]
    return done


def one_by_one(save: Callable[[WriteSession, PlannedRow], Done]) -> Save:
    """Return the function that saves rows with `save`, which saves one."""
    return lambda session, rows: [save(session, row) for row in rows]


def prepare(session: WriteSession, rows: Sequence[PlannedRow]) -> Sequence[Any]:
    """Return what is stored for each of some new records of one type; None for those that are created one by one."""
    return _WAYS[rows[0].record_type][0](session, rows)


def _is_new(row: PlannedRow) -> tuple[bool, RecordType] | None:
    """Return the type of a new record that nobody was asked about; None for other rows."""
    is_new = row.state is RowState.NEW and row.target is None and row.chosen is None
    return (True, row.record_type) if is_new else None


def _add(session: WriteSession, rows: Sequence[PlannedRow]) -> list[Done]:
    """Save rows that are new records of one type."""
    create = _WAYS[rows[0].record_type][1]
    done: list[Done] = []
    prepared = list(zip(rows, prepare(session, rows), strict=True))
    for is_together, group in groupby(prepared, key=lambda pair: pair[1] is not None):
        some = list(group)
        listed = [row for row, _ in some]
        made = _create(session, create, some) if is_together else None
        done += [applying.apply(session, row) for row in listed] if made is None else made
    return done


def _create(
    session: WriteSession,
    create: Callable[[WriteSession, Sequence[Any]], Sequence[Record]],
    some: Sequence[tuple[PlannedRow, Any]],
) -> list[Done] | None:
    """Create records together; return None, with nothing written, if the database or the policy refuses one."""
    session.flush()
    savepoint = session.begin_nested()
    try:
        made = create(session, [values for _, values in some])
        digests = {row.digest: record for (row, _), record in zip(some, made, strict=True) if row.digest}
        if digests:
            decisions.remember_added(session, digests)  # type: ignore[arg-type]  # only studies have a digest
        savepoint.commit()
    except (ServiceError, IntegrityError, StaleDataError):
        # Somebody else was faster with one of them: each by itself shows which.
        savepoint.rollback()
        return None
    return [applying.created(record) for record in made]


def _prepare_claims(session: WriteSession, rows: Sequence[PlannedRow]) -> Sequence[Any]:
    return claims.prepare_claims(session, [row.values for row in rows])


def _prepare_studies(session: WriteSession, rows: Sequence[PlannedRow]) -> Sequence[Any]:
    return studies.prepare_studies(
        session, [({**studies.DEFAULT_VALUES, **row.values}, row.abstract) for row in rows]
    )


def _prepare_evidence(session: WriteSession, rows: Sequence[PlannedRow]) -> Sequence[Any]:
    parents = _parents(session, rows)
    several = [
        (parent if isinstance(parent, Claim) else None, row.values)
        for row, parent in zip(rows, parents, strict=True)
    ]
    return evidence.prepare_evidence(session, several)


def _prepare_limitations(session: WriteSession, rows: Sequence[PlannedRow]) -> Sequence[Any]:
    parents = _parents(session, rows)
    return evidence.prepare_limitations(
        session, [(parent, row.values) for row, parent in zip(rows, parents, strict=True)]
    )


def _parents(session: WriteSession, rows: Sequence[PlannedRow]) -> list[Claim | EvidenceItem | None]:
    """Return the record that each row belongs to, as it is now that its claim is locked; None if it is gone."""
    names = {row.parent for row in rows if row.parent}
    items, of_claims = _current(session, EvidenceItem, names), _current(session, Claim, names)
    found: dict[str, Claim | EvidenceItem] = {item.public_id: item for item in items}
    found |= {claim.public_id: claim for claim in of_claims if claim.merged_into_id is None}
    return [found.get(row.parent or "") for row in rows]


def _current(session: WriteSession, model: type[records.R], names: Collection[str]) -> Sequence[records.R]:
    numbers = {number for name in names if (number := parse_public_id(model.record_type, name))}
    if not numbers:
        return []
    query = select(model).where(one_of(session, model.id, numbers))
    lock_claims_of(session, *session.scalars(query))
    return session.scalars(query.execution_options(populate_existing=True)).all()


_WAYS: dict[
    RecordType,
    tuple[
        Callable[[WriteSession, Sequence[PlannedRow]], Sequence[Any]],
        Callable[[WriteSession, Sequence[Any]], Sequence[Record]],
    ],
] = {
    RecordType.CLAIM: (_prepare_claims, claims.create_claims),
    RecordType.STUDY: (_prepare_studies, studies.create_studies),
    RecordType.EVIDENCE: (_prepare_evidence, evidence.create_evidence_items),
    RecordType.LIMITATION: (_prepare_limitations, evidence.create_limitations),
}
"""How new records of each type are prepared, and created from what that returns."""
