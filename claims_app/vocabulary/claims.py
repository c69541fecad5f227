"""Terms of claims."""

from claims_app.vocabulary.term import Term


class ClaimKind(Term):
    """What kind of question a claim answers. The kind decides where an appraisal starts."""

    ASSOCIATION = ("association", "Association", "Two things occur together more often than by chance.")
    ANIMAL_TRANSFER = (
        "animal_transfer",
        "Animal transfer",
        "Material from patients causes signs of the condition when given to animals.",
    )
    DOSE_RESPONSE = (
        "dose_response",
        "Dose–response",
        "More exposure is associated with more, or with less, of the outcome.",
    )
    MECHANISM = ("mechanism", "Mechanism", "How one thing causes another.")
    DIAGNOSTIC = (
        "diagnostic",
        "Diagnostic",
        "A test or sign distinguishes people with a condition from others.",
    )
    PROGNOSTIC = ("prognostic", "Prognostic", "A factor predicts the course of a condition.")
    TREATMENT = ("treatment", "Treatment", "An intervention changes the course of a condition.")
    PREVALENCE = ("prevalence", "Prevalence", "How common something is in a population.")


class ClaimStatus(Term):
    """Whether a claim is in preparation, in use, disputed, or no longer in use."""

    DRAFT = ("draft", "Draft", "Being written; do not rely on it yet.")
    ACTIVE = ("active", "Active", "In use, and kept up to date with new evidence.")
    CONTESTED = ("contested", "Contested", "The literature disagrees about it.")
    SUPERSEDED = ("superseded", "Superseded", "Replaced by a better claim.")
    WITHDRAWN = ("withdrawn", "Withdrawn", "No longer claimed by its authors, or entered by mistake.")
