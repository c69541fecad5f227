"""The words of the linked data: addresses of our own terms and properties, and the context that expands the JSON.

The context is part of each file, so that a file can be read without asking any host. Words without a definition are
those of schema.org.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote

from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    ClaimStatus,
    Conclusion,
    Direction,
    Directness,
    EffectMeasure,
    EvidenceLevel,
    Hedge,
    LimitationKind,
    PublicationState,
    QuoteCheck,
    RiskOfBias,
    Scheme,
    Standing,
    StudyDesign,
    Term,
    UnitOfAnalysis,
)
from claims_app.vocabulary.standards import System

SCHEMA = "http://schema.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PROV = "http://www.w3.org/ns/prov#"
DCT = "http://purl.org/dc/terms/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

PUBLISHED: Mapping[type[Term], str] = {
    EvidenceLevel: "Evidence levels",
    Conclusion: "Conclusions",
    CertaintyDomain: "Certainty domains",
    Scheme: "Schemes of appraisal",
    ClaimKind: "Kinds of claims",
    ClaimStatus: "Status of claims",
    Direction: "Findings",
    Directness: "Directness",
    Hedge: "Wording of the authors",
    RiskOfBias: "Risk of bias",
    EffectMeasure: "Measures of effect",
    UnitOfAnalysis: "Units of analysis",
    LimitationKind: "Kinds of limitations",
    QuoteCheck: "Checks of quotes",
    StudyDesign: "Study designs",
    PublicationState: "Publication of studies",
    Standing: "Standing of studies",
}
"""The lists of terms that have addresses of their own, and their titles."""

_TERM, _TEXT, _NUMBER, _DATE, _LINK = "term", "text", "number", "date", "link"

PROPERTIES: Mapping[str, tuple[str, str]] = {
    "claimKind": (_TERM, "The kind of question that a claim answers."),
    "claimStatus": (_TERM, "Whether a claim is in use."),
    "evidenceLevel": (
        _TERM,
        "The certainty of what the evidence says of a claim, not the truth of the claim.",
    ),
    "conclusion": (_TERM, "What the evidence says of a claim."),
    "population": (_TEXT, "Whom a claim is about."),
    "exposure": (_TEXT, "The exposure, intervention or test of a claim."),
    "comparator": (_TEXT, "What the exposure is compared with."),
    "outcome": (_TEXT, "What was measured."),
    "warning": (_TEXT, "What to know before relying on a claim."),
    "limitation": (_LINK, "A stated weakness."),
    "staleSince": (_DATE, "When the evidence first differed from what the appraisal was based on."),
    "lastSearched": (_DATE, "When the literature was last searched for a claim."),
    "direction": (_TERM, "What a study says about a claim."),
    "directness": (_TERM, "Whether a study matches the population, exposure and outcome of a claim."),
    "hedge": (_TERM, "How firmly the authors state a result."),
    "riskOfBias": (_TERM, "How likely the conduct of a study distorted its result."),
    "whyNotCounted": (_TEXT, "Why an evidence item does not count. One without this counts."),
    "effectMeasure": (_TERM, "The scale of an effect estimate."),
    "effectValue": (_NUMBER, "An effect estimate."),
    "ciLow": (_NUMBER, "The lower bound of its confidence interval."),
    "ciHigh": (_NUMBER, "The upper bound of its confidence interval."),
    "ciLevel": (_NUMBER, "The level of its confidence interval, in per cent."),
    "pValue": (_TEXT, "The p value as printed."),
    "cases": (_NUMBER, "The number of cases."),
    "controls": (_NUMBER, "The number of controls."),
    "animals": (_NUMBER, "The number of animals."),
    "donors": (_NUMBER, "The number of serum donors."),
    "unitOfAnalysis": (_TERM, "What the numbers count."),
    "evidenceType": (_TERM, "The type of evidence that the design of a study gives."),
    "limitationKind": (_TERM, "What kind of weakness a limitation is."),
    "certaintyDomain": (_TERM, "The domain of GRADE that a judgement or a limitation bears on."),
    "judgement": (_LINK, "How an appraisal judged one domain."),
    "levelsMoved": (_NUMBER, "By how many levels a domain changed the certainty: below 0 if it lowered it."),
    "reason": (_TEXT, "The reason that was given."),
    "startLevel": (_TERM, "The level at which an appraisal began."),
    "startReason": (_TEXT, "Why it began there."),
    "computedLevel": (_TERM, "The level that follows from the domains."),
    "overrideReason": (_TEXT, "Why the level differs from the computed one."),
    "conclusionReason": (_TEXT, "Why this is the conclusion."),
    "schemeVersion": (_TEXT, "The version of the rules of an appraisal."),
    "quoteCheck": (_TERM, "Whether a quote was found word for word in a text of its source."),
    "studyDesign": (_TERM, "How a study was done."),
    "publicationState": (_TERM, "Whether and how a study has been published."),
    "standing": (_TERM, "The standing of a study in the scientific record."),
    "standingDate": (_DATE, "When the standing of a study changed."),
}
"""The properties of our own: the kind of value, and what it says."""

_SEPIO = {
    "Proposition": "0000000",
    "Assertion": "0000001",
    "EvidenceLine": "0000002",
}
_SEPIO_LINKS = {
    "hasEvidenceLine": "0000006",
    "isEvidenceLineFor": "0000427",
    "supportingReference": "0000124",
    "evidenceDirection": "0000183",
    "assertedConclusion": "0000197",
    "confidenceLevel": "0000167",
    "assertionMethod": "0000041",
}
_LINKS = ("url", "sameAs", "itemReviewed", "firstAppearance", "isBasedOn", "review", "license", "publisher")

Definition = Mapping[str, str]


def vocabulary_address(site: str) -> str:
    """Return the start of the addresses of our terms and properties. `site` is an address without a final slash."""
    return f"{site}/vocabulary#"


def context(site: str) -> dict[str, object]:
    """Return the context that expands the keys of a file to addresses."""
    own: dict[str, object] = {}
    for name, (kind, _) in PROPERTIES.items():
        coerced = {_TERM: "@id", _LINK: "@id", _DATE: f"{XSD}dateTime"}.get(kind)
        own[name] = {"@id": f"claims:{name}", **({"@type": coerced} if coerced else {})}
    return {
        "@version": 1.1,
        "@vocab": SCHEMA,
        "claims": vocabulary_address(site),
        "prov": PROV,
        "dct": DCT,
        **{name: f"{System.SEPIO}{code}" for name, code in _SEPIO.items()},
        **{name: {"@id": f"{System.SEPIO}{code}", "@type": "@id"} for name, code in _SEPIO_LINKS.items()},
        **{name: {"@id": f"{SCHEMA}{name}", "@type": "@id"} for name in _LINKS},
        **{
            name: {"@id": f"{SCHEMA}{name}", "@type": f"{XSD}dateTime"}
            for name in ("dateCreated", "dateModified", "datePublished")
        },
        **own,
    }


def term_name(term: Term) -> str:
    """Return the part of the address of a term that names it, such as evidence-level-very_low."""
    return f"{list_name(type(term))}-{term.value}"


def list_name(terms: type[Term]) -> str:
    """Return the part of the address of a list of terms that names it, such as evidence-level."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", terms.__name__).lower()


def short(term: Term) -> str:
    """Return the address of a term as the context shortens it."""
    return f"claims:{term_name(term)}"


def address(text: str) -> str:
    """Return an address with everything encoded that may not be in one: a DOI may have any character."""
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~-._")
