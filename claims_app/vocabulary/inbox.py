"""Terms of the inbox: how a candidate came there, how far it is, and what was decided."""

from claims_app.vocabulary.term import Term


class OriginKind(Term):
    """How a candidate came into the inbox."""

    IDENTIFIER = ("identifier", "Identifier", "Somebody typed its identifier.")
    FILE = ("file", "File", "It was read from a file of references.")
    WATCH = ("watch", "Watch", "A saved search found it.")


class CandidateState(Term):
    """How far a candidate is."""

    WAITING = ("waiting", "Waiting", "Nobody has decided on it.")
    LATER = ("later", "Later", "Somebody looked at it and put it off.")
    LINKED = ("linked", "Taken", "It became a study, or evidence from one.")
    NOT_RELEVANT = ("not_relevant", "Not relevant", "It was judged not relevant, and does not come back.")


class CandidateAction(Term):
    """What somebody did with a candidate."""

    LINKED = ("linked", "Linked", "It became evidence for a claim.")
    STUDY_MADE = ("study_made", "Study chosen", "Its study was made or found, to take evidence from.")
    TAKEN_AS_STUDY = (
        "taken_as_study",
        "Taken as a study",
        "It became a study, without evidence for a claim.",
    )
    NOT_RELEVANT = ("not_relevant", "Not relevant", "It was judged not relevant, for a reason.")
    LATER = ("later", "Later", "It was put off.")
    HANDED_ON = ("handed_on", "Handed on", "It was given to somebody to decide on.")
    BROUGHT_BACK = ("brought_back", "Brought back", "It waits again.")
    COMPLETED = ("completed", "Completed", "What was not known of it was added.")


class PutOutcome(Term):
    """What became of a reference that was put into the inbox."""

    NEW = ("new", "New", "It waits in the inbox now.")
    WAITING = ("waiting", "Already waiting", "It was in the inbox already; why it came again is noted there.")
    KNOWN = ("known", "Already a study", "The database has it already.")
    NOT_RELEVANT = (
        "not_relevant",
        "Judged not relevant",
        "It was judged not relevant before, so it does not come back.",
    )
