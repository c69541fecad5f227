"""What the evidence says of a claim as a nanopublication: an assertion, its provenance, and who published it when.

The assertion is never that the claim is true: it is what the evidence says of it and how certain that is. Each state of
a claim has a nanopublication of its own, whose address contains a digest of its content (a trusty URI).

Sources: Nanopublication Guidelines (nanopub.net/guidelines/working_draft); PROV-O; DCMI Metadata Terms.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claims_app.formats.linked.nodes import (
    Node,
    all_limitations,
    appraisal_address,
    appraisal_node,
    claim_address,
    claim_node,
    evidence_node,
    limitation_node,
    study_node,
)
from claims_app.formats.linked.rdf import PLACEHOLDER, Quad, artifact_code, trig, triples, with_code
from claims_app.formats.linked.terms import DCT, PROV, SCHEMA, XSD, context, vocabulary_address
from claims_app.formats.linked.whole import WholeClaim
from claims_app.vocabulary.standards import System

MEDIA_TYPE = "application/trig"
_NP = "http://www.nanopub.org/nschema#"
_MORE = {"np": _NP, "dct:created": {"@id": f"{DCT}created", "@type": f"{XSD}dateTime"}}
_ASSERTED = (
    *("@id", "@type", "identifier", "text", "description", "evidenceLevel", "conclusion", "warning"),
    *("claimKind", "claimStatus", "population", "exposure", "comparator", "outcome", "staleSince", "version"),
)
"""What the assertion says of the claim: with what is claimed, always what the evidence says and how certain it is."""


@dataclass(frozen=True)
class Publisher:
    """Who publishes: the address of the site without a final slash, and the licence if there is one."""

    site: str
    licence: str | None


@dataclass(frozen=True)
class Nanopublication:
    """A nanopublication: its address, the code in it, and its text."""

    address: str
    code: str
    text: str


def start_of_address(site: str, public_id: str, moment: str) -> str:
    """Return the address of the nanopublication of a claim as of `moment`, up to its code."""
    return f"{site}/np/{public_id}/{moment}/"


def publish(by: Publisher, claim: WholeClaim, moment: str | None) -> Nanopublication:
    """Return the nanopublication of a claim as of `moment`, which is its last change as it is written in addresses.

    Without a moment, since the data of that time could still change, it has the address of its file, and no code.
    """
    if moment is None:
        address = f"{claim_address(by.site, claim)}.trig"
        return Nanopublication(address, "", trig(_quads(by, claim, address), _prefixes(by.site, address)))
    start = start_of_address(by.site, claim.public_id, moment)
    made = _quads(by, claim, f"{start}{PLACEHOLDER}")
    code = artifact_code(made)
    address = f"{start}{code}"
    return Nanopublication(address, code, trig(with_code(made, code), _prefixes(by.site, address)))


def _quads(by: Publisher, claim: WholeClaim, here: str) -> list[Quad]:
    site, words = by.site, {**context(by.site), **_MORE}
    assertion, provenance, publication = (f"{here}#{part}" for part in ("assertion", "provenance", "pubinfo"))
    head: Node = {
        "@id": here,
        "@type": ["np:Nanopublication"],
        "np:hasAssertion": {"@id": assertion, "@type": "np:Assertion"},
        "np:hasProvenance": {"@id": provenance, "@type": "np:Provenance"},
        "np:hasPublicationInfo": {"@id": publication, "@type": "np:PublicationInfo"},
    }
    graphs: Sequence[tuple[str, Iterable[Node]]] = (
        (f"{here}#Head", [head]),
        (assertion, [_asserted(site, claim)]),
        (provenance, _provenance(site, claim, assertion)),
        (publication, [_publication(by, claim, here)]),
    )
    # Each statement once, in the order in which it was made.
    return list(
        dict.fromkeys(Quad(graph, *triple) for graph, nodes in graphs for triple in triples(nodes, words))
    )


def _asserted(site: str, claim: WholeClaim) -> Node:
    node = claim_node(site, claim)
    return {name: node[name] for name in _ASSERTED if name in node}


def _provenance(site: str, claim: WholeClaim, assertion: str) -> Iterable[Node]:
    """Yield what the assertion is based on: the appraisal, the evidence and the source of the claim."""
    here = claim_address(site, claim)
    appraisal = claim.appraisal
    sources = [f"{site}/evidence/{name}" for name in appraisal.evidence_ids] if appraisal else []
    origin = f"{site}/studies/{claim.origin.public_id}" if claim.origin else None
    node = claim_node(site, claim)
    yield {
        "@id": assertion,
        "prov:wasAttributedTo": _links([f"{site}/"]),
        **({"prov:wasGeneratedBy": _links([appraisal_address(site, appraisal)])} if appraisal else {}),
        **({"prov:wasDerivedFrom": _links(sources)} if sources else {}),
        **({"prov:hadPrimarySource": _links([origin])} if origin else {}),
    }
    yield {
        "@id": here,
        **{
            name: node[name]
            for name in ("citation", "limitation", "hasEvidenceLine", "firstAppearance")
            if name in node
        },
    }
    if appraisal:
        appraised = appraisal_node(site, claim, appraisal)
        yield {
            **appraised,
            "@type": [*_types(appraised), "prov:Activity"],
            "prov:used": _links(appraised.get("isBasedOn")),
        }
    yield from (evidence_node(site, claim, item) for item in claim.evidence)
    yield from (limitation_node(site, one) for one in all_limitations(claim))
    yield from (study_node(site, study) for study in claim.studies)


def _publication(by: Publisher, claim: WholeClaim, here: str) -> Node:
    published = {
        "@id": here,
        "version": claim.version,
        "dct:isVersionOf": _links([claim_address(by.site, claim)]),
    }
    return {
        **published,
        "dct:created": claim.changed_at.astimezone(datetime.UTC).isoformat(),
        "dct:creator": _links([f"{by.site}/"]),
        "dct:publisher": _links([f"{by.site}/"]),
        **({"dct:license": _links([by.licence])} if by.licence else {}),
    }


def _links(addresses: object) -> list[Node]:
    """Return references to things with these addresses."""
    return [{"@id": address} for address in addresses] if isinstance(addresses, list) else []


def _types(node: Node) -> list[str]:
    kinds = node["@type"]
    return list(kinds) if isinstance(kinds, list) else [str(kinds)]


def _prefixes(site: str, address: str) -> dict[str, str]:
    return {
        "this": f"{address}#",
        "np": _NP,
        "claims": vocabulary_address(site),
        "schema": SCHEMA,
        "sepio": str(System.SEPIO).removesuffix("SEPIO_"),
        "prov": PROV,
        "dct": DCT,
        "xsd": XSD,
    }
