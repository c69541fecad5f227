"""Detects the format of a file from its content, and plans the import of its rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from claims_app.formats import references
from claims_app.formats.encoding import NotText, decode
from claims_app.formats.encoding_guess import ENCODINGS as ENCODINGS
from claims_app.rules.reference import Reference, Unreadable
from claims_app.services.core.errors import Refused
from claims_app.services.transfer.importing import citations, native_csv
from claims_app.services.transfer.importing.copies import completed
from claims_app.services.transfer.importing.fresh import Fresh
from claims_app.services.transfer.importing.model import OpenedFile, PlannedRow
from claims_app.services.transfer.importing.seen import Seen
from claims_app.services.transfer.importing.tables import SEPARATORS, Table, recognise

LARGEST_FILE = references.LARGEST_FILE
LARGEST_OWN_FILE = 200 * 1024 * 1024
"""The bytes of an exported file that a command reads: 100,000 claims take 85 MB."""

CITATIONS = "references"
"""The kind of files that come from other programs."""

PART = 200
"""Rows that are judged at once, and saved in the first transaction (see `batches`)."""


def open_path(path: Path, encoding: str | None = None) -> OpenedFile:
    """Read the file at `path` and detect its format. Raises Refused, without reading a file that is too large.

    An exported file may be larger than one that is uploaded; citations may not.
    """
    refuse_large(path.stat().st_size, LARGEST_OWN_FILE)
    return open_file(path.read_bytes(), encoding, LARGEST_OWN_FILE)


def open_file(data: bytes, encoding: str | None = None, largest: int = LARGEST_FILE) -> OpenedFile:
    """Detect the format of a file and return its rows; `encoding` is one of `ENCODINGS`, or None to detect it, too.

    Raises Refused if the file has more than `largest` bytes or cannot be read.
    """
    refuse_large(len(data), largest)
    try:
        decoded = decode(data, encoding)
        table = recognise(decoded.text)
        if table is not None:
            return _own(table, _encoding(decoded.encoding, decoded.guessed, decoded.sample))
        read = references.read(data, encoding)
    except (NotText, ValueError) as refused:
        raise Refused(str(refused)) from None
    notes = [_encoding(read.encoding, read.guessed, read.sample)]
    if read.ignored:
        notes.append(f"Columns that are not imported: {', '.join(read.ignored)}.")
    rows = completed(read.records)
    return OpenedFile(what=read.format, notes=notes, rows=rows, kind=CITATIONS, header=read.header)


def plan(
    session: Session,
    opened: OpenedFile,
    rows: Sequence[object],
    seen: Seen,
    base_url: str,
    fresh: Fresh | None = None,
) -> Iterator[PlannedRow]:
    """Yield the plan for each of `rows`, a part of the rows of `opened`. Nothing is saved.

    `seen` is passed on between the parts; `base_url` is the start of the URLs in exported files. With `fresh`, the
    rows are written once all of them are planned, so it ends before a row whose plan depends on one before it.
    """
    if isinstance(opened.table, Table):
        yield from native_csv.plan_rows(session, opened.table, rows, base_url, fresh)  # type: ignore[arg-type]
    else:
        known = [row for row in rows if isinstance(row, Reference | Unreadable)]
        yield from citations.plan_rows(session, known, seen, fresh)


def replay(opened: OpenedFile, rows: Sequence[object], seen: Seen) -> None:
    """Let `seen` know `rows`, the first of `opened`, which were planned before."""
    if opened.is_citations:
        citations.replay([row for row in rows if isinstance(row, Reference | Unreadable)], seen)


def refuse_large(size: int, largest: int = LARGEST_FILE) -> None:
    """Raise Refused for a file of so many bytes, if that is too large."""
    if size > largest:
        raise Refused(
            f"This file has {size / 1024**2:,.0f} MB. The limit is {largest // 1024**2} MB, so split the file."
        )


def _own(table: Table, encoding: str) -> OpenedFile:
    """Return an exported CSV file as an OpenedFile; `encoding` is a sentence about its encoding."""
    notes = [encoding, f"Separator: {SEPARATORS[table.separator]}."]
    if table.unknown:
        names = ", ".join(name or "(empty)" for name in table.unknown)
        notes.append(f"Unknown columns, which are ignored: {names}.")
    missing = [column.name for column in table.layout.columns if column.name not in table.names]
    if missing:
        notes.append(f"Missing columns, which stay unchanged: {', '.join(missing)}.")
    return OpenedFile(
        what=f"{table.layout.name}.csv",
        notes=notes,
        rows=table.rows,
        kind=table.layout.name,
        header=table.source(table.names),
        table=table,
    )


def _encoding(name: str, guessed: bool, sample: str) -> str:
    """Return a sentence about the encoding, with a sample by which a guess can be checked."""
    if not guessed:
        return f"Encoding: {name}."
    return f"Encoding: {name}, which is a guess. If “{sample}” looks wrong, import the file with another one."
