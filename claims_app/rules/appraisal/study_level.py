"""The level of one study for one question: OCEBM 2011, 1 (best) to 5.

The level is always given with its question. OCEBM has no question for an association or a mechanism,
so such studies have no level rather than an invented one.
"""

from dataclasses import dataclass

from claims_app.rules.appraisal import sources
from claims_app.vocabulary import ClaimKind, StudyDesign

SOURCE = sources.OCEBM_2011

QUESTIONS: dict[ClaimKind, str] = {
    ClaimKind.PREVALENCE: "How common is the problem?",
    ClaimKind.DIAGNOSTIC: "Is this diagnostic or monitoring test accurate?",
    ClaimKind.PROGNOSTIC: "What will happen if we do not add a therapy?",
    ClaimKind.TREATMENT: "Does this intervention help?",
}
"""The question of the OCEBM table for each kind of claim; other kinds have none."""

_D = StudyDesign

LEVELS: dict[ClaimKind, dict[StudyDesign, int]] = {
    ClaimKind.PREVALENCE: {
        # Whether a sample was local and random is not recorded, so the cautious level is used.
        _D.SYSTEMATIC_REVIEW: 2,
        _D.CROSS_SECTIONAL: 3,
        _D.COHORT: 3,
        _D.CASE_CONTROL: 4,
        _D.CASE_SERIES: 4,
        _D.RANDOMISED_TRIAL: 4,
        _D.NON_RANDOMISED_TRIAL: 4,
    },
    ClaimKind.DIAGNOSTIC: {
        _D.SYSTEMATIC_REVIEW: 1,
        _D.CROSS_SECTIONAL: 2,
        _D.COHORT: 2,
        _D.RANDOMISED_TRIAL: 2,
        _D.NON_RANDOMISED_TRIAL: 3,
        _D.CASE_CONTROL: 4,
        _D.CASE_SERIES: 4,
    },
    ClaimKind.PROGNOSTIC: {
        _D.SYSTEMATIC_REVIEW: 1,
        # Level 2 is for inception cohorts, which are not recorded as such.
        _D.COHORT: 3,
        _D.RANDOMISED_TRIAL: 3,
        _D.NON_RANDOMISED_TRIAL: 3,
        _D.CASE_CONTROL: 4,
        _D.CROSS_SECTIONAL: 4,
        _D.CASE_SERIES: 4,
    },
    ClaimKind.TREATMENT: {
        _D.SYSTEMATIC_REVIEW: 1,
        _D.RANDOMISED_TRIAL: 2,
        _D.NON_RANDOMISED_TRIAL: 3,
        _D.COHORT: 3,
        _D.CASE_CONTROL: 4,
        _D.CROSS_SECTIONAL: 4,
        _D.CASE_SERIES: 4,
    },
}

_ASSUMPTIONS: dict[tuple[ClaimKind, StudyDesign], str] = {
    (ClaimKind.DIAGNOSTIC, _D.CROSS_SECTIONAL): "if the reference standard was applied to all, and blindly",
    (ClaimKind.DIAGNOSTIC, _D.COHORT): "if the reference standard was applied to all, and blindly",
    (ClaimKind.TREATMENT, _D.SYSTEMATIC_REVIEW): "if it is a review of randomised trials",
    (ClaimKind.PROGNOSTIC, _D.SYSTEMATIC_REVIEW): "if it is a review of inception cohorts",
}
"""Conditions of a level that are not recorded; they are shown so that a curator can judge them."""

_MECHANISM_BASED = frozenset({_D.ANIMAL_EXPERIMENT, _D.IN_VITRO})
_OPINION = frozenset({_D.NARRATIVE_REVIEW, _D.EXPERT_OPINION, _D.NEWS_REPORT})
_NO_LEVEL_5 = frozenset({ClaimKind.PREVALENCE, ClaimKind.PROGNOSTIC})


@dataclass(frozen=True)
class StudyLevel:
    """The level of a study (None if there is none), the question it is for, and the reason."""

    level: int | None
    question: str | None
    reason: str


def study_level(kind: ClaimKind, design: StudyDesign | None) -> StudyLevel:
    """Return the OCEBM 2011 level of a study of this `design` for a claim of this `kind`."""
    question = QUESTIONS.get(kind)
    if design is None:
        return StudyLevel(None, question, "The design of the study is not recorded.")
    if design in _OPINION:
        return StudyLevel(None, question, f"{_a(design)} has no data of its own; OCEBM ranks only studies.")
    if design in _MECHANISM_BASED:
        if kind in _NO_LEVEL_5:
            return StudyLevel(
                None, question, "OCEBM has no level for mechanism-based reasoning about this question."
            )
        return StudyLevel(5, question, "Research in animals or cells counts as mechanism-based reasoning.")
    if question is None:
        return StudyLevel(
            None,
            None,
            f"OCEBM 2011 has no question of this kind ({kind.label.lower()}), so there is no level.",
        )
    assumed = _ASSUMPTIONS.get((kind, design))
    reason = f"{_a(design)}, for the question “{question}”" + (f" ({assumed})" if assumed else "")
    return StudyLevel(LEVELS[kind][design], question, reason)


def _a(design: StudyDesign) -> str:
    article = "An" if design.label[0] in "AEIOU" else "A"
    return f"{article} {design.label[0].lower()}{design.label[1:]}"
