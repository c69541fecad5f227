"""Europe PMC: records by any identifier, and paged searches.

Source: Europe PMC, “Articles RESTful API”: /search with resultType=core, and cursorMark for the pages.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from claims_app.lookup.errors import NotThere, Unexpected
from claims_app.lookup.service import Service
from claims_app.rules.identifiers import NORMALISERS
from claims_app.rules.markup import to_text
from claims_app.rules.preprints import is_preprint_type
from claims_app.rules.reference import Reference

if TYPE_CHECKING:
    from claims_app.lookup.http import Client

PAGE = 100
_PREPRINTS = "PPR"
"""The source of preprints in Europe PMC."""


def by_identifier(client: "Client", service: Service, kind: str, value: str) -> Reference:
    """Return the record with a DOI, a PubMed number or a PubMed Central number. Raises LookupFailed."""
    query = {"doi": f'DOI:"{value}"', "pmid": f"EXT_ID:{value} AND SRC:MED", "pmcid": f"PMCID:{value}"}[kind]
    for record in _results(_page(client, service, query, "*", fresh=False)):
        # A search may find other records as well, such as versions and comments.
        if (found := record.values.get(kind)) and NORMALISERS[kind](str(found)) == value:
            return record
    raise NotThere(f"Europe PMC has no record {value}.")


def search(
    client: "Client", service: Service, query: str, since: datetime.date | None
) -> Iterator[list[Reference]]:
    """Yield the records that match `query` and were added to Europe PMC on `since` or later, in pages.

    Raises LookupFailed.
    """
    if since is not None:
        query = f"({query}) AND (FIRST_IDATE:[{since.isoformat()} TO 3000-01-01])"
    cursor, seen = "*", set[str]()
    # A repeated cursor marks the end. It also stops a service that would return the same page for ever.
    while cursor not in seen:
        seen.add(cursor)
        page = _page(client, service, query, cursor, fresh=True)
        records = list(_results(page))
        if not records:
            return
        yield records
        cursor = str(page.get("nextCursorMark") or "")
        if not cursor:
            return


def _page(client: "Client", service: Service, query: str, cursor: str, *, fresh: bool) -> Mapping[str, Any]:
    asked = {
        "query": query,
        "format": "json",
        "resultType": "core",
        "pageSize": str(PAGE),
        "cursorMark": cursor,
    }
    if client.contact:
        asked["email"] = client.contact
    answer = client.get(service, "/search", asked, accept="application/json", fresh=fresh).json()
    if not isinstance(answer, dict) or "resultList" not in answer:
        raise Unexpected("Europe PMC could not process the search.")
    return answer


def _results(page: Mapping[str, Any]) -> Iterator[Reference]:
    found = page["resultList"].get("result") if isinstance(page["resultList"], dict) else None
    for record in found if isinstance(found, list) else []:
        if isinstance(record, dict):
            yield _reference(record)


def _reference(record: Mapping[str, Any]) -> Reference:
    journal = _inside(record, "journalInfo")
    values: dict[str, object] = {
        "title": _plain(record.get("title")).rstrip("."),
        "authors": [_name(one) for one in _list(_inside(record, "authorList").get("author"))],
        "year": _plain(record.get("pubYear")),
        "journal": _plain(_inside(journal, "journal").get("title")),
        "volume": _plain(journal.get("volume")),
        "issue": _plain(journal.get("issue")),
        "pages": _plain(record.get("pageInfo")),
        "doi": _plain(record.get("doi")),
        "pmid": _plain(record.get("pmid")),
        "pmcid": _plain(record.get("pmcid")),
    }
    warnings = []
    kinds = [str(kind).lower() for kind in _list(_inside(record, "pubTypeList").get("pubType"))]
    if record.get("source") == _PREPRINTS or any(map(is_preprint_type, kinds)):
        values["publication_state"] = "preprint"
        values["journal"] = values["journal"] or _plain(
            _inside(record, "bookOrReportDetails").get("publisher")
        )
    if "retracted publication" in kinds:
        warnings.append("Europe PMC lists this study as retracted.")
    values = {name: value for name, value in values.items() if value}
    return Reference(values=values, abstract=_plain(record.get("abstractText")), warnings=tuple(warnings))


def _name(author: object) -> str:
    if not isinstance(author, dict):
        return ""
    if author.get("collectiveName"):
        return _plain(author["collectiveName"])
    family, given = _plain(author.get("lastName")), _plain(author.get("initials") or author.get("firstName"))
    return f"{family}, {given}" if family and given else family or _plain(author.get("fullName"))


def _inside(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = record.get(name)
    return inner if isinstance(inner, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _plain(value: object) -> str:
    return " ".join(to_text(str(value)).split()) if value is not None else ""
