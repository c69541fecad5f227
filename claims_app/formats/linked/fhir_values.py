"""Values that the resources of FHIR are made of."""

import uuid
from collections.abc import Sequence

from claims_app.formats.linked.terms import term_name
from claims_app.vocabulary import Term
from claims_app.vocabulary.standards import Code

Resource = dict[str, object]


def filled(resource: Resource) -> Resource:
    """Return `resource` without what is empty: FHIR has no empty elements."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def reference_to(address: str) -> str:
    """Return the address of a resource within a bundle, made from the address of the record on the site."""
    return uuid.uuid5(uuid.NAMESPACE_URL, address).urn


def identifier(site: str, name: str) -> Resource:
    """Return a public identifier of the site."""
    return {"system": f"{site}/", "value": name}


def coding(code: Code) -> Resource:
    """Return a code of a code system or an ontology."""
    system = {"http://purl.obolibrary.org/obo/SEPIO_": "http://purl.obolibrary.org/obo/sepio.owl"}
    return {
        "system": system.get(code.system.value, code.system.value),
        "code": code.iri.rpartition("/")[2] if code.system.value in system else code.code,
        "display": code.display,
    }


def own_coding(site: str, term: Term) -> Resource:
    """Return a term of our own."""
    return {"system": f"{site}/vocabulary", "code": term_name(term), "display": term.label}


def codeable(codings: Sequence[Resource], text: str | None = None) -> Resource:
    """Return a concept with its codes, and in words."""
    return filled({"coding": list(codings), "text": text})
