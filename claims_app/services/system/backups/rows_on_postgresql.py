"""The rows of tables on PostgreSQL as the lines of a backup, and back: COPY does both."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from claims_app.services.system.backups.contents import Table

if TYPE_CHECKING:
    import psycopg

_PART = 1 << 16

SETTINGS = (
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
)
"""What the form of the lines depends on, and limits that a large table would meet."""


def lines(driver: "psycopg.Connection", table: Table) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of a table in the order of its key, in parts, each with its number of rows."""
    names = ", ".join(f'"{column}"' for column in table.columns)
    # Any collation but C would order texts in another way than SQLite.
    order = ", ".join(
        f'"{column}" COLLATE "C"' if table.columns[column] == "text" else f'"{column}"'
        for column in table.key
    )
    query = f"SELECT {names} FROM {table.name}" + (f" ORDER BY {order}" if order else "")  # nosec B608 - only names of our own schema
    some: list[bytes] = []
    size = 0
    with driver.cursor().copy(f"COPY ({query}) TO STDOUT") as out:
        for line in out:
            some.append(bytes(line))
            size += len(line)
            if size > _PART:
                yield b"".join(some), len(some)
                some, size = [], 0
    if some:
        yield b"".join(some), len(some)


def load(driver: "psycopg.Connection", table: Table, parts: Iterable[Sequence[bytes]]) -> Iterator[int]:
    """Insert the lines in `parts`; yield how many rows of each part."""
    names = ", ".join(f'"{column}"' for column in table.columns)
    with driver.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as into:
        for part in parts:
            into.write(b"".join(part))
            yield len(part)
