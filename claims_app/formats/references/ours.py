"""Values without a field in the citation formats, as one line of a note that our exports write and imports read.

    claims: registry_id=NCT05643794; design=randomised_trial; species=human, mouse; group=Liverpool cohort

Zotero keeps the line: in “Extra” from RIS and CSL-JSON, and as a note from BibTeX. The names are those of the columns
of `studies.csv`; `orcids` holds the positions of authors with their ORCID iDs. The group is free text, so it comes
last and extends to the end of the line.
"""

import re
from collections.abc import Mapping, Sequence

from claims_app.rules.preprints import is_preprint

MARK = "claims: "
_FIELDS = ("registry_id", "design", "publication_state", "standing", "standing_date", "species", "orcids")
_LINE = re.compile(r"^(?:<p>)?claims: (.*?)(?:</p>)?$", re.MULTILINE)


def write(values: Mapping[str, object]) -> str:
    """Return the line for a study with `values`; empty if all of them are the defaults."""
    # If importers would take it for a preprint, state that it is published.
    plain = not is_preprint(values.get("journal"), values.get("doi"))
    usual = {"publication_state": "published" if plain else None, "standing": "current"}
    parts = []
    for name in _FIELDS:
        value = values.get(name)
        text = (
            ", ".join(map(str, value))
            if isinstance(value, Sequence) and not isinstance(value, str)
            else value
        )
        if text is not None and text != "" and text != usual.get(name):
            parts.append(f"{name}={text}")
    if group := values.get("group"):
        parts.append(f"group={group}")
    return MARK + "; ".join(parts) if parts else ""


def read(note: str) -> dict[str, object]:
    """Return the fields in the line that `write` wrote, if `note` has one; other lines are ignored."""
    found = _LINE.search(note)
    if not found:
        return {}
    values: dict[str, object] = {}
    rest = found.group(1)
    while rest:
        name, equals, rest = rest.partition("=")
        if not equals or name not in {*_FIELDS, "group"}:
            break
        if name == "group":
            values[name] = rest
            break
        value, _, rest = rest.partition("; ")
        values[name] = value.split(", ") if name in {"species", "orcids"} else value
    return values
