"""CSV as the program should write it, said in the simplest way: cell by cell, by the `csv` module."""

import csv
import datetime
import io
from collections.abc import Iterable, Sequence

from claims_app.formats.delimited import BYTE_ORDER_MARK, Column, Kind, Profile, guard, join_list, utc_text


def plain_csv(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], profile: Profile, *, bom: bool = False
) -> str:
    """Return the text of a file; `rows` hold values in the order of `columns`."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow(
            [_cell(column.kind, value, profile) for column, value in zip(columns, row, strict=True)]
        )
    return (BYTE_ORDER_MARK if bom else "") + file.getvalue()


def _cell(kind: Kind, value: object, profile: Profile) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = join_list(value)
    if isinstance(value, datetime.datetime):
        return utc_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if kind is Kind.NUMBER:
        return repr(float(str(value))).removesuffix(".0")
    text = str(value)
    return guard(text) if kind in (Kind.TEXT, Kind.LIST) and profile is Profile.SAFE else text
