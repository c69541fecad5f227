"""Terms of matching: how two reports are related, and what notices say about a paper."""

from claims_app.vocabulary.term import Term


class Relation(Term):
    """How a report is related to another one that looks like it."""

    SAME = ("same", "The same report", "Two records of one report.")
    PREPRINT_OF = (
        "preprint_of",
        "Preprint of",
        "A preprint of the other report: related, but not the same.",
    )
    PUBLISHED_AS = (
        "published_as",
        "Published version of",
        "The other report is its preprint: related, but not the same.",
    )
    UNSURE = (
        "unsure",
        "Possibly the same",
        "The records look alike, but some details differ: a curator decides.",
    )


class NoticeNature(Term):
    """The kind of notice about a paper, as Retraction Watch distinguishes them."""

    RETRACTION = ("retraction", "Retraction", "The paper was retracted.")
    CORRECTION = ("correction", "Correction", "Something in the paper was corrected.")
    EXPRESSION_OF_CONCERN = (
        "expression_of_concern",
        "Expression of concern",
        "The publisher has concerns about the paper and has not decided yet.",
    )
    REINSTATEMENT = ("reinstatement", "Reinstatement", "The retraction of the paper was reversed.")
