"""Terms of the discussion of records: what can be wrong with them."""

from claims_app.vocabulary.term import Term


class FlagKind(Term):
    """What is wrong with a claim or an evidence item, according to a flag."""

    WRONG_QUOTE = ("wrong_quote", "Wrong quote", "The quote is not in the source, or differs from it.")
    WRONG_DIRECTION = (
        "wrong_direction",
        "Wrong direction",
        "The study says something different about the claim.",
    )
    RETRACTED_STUDY = ("retracted_study", "Retracted study", "The study was retracted or corrected.")
    DUPLICATE = ("duplicate", "Duplicate", "The same claim or evidence is already recorded elsewhere.")
    UNCLEAR = ("unclear", "Unclear", "The meaning is not clear.")
    OTHER = ("other", "Something else", "Explained in the text.")
