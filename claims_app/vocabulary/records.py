"""Terms of accounts, records and their history."""

from typing import Self

from claims_app.vocabulary.term import Term


class Role(Term):
    """What somebody with an account may do."""

    READER = ("reader", "Reader", "May read everything, comment on it and flag it.")
    CURATOR = ("curator", "Curator", "May add, change and delete records.")
    EDITOR = ("editor", "Editor", "May do what a curator may, and review the work of others.")
    ADMIN = ("admin", "Admin", "May do what an editor may, and manage accounts.")


class RecordType(Term):
    """The kinds of records that are kept with their history.

    Each has the prefix of its identifiers (CLM-1), and the section that its addresses begin with (/claims/CLM-1).
    """

    prefix: str
    section: str

    CLAIM = ("claim", "Claim", "One checkable statement.", "CLM", "claims")
    STUDY = ("study", "Study", "One citable report.", "STU", "studies")
    EVIDENCE = ("evidence", "Evidence item", "What one study says about one claim.", "EVD", "evidence")
    LIMITATION = (
        "limitation",
        "Limitation",
        "A stated weakness of a claim or of an evidence item.",
        "LIM",
        "limitations",
    )
    APPRAISAL = (
        "appraisal",
        "Appraisal",
        "One dated judgement of the evidence level of a claim.",
        "APR",
        "appraisals",
    )
    STUDY_TEXT = (
        "study_text",
        "Study text",
        "A text that quotes of a study are checked against.",
        "TXT",
        "texts",
    )
    TOPIC = ("topic", "Topic", "A subject that claims are grouped by.", "TOP", "topics")
    STUDY_GROUP = (
        "study_group",
        "Study group",
        "Reports that share participants, animals or a laboratory.",
        "GRP",
        "groups",
    )
    PROPOSAL = ("proposal", "Proposal", "A change that waits for a second person.", "PRO", "proposals")
    WATCH = ("watch", "Watch", "A saved search for papers about one claim or one topic.", "WCH", "watches")

    def __new__(cls, value: str, label: str, definition: str, prefix: str, section: str) -> Self:
        """Return the term with what only kinds of records have."""
        term = str.__new__(cls, value)
        term._value_, term.label, term.definition = value, label, definition
        term.prefix, term.section = prefix, section
        return term


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
