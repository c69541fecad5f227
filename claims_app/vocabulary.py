"""Every controlled term of the database, with its label and its one-line definition.

A term's *value* is what tables, URLs, forms and CSV files hold; its *label* is what a person
reads; its *definition* is the help that the interface shows. Database constraints, form choices
and filters are all made from these classes, so a term is added or reworded here and nowhere else.
"""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A controlled term: its value, a label and a one-line definition."""

    label: str
    definition: str

    def __new__(cls, value: str, label: str, definition: str) -> Self:
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        term.definition = definition
        return term

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the term with `value`. Raises ValueError, naming the known terms, if there is none."""
        for term in cls:
            if term.value == value:
                return term
        raise ValueError(f"“{value}” is not known here; use one of: {', '.join(cls.values())}.")

    @classmethod
    def values(cls) -> tuple[str, ...]:
        """Return the values of all terms, in the order in which they are defined."""
        return tuple(term.value for term in cls)


class ClaimKind(Term):
    """What sort of question a claim answers. The kind decides where an appraisal starts."""

    ASSOCIATION = ("association", "Association", "Two things occur together more often than by chance.")
    ANIMAL_TRANSFER = (
        "animal_transfer",
        "Animal transfer",
        "Material from patients, given to animals, causes signs of the condition.",
    )
    DOSE_RESPONSE = (
        "dose_response",
        "Dose–response",
        "More of the exposure goes with more, or with less, of the outcome.",
    )
    MECHANISM = ("mechanism", "Mechanism", "How one thing brings about another.")
    DIAGNOSTIC = ("diagnostic", "Diagnostic", "A test or a sign tells people with a condition from others.")
    PROGNOSTIC = ("prognostic", "Prognostic", "A factor foretells how a condition will go on.")
    TREATMENT = ("treatment", "Treatment", "An intervention changes the course of a condition.")
    PREVALENCE = ("prevalence", "Prevalence", "How common something is in a population.")


class ClaimStatus(Term):
    """Where a claim stands in its life."""

    DRAFT = ("draft", "Draft", "Being written; not yet meant to be relied on.")
    ACTIVE = ("active", "Active", "In force: kept up as new evidence comes in.")
    CONTESTED = ("contested", "Contested", "The literature disagrees about it.")
    SUPERSEDED = ("superseded", "Superseded", "Replaced by a claim that says it better.")
    WITHDRAWN = ("withdrawn", "Withdrawn", "No longer claimed by those who made it, or entered in error.")


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


class LevelState(Term):
    """Whether a claim's evidence level still rests on the evidence of today."""

    CURRENT = ("current", "Current", "The evidence has not changed since the last appraisal.")
    STALE = ("stale", "Stale", "The evidence, not only the wording, changed after the last appraisal.")
    NOT_ASSESSED = ("not_assessed", "Not assessed", "There is no appraisal yet.")


class StudyDesign(Term):
    """How a study was done."""

    SYSTEMATIC_REVIEW = (
        "systematic_review",
        "Systematic review",
        "All studies of a question, searched for and weighed by a stated method.",
    )
    RANDOMISED_TRIAL = (
        "randomised_trial",
        "Randomised trial",
        "Participants are allotted to the arms by chance.",
    )
    NON_RANDOMISED_TRIAL = (
        "non_randomised_trial",
        "Non-randomised trial",
        "Participants are given an intervention, but not by chance.",
    )
    COHORT = ("cohort", "Cohort study", "People are followed over time and outcomes are counted.")
    CASE_CONTROL = (
        "case_control",
        "Case–control study",
        "People with the condition are compared with people without it.",
    )
    CROSS_SECTIONAL = (
        "cross_sectional",
        "Cross-sectional study",
        "Exposure and outcome are measured at one point in time.",
    )
    CASE_SERIES = ("case_series", "Case series", "Patients are described without a comparison group.")
    ANIMAL_EXPERIMENT = (
        "animal_experiment",
        "Animal experiment",
        "The outcome is measured in living animals.",
    )
    IN_VITRO = ("in_vitro", "In vitro", "The outcome is measured in cells, tissue or molecules.")
    NARRATIVE_REVIEW = (
        "narrative_review",
        "Narrative review",
        "An overview of a field without a stated search.",
    )
    EXPERT_OPINION = ("expert_opinion", "Expert opinion", "A commentary, an editorial or a consensus.")
    NEWS_REPORT = ("news_report", "News report", "A report for the public about somebody's research.")


class PublicationState(Term):
    """How far a study has come on its way to print."""

    PUBLISHED = ("published", "Published", "Published by a journal or by another publisher.")
    PREPRINT = ("preprint", "Preprint", "Made public by its authors before peer review.")
    ABSTRACT_ONLY = ("abstract_only", "Abstract only", "Presented at a meeting; no full report is known.")
    REGISTERED = ("registered", "Registered", "Entered in a registry; not known to be completed.")
    COMPLETED_UNPUBLISHED = (
        "completed_unpublished",
        "Completed, unpublished",
        "Completed, and no result to be seen: a possible publication bias.",
    )


class Species(Term):
    """In whom, or in what, the outcome of a study was measured."""

    HUMAN = ("human", "Human", "People, or samples taken from people.")
    MOUSE = ("mouse", "Mouse", "Mice.")
    RAT = ("rat", "Rat", "Rats.")
    OTHER_ANIMAL = ("other_animal", "Other animal", "Animals other than mice and rats.")


class Standing(Term):
    """Whether the scientific record still stands behind a study."""

    CURRENT = ("current", "Current", "No notice is known.")
    CORRECTED = (
        "corrected",
        "Corrected",
        "A correction has been published; read it together with the study.",
    )
    EXPRESSION_OF_CONCERN = (
        "expression_of_concern",
        "Expression of concern",
        "The publisher doubts the study and has not decided yet.",
    )
    RETRACTED = ("retracted", "Retracted", "Taken back; its results do not count.")
    RETRACTED_AND_REPLACED = (
        "retracted_and_replaced",
        "Retracted and replaced",
        "Taken back and replaced by a new version; the old results do not count.",
    )
    WITHDRAWN = (
        "withdrawn",
        "Withdrawn",
        "Withdrawn by its authors or its publisher; its results do not count.",
    )
    SUPERSEDED_PREPRINT = (
        "superseded_preprint",
        "Superseded preprint",
        "A preprint whose published version is known; cite that one.",
    )

    @property
    def counts(self) -> bool:
        """Whether evidence from a study of this standing is counted."""
        return self not in {Standing.RETRACTED, Standing.RETRACTED_AND_REPLACED, Standing.WITHDRAWN}


class Direction(Term):
    """What a study says about a claim. The four are never merged."""

    SUPPORTS = ("supports", "Supports", "The result agrees with the claim.")
    CONTRADICTS = ("contradicts", "Contradicts", "The result goes against the claim.")
    NULL = ("null", "Null", "Looked with enough power, and found nothing.")
    INCONCLUSIVE = ("inconclusive", "Inconclusive", "Bears on the claim and does not decide it.")


class Directness(Term):
    """Whether a study is about the very population, exposure and outcome of the claim."""

    DIRECT = ("direct", "Direct", "The same population, exposure and outcome as the claim's.")
    INDIRECT = (
        "indirect",
        "Indirect",
        "Another population, species, exposure or outcome than the claim's.",
    )
    UNKNOWN = ("unknown", "Unknown", "Not enough is known to tell.")


class Hedge(Term):
    """How firmly the authors put their result."""

    STATED = ("stated", "Stated", "The authors state it as a result.")
    SUGGESTED = ("suggested", "Suggested", "The authors suggest it: “may”, “appears to”.")
    SPECULATED = ("speculated", "Speculated", "The authors only speculate: “might”, “it is conceivable”.")


class RiskOfBias(Term):
    """How likely it is that the conduct of a study distorted its result."""

    LOW = ("low", "Low", "Unlikely to have distorted the result.")
    SOME_CONCERNS = ("some_concerns", "Some concerns", "May have distorted the result.")
    HIGH = ("high", "High", "Likely to have distorted the result.")
    NOT_ASSESSED = ("not_assessed", "Not assessed", "Nobody has judged it yet.")


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
        "How well a test tells two groups apart; 0.5 is chance, 1 is perfect.",
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
    STUDIES = ("studies", "Studies", "Studies that were put together in a review.")


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


class LimitationKind(Term):
    """What sort of weakness a limitation is."""

    EARLY_STAGE = ("early_stage", "Early stage", "The research has only begun.")
    PRELIMINARY = ("preliminary", "Preliminary", "The result is not conclusive yet.")
    SMALL_SAMPLE = ("small_sample", "Small sample", "Few participants, donors or animals.")
    NEEDS_REPLICATION = ("needs_replication", "Needs replication", "Others have yet to confirm it.")
    NEEDS_DIVERSE_SAMPLES = (
        "needs_diverse_samples",
        "Needs diverse samples",
        "Tested in too narrow a group to be applied widely.",
    )
    SPECIFICITY_UNKNOWN = (
        "specificity_unknown",
        "Specificity unknown",
        "It is not known whether it is also found in other conditions.",
    )
    NOT_ALL_PATIENTS = (
        "not_all_patients",
        "Not all patients",
        "It does not apply to everybody with the condition.",
    )
    HETEROGENEOUS_CONDITION = (
        "heterogeneous_condition",
        "Heterogeneous condition",
        "The condition may have several causes or subtypes.",
    )
    SUBGROUP_SIZE_UNKNOWN = (
        "subgroup_size_unknown",
        "Subgroup size unknown",
        "How many people it applies to is not known.",
    )
    UNKNOWN_TRIGGER = ("unknown_trigger", "Unknown trigger", "What sets the process off is not known.")
    NEEDS_EFFICACY_AND_SAFETY_DATA = (
        "needs_efficacy_and_safety_data",
        "Needs efficacy and safety data",
        "Benefit and harm have not been shown.",
    )
    NO_SOURCE_NAMED = (
        "no_source_named",
        "No source named",
        "The report does not say which research it rests on.",
    )
    NO_CONTROL_GROUP = ("no_control_group", "No control group", "Nobody without the condition was measured.")
    SELECTION = (
        "selection",
        "Selection",
        "Those who were studied differ from those whom the claim is about.",
    )
    CONFOUNDING = ("confounding", "Confounding", "Another factor may explain the result.")
    MEASUREMENT = ("measurement", "Measurement", "The assay, the cut-off or the questionnaire is uncertain.")
    NOT_BLINDED = ("not_blinded", "Not blinded", "Those who measured knew the groups.")
    REVERSE_CAUSATION = (
        "reverse_causation",
        "Reverse causation",
        "The finding may be a consequence of the condition.",
    )
    INDIRECT_EVIDENCE = (
        "indirect_evidence",
        "Indirect evidence",
        "Another population, species, exposure or outcome was studied.",
    )
    SELECTIVE_REPORTING = (
        "selective_reporting",
        "Selective reporting",
        "Results are missing, or only some of those measured are given.",
    )
    OVERLAPPING_PARTICIPANTS = (
        "overlapping_participants",
        "Overlapping participants",
        "The same people, animals or sera are in another report.",
    )
    OTHER = ("other", "Other", "Another weakness; the text says which.")


class QuoteCheck(Term):
    """Whether a quote was found, word for word, in a text of its study."""

    VERIFIED = ("verified", "Verified", "Found word for word in a stored text of the study.")
    NOT_FOUND = (
        "not_found",
        "Not found",
        "Not in any stored text of the study; it may stand in another one.",
    )
    TEXT_UNAVAILABLE = (
        "text_unavailable",
        "Text unavailable",
        "No text of the study is stored here, so the quote could not be checked.",
    )


class Role(Term):
    """What somebody with an account may do."""

    READER = ("reader", "Reader", "May read everything.")
    CURATOR = ("curator", "Curator", "May add, change and delete records.")
    EDITOR = ("editor", "Editor", "May do what a curator may, and review the work of others.")
    ADMIN = ("admin", "Admin", "May do what an editor may, and manage accounts.")


class RecordType(Term):
    """The sorts of records that are kept with their history."""

    CLAIM = ("claim", "Claim", "One checkable statement.")
    STUDY = ("study", "Study", "One citable report.")
    EVIDENCE = ("evidence", "Evidence item", "What one study says about one claim.")
    LIMITATION = ("limitation", "Limitation", "A stated weakness of a claim or of an evidence item.")
    STUDY_TEXT = ("study_text", "Study text", "A text that quotes of a study are checked against.")
    TOPIC = ("topic", "Topic", "A subject that claims are grouped by.")
    STUDY_GROUP = ("study_group", "Study group", "Reports that share participants, animals or a laboratory.")


class Action(Term):
    """What a revision did to its record."""

    CREATE = ("create", "Created", "The record was made.")
    UPDATE = ("update", "Changed", "Fields of the record were changed.")
    DELETE = ("delete", "Deleted", "The record was deleted.")


class Via(Term):
    """Through which door a change came in."""

    WEB = ("web", "Web", "A form in the browser.")
    COMMAND = ("command", "Command", "A command on the server.")
    SEED = ("seed", "Seed", "The data that came with the program.")
