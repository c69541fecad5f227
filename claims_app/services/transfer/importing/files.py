"""Recognising a file by what stands in it, and planning its rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from claims_app.formats import references
from claims_app.formats.encoding import NotText, decode
from claims_app.rules.reference import Reference, Unreadable
from claims_app.services.core.errors import Refused
from claims_app.services.transfer.importing import citations, native_csv
from claims_app.services.transfer.importing.model import OpenedFile, PlannedRow
from claims_app.services.transfer.importing.tables import SEPARATORS, Table, recognise

LARGEST_FILE = references.LARGEST_FILE
CITATIONS = "references"
"""The kind of a file of another program."""

PART = 200
"""Rows that are planned or written in one transaction: others can write in between."""


def open_path(path: Path) -> OpenedFile:
    """Return what the file at `path` is. Raises Refused; one that is too large is not even read."""
    _refuse_large(path.stat().st_size)
    return open_file(path.read_bytes())


def open_file(data: bytes) -> OpenedFile:
    """Return what the file is. Raises Refused with a sentence for one that cannot be read."""
    _refuse_large(len(data))
    try:
        decoded = decode(data)
        table = recognise(decoded.text)
        if table is not None:
            return _own(table, decoded.encoding, decoded.guessed)
        read = references.read(data)
    except (NotText, ValueError) as refused:
        raise Refused(str(refused)) from None
    told = [_encoding(read.encoding, read.guessed)]
    return OpenedFile(what=read.format, told=told, rows=read.records, kind=CITATIONS, header=read.header)


def plan(
    session: Session, opened: OpenedFile, rows: Sequence[object], seen: citations.Seen, base_url: str
) -> Iterator[PlannedRow]:
    """Yield what `rows`, a part of those of `opened`, mean for the database. Nothing is written."""
    if isinstance(opened.table, Table):
        yield from native_csv.plan_rows(session, opened.table, rows, base_url)  # type: ignore[arg-type]
    else:
        known = [row for row in rows if isinstance(row, Reference | Unreadable)]
        yield from citations.plan_rows(session, known, seen)


def _refuse_large(size: int) -> None:
    if size > LARGEST_FILE:
        raise Refused(
            f"This file has {size / 1024**2:,.0f} MB; {LARGEST_FILE // 1024**2} MB can be read at once. Split it."
        )


def _own(table: Table, encoding: str, guessed: bool) -> OpenedFile:
    told = [_encoding(encoding, guessed), f"Its cells are separated by {SEPARATORS[table.separator]}."]
    if table.unknown:
        names = ", ".join(name or "(empty)" for name in table.unknown)
        told.append(f"Columns that are not ours, and are left out: {names}.")
    left_out = [column.name for column in table.layout.columns if column.name not in table.names]
    if left_out:
        told.append(f"Columns that are not in the file, and stay as they are: {', '.join(left_out)}.")
    return OpenedFile(
        what=f"{table.layout.name}.csv",
        told=told,
        rows=table.rows,
        kind=table.layout.name,
        header=table.source(table.names),
        table=table,
    )


def _encoding(encoding: str, guessed: bool) -> str:
    return f"Its text is {encoding}" + (", as far as one can tell: look at the accents." if guessed else ".")
