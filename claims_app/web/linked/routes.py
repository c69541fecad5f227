"""Nanopublications by their own addresses, and the terms of the linked data as a page and as a file."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from claims_app.formats.linked import jsonld, nanopub, skos
from claims_app.formats.linked.terms import PROPERTIES, PUBLISHED, list_name, term_name
from claims_app.services.core.errors import NoSuchMoment, NotFound
from claims_app.services.history import as_of
from claims_app.services.transfer.whole_claims import find_whole
from claims_app.vocabulary.standards import Code, System
from claims_app.web.claims.linked_routes import nanopub_response, publisher
from claims_app.web.record_links import base_url
from claims_app.web.session import database, since

bp = Blueprint("linked", __name__)

SYSTEM_NAMES = {
    System.CERTAINTY_RATING: "FHIR certainty rating",
    System.CERTAINTY_TYPE: "FHIR certainty type",
    System.CITATION_ARTIFACT: "FHIR citation artifact classifier",
    System.CITED_ARTIFACT_STATUS: "FHIR cited artifact status",
    System.PUBLICATION_STATUS: "FHIR publication status",
    System.STUDY_DESIGN: "SEVCO (FHIR study design)",
    System.ATTRIBUTE_ESTIMATE: "HL7 attribute estimate type",
    System.DIRECTNESS: "HL7 directness",
    System.STATISTIC_TYPE: "HL7 statistic type",
    System.SYNTHESIS_TYPE: "HL7 synthesis type",
    System.VARIABLE_ROLE: "HL7 variable role",
    System.ECO: "ECO",
    System.SEPIO: "SEPIO",
}


@bp.get("/np/<identifier>/<moment>/<code>")
def nanopublication(identifier: str, moment: str, code: str) -> ResponseReturnValue:
    """Send the nanopublication of a claim as of a moment, if it has this code."""
    unknown = NotFound(
        "There is no such nanopublication. Its address may be misspelt, or an earlier version of the program made it. "
        f"The current one of the claim is at {base_url()}/claims/{identifier}.trig."
    )
    try:
        then = as_of.read(moment, database().clock())
    except NoSuchMoment:
        raise unknown from None
    with database().reading(then.at, since=since()) as session:
        made = nanopub.publish(publisher(), find_whole(session, identifier), moment)
    if made.code != code:
        raise unknown
    return nanopub_response(made)


@bp.get("/vocabulary")
def vocabulary() -> ResponseReturnValue:
    """Show the terms and properties of the linked data, with what they are called elsewhere."""
    return render_template(
        "linked/vocabulary.html",
        lists=PUBLISHED,
        properties=PROPERTIES,
        list_name=list_name,
        term_name=term_name,
        codes_of=skos.codes_of,
        is_code=lambda found: isinstance(found, Code),
        system_names=SYSTEM_NAMES,
    )


@bp.get("/vocabulary.jsonld")
def vocabulary_file() -> ResponseReturnValue:
    """Send the same as SKOS in JSON-LD."""
    return Response(skos.text(base_url()), content_type=f"{jsonld.MEDIA_TYPE}; charset=utf-8")
