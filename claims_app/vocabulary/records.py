"""Terms of accounts, records and their history."""

from typing import Self

from claims_app.vocabulary.term import Term


class Role(Term):
    """What an account may do."""

    READER = ("reader", "Reader", "Can read, comment on and flag everything.")
    CURATOR = ("curator", "Curator", "Can add, change and delete records.")
    EDITOR = ("editor", "Editor", "Can do what a curator can, and review the work of others.")
    ADMIN = ("admin", "Admin", "Can do what an editor can, and manage accounts.")


class RecordType(Term):
    """The kinds of records whose history is kept.

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
        "One dated judgement of a claim’s evidence level.",
        "APR",
        "appraisals",
    )
    STUDY_TEXT = (
        "study_text",
        "Study text",
        "A text of a study that quotes are checked against.",
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
    PROPOSAL = (
        "proposal",
        "Proposal",
        "A change that waits for a second person’s review.",
        "PRO",
        "proposals",
    )
    WATCH = ("watch", "Watch", "A saved literature search for one claim or topic.", "WCH", "watches")

    def __new__(cls, value: str, label: str, definition: str, prefix: str, section: str) -> Self:
        """Return the term with what only kinds of records have."""
        term = str.__new__(cls, value)
        term._value_, term.label, term.definition = value, label, definition
        term.prefix, term.section = prefix, section
        return term


class Action(Term):
    """What a revision did to its record."""

    CREATE = ("create", "Created", "The record was created.")
    UPDATE = ("update", "Changed", "Fields of the record were changed.")
    DELETE = ("delete", "Deleted", "The record was deleted.")
    RESTORE = ("restore", "Restored", "The deleted record was restored with its identifier.")
    MERGE = ("merge", "Merged", "The record was merged into another one that describes the same thing.")
    UNMERGE = ("unmerge", "Merge undone", "The merge was undone; the record is separate again.")


class Via(Term):
    """How a change was made."""

    WEB = ("web", "Web", "A form in the browser.")
    API = ("api", "API", "A program with the API token of an account.")
    COMMAND = ("command", "Command", "A command on the server.")
    SEED = ("seed", "Example data", "The data that came with the program.")
