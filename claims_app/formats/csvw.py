r"""A description of a CSV file for machines, to lie beside it as `claims.csv-metadata.json`.

It follows the W3C recommendations of 17 December 2015, Metadata Vocabulary for Tabular Data and
Model for Tabular Data and Metadata on the Web (CSVW). These know no escape in a list and no guard
against formulas, so both of our rules stand in the notes, in words.
"""

import datetime
from collections.abc import Sequence

from claims_app.formats.delimited import Column, Kind, Profile, utc_text

DATATYPES = {
    Kind.TEXT: "string",
    Kind.LIST: "string",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.DATETIME: "dateTimeStamp",
    Kind.TERM: "string",
}
"""The CSVW datatype of each kind; that of a list is the one of its values."""

PROFILE_RULES = {
    Profile.SAFE: (
        "A cell of text or of a list that begins with an apostrophe, =, +, -, @, tab, carriage return, line "
        "feed or one of the full-width forms of these signs (U+FF07, U+FF1D, U+FF0B, U+FF0D, U+FF20) has one "
        "apostrophe in front, so that no spreadsheet computes it. To get the text as it was, take exactly one "
        "apostrophe off the front of each such cell that begins with one. Numbers, dates, terms and "
        "identifiers are never changed."
    ),
    Profile.RAW: (
        "Text is written as it is. A spreadsheet may compute a cell that begins with =, +, - or @; "
        "use the safe profile there."
    ),
}
"""What each profile does to text, in words."""

LIST_RULE = (
    "The values of a list have | between them; inside a value, | is written \\| and a backslash \\\\. "
    "An empty cell is a list without values."
)


def metadata(
    name: str,
    columns: Sequence[Column],
    *,
    profile: Profile,
    row_count: int,
    url: str,
    created: datetime.datetime,
) -> dict[str, object]:
    """Return the CSVW table description of a file, made of plain values for `json.dumps`.

    `name` is what the file is called (`claims`), `url` its address, absolute or as seen from the
    description, and the first of `columns` its primary key. Raises ValueError if `columns` is empty,
    `row_count` negative or `created` without a zone.
    """
    if not columns:
        raise ValueError("a table has at least one column")
    if row_count < 0:
        raise ValueError(f"a table has no fewer than 0 rows, not {row_count}")
    key = columns[0].name
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@type": "Table",
        "url": url,
        "dc:title": name,
        "dc:created": utc_text(created),
        "dc:extent": f"{row_count} rows",
        "dialect": {
            "encoding": "utf-8",
            "delimiter": ",",
            "quoteChar": '"',
            "doubleQuote": True,
            "lineTerminators": ["\r\n"],
            "header": True,
            "headerRowCount": 1,
            # Blanks are part of a value (RFC 4180, section 2, rule 4).
            "skipInitialSpace": False,
            "trim": False,
        },
        "tableSchema": {
            "columns": [_column(column, required=column.name == key) for column in columns],
            "primaryKey": key,
        },
        "notes": [
            {"dc:title": "profile", "dc:identifier": profile.value, "dc:description": PROFILE_RULES[profile]},
            {"dc:title": "lists", "dc:description": LIST_RULE},
        ],
    }


def _column(column: Column, *, required: bool) -> dict[str, object]:
    """Return the CSVW description of one column."""
    described: dict[str, object] = {
        "name": column.name,
        # A validator compares the header with the titles, so the name is the first of them.
        "titles": [column.name, column.title],
        "dc:description": column.description,
        "datatype": DATATYPES[column.kind],
        "null": "",
        "required": required,
    }
    if column.kind is Kind.LIST:
        described["separator"] = "|"
    return described
