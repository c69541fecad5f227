"""Checks a backup, and restores it into a database."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from claims_app.database import Database
from claims_app.formats.backup import BadBackup, DamagedBackup, Manifest, Sealed
from claims_app.services.system import repair, schema
from claims_app.services.system.backups import BackupError, contents, on_postgresql, on_sqlite
from claims_app.services.system.backups.saving import Progress

_BLOCK = 1 << 20
_LINES = 1 << 18
"""About how many bytes of lines are loaded together."""


@dataclass(frozen=True)
class Checked:
    """A backup of which every byte was checked."""

    sealed: Sealed
    manifest: Manifest


def check(file: BinaryIO, progress: Progress) -> Checked:
    """Check a whole backup, without a database, and return it.

    Raises BackupError if it is not a backup, damaged, or of a newer version of the program.
    """
    try:
        sealed = Sealed(file)
        progress.begin("checksum (MB)", math.ceil(sealed.size / _BLOCK))
        for _ in sealed.check():
            progress.advance(1)
        manifest = Manifest.from_json(sealed.read("manifest.json"))
        expected = {f"tables/{name}.txt" for name in manifest.tables}
        if set(sealed.names) != {"README.txt", "manifest.json", *expected}:
            raise DamagedBackup("it has other parts than its manifest says")
        progress.begin("rows", manifest.rows)
        for name, table in manifest.tables.items():
            digest, rows = hashlib.sha256(), 0
            for block in _blocks(sealed, name):
                digest.update(block)
                found = block.count(b"\n")
                rows += found
                progress.advance(found)
            if (rows, digest.hexdigest()) != (table.rows, table.sha256):
                raise DamagedBackup(f"the rows of {name} are not those of the manifest")
    except BadBackup as error:
        raise BackupError(str(error)) from None
    if not schema.is_in_history(manifest.schema):
        raise BackupError(
            f"This backup has schema revision {manifest.schema}, made by a newer version of the program "
            f"({manifest.program}). Install that version first."
        )
    return Checked(sealed, manifest)


def restore(database: Database, backup: Checked, progress: Progress) -> str | None:
    """Replace all data by that of `backup`, and return where the old data is now, or None if there was none.

    It is upgraded to the schema of this program. Raises BackupError, and leaves all as it was, if a program uses the
    database.
    """

    def fill(new: Database) -> None:
        schema.upgrade(new.engine, backup.manifest.schema)
        _load(new, backup, progress)
        schema.upgrade(new.engine)
        for one in repair.NOT_IN_BACKUPS:
            progress.begin(one.label, one.size(new))
            for done in one.parts(new):
                progress.advance(done)

    return on_sqlite.replace(database, fill) if database.is_sqlite else on_postgresql.replace(database, fill)


def _load(new: Database, backup: Checked, progress: Progress) -> None:
    with new.engine.connect() as connection:
        there = {table.name: table for table in contents.tables(connection)}
    described = {name: dict(table.columns) for name, table in backup.manifest.tables.items()}
    if described != {name: table.columns for name, table in there.items()}:
        raise BackupError("The tables of this backup are not those of its schema revision.")
    loader = on_sqlite.Loader(new) if new.is_sqlite else on_postgresql.Loader(new)
    try:
        progress.begin("rows", backup.manifest.rows)
        for name, table in there.items():
            expected = backup.manifest.tables[name].rows
            loaded = 0
            for rows in loader.load(table, _lines(backup.sealed, name)):
                loaded += rows
                progress.advance(rows)
            if loaded != expected:
                raise BackupError(f"{loaded:,} rows of {name} were read in place of {expected:,}.")
        highest = {name: table.highest_number or 0 for name, table in backup.manifest.tables.items()}
        progress.begin("indexes", 0)
        loader.finish(highest)
    finally:
        loader.close()


def _blocks(sealed: Sealed, name: str) -> Iterator[bytes]:
    with sealed.open(f"tables/{name}.txt") as entry:
        while block := entry.read(_BLOCK):
            yield block


def _lines(sealed: Sealed, name: str) -> Iterator[Sequence[bytes]]:
    """Yield the lines of a table in parts."""
    with sealed.open(f"tables/{name}.txt") as entry:
        while part := entry.readlines(_LINES):
            yield part
