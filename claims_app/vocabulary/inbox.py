"""Terms of the inbox: where a candidate came from, its state, and what was decided."""

from claims_app.vocabulary.term import Term


class OriginKind(Term):
    """How a candidate reached the inbox."""

    IDENTIFIER = ("identifier", "Identifier", "Added by its identifier.")
    FILE = ("file", "File", "Read from a file of references.")
    WATCH = ("watch", "Watch", "Found by a saved search.")


class CandidateState(Term):
    """Whether a candidate has been decided on."""

    WAITING = ("waiting", "Waiting", "Waiting for a decision.")
    LATER = ("later", "Later", "The decision was postponed.")
    LINKED = ("linked", "Added", "Added as a study, or as evidence from one.")
    NOT_RELEVANT = ("not_relevant", "Not relevant", "Judged not relevant; it will not come back.")


class CandidateAction(Term):
    """What was done with a candidate."""

    LINKED = ("linked", "Linked", "Added as evidence for a claim.")
    STUDY_MADE = ("study_made", "Study chosen", "Its study was created or found, to add evidence from.")
    TAKEN_AS_STUDY = (
        "taken_as_study",
        "Added as a study",
        "Added as a study, without evidence for a claim.",
    )
    NOT_RELEVANT = ("not_relevant", "Not relevant", "Judged not relevant, with a reason.")
    LATER = ("later", "Later", "The decision was postponed.")
    HANDED_ON = ("handed_on", "Reassigned", "Assigned to another person.")
    BROUGHT_BACK = ("brought_back", "Returned to inbox", "Waiting for a decision again.")
    COMPLETED = ("completed", "Completed", "Missing details were filled in.")


class PutOutcome(Term):
    """The result of adding a reference to the inbox."""

    NEW = ("new", "New", "Added to the inbox.")
    WAITING = ("waiting", "Already waiting", "Already in the inbox; the new source is noted there.")
    KNOWN = ("known", "Already a study", "Already in the database as a study.")
    NOT_RELEVANT = (
        "not_relevant",
        "Judged not relevant",
        "Judged not relevant before, so it was not added again.",
    )
