"""Terms of the discussion of records: what may be wrong with them."""

from claims_app.vocabulary.term import Term


class FlagKind(Term):
    """What somebody says is wrong with a claim or an evidence item."""

    WRONG_QUOTE = ("wrong_quote", "Wrong quote", "The quoted words are not in the source, or not like this.")
    WRONG_DIRECTION = ("wrong_direction", "Wrong direction", "The study says something else about the claim.")
    RETRACTED_STUDY = ("retracted_study", "Retracted study", "A study behind it was taken back or corrected.")
    DUPLICATE = ("duplicate", "Duplicate", "The same thing is recorded elsewhere, too.")
    UNCLEAR = ("unclear", "Unclear", "One cannot tell what is meant.")
    OTHER = ("other", "Something else", "What it is stands in the text.")
