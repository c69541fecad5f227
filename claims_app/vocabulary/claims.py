"""Terms of claims."""

from claims_app.vocabulary.term import Term


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
