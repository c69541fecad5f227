"""Addresses of all pages, from the map of the application, so that a new page cannot be forgotten."""

import re

from werkzeug.routing import Rule

from claims_app.vocabulary import RecordType

_NAMES = {term.section: f"{term.prefix}-1" for term in RecordType}
_VALUES = {
    "<text_identifier>": "TXT-1",
    "<int:version>": "1",
    "<int:number>": "1",
    "<int:session_id>": "1",
    "<int:token_id>": "1",
    "<int:delivery_id>": "1",
    "<username>": "ada",
    "<version>": "2026.11",
    "<name>": "README.md",
    "<slug>": "pain",
    "<section>": "claims",
    "<secret>": "secret",
    "<path:filename>": "style.css",
    "<moment>": "2024-01-01T00:00:00Z",
    "<code>": "RA0000000000000000000000000000000000000000000",
}


def address(rule: Rule) -> str:
    """Return an address for `rule`, with records that exist in a database with one record of each type.

    Raises ValueError for a parameter without a value.
    """
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    known = _VALUES | {"<identifier>": _NAMES.get(path.removeprefix("/api/v1").split("/")[1], "CLM-1")}
    for parameter, value in known.items():
        path = path.replace(parameter, value)
    if "<" in path:
        raise ValueError(f"no value is known for a parameter of {path}")
    return path
