"""Terms of studies."""

from claims_app.vocabulary.term import Term


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
    REINSTATED = (
        "reinstated",
        "Reinstated",
        "Taken back once, and put in force again; its results count.",
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
