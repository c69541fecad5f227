"""Terms of recognising reports: duplicates of each other, and notices about them."""

from claims_app.vocabulary.term import Term


class Relation(Term):
    """What one report is to another one that looks like it."""

    SAME = ("same", "The same report", "Both are one report, written down twice.")
    PREPRINT_OF = (
        "preprint_of",
        "Preprint of",
        "It is a preprint of the other one: related, and not the same.",
    )
    PUBLISHED_AS = (
        "published_as",
        "Published version of",
        "The other one is its preprint: related, and not the same.",
    )
    UNSURE = (
        "unsure",
        "Perhaps the same",
        "They look alike, and something speaks against it: somebody decides.",
    )


class NoticeNature(Term):
    """What a notice says about the paper that it is about, as Retraction Watch keeps them apart."""

    RETRACTION = ("retraction", "Retraction", "The paper was taken back.")
    CORRECTION = ("correction", "Correction", "Something in the paper was corrected.")
    EXPRESSION_OF_CONCERN = (
        "expression_of_concern",
        "Expression of concern",
        "The publisher doubts the paper and has not decided yet.",
    )
    REINSTATEMENT = ("reinstatement", "Reinstatement", "The paper was taken back, and is in force again.")
