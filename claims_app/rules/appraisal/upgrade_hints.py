"""Why the level is not higher: what would have to change, and which study could change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import RULES
from claims_app.rules.appraisal.starting import better_designs
from claims_app.vocabulary import CertaintyDomain, ClaimKind, EvidenceLevel, StudyDesign


@dataclass(frozen=True)
class Obstacle:
    """One reason why the level is not higher, by how many levels, and what study would change it."""

    name: str
    levels: int
    reason: str
    change: str
    study: str


_STUDY_OF_KIND: dict[ClaimKind, str] = {
    # Of the designs with the highest starting level for this kind of claim, one that is feasible.
    ClaimKind.ASSOCIATION: "a cohort or case–control study with consecutive patients, matched controls and "
    "measured confounders",
    ClaimKind.DOSE_RESPONSE: "a cohort with several levels of exposure and blinded assessment of the outcome",
    ClaimKind.ANIMAL_TRANSFER: "a randomised, blinded transfer from many individual donors, in another laboratory",
    ClaimKind.MECHANISM: "an experiment that blocks the step in question and tests whether the effect disappears",
    ClaimKind.DIAGNOSTIC: "a study of consecutive people whose diagnosis is uncertain, with a blinded "
    "reference standard",
    ClaimKind.PROGNOSTIC: "an inception cohort with few losses to follow-up",
    ClaimKind.TREATMENT: "a randomised trial with concealed allocation, blinding and intention-to-treat analysis",
    ClaimKind.PREVALENCE: "a survey of a random sample of the population with a high response rate",
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
        "The claim’s own population, exposure and outcome are studied.",
        "{study}, in the population of the claim and with its own outcome",
    ),
    CertaintyDomain.IMPRECISION: (
        "The confidence interval is narrow enough, and the optimal information size is reached.",
        "{study}, with a sample size calculation",
    ),
    CertaintyDomain.PUBLICATION_BIAS: (
        "The missing results are published, or registries show that none are missing.",
        "publication of completed registered studies, and {study} that is registered in advance",
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
    """Return the reasons why the level is below high: downgrades, the starting level, and an override.

    `computed` is the computed level, if known; if it is above `level`, it was overridden. Returns nothing
    for a high level.
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
            change = "Evidence from another design starts higher."
        else:
            # No design starts higher; what remains are GRADE's three reasons for rating up.
            *others, last = (domain.label.lower() for domain in RULES if domain.rates_up)
            upward = f"{', '.join(others)} or {last}"
            change = f"No design starts higher; evidence that is not rated down can be rated up for {upward}."
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
                "The appraiser set the level below the computed one. The reason for the override no longer applies.",
                _sentence(study),
            )
        )
    return obstacles


def _can_answer(kind: ClaimKind, design: StudyDesign) -> bool:
    """Whether such a study is feasible for a claim of this kind: nobody can be randomised to an illness."""
    natural = {ClaimKind.ASSOCIATION, ClaimKind.DOSE_RESPONSE}
    return not (kind in natural and design is StudyDesign.RANDOMISED_TRIAL)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
