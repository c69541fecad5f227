"""What a backup holds: `manifest.json`."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from claims_app.formats.backup.sealed import BadBackup, DamagedBackup

FORMAT = 1
"""The version of the form of the file. A newer one is refused."""

KINDS = ("boolean", "bytes", "day", "integer", "json", "moment", "number", "text")
"""What a column can hold, in the same form on every database."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class TableRows:
    """The rows of a table: the kind of each column, how many rows, and the SHA-256 and size of their lines."""

    columns: Mapping[str, str]
    rows: int
    sha256: str
    bytes: int
    highest_number: int | None = None
    """The highest number that a row had, deleted rows included, if the database counts it."""


@dataclass(frozen=True)
class Manifest:
    """The content of a backup, and where it comes from."""

    schema: str
    """The revision of the schema."""
    program: str
    made_at: str
    database: str
    tables: Mapping[str, TableRows]
    left_out: Mapping[str, str]
    """The tables that are not in it, and why."""

    @property
    def content(self) -> str:
        """The SHA-256 of the data: equal for equal data, on whichever database, whenever the backup was made."""
        return content_hash(self.schema, self.tables)

    @property
    def rows(self) -> int:
        """The rows of all tables together."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> bytes:
        """Return it as the text of `manifest.json`."""
        whole = {"format": "claims backup", "version": FORMAT, "content": self.content, **asdict(self)}
        return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Return the manifest in `text`. Raises BadBackup if it is not one of this format."""
        try:
            whole = json.loads(text)
            if whole["format"] != "claims backup" or whole["version"] != FORMAT:
                raise BadBackup(
                    "This backup was made by a newer version of the program. Install that version."
                )
            tables = {name: _table(name, table) for name, table in whole["tables"].items()}
            words = {name: str(whole[name]) for name in ("schema", "program", "made_at", "database")}
            manifest = cls(**words, tables=tables, left_out=dict(whole["left_out"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, BadBackup):
                raise
            raise DamagedBackup(f"its manifest cannot be read ({type(error).__name__})") from None
        if whole.get("content") != manifest.content:
            raise DamagedBackup("its manifest does not match its checksum")
        return manifest


def content_hash(schema: str, tables: Mapping[str, TableRows]) -> str:
    """Return the SHA-256 of the rows of all tables. Counters of deleted rows do not belong to it."""
    parts = [(name, sorted(table.columns.items()), table.sha256) for name, table in sorted(tables.items())]
    return hashlib.sha256(json.dumps([schema, parts]).encode()).hexdigest()


def _table(name: str, table: Mapping[str, Any]) -> TableRows:
    made = TableRows(**table)
    names = [name, *made.columns]
    if not all(map(_NAME.fullmatch, names)) or not set(made.columns.values()) <= set(KINDS):
        raise ValueError(name)
    return made
