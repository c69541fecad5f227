"""Terms of merging duplicates."""

from claims_app.vocabulary.term import Term


class Stays(Term):
    """Which of two merged records a value, or an evidence item, is taken from."""

    KEPT = ("kept", "Kept record", "The value of the record that is kept.")
    MERGED = ("merged", "Merged record", "The value of the record that is merged into it.")
    BOTH = ("both", "Both", "Both are kept.")
