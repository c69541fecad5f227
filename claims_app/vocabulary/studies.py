"""Terms of studies."""

from claims_app.vocabulary.term import Term


class StudyDesign(Term):
    """How a study was done."""

    SYSTEMATIC_REVIEW = (
        "systematic_review",
        "Systematic review",
        "All studies on a question, searched for and assessed by a stated method.",
    )
    RANDOMISED_TRIAL = (
        "randomised_trial",
        "Randomised trial",
        "Participants are assigned to groups at random.",
    )
    NON_RANDOMISED_TRIAL = (
        "non_randomised_trial",
        "Non-randomised trial",
        "Participants are assigned to an intervention, but not at random.",
    )
    COHORT = ("cohort", "Cohort study", "People are followed over time and their outcomes are recorded.")
    CASE_CONTROL = (
        "case_control",
        "Case–control study",
        "People with the condition are compared with people without it.",
    )
    CROSS_SECTIONAL = (
        "cross_sectional",
        "Cross-sectional study",
        "Exposure and outcome are measured at the same time.",
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
        "An overview of a field without a systematic search.",
    )
    EXPERT_OPINION = ("expert_opinion", "Expert opinion", "A commentary, an editorial or a consensus.")
    NEWS_REPORT = ("news_report", "News report", "A report for the public on research done by others.")


class PublicationState(Term):
    """Whether and how a study has been published."""

    PUBLISHED = ("published", "Published", "Published by a journal or by another publisher.")
    PREPRINT = ("preprint", "Preprint", "Made public by its authors before peer review.")
    ABSTRACT_ONLY = ("abstract_only", "Abstract only", "Presented at a meeting; no full report is known.")
    REGISTERED = ("registered", "Registered", "Entered in a registry; not known to be completed.")
    COMPLETED_UNPUBLISHED = (
        "completed_unpublished",
        "Completed, unpublished",
        "Completed, but no results available: a possible publication bias.",
    )


class Species(Term):
    """The species in which the outcome of a study was measured."""

    HUMAN = ("human", "Human", "People, or samples taken from people.")
    MOUSE = ("mouse", "Mouse", "Mice.")
    RAT = ("rat", "Rat", "Rats.")
    OTHER_ANIMAL = ("other_animal", "Other animal", "Animals other than mice and rats.")


class Standing(Term):
    """The standing of a study in the scientific record, after all notices about it."""

    CURRENT = ("current", "Current", "No notices are known.")
    CORRECTED = (
        "corrected",
        "Corrected",
        "A correction has been published; read it with the study.",
    )
    EXPRESSION_OF_CONCERN = (
        "expression_of_concern",
        "Expression of concern",
        "The publisher has concerns about the study and has not decided yet.",
    )
    RETRACTED = ("retracted", "Retracted", "Retracted; its results are not counted.")
    RETRACTED_AND_REPLACED = (
        "retracted_and_replaced",
        "Retracted and replaced",
        "Retracted and replaced by a new version; the old results are not counted.",
    )
    WITHDRAWN = (
        "withdrawn",
        "Withdrawn",
        "Withdrawn by its authors or publisher; its results are not counted.",
    )
    REINSTATED = (
        "reinstated",
        "Reinstated",
        "The retraction was reversed; its results are counted again.",
    )
    SUPERSEDED_PREPRINT = (
        "superseded_preprint",
        "Superseded preprint",
        "A preprint whose published version is known; cite that version.",
    )

    @property
    def counts(self) -> bool:
        """Whether evidence from a study of this standing is counted."""
        return self not in {Standing.RETRACTED, Standing.RETRACTED_AND_REPLACED, Standing.WITHDRAWN}
