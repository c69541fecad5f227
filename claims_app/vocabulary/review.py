"""Terms of review: the state of a submission, and the effect of an action."""

from claims_app.vocabulary.term import Term


class ReviewState(Term):
    """Whether a second person has looked at a record or a proposal."""

    SUBMITTED = ("submitted", "Submitted", "Waiting for an editor other than its author.")
    ACCEPTED = ("accepted", "Accepted", "In effect.")
    REJECTED = ("rejected", "Rejected", "Rejected by an editor, with a reason; its author can revise it.")
    SUPERSEDED = ("superseded", "Superseded", "Another change was accepted first.")
    WITHDRAWN = ("withdrawn", "Withdrawn", "Withdrawn by its author.")


class ProposalKind(Term):
    """What a proposal would change."""

    CHANGE = ("change", "Change", "New values for some fields of a record.")
    DELETION = ("deletion", "Deletion", "The deletion of a record.")
    APPRAISAL = ("appraisal", "Appraisal", "A new appraisal of the evidence behind a claim.")


class Whose(Term):
    """Whose work a record or a proposal is, from the point of view of the person acting."""

    OWN = ("own", "Own", "At least partly the person’s own work.")
    OTHERS = ("others", "Other people’s", "Only the work of others.")


class Effect(Term):
    """The effect of an action under the policy."""

    NOW = ("now", "At once", "It takes effect immediately.")
    REVIEW = ("review", "After review", "It takes effect when a second person accepts it.")
    NO = ("no", "Not allowed", "It is refused, with a reason.")
