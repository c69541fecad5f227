"""CSL-JSON, as written by Zotero, Better BibTeX, Crossref, DataCite and citation processors.

Source: "CSL-JSON schema" (citeproc-js data model), version 1.0.2, and common deviations: numbers as text, dates as
text, and Crossref's lists where the schema has one value. A file is an array of items, a single item, or an object
with the items under “items”.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import MAY_BE_ABSTRACT, ReferenceBuilder, is_registry_id
from claims_app.formats.references.refusal import RefusedFile, too_long
from claims_app.formats.references.tagged import count_lines
from claims_app.rules.markup import to_paragraphs
from claims_app.rules.names import join_name, parts_of, tidy_name
from claims_app.rules.preprints import is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "CSL-JSON"

# Several arrays may follow each other in concatenated files; the items of an object end with their array.
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*+")
_BETWEEN_ITEMS = re.compile(r"[\s,]*+")
# An unclosed string ends with the text, so that it is scanned only once.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
_SCALAR_END = re.compile(r"[,\]\[{\n]")
_ITEMS = re.compile(r'"items"\s*:\s*\[')
# Crossref's abstracts often begin with a heading of their own.
_HEADING = re.compile(r"^\s*abstract\s*\n", re.IGNORECASE)
_DATES = ("issued", "published", "published-print", "published-online", "available-date", "event-date")
_MEETINGS = {"paper-conference", "speech"}
_MAY_BE_REGISTERED = {"dataset", "document", "entry", "standard", "webpage"}


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is JSON."""
    return head.lstrip("\ufeff \t\r\n").startswith(("[", "{"))


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    position = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    between = _BETWEEN
    if text.startswith("{", position):
        holder = _ITEMS.search(text, position, position + 100_000)
        if holder and '"type"' not in text[position : holder.start()]:
            position, between = holder.end(), _BETWEEN_ITEMS
    line, counted = 1, 0
    while (
        (blank := between.match(text, position)) and (first := blank.end()) < len(text) and text[first] != "]"
    ):
        line += count_lines(text, counted, first)
        counted = first
        position = _end_of(text, first)
        yield _item(text[first:position], line)


def _end_of(text: str, first: int) -> int:
    """Return the end of the value that starts at `first`: after its closing bracket, or before a comma."""
    if text[first] not in "{[":
        following = _SCALAR_END.search(text, first + 1)
        return following.start() if following else len(text)
    depth = 0
    for token in _TOKEN.finditer(text, first):
        bracket = token.group()
        if bracket in {"{", "["}:
            depth += 1
        elif bracket in {"}", "]"}:
            depth -= 1
            if depth == 0:
                return token.end()
    return len(text)


def _item(source: str, line: int) -> Reference | Unreadable:
    if refused := too_long(len(source), line=line, source=source):
        return refused
    try:
        item = json.loads(source, strict=False)
    except json.JSONDecodeError as error:
        reason = f"This record is not JSON (line {line + error.lineno - 1}, column {error.colno})."
        return Unreadable(reason=reason, line=line, source=source)
    except (RecursionError, ValueError):
        return Unreadable(reason="This record is nested too deeply.", line=line, source=source)
    if not isinstance(item, dict):
        return Unreadable(reason="This record is not a JSON object.", line=line, source=source)
    if "itemType" in item:
        raise RefusedFile("This is Zotero's own JSON format. Export the items as CSL JSON instead.")
    return _draft(item).finish(line=line, source=source)


def _draft(item: Mapping[str, Any]) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    draft.title = _text(item.get("title"))
    draft.authors = [_name(name) for name in _list(item.get("author"))]
    draft.dates = [_date(item.get(name)) for name in _DATES]
    journal = (
        item.get("container-title") or item.get("container-title-short") or item.get("journalAbbreviation")
    )
    draft.journal = _text(journal)
    draft.volume, draft.issue = _text(item.get("volume")), _text(item.get("issue"))
    draft.pages = _text(item.get("page")) or _text(item.get("article-number")) or _text(item.get("number"))
    draft.dois = [_text(item.get("DOI")) or _text(item.get("doi"))]
    draft.pmids, draft.pmcids = [_text(item.get("PMID"))], [_text(item.get("PMCID"))]
    draft.urls = [_text(item.get("URL"))]
    numbers = [_text(item.get(name)) for name in ("number", "call-number", "archive_location")]
    draft.registry_ids = [number for number in numbers if is_registry_id(number)]
    if draft.pages in draft.registry_ids:
        draft.pages = ""
    draft.notes = [_text(item.get("note")), _text(item.get("annote"))]
    draft.abstract = _HEADING.sub("", to_paragraphs(_text(item.get("abstract"))))
    draft.keywords = re.split(r"[,;]", _text(item.get("keyword")))
    kind = _text(item.get("type"))
    genre = _text(item.get("genre")) or _text(item.get("subtype"))
    draft.may_be_registered = kind in _MAY_BE_REGISTERED
    journal = draft.journal or _text(item.get("publisher"))
    if (
        is_preprint_type(kind)
        or is_preprint_type(genre)
        or (kind in {"article", "manuscript"} and genre != "journal-article")
    ):
        draft.state = PublicationState.PREPRINT
        draft.journal = journal
    elif kind in _MEETINGS:
        draft.state = PublicationState.ABSTRACT_ONLY
        draft.warnings.append(MAY_BE_ABSTRACT)
    for update in _list(item.get("update-to")):
        draft.warnings.append(
            f"This is a notice ({_text(_get(update, 'type'))}) about {_text(_get(update, 'DOI'))}."
        )
    for update in _list(item.get("updated-by")):
        draft.warnings.append(
            f"Crossref lists a notice ({_text(_get(update, 'type'))}): {_text(_get(update, 'DOI'))}."
        )
    return draft


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _get(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: object) -> str:
    """Return a value as text; of a list, the first item."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _name(name: object) -> str:
    if not isinstance(name, dict):
        return _text(name)
    if literal := _text(name.get("literal")) or _text(name.get("name")):
        return literal
    family = " ".join(filter(None, (_text(name.get("non-dropping-particle")), _text(name.get("family")))))
    given = " ".join(filter(None, (_text(name.get("given")), _text(name.get("dropping-particle")))))
    return tidy_name(join_name(family, given, _text(name.get("suffix"))))


def _date(value: object) -> str:
    if not isinstance(value, dict):
        return _text(value)
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    year = _text(first) if isinstance(first, list) else ""
    return year or _text(value.get("raw")) or _text(value.get("literal")) or _text(value.get("year"))


def write(citations: Iterable[Citation]) -> Iterator[str]:
    """Yield the text of a file, one item at a time.

    Every item is an article-journal; see `ris.write` for the reason.
    """
    before = "[\n"
    for citation in citations:
        yield before + json.dumps(_entry(citation), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _entry(citation: Citation) -> dict[str, object]:
    values = citation.values
    year = values.get("year")
    entry: dict[str, object] = {
        "id": citation.key,
        "type": "article-journal",
        "title": values.get("title"),
        "author": [_author(author) for author in citation.authors],
        "issued": {"date-parts": [[year]]} if year else None,
        "container-title": values.get("journal"),
        "volume": values.get("volume"),
        "issue": values.get("issue"),
        "page": values.get("pages"),
        "DOI": values.get("doi"),
        "PMID": values.get("pmid"),
        "PMCID": values.get("pmcid"),
        "URL": values.get("url"),
        "note": citation.note,
    }
    return {name: value for name, value in entry.items() if value not in (None, "", [])}


def _author(author: str) -> dict[str, str]:
    person = parts_of(author)
    if person is None:
        return {"literal": author}
    parts = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return {name: part for name, part in parts.items() if part}
