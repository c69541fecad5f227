"""Terms of saved views."""

from claims_app.vocabulary.term import Term


class ViewOf(Term):
    """Which list a saved view shows; the value is its address."""

    CLAIMS = ("claims", "Claims", "The list of claims.")
    STUDIES = ("studies", "Studies", "The list of studies.")
    MATRIX = ("matrix", "Matrix", "Claims against studies.")
