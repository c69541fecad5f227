"""Study design, species and registry numbers, from the words of the authors."""

import re
from collections.abc import Iterator

from claims_app.rules.extraction.model import FieldSuggestion, for_study
from claims_app.rules.identifiers import REGISTRY_NUMBER, normalise_registry_id
from claims_app.vocabulary import Species, StudyDesign

# The first match counts: a review of trials is a review, and “randomised” says more than “cohort”.
_DESIGNS = (
    (
        StudyDesign.SYSTEMATIC_REVIEW,
        r"systematic(?:ally)?\s+review(?:ed)?|meta[-‐ ]?analys[ie]s|umbrella\s+review",
    ),
    (
        StudyDesign.NON_RANDOMISED_TRIAL,
        r"(?:non|un)[-‐ ]?randomi[sz]ed|open[-‐ ]label(?:,?\s+(?:pilot|single[-‐ ]arm))?\s+(?:study|trial)"
        r"|single[-‐ ]arm|quasi[-‐ ]experimental|uncontrolled\s+trial",
    ),
    (
        StudyDesign.RANDOMISED_TRIAL,
        r"randomi[sz]ed(?:\s*,?\s+[\w-]+){0,4}\s+(?:trials?|study|crossover)|randomly\s+(?:assigned|allocated)"
        r"|(?:were|was)\s+randomi[sz]ed|\bRCTs?\b",
    ),
    (StudyDesign.CASE_CONTROL, r"case[-–‐ ]control(?:led)?"),
    (StudyDesign.CROSS_SECTIONAL, r"cross[-‐ ]sectional(?:ly)?"),
    (
        StudyDesign.COHORT,
        r"(?:prospective|retrospective|longitudinal|inception|birth|population[-‐ ]based|registry[-‐ ]based)\s+"
        r"(?:\w+\s+)?cohort|cohort\s+study|longitudinal\s+study|followed\s+(?:up\s+)?prospectively",
    ),
    (StudyDesign.CASE_SERIES, r"case\s+(?:series|reports?)|we\s+(?:report|describe)\s+(?:a|the)\s+case"),
    (
        StudyDesign.ANIMAL_EXPERIMENT,
        r"(?:mice|rats|rabbits|animals)\s+(?:were|was)\s+(?:\w+\s+)?(?:injected|treated|immuni[sz]ed|given|infused)"
        r"|injected\s+(?:\w+\s+){0,4}into\s+(?:\w+\s+)?(?:mice|rats|animals)|passive(?:ly)?\s+transfer(?:red)?"
        r"|(?:mouse|rat|animal|murine)\s+model",
    ),
    (StudyDesign.IN_VITRO, r"in\s+vitro|cell\s+cultures?|cultured\s+(?:\w+\s+){0,2}cells"),
    (
        StudyDesign.NARRATIVE_REVIEW,
        r"narrative\s+review|(?:in\s+)?this\s+(?:article|paper|review)\s+(?:reviews|summari[sz]es|discusses)"
        r"|(?:here,?\s+)?we\s+review\b",
    ),
)
_DESIGN = [(design, re.compile(rf"\b(?:{pattern})", re.IGNORECASE)) for design, pattern in _DESIGNS]
_SPECIES = [
    (Species.HUMAN, r"patients?|participants|wom[ae]n|men|volunteers|people|humans?\s+(?:subjects|beings)"),
    (Species.MOUSE, r"mice|mouse|murine"),
    (Species.RAT, r"rats?"),
    (Species.OTHER_ANIMAL, r"rabbits?|guinea\s+pigs?|monkeys?|macaques?|dogs?|hamsters?|zebrafish"),
]
_SPECIES_WORDS = [(species, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for species, words in _SPECIES]
# “anti-mouse IgG”, “mouse monoclonal antibody”: reagents, not the species studied.
_REAGENT = re.compile(r"anti[-‐ ]$|\b(?:goat|rabbit|mouse|rat|donkey)\s+anti[-‐ ]\w*$", re.IGNORECASE)
_ANTIBODY = re.compile(r"\s+(?:anti|monoclonal|polyclonal|antibod|igg\b|serum\s+albumin)", re.IGNORECASE)


def designs(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the design that a sentence names; at most one, since a sentence rarely describes two studies."""
    for design, pattern in _DESIGN:
        if match := pattern.search(sentence):
            yield for_study(match.start(), match.end(), design=design.value)
            return


def species(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the species studied according to a sentence, each once."""
    for kind, pattern in _SPECIES_WORDS:
        for match in pattern.finditer(sentence):
            before, after = sentence[max(0, match.start() - 20) : match.start()], sentence[match.end() :]
            if not _REAGENT.search(before) and not _ANTIBODY.match(after):
                yield for_study(match.start(), match.end(), species=kind.value)
                break


def registry_numbers(sentence: str) -> Iterator[FieldSuggestion]:
    """Yield the trial registry numbers in a sentence."""
    for match in REGISTRY_NUMBER.finditer(sentence):
        yield for_study(match.start(), match.end(), registry_id=normalise_registry_id(match[0]))
