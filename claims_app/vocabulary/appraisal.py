"""Terms of appraisals: GRADE certainty, and what lowers or raises it."""

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
        "The evidence has not been appraised yet. This says nothing about how strong it is.",
    )

    @property
    def rank(self) -> int:
        """The level as a number from 1 (very low) to 4 (high); 0 for a claim that is not assessed."""
        return _RANKS[self.value]


_RANKS = {"not_assessed": 0, "very_low": 1, "low": 2, "moderate": 3, "high": 4}


class LevelState(Term):
    """Whether a claim's evidence level is based on its present evidence."""

    CURRENT = ("current", "Current", "The evidence has not changed since the last appraisal.")
    STALE = ("stale", "Stale", "The evidence (not just the wording) changed after the last appraisal.")
    NOT_ASSESSED = ("not_assessed", "Not assessed", "There is no appraisal yet.")


class CertaintyDomain(Term):
    """A reason to lower or raise the certainty of a body of evidence (GRADE)."""

    RISK_OF_BIAS = (
        "risk_of_bias",
        "Risk of bias",
        "Limitations in study design or conduct that are likely to distort the results.",
    )
    INCONSISTENCY = (
        "inconsistency",
        "Inconsistency",
        "Unexplained differences between the results of studies.",
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
        "Studies are likely to be missing because of their results.",
    )
    LARGE_EFFECT = (
        "large_effect",
        "Large effect",
        "The effect is too large to be explained by bias alone; rates up.",
    )
    DOSE_RESPONSE_GRADIENT = (
        "dose_response_gradient",
        "Dose–response gradient",
        "More exposure is associated with a larger effect; rates up.",
    )
    OPPOSING_CONFOUNDING = (
        "opposing_confounding",
        "Opposing confounding",
        "All plausible confounding would have reduced the effect; rates up.",
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
    """The published scheme by which evidence was appraised."""

    GRADE = (
        "grade",
        "GRADE",
        "Grading of Recommendations Assessment, Development and Evaluation: four levels of certainty.",
    )


class RiskOfBiasTool(Term):
    """The published tool with which the risk of bias was judged."""

    ROB_2 = ("rob_2", "RoB 2", "Cochrane’s tool for randomised trials.")
    ROBINS_I = (
        "robins_i",
        "ROBINS-I",
        "For non-randomised studies of interventions; compares them with a target trial.",
    )
    ROBINS_E = ("robins_e", "ROBINS-E", "For studies of exposures; compares them with a target experiment.")
    QUIPS = ("quips", "QUIPS", "For studies of prognostic factors.")
    QUADAS_2 = ("quadas_2", "QUADAS-2", "For studies of diagnostic accuracy.")
    SYRCLE = ("syrcle", "SYRCLE", "For animal experiments.")
    NEWCASTLE_OTTAWA = (
        "newcastle_ottawa",
        "Newcastle–Ottawa",
        "Star ratings for cohort and case–control studies.",
    )
    OTHER = ("other", "Other tool", "Name it in the reason.")

    @property
    def judges_confounding(self) -> bool:
        """Whether confounding is judged within risk of bias, against an absolute standard (GRADE 18)."""
        return self in {RiskOfBiasTool.ROBINS_I, RiskOfBiasTool.ROBINS_E}


class AppraisalStage(Term):
    """Whether an appraisal was made alone, as one of two independent ones, or to settle these."""

    SINGLE = ("single", "Single", "One appraiser judged the evidence.")
    INDEPENDENT = (
        "independent",
        "Independent",
        "One of two appraisals made without sight of each other; it does not set the level on its own.",
    )
    SETTLED = ("settled", "Settled", "Combines two independent appraisals, with both in view.")


class Conclusion(Term):
    """What the body of evidence says of a claim; the evidence level is how certain that is."""

    SUPPORTED = ("supported", "Supported", "The evidence supports the claim.")
    CONTRADICTED = ("contradicted", "Contradicted", "The evidence speaks against the claim.")
    NO_EFFECT = (
        "no_effect",
        "No effect",
        "The evidence shows no effect: adequately powered studies looked for it and did not find it.",
    )
    MIXED = ("mixed", "Mixed", "The evidence points in different directions, and none prevails.")
    UNDECIDED = ("undecided", "Undecided", "The evidence does not decide: no study is conclusive.")
