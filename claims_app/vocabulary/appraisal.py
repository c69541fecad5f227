"""Terms of appraisals: GRADE certainty and what moves it."""

from claims_app.vocabulary.term import Term


class EvidenceLevel(Term):
    """GRADE certainty of the whole body of evidence behind a claim.

    Definitions after Balshem et al., GRADE guidelines 3, J Clin Epidemiol 2011;64:401-6.
    """

    HIGH = (
        "high",
        "High certainty",
        "We are very confident that the true effect lies close to the estimate.",
    )
    MODERATE = (
        "moderate",
        "Moderate certainty",
        "The true effect is likely to be close to the estimate, but may be substantially different.",
    )
    LOW = ("low", "Low certainty", "The true effect may be substantially different from the estimate.")
    VERY_LOW = (
        "very_low",
        "Very low certainty",
        "The true effect is likely to be substantially different from the estimate.",
    )
    NOT_ASSESSED = (
        "not_assessed",
        "Not assessed",
        "Nobody has appraised the evidence yet. This says nothing about how strong it is.",
    )

    @property
    def rank(self) -> int:
        """The level as a number from 1 (very low) to 4 (high); 0 for a claim that is not assessed."""
        return _RANKS[self.value]


_RANKS = {"not_assessed": 0, "very_low": 1, "low": 2, "moderate": 3, "high": 4}


class LevelState(Term):
    """Whether a claim's evidence level still rests on the evidence of today."""

    CURRENT = ("current", "Current", "The evidence has not changed since the last appraisal.")
    STALE = ("stale", "Stale", "The evidence, not only the wording, changed after the last appraisal.")
    NOT_ASSESSED = ("not_assessed", "Not assessed", "There is no appraisal yet.")


class CertaintyDomain(Term):
    """What moves the certainty of a body of evidence down or up (GRADE)."""

    RISK_OF_BIAS = (
        "risk_of_bias",
        "Risk of bias",
        "Limits in design or conduct that are likely to distort results.",
    )
    INCONSISTENCY = (
        "inconsistency",
        "Inconsistency",
        "Results differ between studies, and nobody knows why.",
    )
    INDIRECTNESS = (
        "indirectness",
        "Indirectness",
        "Population, exposure, comparator or outcome differ from the claim’s.",
    )
    IMPRECISION = ("imprecision", "Imprecision", "Few participants or events, or wide intervals.")
    PUBLICATION_BIAS = (
        "publication_bias",
        "Publication bias",
        "Studies are missing because of what they found.",
    )
    LARGE_EFFECT = (
        "large_effect",
        "Large effect",
        "An effect too large to be explained by bias alone; rates up.",
    )
    DOSE_RESPONSE_GRADIENT = (
        "dose_response_gradient",
        "Dose–response gradient",
        "More exposure goes with more effect; rates up.",
    )
    OPPOSING_CONFOUNDING = (
        "opposing_confounding",
        "Opposing confounding",
        "All plausible confounding would have made the effect smaller; rates up.",
    )

    @property
    def rates_up(self) -> bool:
        """Whether the domain can only raise the certainty; the other five can only lower it."""
        return self in {
            CertaintyDomain.LARGE_EFFECT,
            CertaintyDomain.DOSE_RESPONSE_GRADIENT,
            CertaintyDomain.OPPOSING_CONFOUNDING,
        }


class Scheme(Term):
    """By which published scheme an evidence level was reached."""

    GRADE = (
        "grade",
        "GRADE",
        "Grading of Recommendations Assessment, Development and Evaluation: four levels of certainty.",
    )


class RiskOfBiasTool(Term):
    """With which published instrument the risk of bias was judged."""

    ROB_2 = ("rob_2", "RoB 2", "Cochrane’s tool for randomised trials.")
    ROBINS_I = (
        "robins_i",
        "ROBINS-I",
        "For non-randomised studies of interventions; compares them with a target trial.",
    )
    ROBINS_E = ("robins_e", "ROBINS-E", "For studies of exposures; compares them with a target experiment.")
    QUIPS = ("quips", "QUIPS", "For studies of prognostic factors.")
    QUADAS_2 = ("quadas_2", "QUADAS-2", "For studies of diagnostic accuracy.")
    SYRCLE = ("syrcle", "SYRCLE", "For experiments with animals.")
    NEWCASTLE_OTTAWA = ("newcastle_ottawa", "Newcastle–Ottawa", "Stars for cohort and case–control studies.")
    OTHER = ("other", "Another tool", "Named in the reason.")

    @property
    def judges_confounding(self) -> bool:
        """Whether confounding is judged within risk of bias, against an absolute standard (GRADE 18)."""
        return self in {RiskOfBiasTool.ROBINS_I, RiskOfBiasTool.ROBINS_E}


class AppraisalStage(Term):
    """What an appraisal was made for."""

    SINGLE = ("single", "Single", "One appraiser judged the evidence.")
    INDEPENDENT = (
        "independent",
        "Independent",
        "One of two that were made without sight of each other; it gives the claim no level by itself.",
    )
    SETTLED = ("settled", "Settled", "Made from two independent appraisals, with both in view.")


class Verdict(Term):
    """Where the body of evidence points, counted by independent groups."""

    SUPPORTS = (
        "supports",
        "For the claim",
        "More independent groups support the claim than speak against it.",
    )
    AGAINST = (
        "against",
        "Against the claim",
        "More independent groups contradict the claim, or looked and found nothing, than support it.",
    )
    DIVIDED = ("divided", "Divided", "As many independent groups speak for the claim as against it.")
    UNDECIDED = ("undecided", "Undecided", "No study decides the claim.")
