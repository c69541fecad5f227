"""Our terms in the words of others: HL7 FHIR R5 (with GRADE’s ratings), SEPIO and the Evidence & Conclusion Ontology.

Each term of a mapped list has a code or the reason why it has none: a code that means something else is worse than
none. Files give our own term too, at an address of the site, so nothing is lost by a code that means more than it.

Sources: code systems of FHIR 5.0.0 (package hl7.fhir.r5.core 5.0.0) and of HL7 Terminology (hl7.terminology 7.0.1);
SEPIO (sepio.owl of 26 July 2024); ECO (eco.obo, release 2024-07-19). `tests/vocabulary` compares each code with these.
"""

from claims_app.vocabulary.standards.code import ONTOLOGIES, Code, Mapped, Match, NoCode, System
from claims_app.vocabulary.standards.codes import (
    CERTAINTY_DOMAINS,
    CLAIM_STATUS,
    CONCLUSION_DIRECTION,
    CONFIDENCE_INTERVAL,
    DIRECTNESS,
    EFFECT_MEASURES,
    EVIDENCE_DIRECTION,
    LEVELS,
    MAPPED,
    NARRATIVE,
    OVERALL_CERTAINTY,
    P_VALUE,
    PUBLICATION_FORMS,
    STUDY_DESIGNS,
    STUDY_EVIDENCE,
    STUDY_STANDING,
    SYNTHESIS,
    VARIABLE_ROLES,
    ratings_of_move,
)

__all__ = [
    "CERTAINTY_DOMAINS",
    "CLAIM_STATUS",
    "CONCLUSION_DIRECTION",
    "CONFIDENCE_INTERVAL",
    "DIRECTNESS",
    "EFFECT_MEASURES",
    "EVIDENCE_DIRECTION",
    "LEVELS",
    "MAPPED",
    "NARRATIVE",
    "ONTOLOGIES",
    "OVERALL_CERTAINTY",
    "PUBLICATION_FORMS",
    "P_VALUE",
    "STUDY_DESIGNS",
    "STUDY_EVIDENCE",
    "STUDY_STANDING",
    "SYNTHESIS",
    "VARIABLE_ROLES",
    "Code",
    "Mapped",
    "Match",
    "NoCode",
    "System",
    "ratings_of_move",
]
