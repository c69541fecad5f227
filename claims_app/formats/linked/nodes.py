"""The things that linked data speaks of, as JSON: a claim, its appraisal, its evidence, its studies.

Each has an address, so that files and the graphs of a nanopublication can name the same things. Keys are
expanded by `terms.context`.
"""

from collections.abc import Iterable, Sequence

from claims_app.formats.linked.terms import address, short
from claims_app.formats.linked.whole import (
    Judged,
    QuotedText,
    WholeAppraisal,
    WholeClaim,
    WholeEvidence,
    WholeLimitation,
    WholeStudy,
)
from claims_app.rules.names import parts_of
from claims_app.rules.overlap import orcid_of, without_orcid
from claims_app.vocabulary import Hedge, PublicationState, Standing, StudyDesign, Term
from claims_app.vocabulary.standards import EVIDENCE_DIRECTION, STUDY_EVIDENCE

Node = dict[str, object]

_REGISTERED = (PublicationState.REGISTERED, PublicationState.COMPLETED_UNPUBLISHED)


def claim_address(site: str, claim: WholeClaim) -> str:
    """Return the address of a claim. `site` is an address without a final slash, here and below."""
    return f"{site}/claims/{claim.public_id}"


def claim_node(site: str, claim: WholeClaim) -> Node:
    """Return a claim, with what the evidence says of it and how certain that is."""
    here = claim_address(site, claim)
    return _filled(
        {
            "@id": here,
            "@type": ["Claim", "Proposition"],
            "identifier": claim.public_id,
            "url": here,
            "text": claim.statement,
            "description": claim.said,
            "evidenceLevel": short(claim.verdict.level),
            "conclusion": _term(claim.verdict.conclusion),
            "warning": list(claim.warnings),
            "version": claim.version,
            "dateCreated": claim.created_at.isoformat(),
            "dateModified": claim.changed_at.isoformat(),
            "staleSince": claim.stale_since.isoformat() if claim.stale_since else None,
            "lastSearched": claim.last_searched_at.isoformat() if claim.last_searched_at else None,
            "claimKind": short(claim.kind),
            "claimStatus": short(claim.status),
            "keywords": list(claim.topics),
            "population": claim.population,
            "exposure": claim.exposure,
            "comparator": claim.comparator,
            "outcome": claim.outcome,
            "firstAppearance": study_address(site, claim.origin) if claim.origin else None,
            "citation": _quote_node(f"{here}#origin-quote", claim.origin_quote, site, claim.origin),
            "limitation": [_limitation_address(site, one) for one in claim.limitations],
            "hasEvidenceLine": [evidence_address(site, item) for item in claim.evidence],
            "review": appraisal_address(site, claim.appraisal) if claim.appraisal else None,
        }
    )


def appraisal_address(site: str, appraisal: WholeAppraisal) -> str:
    """Return the address of an appraisal."""
    return f"{site}/appraisals/{appraisal.public_id}"


def appraisal_node(site: str, claim: WholeClaim, appraisal: WholeAppraisal) -> Node:
    """Return the appraisal of a claim, with the reasons of each domain."""
    here = appraisal_address(site, appraisal)
    return _filled(
        {
            "@id": here,
            "@type": ["ClaimReview", "Assertion"],
            "identifier": appraisal.public_id,
            "url": here,
            "itemReviewed": claim_address(site, claim),
            "reviewBody": claim.said,
            "assertedConclusion": short(appraisal.conclusion),
            "confidenceLevel": short(appraisal.level),
            "conclusionReason": appraisal.conclusion_reason,
            "datePublished": appraisal.appraised_at.isoformat(),
            "creator": appraisal.appraised_by,
            "publisher": f"{site}/",
            "assertionMethod": short(appraisal.scheme),
            "schemeVersion": appraisal.scheme_version,
            "startLevel": short(appraisal.start_level),
            "startReason": appraisal.start_reason,
            "judgement": [_judgement_node(here, judged) for judged in appraisal.domains],
            "computedLevel": short(appraisal.computed_level),
            "overrideReason": appraisal.override_reason,
            "abstract": appraisal.rationale,
            "isBasedOn": [f"{site}/evidence/{name}" for name in appraisal.evidence_ids],
        }
    )


def evidence_address(site: str, item: WholeEvidence) -> str:
    """Return the address of an evidence item."""
    return f"{site}/evidence/{item.public_id}"


def evidence_node(site: str, claim: WholeClaim, item: WholeEvidence) -> Node:
    """Return an evidence item: what one study says about the claim."""
    here, effect = evidence_address(site, item), item.effect
    direction = EVIDENCE_DIRECTION[item.direction]
    kind = STUDY_EVIDENCE[item.study.design] if item.study.design else None
    return _filled(
        {
            "@id": here,
            "@type": "EvidenceLine",
            "identifier": item.public_id,
            "version": item.version,
            "isEvidenceLineFor": claim_address(site, claim),
            "supportingReference": study_address(site, item.study),
            "direction": short(item.direction),
            "evidenceDirection": direction.iri if direction else None,
            "directness": short(item.directness),
            "hedge": _term(item.hedge),
            "riskOfBias": short(item.risk_of_bias),
            "whyNotCounted": item.why_uncounted,
            "evidenceType": kind.iri if kind else None,
            "abstract": item.summary,
            "outcome": item.outcome,
            "effectMeasure": _term(effect.measure),
            "effectValue": effect.value,
            "ciLow": effect.ci_low,
            "ciHigh": effect.ci_high,
            "ciLevel": effect.ci_level,
            "pValue": effect.p_value,
            "cases": item.n_cases,
            "controls": item.n_controls,
            "animals": item.n_animals,
            "donors": item.n_donors,
            "unitOfAnalysis": _term(item.unit_of_analysis),
            "citation": _quote_node(f"{here}#quote", item.quote, site, item.study),
            "limitation": [_limitation_address(site, one) for one in item.limitations],
        }
    )


def limitation_node(site: str, limitation: WholeLimitation) -> Node:
    """Return a limitation."""
    here = _limitation_address(site, limitation)
    return _filled(
        {
            "@id": here,
            "@type": "CreativeWork",
            "identifier": limitation.public_id,
            "limitationKind": short(limitation.kind),
            "certaintyDomain": _term(limitation.domain),
            "text": limitation.text,
            "citation": _quote_node(f"{here}#quote", limitation.quote, site, None),
        }
    )


def study_address(site: str, study: WholeStudy) -> str:
    """Return the address of a study."""
    return f"{site}/studies/{study.public_id}"


def study_node(site: str, study: WholeStudy) -> Node:
    """Return a study with its standing, so that nobody cites a retracted one unaware."""
    here = study_address(site, study)
    return _filled(
        {
            "@id": here,
            "@type": _kind_of(study),
            "identifier": study.public_id,
            "name": study.title,
            "url": here,
            "sameAs": _elsewhere(study),
            "author": [_person(here, number, author) for number, author in enumerate(study.authors, 1)],
            "copyrightYear": study.year,
            "pagination": study.pages,
            "volumeNumber": study.volume,
            "issueNumber": study.issue,
            "isPartOf": {"@id": f"{here}#journal", "@type": "Periodical", "name": study.journal}
            if study.journal
            else None,
            "studyDesign": _term(study.design),
            "publicationState": short(study.publication_state),
            "standing": short(study.standing),
            "standingDate": f"{study.standing_date}T00:00:00+00:00" if study.standing_date else None,
            "creativeWorkStatus": study.standing.label if study.standing is not Standing.CURRENT else None,
        }
    )


def all_limitations(claim: WholeClaim) -> Iterable[WholeLimitation]:
    """Yield the limitations of a claim and of its evidence."""
    yield from claim.limitations
    for item in claim.evidence:
        yield from item.limitations


def _limitation_address(site: str, limitation: WholeLimitation) -> str:
    return f"{site}/limitations/{limitation.public_id}"


def _judgement_node(appraisal: str, judged: Judged) -> Node:
    return _filled(
        {
            "@id": f"{appraisal}#{judged.domain.value}",
            "certaintyDomain": short(judged.domain),
            "levelsMoved": judged.move,
            "reason": judged.reason,
        }
    )


def _quote_node(here: str, quote: QuotedText | None, site: str, source: WholeStudy | None) -> Node | None:
    if quote is None:
        return None
    return _filled(
        {
            "@id": here,
            "@type": "Quotation",
            "text": quote.text,
            "quoteCheck": short(quote.check),
            "articleSection": quote.place,
            "isPartOf": {"@id": study_address(site, source)} if source else None,
        }
    )


def _kind_of(study: WholeStudy) -> str:
    if study.design is StudyDesign.NEWS_REPORT:
        return "NewsArticle"
    return "MedicalStudy" if study.publication_state in _REGISTERED else "ScholarlyArticle"


def _elsewhere(study: WholeStudy) -> list[str]:
    found = [
        study.doi and f"https://doi.org/{study.doi}",
        study.pmid and f"https://pubmed.ncbi.nlm.nih.gov/{study.pmid}/",
        study.pmcid and f"https://pmc.ncbi.nlm.nih.gov/articles/{study.pmcid}/",
        study.url,
    ]
    return [address(one) for one in found if one]


def _person(study: str, number: int, author: str) -> Node:
    name, orcid = without_orcid(author), orcid_of(author)
    here = f"https://orcid.org/{orcid}" if orcid else f"{study}#author-{number}"
    person = parts_of(name)
    if person is None:
        return {"@id": here, "@type": "Organization", "name": name}
    whole = " ".join(part for part in (person.given, person.family) if part)
    return _filled(
        {
            "@id": here,
            "@type": "Person",
            "name": whole,
            "familyName": person.family,
            "givenName": person.given,
        }
    )


def _term(term: Term | Hedge | None) -> str | None:
    return None if term is None else short(term)


def _filled(node: Node) -> Node:
    return {name: value for name, value in node.items() if value is not None and not _is_empty(value)}


def _is_empty(value: object) -> bool:
    return isinstance(value, str | Sequence) and not value
