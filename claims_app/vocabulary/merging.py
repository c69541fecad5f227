"""Terms of merging duplicates."""

from claims_app.vocabulary.term import Term


class Stays(Term):
    """Which of two records that become one a value, or an evidence item, is taken from."""

    KEPT = ("kept", "The one that stays", "What the record that stays has.")
    MERGED = ("merged", "The one that goes", "What the record that is merged into it has.")
    BOTH = ("both", "Both", "Nothing is left out.")
