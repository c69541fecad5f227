"""A claim, whole, as JSON-LD 1.1: readable as plain JSON, and as RDF without asking any host."""

import json

from claims_app.formats.linked.nodes import (
    Node,
    all_limitations,
    appraisal_node,
    claim_node,
    evidence_node,
    limitation_node,
    study_node,
)
from claims_app.formats.linked.terms import context
from claims_app.formats.linked.whole import WholeClaim

MEDIA_TYPE = "application/ld+json"


def document(site: str, claim: WholeClaim) -> dict[str, object]:
    """Return the claim with everything it is based on. `site` is the address of the site without a final slash."""
    nodes: list[Node] = [claim_node(site, claim)]
    if claim.appraisal:
        nodes.append(appraisal_node(site, claim, claim.appraisal))
    nodes += [evidence_node(site, claim, item) for item in claim.evidence]
    nodes += [limitation_node(site, one) for one in all_limitations(claim)]
    nodes += [study_node(site, study) for study in claim.studies]
    return {"@context": context(site), "@graph": nodes}


def text(site: str, claim: WholeClaim) -> str:
    """Return the same as text."""
    return json.dumps(document(site, claim), ensure_ascii=False) + "\n"
