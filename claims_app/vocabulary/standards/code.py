"""What a term of ours is called elsewhere, and how closely the two agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum

from claims_app.vocabulary.term import Term


class System(StrEnum):
    """A code system or an ontology, by the start of the addresses of its terms or by its address."""

    CERTAINTY_RATING = "http://hl7.org/fhir/certainty-rating"
    CERTAINTY_TYPE = "http://hl7.org/fhir/certainty-type"
    CITATION_ARTIFACT = "http://hl7.org/fhir/citation-artifact-classifier"
    CITED_ARTIFACT_STATUS = "http://hl7.org/fhir/cited-artifact-status-type"
    PUBLICATION_STATUS = "http://hl7.org/fhir/publication-status"
    STUDY_DESIGN = "http://hl7.org/fhir/study-design"
    ATTRIBUTE_ESTIMATE = "http://terminology.hl7.org/CodeSystem/attribute-estimate-type"
    DIRECTNESS = "http://terminology.hl7.org/CodeSystem/directness"
    STATISTIC_TYPE = "http://terminology.hl7.org/CodeSystem/statistic-type"
    SYNTHESIS_TYPE = "http://terminology.hl7.org/CodeSystem/synthesis-type"
    VARIABLE_ROLE = "http://terminology.hl7.org/CodeSystem/variable-role"
    ECO = "http://purl.obolibrary.org/obo/ECO_"
    SEPIO = "http://purl.obolibrary.org/obo/SEPIO_"


ONTOLOGIES = (System.ECO, System.SEPIO)
"""The systems whose terms have an address of their own."""


class Match(Enum):
    """How a code agrees with a term of ours, as the property of SKOS that says so."""

    EXACT = "exactMatch"
    CLOSE = "closeMatch"
    BROADER = "broadMatch"
    """The code means more than our term does."""


@dataclass(frozen=True)
class Code:
    """A code of a system, with the name that the system gives it."""

    system: System
    code: str
    display: str
    match: Match = Match.EXACT

    @property
    def iri(self) -> str:
        """Its address: that of the term in an ontology, and of the code within the address of a code system."""
        return f"{self.system}{self.code}" if self.system in ONTOLOGIES else f"{self.system}#{self.code}"


@dataclass(frozen=True)
class NoCode:
    """That a system has no code for a term of ours, and why."""

    reason: str


Codes = Mapping[Term, Code | NoCode]


@dataclass(frozen=True)
class Mapped:
    """One of our lists of terms, each with its code in one system or the reason why it has none."""

    terms: type[Term]
    system: System
    codes: Codes

    def __getitem__(self, term: Term) -> Code | None:
        """Return the code of a term, or None if there is none."""
        found = self.codes[term]
        return found if isinstance(found, Code) else None
