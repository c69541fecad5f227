"""A claim for programs: as linked data, as a nanopublication and as resources of HL7 FHIR."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from claims_app.formats.linked import fhir, jsonld, nanopub
from claims_app.services.transfer.whole_claims import find_whole
from claims_app.web import application, time_travel
from claims_app.web.record_links import base_url
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of


def register(bp: Blueprint) -> None:
    """Add these files to the blueprint of the claims."""
    bp.add_url_rule("/<identifier>.jsonld", "linked_data", linked_data)
    bp.add_url_rule("/<identifier>.trig", "nanopublication", nanopublication)
    bp.add_url_rule("/<identifier>.fhir.json", "fhir", fhir_bundle)


@answers_as_of
def linked_data(identifier: str) -> ResponseReturnValue:
    """Send a claim with its evidence, limitations, studies and appraisal as JSON-LD."""
    claim = find_whole(reading(), identifier)
    return Response(jsonld.text(base_url(), claim), content_type=f"{jsonld.MEDIA_TYPE}; charset=utf-8")


@answers_as_of
def nanopublication(identifier: str) -> ResponseReturnValue:
    """Send what the evidence says of a claim as a nanopublication."""
    claim = find_whole(reading(), identifier)
    made = nanopub.publish(publisher(), claim, time_travel.address_then(claim.changed_at))
    return nanopub_response(made)


@answers_as_of
def fhir_bundle(identifier: str) -> ResponseReturnValue:
    """Send a claim as a bundle of HL7 FHIR R5 resources."""
    claim = find_whole(reading(), identifier)
    return Response(fhir.text(base_url(), claim), content_type=f"{fhir.MEDIA_TYPE}; charset=utf-8")


def publisher() -> nanopub.Publisher:
    """Return who publishes nanopublications: this site, under the licence of its data."""
    return nanopub.Publisher(base_url(), application.settings().license)


def nanopub_response(made: nanopub.Nanopublication) -> Response:
    """Return a nanopublication as a file that names its own address."""
    response = Response(made.text, content_type=f"{nanopub.MEDIA_TYPE}; charset=utf-8")
    if made.code:
        response.headers["Link"] = f'<{made.address}>; rel="canonical"'
    return response
