"""Terms of accounts, records and their history."""

from claims_app.vocabulary.term import Term


class Role(Term):
    """What somebody with an account may do."""

    READER = ("reader", "Reader", "May read everything, comment on it and flag it.")
    CURATOR = ("curator", "Curator", "May add, change and delete records.")
    EDITOR = ("editor", "Editor", "May do what a curator may, and review the work of others.")
    ADMIN = ("admin", "Admin", "May do what an editor may, and manage accounts.")


class RecordType(Term):
    """The sorts of records that are kept with their history."""

    CLAIM = ("claim", "Claim", "One checkable statement.")
    STUDY = ("study", "Study", "One citable report.")
    EVIDENCE = ("evidence", "Evidence item", "What one study says about one claim.")
    LIMITATION = ("limitation", "Limitation", "A stated weakness of a claim or of an evidence item.")
    APPRAISAL = ("appraisal", "Appraisal", "One dated judgement of the evidence level of a claim.")
    STUDY_TEXT = ("study_text", "Study text", "A text that quotes of a study are checked against.")
    TOPIC = ("topic", "Topic", "A subject that claims are grouped by.")
    STUDY_GROUP = ("study_group", "Study group", "Reports that share participants, animals or a laboratory.")
    PROPOSAL = ("proposal", "Proposal", "A change that waits for a second person.")
    WATCH = ("watch", "Watch", "A saved search for papers about one claim or one topic.")


class Action(Term):
    """What a revision did to its record."""

    CREATE = ("create", "Created", "The record was made.")
    UPDATE = ("update", "Changed", "Fields of the record were changed.")
    DELETE = ("delete", "Deleted", "The record was deleted.")
    RESTORE = ("restore", "Restored", "The record was deleted before, and came back with its identifier.")
    MERGE = ("merge", "Merged", "The record was found to be the same as another one, which stands for it.")
    UNMERGE = ("unmerge", "Merge undone", "The record was merged before, and stands by itself again.")


class Via(Term):
    """Through which door a change came in."""

    WEB = ("web", "Web", "A form in the browser.")
    API = ("api", "API", "A program with the token of an account.")
    COMMAND = ("command", "Command", "A command on the server.")
    SEED = ("seed", "Seed", "The data that came with the program.")
