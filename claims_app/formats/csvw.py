r"""A machine-readable description of a CSV file, stored next to it as `claims.csv-metadata.json`.

It follows the W3C recommendations of 17 December 2015, Metadata Vocabulary for Tabular Data and
Model for Tabular Data and Metadata on the Web (CSVW). CSVW has no escapes in lists and no guard against
formulas, so the notes describe both rules in words.
"""

import datetime
from collections.abc import Sequence

from claims_app.formats.csv_writing import CSV, Dialect
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
"""The CSVW datatype of each kind; for a list, that of its values."""

PROFILE_RULES = {
    Profile.SAFE: (
        "A cell of text or of a list that begins with an apostrophe, =, +, -, @, tab, carriage return, line "
        "feed or one of the full-width forms of these signs (U+FF07, U+FF1D, U+FF0B, U+FF0D, U+FF20) is "
        "prefixed with one apostrophe, so that spreadsheets do not treat it as a formula. To restore the text, "
        "remove exactly one apostrophe from the start of each such cell that begins with one. Numbers, dates, "
        "terms and identifiers are never changed."
    ),
    Profile.RAW: (
        "Text is written as it is. Spreadsheets may treat a cell that begins with =, +, - or @ as a formula; "
        "use the safe profile for them."
    ),
}
"""A description of how each profile writes text."""

LIST_RULE = (
    "The values of a list are separated by |; inside a value, | is written \\| and a backslash \\\\. "
    "An empty cell is an empty list."
)


def metadata(
    name: str,
    columns: Sequence[Column],
    *,
    profile: Profile,
    row_count: int,
    url: str,
    created: datetime.datetime,
    key: str | None = None,
    dialect: Dialect = CSV,
    header: bool = True,
) -> dict[str, object]:
    """Return the CSVW table description of a file, made of plain values for `json.dumps`.

    `name` is the name of the file (`claims`), and `url` its address, absolute or relative to the description. `key`
    is the column that identifies a record, by default the first; it is the primary key if it is among `columns`.
    Raises ValueError if `columns` is empty,
    `row_count` negative or `created` without a zone.
    """
    if not columns:
        raise ValueError("a table needs at least one column")
    if row_count < 0:
        raise ValueError(f"the number of rows cannot be negative: {row_count}")
    key = key or columns[0].name
    schema: dict[str, object] = {
        "columns": [_column(column, required=column.name == key) for column in columns]
    }
    if key in [column.name for column in columns]:
        schema["primaryKey"] = key
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@type": "Table",
        "url": url,
        "dc:title": name,
        "dc:created": utc_text(created),
        "dc:extent": f"{row_count} rows",
        "dialect": {
            "encoding": "utf-8",
            "delimiter": dialect.delimiter,
            "quoteChar": '"',
            "doubleQuote": True,
            "lineTerminators": [dialect.line_end],
            "header": header,
            "headerRowCount": int(header),
            # Blanks are part of a value (RFC 4180, section 2, rule 4).
            "skipInitialSpace": False,
            "trim": False,
        },
        "tableSchema": schema,
        "notes": [
            {"dc:title": "profile", "dc:identifier": profile.value, "dc:description": PROFILE_RULES[profile]},
            {"dc:title": "lists", "dc:description": LIST_RULE},
        ],
    }


def _column(column: Column, *, required: bool) -> dict[str, object]:
    """Return the CSVW description of one column."""
    described: dict[str, object] = {
        "name": column.name,
        # Validators compare the header with the titles, so the name comes first.
        "titles": [column.name, column.title],
        "dc:description": column.description,
        "datatype": DATATYPES[column.kind],
        "null": "",
        "required": required,
    }
    if column.kind is Kind.LIST:
        described["separator"] = "|"
    return described
