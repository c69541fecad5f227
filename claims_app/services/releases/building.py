"""Builds the files of a release in a folder: from the history into SQLite, and from there into all other files.

Nothing looks like a release before everything was counted and every reference was followed.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claims_app.database import Database
from claims_app.formats.delimited import Kind
from claims_app.formats.release import archive, checking, citation, datapackage, texts
from claims_app.formats.release.about import PACKAGE, SQLITE, SUMS, About, Contents
from claims_app.formats.release.datapackage import CSVW_FILE, File
from claims_app.formats.release.sqlite_file import SqliteFile
from claims_app.formats.release.tables import TABLES, Table
from claims_app.formats.tables import TABLE_FORMATS
from claims_app.formats.tables import Table as WrittenTable
from claims_app.services.core.errors import Refused
from claims_app.services.releases.content import CHUNK, Content, Part

FORMATS = ("csv", "parquet")
DATASETTE = "metadata.json"
CITATION = "CITATION.cff"


@dataclass(frozen=True)
class Built:
    """What was built: the numbers, and each file. `archive` has all the others in it."""

    contents: Contents
    files: tuple[File, ...]
    archive: File

    @property
    def sha256(self) -> str:
        """The SHA-256 of the checksums, and so of everything."""
        [sums] = [file.sha256 for file in self.files if file.name == SUMS]
        return sums


def build(
    database: Database, about: About, folder: Path, advance: Callable[[str, int], None] = lambda *_: None
) -> Built:
    """Build the release in an empty `folder`: a folder with its files, and beside it the archive of them.

    `advance` is called with the name of a table and the number of rows that were read or written. Raises Refused if a
    reference has no target or a count does not match, and PackageMissing without the packages for Parquet.
    """
    for name in FORMATS:
        TABLE_FORMATS[name].check_installed()
    place = folder / about.name
    place.mkdir()
    contents = _write_sqlite(database, about, place / SQLITE, advance)
    _write_tables(place, advance)
    data = {path.name: _file(path) for path in sorted(place.iterdir())}
    written = {
        PACKAGE: _json(datapackage.data_package(about, contents, data)),
        CSVW_FILE: _json(datapackage.csvw_group(about, contents)),
        DATASETTE: _json(datapackage.datasette(about)),
        texts.README: texts.readme(about, contents),
        texts.DICTIONARY: texts.dictionary(about),
        CITATION: citation.citation_file(about),
    }
    for name, text in written.items():
        (place / name).write_bytes(text.encode())
    files = sorted((*data.values(), *(_file(place / name) for name in written)), key=lambda file: file.name)
    (place / SUMS).write_bytes("".join(f"{file.sha256}  {file.name}\n" for file in files).encode())
    files.append(_file(place / SUMS))
    packed = folder / f"{about.name}.zip"
    archive.write(packed, place, [file.name for file in files], about.name, about.moment)
    for path in (*place.iterdir(), packed):
        _keep_on_disk(path)
    return Built(contents, tuple(files), _file(packed))


def _write_sqlite(
    database: Database, about: About, path: Path, advance: Callable[[str, int], None]
) -> Contents:
    with database.reading(about.moment) as session, SqliteFile(path) as file:
        content = Content(session, about.base_url)
        counts: dict[str, int] = {}
        for table in TABLES:
            expected = content.count(table)
            counts[table.name] = 0
            try:
                for part in content.parts(table):
                    file.add(table, part)
                    counts[table.name] += len(part[0])
                    advance(table.name, len(part[0]))
            except sqlite3.IntegrityError as error:
                raise Refused(f"{table.name} has a row that its schema does not allow: {error}.") from error
            for found in (counts[table.name] if expected is None else expected, file.count(table.name)):
                if found != counts[table.name]:
                    raise Refused(
                        f"{counts[table.name]:,} rows of {table.name} were written, but there are {found:,}."
                    )
        if problems := list(file.dangling()):
            raise Refused(
                "Some records refer to others that were not accepted, and so are not in the release. Accept these, "
                "or change the references.\n" + "\n".join(problems)
            )
        file.finish(about.facts())
        return Contents(counts, file.levels())


def _write_tables(place: Path, advance: Callable[[str, int], None]) -> None:
    """Write each table in each format from the SQLite file, so that all of them have the same rows."""
    database = sqlite3.connect(f"{(place / SQLITE).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for table in TABLES:
            for name in FORMATS:
                n = 0

                def counted(parts: Iterator[Part], table: Table = table) -> Iterator[Part]:
                    nonlocal n
                    for part in parts:
                        n += len(part[0])
                        advance(table.name, len(part[0]))
                        yield part

                with (place / f"{table.name}.{name}").open("wb") as file:
                    written = TABLE_FORMATS[name].write(
                        WrittenTable(table.name, table.columns), counted(_parts(database, table))
                    )
                    file.writelines(written)
    finally:
        database.close()


def _parts(database: sqlite3.Connection, table: Table) -> Iterator[Part]:
    """Yield the rows of a table of the SQLite file."""
    lists = [number for number, column in enumerate(table.columns) if column.kind is Kind.LIST]
    found = database.execute(f"SELECT * FROM {table.name} ORDER BY rowid")  # nosec B608 - only names of our own schema
    while rows := found.fetchmany(CHUNK):
        part: list[Any] = list(zip(*rows, strict=True))
        for number in lists:
            part[number] = [json.loads(items) for items in part[number]]
        yield part


def _file(path: Path) -> File:
    return File(path.name, path.stat().st_size, checking.sha256_of(path))


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _keep_on_disk(path: Path) -> None:
    """Wait until a file is on the disk, so that the release is whole even if the machine stops right after it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
