"""PubMed through NCBI's E-utilities: records by their number, and paged searches.

Source: NCBI, “Entrez Programming Utilities Help”, chapter 4: ESearch with the history server, EFetch as XML.
"""

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING

from claims_app.formats.references import RefusedFile, pubmed_xml
from claims_app.lookup.errors import NotThere, Unexpected
from claims_app.lookup.service import Service
from claims_app.rules.reference import Reference

if TYPE_CHECKING:
    from claims_app.lookup.http import Client

PAGE = 100
MOST = 10_000
"""The largest number of results that ESearch returns for one search."""


def by_pmid(client: "Client", service: Service, pmid: str) -> Reference:
    """Return the record with this number. Raises LookupFailed."""
    answer = client.get(service, "/efetch.fcgi", _asking(client, id=pmid, retmode="xml"), accept="text/xml")
    for record in _records(answer.text):
        if record.values.get("pmid") == pmid:
            return record
    raise NotThere(f"PubMed has no record {pmid}.")


def search(
    client: "Client", service: Service, query: str, since: datetime.date | None
) -> Iterator[list[Reference]]:
    """Yield the records that match `query` and were added to PubMed on `since` or later, in pages.

    Raises LookupFailed, also after the last page that PubMed returns if the search has more results than `MOST`.
    """
    asked = {"term": query, "retmode": "json", "usehistory": "y", "retmax": "0", "sort": "pub_date"}
    if since is not None:
        asked |= {"datetype": "edat", "mindate": since.strftime("%Y/%m/%d"), "maxdate": "3000"}
    found = client.get(
        service, "/esearch.fcgi", _asking(client, **asked), accept="application/json", fresh=True
    ).json()
    result = found.get("esearchresult") if isinstance(found, dict) else None
    if not isinstance(result, dict) or "ERROR" in result or not str(result.get("count", "")).isdigit():
        reason = result.get("ERROR") if isinstance(result, dict) else None
        raise Unexpected(f"PubMed could not process the search{f': {reason}' if reason else ''}.")
    for start in range(0, min(int(result["count"]), MOST), PAGE):
        page = {
            "WebEnv": str(result.get("webenv", "")),
            "query_key": str(result.get("querykey", "")),
            "retstart": str(start),
            "retmax": str(PAGE),
            "retmode": "xml",
        }
        answer = client.get(service, "/efetch.fcgi", _asking(client, **page), accept="text/xml", fresh=True)
        yield list(_records(answer.text))
    if int(result["count"]) > MOST:
        raise Unexpected(
            f"PubMed returns only {MOST:,} of the {int(result['count']):,} results. Narrow the search."
        )


def _asking(client: "Client", **parameters: str) -> dict[str, str]:
    """Return the parameters with those that NCBI asks programs to send."""
    who = {"tool": "claims-app", **({"email": client.contact} if client.contact else {})}
    return {"db": "pubmed", **parameters, **who}


def _records(text: str) -> Iterator[Reference]:
    try:
        for record in pubmed_xml.read(text):
            if isinstance(record, Reference):
                yield record
    except RefusedFile as refused:
        raise Unexpected(f"The response of PubMed cannot be read: {refused}") from None
