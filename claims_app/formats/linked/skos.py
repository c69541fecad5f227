"""Our terms and properties as linked data: SKOS concepts with what they are called elsewhere.

Source: SKOS Reference (W3C Recommendation, 2009).
"""

import json
from collections.abc import Iterable

from claims_app.formats.linked.terms import PROPERTIES, PUBLISHED, list_name, term_name, vocabulary_address
from claims_app.vocabulary import Term
from claims_app.vocabulary.standards import MAPPED, Code, NoCode, System

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_LINKS = ("inScheme", "topConceptOf", "exactMatch", "closeMatch", "broadMatch")


def document(site: str) -> dict[str, object]:
    """Return all terms and properties. `site` is the address of the site without a final slash."""
    graph: list[dict[str, object]] = []
    for terms, title in PUBLISHED.items():
        graph.append({"@id": f"claims:list-{list_name(terms)}", "@type": "ConceptScheme", "prefLabel": title})
        graph += [_concept(term) for term in terms]
    graph += [
        {"@id": f"claims:{name}", "@type": "rdf:Property", "rdfs:label": name, "rdfs:comment": meaning}
        for name, (_, meaning) in PROPERTIES.items()
    ]
    return {
        "@context": {
            "@vocab": _SKOS,
            "claims": vocabulary_address(site),
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "rdfs": _RDFS,
            **{name: {"@id": f"{_SKOS}{name}", "@type": "@id"} for name in _LINKS},
        },
        "@graph": graph,
    }


def text(site: str) -> str:
    """Return the same as text."""
    return json.dumps(document(site), ensure_ascii=False, indent=1) + "\n"


def codes_of(term: Term) -> Iterable[tuple[System, Code | NoCode]]:
    """Yield what a term is called elsewhere, or why it has no name there, system by system."""
    for mapped in MAPPED:
        if mapped.terms is type(term):
            yield mapped.system, mapped.codes[term]


def _concept(term: Term) -> dict[str, object]:
    scheme = f"claims:list-{list_name(type(term))}"
    matches: dict[str, list[str]] = {}
    for _, code in codes_of(term):
        if isinstance(code, Code):
            matches.setdefault(code.match.value, []).append(code.iri)
    return {
        "@id": f"claims:{term_name(term)}",
        "@type": "Concept",
        "inScheme": scheme,
        "topConceptOf": scheme,
        "notation": term.value,
        "prefLabel": term.label,
        "definition": term.definition,
        **matches,
    }
