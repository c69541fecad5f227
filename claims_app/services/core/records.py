"""Finds, validates, saves and deletes records of all types."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from sqlalchemy.orm.interfaces import ORMOption

from claims_app.database import WriteSession
from claims_app.models import LINKS, Claim, Mergeable, Record, Revision
from claims_app.rules import schemas
from claims_app.rules.fields import Schema
from claims_app.rules.identifiers import parse_public_id, public_id
from claims_app.services.core.errors import Gone, InUse, Invalid, Merged, NotFound, StaleVersion
from claims_app.vocabulary import Action

R = TypeVar("R", bound=Record)

_SQLITE_CHECK = re.compile(r"CHECK constraint failed: (\w+)")
_MISSING = re.compile(r"(?i)not.null constraint")
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: ([\w., ]+)")


def find(session: Session, model: type[R], identifier: str, *options: ORMOption) -> R:
    """Return the record with the public `identifier`, such as CLM-1. `options` say what is loaded with it.

    Raises NotFound if it never existed, Gone if it was deleted, and Merged if it was merged into another record.
    """
    number = parse_public_id(model.record_type, identifier)
    if number is None:
        raise NotFound(f"There is no {model.record_type.label.lower()} “{identifier}”.")
    return get(session, model, number, *options)


def get(session: Session, model: type[R], number: int, *options: ORMOption) -> R:
    """Return the record with the internal `number`. Raises NotFound, Gone or Merged."""
    record = session.get(model, number, options=options)
    if record is not None:
        kept = resolve_merge(session, record)
        if kept is not record:
            raise Merged(record.public_id, kept.public_id)
        return record
    name = public_id(model.record_type, number)
    deletion = session.scalar(
        select(Revision)
        .where(Revision.record_type == model.record_type, Revision.record_id == number)
        .where(Revision.action == Action.DELETE)
        .options(joinedload(Revision.actor))
        .order_by(Revision.id.desc())
        .limit(1)
    )
    if deletion is not None:
        raise Gone(name, deletion)
    raise NotFound(f"There is no {model.record_type.label.lower()} {name}.", (model.record_type, number))


def lock(session: WriteSession, record: Record) -> None:
    """Lock `record` against other changes, and reload it. Raises Gone, NotFound or Merged.

    A locked claim is locked against all writes that bear on its level. Claims have to be locked before other records
    (see `models.levels`).
    """
    model = type(record)
    query = select(model).where(model.id == record.id).with_for_update(key_share=True, of=model)
    if session.scalar(query.execution_options(populate_existing=True)) is None:
        session.expunge(record)  # it was deleted since it was read
    elif isinstance(record, Claim):
        session.locked_claims.add(record.id)
    get(session, model, record.id)


def one_at_a_time(session: WriteSession, what: str) -> None:
    """Let other transactions that ask for the same `what` wait until this one ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def resolve_merge(session: Session, record: R) -> R:
    """Return the record that `record` was merged into, or `record` itself if it was not merged."""
    while isinstance(record, Mergeable) and record.merged_into_id is not None:
        record = session.get_one(type(record), record.merged_into_id)
    return record


def look_up(session: Session, model: type[R], number: int) -> R | None:
    """Return the record with this `number`, or the one that it was merged into; None if there is none."""
    record = session.get(model, number)
    return None if record is None else resolve_merge(session, record)


def clean(schema: Schema, raw: Mapping[str, object]) -> dict[str, Any]:
    """Return the values to store. Raises Invalid with a sentence for each invalid field."""
    values, errors = schema.clean(raw)
    if errors:
        raise Invalid(errors)
    return values


def clean_reason(raw: object, field: str = "edit_summary", *, required: bool = False) -> str | None:
    """Return a validated reason, or None if it is empty. Raises Invalid, at `field`, for an invalid one."""
    try:
        reason = schemas.REVISION.field("edit_summary").clean(raw)
        if required and reason is None:
            raise ValueError("Enter a reason.")
    except ValueError as refused:
        raise Invalid({field: [str(refused)]}) from None
    return None if reason is None else str(reason)


def assign(record: Record, values: Mapping[str, Any]) -> None:
    """Set the attributes of `record` that differ from `values`, so that saving unchanged values changes nothing.

    All values are compared before the first one is set: loading an attribute may flush, and a change flushed in two
    parts would be two revisions.
    """
    changed = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in changed.items():
        setattr(record, name, value)


def require_version(record: Record, version: int) -> None:
    """Raise StaleVersion if `record` is no longer at `version`."""
    if record.version != version:
        raise StaleVersion(record)


def add_all(session: WriteSession, made: Sequence[Record]) -> None:
    """Add new records of one type, with their numbers, so that the next flush inserts them in one statement.

    Without numbers, the database has to return that of each row.
    """
    if not made:
        return
    table = type(made[0]).__tablename__
    if session.get_bind().dialect.name == "sqlite":
        # Nobody else writes now. The sequence remembers the numbers of deleted records, too.
        last = (
            session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}) or 0
        )
        numbers = iter(range(last + 1, last + len(made) + 1))
    else:
        following = func.nextval(func.pg_get_serial_sequence(table, "id"))
        numbers = iter(
            session.scalars(select(following).select_from(func.generate_series(1, len(made)))).all()
        )
    for record, number in zip(made, numbers, strict=True):
        record.id = number
    session.add_all(made)


def save(session: WriteSession, schema: Schema | None = None) -> None:
    """Flush, and explain a violated constraint in a sentence of `schema`.

    Raises StaleVersion if another transaction was faster, and Invalid for a violation that the checks before could
    not see, such as two people who enter the same DOI at the same time. A session that only judges stops here.
    """
    if session.only_judges:
        return
    try:
        session.flush()
    except StaleDataError:
        raise StaleVersion from None
    except IntegrityError as error:
        raise _explained(error, schema) from error


@contextmanager
def refusing_lost_races() -> Iterator[None]:
    """Turn what the database refuses in the block, because another transaction was faster, into StaleVersion.

    Services do the same at each `save`, with the sentences of a schema; this is for all other statements of a
    transaction, up to its commit.
    """
    try:
        yield
    except (StaleDataError, ObjectDeletedError):
        raise StaleVersion from None
    except IntegrityError as error:
        raise _explained(error, None) from error


def delete(
    session: WriteSession, record: Record, version: int, besides: Mapping[str, Sequence[Record]] | None = None
) -> None:
    """Delete `record`. Its identifier is not reused, and its history is kept.

    Raises StaleVersion if it is not at `version`, and InUse if other records are linked to it, were merged into it,
    or are listed in `besides`, by their plural name.
    """
    require_version(record, version)
    if users := {**_dependents(session, record), **(besides or {})}:
        raise InUse(record.public_id, users)
    session.delete(record)
    try:
        session.flush()
    except StaleDataError:
        raise StaleVersion from None
    except IntegrityError:
        # Somebody linked a record to it after the check.
        raise StaleVersion from None


def _dependents(session: Session, record: Record) -> dict[str, list[Record]]:
    """Return the records linked to `record` and those merged into it, by their plural name."""
    found: dict[str, list[Record]] = {}
    for model, link, target in LINKS:
        if target == record.__tablename__:
            column = getattr(model, link.column)
            linked = session.scalars(select(model).where(column == record.id).order_by(model.id)).all()
            if linked:
                found.setdefault(link.called, []).extend(linked)
    if isinstance(record, Mergeable):
        model = type(record)
        merged = select(model).where(model.merged_into_id == record.id).order_by(model.id)
        if others := session.scalars(merged).all():
            found[f"{record.record_type.section} merged into it"] = list(others)
    return found


def _explained(error: IntegrityError, schema: Schema | None) -> Exception:
    """Return the service error that explains a violated constraint, or `error` itself if none does."""
    name = _violated(error) or ""
    if schema is not None:
        for check in schema.checks():
            if name.endswith(f"_{check.name}"):
                return Invalid({check.field: [check.sentence]})
        for field in schema.fields:
            if name.startswith("uq_") and name.endswith(f"_{field.name}"):
                return Invalid({field.name: [f"Another {schema.noun} already has this {field.label}."]})
            if name.startswith("fk_") and f"_{field.name}_" in name:
                return Invalid({field.name: ["This record was deleted in the meantime. Choose another one."]})
    if name.startswith("ck_") or _MISSING.search(str(error.orig)):
        return error  # a mistake of the program, not a lost race
    # At the same time, somebody wrote what this change needs: a key, a record, or what a trigger asks for.
    return StaleVersion()


def _violated(error: IntegrityError) -> str | None:
    """Return the name of the violated constraint by the naming convention, or None if it is unknown."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name:
        return str(name)
    message = str(error.orig)
    if match := _SQLITE_CHECK.search(message):
        return match.group(1)
    if match := _SQLITE_UNIQUE.search(message):
        columns = [column.strip().split(".") for column in match.group(1).split(",")]
        return f"uq_{columns[0][0]}_" + "_".join(column for _, column in columns)
    return None
