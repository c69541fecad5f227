"""Tables as Parquet, in row groups, so that neither writer nor reader needs the whole table in memory.

Integers are int64, numbers float64, dates date32, times are microseconds in UTC, and lists are lists of texts.
Controlled terms are dictionaries with all terms of the column in its order, which pandas reads as categories. Those of
levels and the like are ordered, from the least to the most. Each field carries its title and its description.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from claims_app.formats.delimited import Column, Kind
from claims_app.formats.tables.table import Part, Table, Values

GROUP_BYTES = 8 * 1024 * 1024
"""A row group is written when its values take about this much memory."""

GROUP_ROWS = 50_000
"""The most rows of a row group, give or take one part."""


def write(table: Table, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield a Parquet file. Raises ValueError for a value that its column cannot hold."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [_field(pa, column) for column in table.columns], metadata={"name": table.name, **_facts(table)}
    )
    converters = [_converter(pa, column) for column in table.columns]
    sink = _Sink()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _groups(pa, schema, converters, parts):
            writer.write_table(pa.Table.from_batches(group, schema))
            if written := sink.taken():
                yield written
    yield sink.taken()


def _facts(table: Table) -> dict[str, str]:
    about = table.about
    return ({"title": about.title} if about.title else {}) | dict(about.facts)


def _groups(
    pa: Any, schema: Any, converters: Sequence[Callable[[Values], Any]], parts: Iterable[Part]
) -> Iterator[list[Any]]:
    """Yield the record batches of each row group."""
    group: list[Any] = []
    size = rows = 0
    for part in parts:
        try:
            arrays = [convert(values) for convert, values in zip(converters, part, strict=True)]
        except (TypeError, OverflowError, pa.ArrowException) as error:
            raise ValueError(str(error)) from error
        batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
        group.append(batch)
        size, rows = size + batch.nbytes, rows + batch.num_rows
        if size >= GROUP_BYTES or rows >= GROUP_ROWS:
            yield group
            group, size, rows = [], 0, 0
    if group:
        yield group


def _field(pa: Any, column: Column) -> Any:
    metadata = {"title": column.title, "description": column.description}
    return pa.field(column.name, _type(pa, column), metadata=metadata)


def _type(pa: Any, column: Column) -> Any:
    if column.kind is Kind.TERM and column.terms:
        return pa.dictionary(pa.int32(), pa.string(), ordered=column.ordered)
    types = {
        Kind.TEXT: pa.string(),
        Kind.TERM: pa.string(),
        Kind.LIST: pa.list_(pa.string()),
        Kind.INTEGER: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.DATE: pa.date32(),
        Kind.DATETIME: pa.timestamp("us", tz="UTC"),
    }
    return types[column.kind]


def _converter(pa: Any, column: Column) -> Callable[[Values], Any]:
    """Return the function that converts the values of a column to an array."""
    kind = _type(pa, column)
    if column.kind is Kind.TERM and column.terms:
        known = {term.value: number for number, term in enumerate(column.terms)}
        dictionary = pa.array(list(known), pa.string())

        def of_terms(values: Values) -> Any:
            numbers = [None if value is None else _number_of(known, column.name, value) for value in values]
            return pa.DictionaryArray.from_arrays(
                pa.array(numbers, pa.int32()), dictionary, ordered=column.ordered
            )

        return of_terms
    if column.kind in (Kind.DATE, Kind.DATETIME):

        def of_times(values: Values) -> Any:
            if any(isinstance(value, str) for value in values):
                texts = [value if value is None else _iso(value) for value in values]
                return pa.array(texts, pa.string()).cast(kind)
            return pa.array(values, kind)

        return of_times
    return lambda values: pa.array(values, kind)


def _iso(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def _number_of(known: dict[str, int], name: str, value: str) -> int:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}")
    return known[value]


class _Sink(io.RawIOBase):
    """A file in which nothing is kept but what was written since it was last taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        written = b"".join(self._parts)
        self._parts.clear()
        return written
