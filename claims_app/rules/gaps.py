"""What is not known about a topic, in words: the gaps in the evidence behind its claims.

A gap is a fact about the evidence here, not about the world: a study that nobody has added yet leaves a gap, too.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from claims_app.vocabulary import Species, StudyDesign

LONG_AGO = 4
"""After so many years without a study, a topic has a gap in time."""

_IN_PEOPLE = frozenset(
    {
        StudyDesign.SYSTEMATIC_REVIEW,
        StudyDesign.RANDOMISED_TRIAL,
        StudyDesign.NON_RANDOMISED_TRIAL,
        StudyDesign.COHORT,
        StudyDesign.CASE_CONTROL,
        StudyDesign.CROSS_SECTIONAL,
        StudyDesign.CASE_SERIES,
    }
)


def is_in_people(design: str | None, species: Collection[str]) -> bool:
    """Return whether a study is research in people.

    Cells taken from people, and opinions, are not. If no species is named, the design decides.
    """
    return design in _IN_PEOPLE and (not species or Species.HUMAN in species)


class Missing(StrEnum):
    """What is missing."""

    CLAIMS = "claims"
    EVIDENCE = "evidence"
    ASSESSMENT = "assessment"
    HUMANS = "humans"
    GROUPS = "groups"
    TRIALS = "trials"
    RECENT = "recent"


@dataclass(frozen=True)
class Gap:
    """A gap, with its sentence."""

    missing: Missing
    words: str


@dataclass(frozen=True)
class Coverage:
    """What the evidence behind the claims of a topic covers."""

    claims: int
    with_evidence: int
    assessed: int
    with_human_evidence: int
    with_one_group: int
    """The claims whose counted evidence comes from one independent group."""

    about_treatment: int
    """The claims with evidence that a treatment works or does not."""

    about_treatment_with_trial: int
    newest_year: int | None


def gaps(of: Coverage, year: int) -> list[Gap]:
    """Return the gaps in the evidence, the widest first; `year` is the present one."""
    return list(_gaps(of, year))


def _gaps(of: Coverage, year: int) -> Iterator[Gap]:
    if not of.claims:
        yield Gap(Missing.CLAIMS, "No claims yet.")
        return
    if not of.with_evidence:
        yield Gap(Missing.EVIDENCE, "No studies are linked to any claim.")
    elif lacking := of.claims - of.with_evidence:
        yield Gap(Missing.EVIDENCE, f"{_of(lacking, of.claims)} without linked studies.")
    if not of.assessed:
        yield Gap(Missing.ASSESSMENT, "Nothing assessed yet.")
    elif open_ones := of.claims - of.assessed:
        yield Gap(Missing.ASSESSMENT, f"{_of(open_ones, of.claims)} not assessed yet.")
    if not of.with_evidence:
        return
    if not of.with_human_evidence:
        yield Gap(Missing.HUMANS, "No human evidence: no study is in people.")
    elif animals := of.with_evidence - of.with_human_evidence:
        yield Gap(Missing.HUMANS, f"{_of(animals, of.with_evidence)} with evidence, but none in people.")
    if of.with_one_group:
        if of.with_one_group == of.with_evidence:
            relies = "each claim relies on" if of.with_evidence > 1 else "the evidence comes from"
            yield Gap(Missing.GROUPS, f"One group only: {relies} a single independent group.")
        else:
            yield Gap(
                Missing.GROUPS,
                f"{_of(of.with_one_group, of.with_evidence)} with evidence from one independent group only.",
            )
    if of.about_treatment and not of.about_treatment_with_trial:
        yield Gap(Missing.TRIALS, "No randomised trial of a treatment.")
    if of.newest_year is not None and year - of.newest_year >= LONG_AGO:
        yield Gap(Missing.RECENT, f"No study since {of.newest_year}.")


def _of(some: int, every: int) -> str:
    """Return how many claims of how many: “2 of 7 claims”."""
    return f"{some:,} of {every:,} {'claim' if every == 1 else 'claims'}"
