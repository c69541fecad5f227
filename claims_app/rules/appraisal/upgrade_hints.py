"""Why not higher: what would have to change, domain by domain, and which study would do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import RULES
from claims_app.rules.appraisal.starting import better_designs
from claims_app.vocabulary import CertaintyDomain, ClaimKind, EvidenceLevel, StudyDesign


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps the level down: by how many levels, why, what would have to change, and by which study."""

    name: str
    levels: int
    reason: str
    change: str
    study: str


_STUDY_OF_KIND: dict[ClaimKind, str] = {
    # Of the designs that begin highest for a claim of this kind, the one that somebody can do.
    ClaimKind.ASSOCIATION: "a cohort or case–control study with consecutive patients, matched controls and "
    "measured confounders",
    ClaimKind.DOSE_RESPONSE: "a cohort that measures the exposure in steps, and the outcome blind to it",
    ClaimKind.ANIMAL_TRANSFER: "a randomised, blinded transfer with many single donors, in another laboratory",
    ClaimKind.MECHANISM: "an experiment that blocks the step in question and looks whether the effect is gone",
    ClaimKind.DIAGNOSTIC: "a study of consecutive people in whom the diagnosis is open, against a blinded "
    "reference standard",
    ClaimKind.PROGNOSTIC: "an inception cohort that is followed with few losses",
    ClaimKind.TREATMENT: "a randomised trial that is concealed, blinded and analysed as allotted",
    ClaimKind.PREVALENCE: "a survey of a random sample of the population with few refusals",
}

_CHANGES: dict[CertaintyDomain, tuple[str, str]] = {
    CertaintyDomain.RISK_OF_BIAS: (
        "Most of the evidence comes from studies at low risk of bias.",
        "{study}, with a published protocol",
    ),
    CertaintyDomain.INCONSISTENCY: (
        "The differences are explained, or more independent groups find the same.",
        "a replication by an independent group with the same methods, or an analysis of the subgroups that differ",
    ),
    CertaintyDomain.INDIRECTNESS: (
        "The very population, exposure and outcome of the claim are studied.",
        "{study}, in the population of the claim and with its own outcome",
    ),
    CertaintyDomain.IMPRECISION: (
        "The interval leaves no room for another answer, and the optimal information size is reached.",
        "{study}, large enough by a sample size calculation",
    ),
    CertaintyDomain.PUBLICATION_BIAS: (
        "The missing results are published, or registered studies show that none is missing.",
        "the reports of registered and completed studies, and {study} that is registered before it begins",
    ),
}


def why_not_higher(
    kind: ClaimKind,
    level: EvidenceLevel,
    start: EvidenceLevel,
    start_reason: str,
    moves: Mapping[CertaintyDomain, int],
    reasons: Mapping[CertaintyDomain, str | None],
    computed: EvidenceLevel | None = None,
    override_reason: str | None = None,
) -> Sequence[Obstacle]:
    """Return what keeps the certainty below high: the domains that moved it down, where it began, an override.

    `computed` is the computed level where that is known; one above `level` was overridden. Nothing for a
    level that is high already.
    """
    if level is EvidenceLevel.HIGH:
        return ()
    study = _STUDY_OF_KIND[kind]
    obstacles = [
        Obstacle(
            domain.label,
            -moves[domain],
            reasons.get(domain) or "",
            _CHANGES[domain][0],
            _sentence(_CHANGES[domain][1].format(study=study)),
        )
        for domain in _CHANGES
        if moves.get(domain, 0) < 0
    ]
    if start is not EvidenceLevel.HIGH:
        if any(_can_answer(kind, design) for design in better_designs(kind, start)):
            change = "The evidence begins higher with another design."
        else:
            # No single design begins higher; GRADE leaves the three reasons for rating up.
            upward = ", ".join(RULES[domain].domain.label.lower() for domain in RULES if domain.rates_up)
            change = (
                f"No design begins higher here; evidence that is not rated down can be rated up: {upward}."
            )
        obstacles.append(
            Obstacle(
                "Starting level",
                EvidenceLevel.HIGH.rank - start.rank,
                start_reason,
                change,
                _sentence(study),
            )
        )
    if computed is not None and computed.rank > level.rank:
        obstacles.append(
            Obstacle(
                "Override",
                computed.rank - level.rank,
                override_reason or "",
                "The appraiser set the level below the computed one; what the reason names is no concern any more.",
                _sentence(study),
            )
        )
    return obstacles


def _can_answer(kind: ClaimKind, design: StudyDesign) -> bool:
    """Whether somebody could do such a study for a claim of this kind: nobody can be allotted to an illness."""
    natural = {ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE}
    return not (kind in natural and design is StudyDesign.RANDOMISED_TRIAL)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
