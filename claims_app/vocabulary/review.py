"""Terms of review: what stands, what waits, and what becomes of it."""

from claims_app.vocabulary.term import Term


class ReviewState(Term):
    """Whether a second person has looked at a record or a proposal."""

    SUBMITTED = ("submitted", "Submitted", "It waits for an editor who did not write it.")
    ACCEPTED = ("accepted", "Accepted", "It stands.")
    REJECTED = ("rejected", "Rejected", "An editor said why it does not stand; its author may mend it.")
    SUPERSEDED = ("superseded", "Superseded", "Another change was accepted first.")
    WITHDRAWN = ("withdrawn", "Withdrawn", "Its author took it back.")


class ProposalKind(Term):
    """What a proposal asks for."""

    CHANGE = ("change", "Change", "Other values for some fields of a record.")
    DELETION = ("deletion", "Deletion", "That a record be deleted.")
    APPRAISAL = ("appraisal", "Appraisal", "A new appraisal of the evidence behind a claim.")


class Whose(Term):
    """Whose work a record or a proposal is, seen by somebody who wants to do something with it."""

    OWN = ("own", "Own", "Words of the one who asks.")
    OTHERS = ("others", "Other people’s", "Words of others alone.")


class Effect(Term):
    """What becomes of an attempt to do something."""

    NOW = ("now", "At once", "It takes effect at once.")
    REVIEW = ("review", "After review", "It waits until a second person accepts it.")
    NO = ("no", "Not allowed", "It is refused, and the person is told why.")
