"""Tables as JSON Lines: UTF-8, one object a line, with every column in it.

Lists are arrays, numbers are numbers, dates and times are the texts of ISO 8601, and null is null.
"""

import datetime
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from claims_app.formats.delimited import Column, Kind, utc_text
from claims_app.formats.tables.table import Part, Table, Values


def write(table: Table, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield a file in JSON Lines. Raises ValueError for a value that its column cannot hold."""
    encoders = [_ENCODERS[column.kind] for column in table.columns]
    template = _template(table.columns)
    for part in parts:
        cells = [encode(values) for encode, values in zip(encoders, part, strict=True)]
        yield "".join([template % row for row in zip(*cells, strict=True)]).encode()


def _template(columns: Sequence[Column]) -> str:
    """Return the line of a row, to be filled with the JSON of its values."""
    names = (json.dumps(column.name).replace("%", "%%") for column in columns)
    return "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"


_encode_text = json.JSONEncoder(ensure_ascii=False).encode


def _plain(values: Values) -> list[str]:
    return ["null" if value is None else _encode_text(value) for value in values]


def _lists(values: Values) -> list[str]:
    return [_encode_text(list(value)) if value else "[]" for value in values]


def _integers(values: Values) -> list[str]:
    return ["null" if value is None else str(int(value)) for value in values]


def _numbers(values: Values) -> list[str]:
    if not all(value is None or math.isfinite(value) for value in values):
        raise ValueError("JSON has finite numbers only")
    # As in CSV: the shortest text that reads back as the same float.
    return ["null" if value is None else repr(float(value)).removesuffix(".0") for value in values]


def _dates(values: Values) -> list[str]:
    return _plain([value.isoformat() if isinstance(value, datetime.date) else value for value in values])


def _moments(values: Values) -> list[str]:
    return _plain([utc_text(value) if isinstance(value, datetime.datetime) else value for value in values])


_ENCODERS: dict[Kind, Callable[[Values], list[str]]] = {
    Kind.TEXT: _plain,
    Kind.TERM: _plain,
    Kind.LIST: _lists,
    Kind.INTEGER: _integers,
    Kind.NUMBER: _numbers,
    Kind.DATE: _dates,
    Kind.DATETIME: _moments,
}
