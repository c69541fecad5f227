"""Tables as CSV and TSV (see `formats.delimited`)."""

from collections.abc import Iterable, Iterator

from claims_app.formats.csv_writing import CSV, TSV, Dialect, write_columns
from claims_app.formats.tables.table import Part, Table


def write_csv(table: Table, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield a CSV file. Raises ValueError for a value that its column cannot hold."""
    return _write(table, parts, CSV)


def write_tsv(table: Table, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield a file with tabs between its cells. Raises ValueError for a value that its column cannot hold."""
    return _write(table, parts, TSV)


def _write(table: Table, parts: Iterable[Part], dialect: Dialect) -> Iterator[bytes]:
    text = write_columns(
        table.columns, parts, profile=table.profile, bom=table.bom, dialect=dialect, header=table.header
    )
    return (chunk.encode() for chunk in text)
