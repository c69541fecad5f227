"""A claim, whole, as a bundle of HL7 FHIR R5 resources for evidence-based medicine.

Evidence has the question, what the evidence says and the certainty of that; ArtifactAssessment the appraisal, domain by
domain; another Evidence for each evidence item has the numbers; Citation the study. Resources refer to each other by
addresses that are made from ours, so the same claim has the same ones each time.

Sources: FHIR 5.0.0, Bundle, Evidence, ArtifactAssessment and Citation; the codes are in `vocabulary.standards`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from claims_app.formats.linked.fhir_citation import citation_resource
from claims_app.formats.linked.fhir_values import (
    Resource,
    codeable,
    coding,
    filled,
    identifier,
    own_coding,
    reference_to,
)
from claims_app.formats.linked.nodes import appraisal_address, claim_address, evidence_address, study_address
from claims_app.formats.linked.terms import vocabulary_address
from claims_app.formats.linked.whole import Effect, Judged, WholeAppraisal, WholeClaim, WholeEvidence
from claims_app.vocabulary import CertaintyDomain, Direction, EffectMeasure, EvidenceLevel, Term
from claims_app.vocabulary.standards import (
    CERTAINTY_DOMAINS,
    CLAIM_STATUS,
    CONCLUSION_DIRECTION,
    CONFIDENCE_INTERVAL,
    DIRECTNESS,
    EFFECT_MEASURES,
    EVIDENCE_DIRECTION,
    LEVELS,
    NARRATIVE,
    OVERALL_CERTAINTY,
    P_VALUE,
    STUDY_DESIGNS,
    SYNTHESIS,
    VARIABLE_ROLES,
    Code,
    ratings_of_move,
)

MEDIA_TYPE = "application/fhir+json"


def bundle(site: str, claim: WholeClaim) -> Resource:
    """Return the claim with everything it is based on. `site` is the address of the site without a final slash."""
    resources: list[tuple[str, Resource]] = [(claim_address(site, claim), _body(site, claim))]
    if claim.appraisal:
        assessed = _assessment(site, claim, claim.appraisal)
        resources.append((appraisal_address(site, claim.appraisal), assessed))
    resources += [(evidence_address(site, item), _finding(site, claim, item)) for item in claim.evidence]
    resources += [(study_address(site, study), citation_resource(site, study)) for study in claim.studies]
    return {
        "resourceType": "Bundle",
        "id": claim.public_id,
        "identifier": identifier(site, f"{claim.public_id}.v{claim.version}"),
        "type": "collection",
        "timestamp": claim.changed_at.isoformat(),
        "entry": [{"fullUrl": reference_to(address), "resource": made} for address, made in resources],
    }


def text(site: str, claim: WholeClaim) -> str:
    """Return the same as text."""
    return json.dumps(bundle(site, claim), ensure_ascii=False) + "\n"


def _body(site: str, claim: WholeClaim) -> Resource:
    """Return the whole body of evidence: the question, what the evidence says of it, and how certain that is."""
    appraisal = claim.appraisal
    return filled(
        {
            "resourceType": "Evidence",
            "id": claim.public_id,
            "extension": _conclusion(site, claim),
            "url": claim_address(site, claim),
            "identifier": [identifier(site, claim.public_id)],
            "version": str(claim.version),
            "title": claim.said,
            "status": _status(claim),
            "date": claim.changed_at.isoformat(),
            "publisher": "Claims",
            "lastReviewDate": appraisal.appraised_at.date().isoformat() if appraisal else None,
            "relatedArtifact": [
                *_related("derived-from", [study_address(site, claim.origin)] if claim.origin else []),
                *_related("composed-of", (evidence_address(site, item) for item in claim.evidence)),
            ],
            "assertion": claim.said,
            "note": [
                *({"text": warning} for warning in claim.warnings),
                *({"text": f"Limitation: {limitation.text}"} for limitation in claim.limitations),
            ],
            "variableDefinition": _question(claim),
            "synthesisType": codeable([coding(SYNTHESIS)]),
            "statistic": [_counts(claim)],
            "certainty": [_certainty(site, claim)],
        }
    )


def _status(claim: WholeClaim) -> str:
    code = CLAIM_STATUS[claim.status]
    assert code is not None, "each status has a code"
    return "draft" if claim.why_unreviewed else code.code


def _conclusion(site: str, claim: WholeClaim) -> list[Resource]:
    """Return what the evidence says of the claim, for which FHIR has no element."""
    if claim.verdict.conclusion is None:
        return []
    codes = _with_own(site, claim.verdict.conclusion, CONCLUSION_DIRECTION[claim.verdict.conclusion])
    return [
        {
            "url": f"{vocabulary_address(site)}conclusion",
            "valueCodeableConcept": codeable(codes, str(claim.verdict)),
        }
    ]


def _question(claim: WholeClaim) -> list[Resource]:
    """Return the parts of the question; the specification asks for at least one."""
    parts = {
        name: part
        for name, part in (
            ("population", claim.population),
            ("exposure", claim.exposure),
            ("comparator", claim.comparator),
            ("outcome", claim.outcome),
        )
        if part
    }
    if not parts:
        parts = {"outcome": f"The claim is not divided into parts. {claim.said}"}
    return [
        {"description": part, "variableRole": codeable([coding(VARIABLE_ROLES[name])])}
        for name, part in parts.items()
    ]


def _counts(claim: WholeClaim) -> Resource:
    counted = [item for item in claim.evidence if item.why_uncounted is None]
    found = Counter(item.direction for item in counted)
    shares = ", ".join(f"{direction.label.lower()}: {found[direction]}" for direction in Direction)
    return {
        "description": f"Evidence items that count, by what they say about the claim: {shares}.",
        "statisticType": codeable([coding(NARRATIVE)]),
        "sampleSize": {"numberOfStudies": len({item.study.public_id for item in counted})},
    }


def _certainty(site: str, claim: WholeClaim) -> Resource:
    appraisal = claim.appraisal
    return filled(
        {
            "description": claim.said,
            "type": codeable([coding(OVERALL_CERTAINTY)]),
            "rating": _level(site, claim.verdict.level),
            "rater": appraisal.appraised_by if appraisal else None,
            "subcomponent": [
                filled(
                    {
                        "description": judged.reason,
                        "type": _domain(site, judged.domain),
                        "rating": _rating(judged),
                    }
                )
                for judged in (appraisal.domains if appraisal else ())
            ],
        }
    )


def _assessment(site: str, claim: WholeClaim, appraisal: WholeAppraisal) -> Resource:
    """Return the appraisal: the overall rating, and beneath it that of each domain with its reason."""
    author = {"display": appraisal.appraised_by} if appraisal.appraised_by else None
    return filled(
        {
            "resourceType": "ArtifactAssessment",
            "id": appraisal.public_id,
            "identifier": [identifier(site, appraisal.public_id)],
            "title": claim.said,
            "date": appraisal.appraised_at.isoformat(),
            "artifactReference": {"reference": reference_to(claim_address(site, claim))},
            "content": [
                filled(
                    {
                        "informationType": "rating",
                        "summary": f"{claim.said} {appraisal.explanation}",
                        "type": codeable([coding(OVERALL_CERTAINTY)]),
                        "classifier": [_level(site, appraisal.level)],
                        "author": author,
                        "relatedArtifact": _related(
                            "derived-from", (f"{site}/evidence/{name}" for name in _present(claim, appraisal))
                        ),
                        "freeToShare": True,
                        "component": [
                            filled(
                                {
                                    "informationType": "rating",
                                    "summary": judged.reason,
                                    "type": _domain(site, judged.domain),
                                    "classifier": [_rating(judged)],
                                }
                            )
                            for judged in appraisal.domains
                        ],
                    }
                )
            ],
        }
    )


def _present(claim: WholeClaim, appraisal: WholeAppraisal) -> Iterable[str]:
    """Yield the evidence of the appraisal that is in the bundle; some may have been deleted since."""
    present = {item.public_id for item in claim.evidence}
    return (name for name in appraisal.evidence_ids if name in present)


def _finding(site: str, claim: WholeClaim, item: WholeEvidence) -> Resource:
    """Return what one study says about the claim, with its numbers."""
    said = f"{item.study.citation}: {item.direction.label.lower()} {claim.public_id}"
    uncounted = f"Not counted, because {item.why_uncounted}." if item.why_uncounted else None
    design = STUDY_DESIGNS[item.study.design] if item.study.design else None
    return filled(
        {
            "resourceType": "Evidence",
            "id": item.public_id,
            "extension": [
                {
                    "url": f"{vocabulary_address(site)}direction",
                    "valueCodeableConcept": codeable(
                        _with_own(site, item.direction, EVIDENCE_DIRECTION[item.direction]),
                        item.direction.label,
                    ),
                }
            ],
            "identifier": [identifier(site, item.public_id)],
            "version": str(item.version),
            "title": said,
            "status": "active",
            "description": item.summary,
            "relatedArtifact": _related("derived-from", [study_address(site, item.study)]),
            "note": [
                *([{"text": uncounted}] if uncounted else []),
                *({"text": f"Limitation: {limitation.text}"} for limitation in item.limitations),
            ],
            "variableDefinition": [_measured(claim, item)],
            "studyDesign": [codeable(_with_own(site, item.study.design, design), item.study.design.label)]
            if item.study.design
            else [],
            "statistic": _statistic(site, item),
            "certainty": [
                {
                    "type": _domain(site, CertaintyDomain.RISK_OF_BIAS),
                    "rating": codeable([own_coding(site, item.risk_of_bias)], item.risk_of_bias.label),
                }
            ],
        }
    )


def _measured(claim: WholeClaim, item: WholeEvidence) -> Resource:
    match = DIRECTNESS[item.directness]
    return filled(
        {
            "description": item.outcome or claim.outcome or f"See {claim.public_id}.",
            "variableRole": codeable([coding(VARIABLE_ROLES["outcome"])]),
            "directnessMatch": codeable([coding(match)] if match else [], item.directness.label),
        }
    )


def _statistic(site: str, item: WholeEvidence) -> list[Resource]:
    effect, size = item.effect, _size(item)
    if effect.is_empty and size is None:
        return []
    measure = effect.measure
    return [
        filled(
            {
                "description": item.summary,
                "statisticType": codeable(_with_own(site, measure, EFFECT_MEASURES[measure]), measure.label)
                if measure
                else None,
                "quantity": _quantity(effect),
                "sampleSize": size,
                "attributeEstimate": _estimates(effect),
            }
        )
    ]


def _quantity(effect: Effect) -> Resource | None:
    if effect.value is None:
        return None
    return filled({"value": effect.value, "unit": "%" if effect.measure is EffectMeasure.PERCENT else None})


def _size(item: WholeEvidence) -> Resource | None:
    counts = (
        ("cases", item.n_cases),
        ("controls", item.n_controls),
        ("animals", item.n_animals),
        ("serum donors", item.n_donors),
    )
    said = ", ".join(f"{name}: {number}" for name, number in counts if number is not None)
    if not said:
        return None
    return filled({"description": said, "numberOfStudies": 1, "numberOfParticipants": item.n_people})


def _estimates(effect: Effect) -> list[Resource]:
    found: list[Resource] = []
    low, high = effect.ci_low, effect.ci_high
    if low is not None or high is not None:
        bounds = {
            name: {"value": bound} for name, bound in (("low", low), ("high", high)) if bound is not None
        }
        interval: Resource = {
            "type": codeable([coding(CONFIDENCE_INTERVAL)]),
            "level": effect.ci_level,
            "range": bounds,
        }
        found.append(filled(interval))
    if effect.p_value is not None:
        signs = {"<": "<", "≤": "<=", ">": ">", "≥": ">="}
        sign = next((signs[character] for character in effect.p_value if character in signs), None)
        number = effect.p_number
        quantity = None if number is None else filled({"value": number, "comparator": sign})
        printed: Resource = {
            "description": effect.p_value,
            "type": codeable([coding(P_VALUE)]),
            "quantity": quantity,
        }
        found.append(filled(printed))
    return found


def _level(site: str, level: EvidenceLevel) -> Resource:
    return codeable(_with_own(site, level, LEVELS[level]), level.label)


def _domain(site: str, domain: CertaintyDomain) -> Resource:
    return codeable(_with_own(site, domain, CERTAINTY_DOMAINS[domain]), domain.label)


def _rating(judged: Judged) -> Resource:
    return codeable([coding(code) for code in ratings_of_move(judged.move)])


def _with_own(site: str, term: Term, code: Code | None) -> Sequence[Resource]:
    """Return the code of a term, if there is one, and our own."""
    return [*([coding(code)] if code else []), own_coding(site, term)]


def _related(kind: str, addresses: Iterable[str]) -> list[Resource]:
    return [
        {"type": kind, "resourceReference": {"reference": reference_to(address)}} for address in addresses
    ]
