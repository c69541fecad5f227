"""DOI content negotiation: CSL-JSON from whichever agency registered the DOI (Crossref, DataCite, mEDRA …).

Source: Crossref, “Content negotiation”; the address is the DOI's own.
"""

from urllib.parse import quote

from claims_app.formats.references import csl
from claims_app.lookup.errors import Unexpected
from claims_app.lookup.http import Client, Service
from claims_app.rules.reference import Reference

ACCEPT = "application/vnd.citationstyles.csl+json"


def by_doi(client: Client, service: Service, doi: str) -> Reference:
    """Return what the agency of `doi` says of it. Raises LookupFailed."""
    answer = client.get(service, f"/{quote(doi, safe='/:;()')}", accept=ACCEPT)
    if "json" not in answer.content_type:
        raise Unexpected("The agency of this DOI does not describe it in a form that can be read here.")
    for record in csl.read(answer.text):
        if isinstance(record, Reference):
            return record
        raise Unexpected(
            f"The agency of this DOI describes it in a form that cannot be read: {record.reason}"
        )
    raise Unexpected("The agency of this DOI says nothing of it.")
