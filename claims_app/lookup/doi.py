"""DOI content negotiation: CSL-JSON from the agency that registered the DOI (Crossref, DataCite, mEDRA …).

Source: Crossref, “Content negotiation”; the address is the DOI's own.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

from claims_app.formats.references import csl
from claims_app.lookup.errors import Unexpected
from claims_app.lookup.service import Service
from claims_app.rules.reference import Reference

if TYPE_CHECKING:
    from claims_app.lookup.http import Client

ACCEPT = "application/vnd.citationstyles.csl+json"


def by_doi(client: "Client", service: Service, doi: str) -> Reference:
    """Return the record that the registration agency of `doi` has of it. Raises LookupFailed."""
    answer = client.get(service, f"/{quote(doi, safe='/:;()')}", accept=ACCEPT)
    if "json" not in answer.content_type:
        raise Unexpected("The registration agency of this DOI returned no readable metadata.")
    for record in csl.read(answer.text):
        if isinstance(record, Reference):
            return record
        raise Unexpected(
            f"The metadata from the registration agency of this DOI cannot be read: {record.reason}"
        )
    raise Unexpected("The registration agency of this DOI returned no metadata.")
