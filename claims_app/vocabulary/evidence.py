"""Terms of evidence items and limitations."""

from claims_app.vocabulary.term import Term


class Direction(Term):
    """What a study says about a claim. The four are never merged."""

    SUPPORTS = ("supports", "Supports", "The result agrees with the claim.")
    CONTRADICTS = ("contradicts", "Contradicts", "The result goes against the claim.")
    NULL = ("null", "Null", "Adequately powered, found no effect.")
    INCONCLUSIVE = ("inconclusive", "Inconclusive", "Relevant to the claim, but not conclusive.")


class Directness(Term):
    """Whether a study matches the claim's population, exposure and outcome."""

    DIRECT = ("direct", "Direct", "Same population, exposure and outcome as the claim.")
    INDIRECT = (
        "indirect",
        "Indirect",
        "Different population, species, exposure or outcome from the claim.",
    )
    UNKNOWN = ("unknown", "Unknown", "Not enough information to tell.")


class Hedge(Term):
    """How firmly the authors state their result."""

    STATED = ("stated", "Stated", "The authors state it as a result.")
    SUGGESTED = ("suggested", "Suggested", "The authors suggest it: “may”, “appears to”.")
    SPECULATED = ("speculated", "Speculated", "The authors only speculate: “might”, “it is conceivable”.")


class RiskOfBias(Term):
    """How likely it is that the conduct of a study distorted its result."""

    LOW = ("low", "Low", "Unlikely to have distorted the result.")
    SOME_CONCERNS = ("some_concerns", "Some concerns", "May have distorted the result.")
    HIGH = ("high", "High", "Likely to have distorted the result.")
    NOT_ASSESSED = ("not_assessed", "Not assessed", "Not judged yet.")


class EffectMeasure(Term):
    """The scale on which an effect estimate is given."""

    OR = ("OR", "Odds ratio", "Odds in one group divided by the odds in the other; 1 means no difference.")
    RR = ("RR", "Risk ratio", "Risk in one group divided by the risk in the other; 1 means no difference.")
    HR = (
        "HR",
        "Hazard ratio",
        "Rate of events over time, one group against the other; 1 means no difference.",
    )
    MD = (
        "MD",
        "Mean difference",
        "Difference of two means in the unit of measurement; 0 means no difference.",
    )
    SMD = ("SMD", "Standardised mean difference", "Difference of two means in standard deviations.")
    R = ("r", "Pearson’s r", "Linear correlation, from -1 to 1.")
    RHO = ("rho", "Spearman’s rho", "Rank correlation, from -1 to 1.")
    AUC = (
        "AUC",
        "Area under the curve",
        "How well a test distinguishes two groups; 0.5 is chance, 1 is perfect.",
    )
    PERCENT = ("percent", "Per cent", "A share or a change in per cent.")
    OTHER = ("other", "Other", "Another measure; name it in the summary.")


RATIO_MEASURES = (EffectMeasure.OR, EffectMeasure.RR, EffectMeasure.HR)
CORRELATION_MEASURES = (EffectMeasure.R, EffectMeasure.RHO)


class UnitOfAnalysis(Term):
    """What the numbers of an evidence item count."""

    PARTICIPANTS = ("participants", "Participants", "People who took part.")
    SERUM_DONORS = ("serum_donors", "Serum donors", "People whose serum or antibodies were used.")
    ANIMALS = ("animals", "Animals", "Animals whose outcome was measured.")
    SAMPLES = ("samples", "Samples", "Samples, sections or cells; several may come from one donor.")
    STUDIES = ("studies", "Studies", "Studies included in a review.")


class LimitationKind(Term):
    """What kind of weakness a limitation is."""

    EARLY_STAGE = ("early_stage", "Early stage", "The research has only just begun.")
    PRELIMINARY = ("preliminary", "Preliminary", "The result is not conclusive yet.")
    SMALL_SAMPLE = ("small_sample", "Small sample", "Few participants, donors or animals.")
    NEEDS_REPLICATION = ("needs_replication", "Needs replication", "Not yet confirmed by others.")
    NEEDS_DIVERSE_SAMPLES = (
        "needs_diverse_samples",
        "Needs diverse samples",
        "Tested in too narrow a group to be applied widely.",
    )
    SPECIFICITY_UNKNOWN = (
        "specificity_unknown",
        "Specificity unknown",
        "It is not known whether it also occurs in other conditions.",
    )
    NOT_ALL_PATIENTS = (
        "not_all_patients",
        "Not all patients",
        "It does not apply to everyone with the condition.",
    )
    HETEROGENEOUS_CONDITION = (
        "heterogeneous_condition",
        "Heterogeneous condition",
        "The condition may have several causes or subtypes.",
    )
    SUBGROUP_SIZE_UNKNOWN = (
        "subgroup_size_unknown",
        "Subgroup size unknown",
        "It is not known how many people it applies to.",
    )
    UNKNOWN_TRIGGER = ("unknown_trigger", "Unknown trigger", "It is not known what triggers the process.")
    NEEDS_EFFICACY_AND_SAFETY_DATA = (
        "needs_efficacy_and_safety_data",
        "Needs efficacy and safety data",
        "Benefit and harm have not been shown.",
    )
    NO_SOURCE_NAMED = (
        "no_source_named",
        "No source named",
        "The report does not say which research it is based on.",
    )
    NO_CONTROL_GROUP = (
        "no_control_group",
        "No control group",
        "No people without the condition were measured.",
    )
    SELECTION = (
        "selection",
        "Selection",
        "The people studied differ from those the claim is about.",
    )
    CONFOUNDING = ("confounding", "Confounding", "Another factor may explain the result.")
    MEASUREMENT = ("measurement", "Measurement", "The assay, the cut-off or the questionnaire is uncertain.")
    NOT_BLINDED = ("not_blinded", "Not blinded", "The assessors knew who was in which group.")
    REVERSE_CAUSATION = (
        "reverse_causation",
        "Reverse causation",
        "The finding may be a consequence of the condition, not its cause.",
    )
    INDIRECT_EVIDENCE = (
        "indirect_evidence",
        "Indirect evidence",
        "A different population, species, exposure or outcome was studied.",
    )
    SELECTIVE_REPORTING = (
        "selective_reporting",
        "Selective reporting",
        "Results are missing, or only some of the measured outcomes are reported.",
    )
    OVERLAPPING_PARTICIPANTS = (
        "overlapping_participants",
        "Overlapping participants",
        "The same people, animals or sera appear in another report.",
    )
    OTHER = ("other", "Other", "Another weakness, described in the text.")


class QuoteCheck(Term):
    """Whether a quote was found, word for word, in a text of its study."""

    VERIFIED = ("verified", "Verified", "Found word for word in a text of the study.")
    TYPOGRAPHY = (
        "verified_typography",
        "Verified, apart from typography",
        "Found in a text of the study. Only hyphenation, dashes, quotation marks, ligatures or spaces differ.",
    )
    NOT_FOUND = (
        "not_found",
        "Not found",
        "Not found in any stored text of the study; it may be in another one.",
    )
    TEXT_UNAVAILABLE = (
        "text_unavailable",
        "Text unavailable",
        "No text of the study is stored, and the quote has not been checked against another one.",
    )

    @property
    def in_files(self) -> "QuoteCheck":
        """The value in files and in the API, where typography makes no difference."""
        return QuoteCheck.VERIFIED if self is QuoteCheck.TYPOGRAPHY else self
