"""Terms of imported files."""

from claims_app.vocabulary.term import Term


class RowState(Term):
    """What a row of a file means for the database."""

    NEW = ("new", "New", "Not in the database yet.")
    CHANGED = ("changed", "Changed", "The row has different values from the record.")
    CONFLICT = (
        "conflict",
        "Conflict",
        "The record was changed after the file was exported, and the row has different values.",
    )
    DIFFERS = (
        "differs",
        "Already here, different values",
        "The study is in the database with different values.",
    )
    UNSURE = ("unsure", "Possible duplicate", "It may be the same as an existing study or an earlier row.")
    DECIDED = ("decided", "Skipped before", "Someone skipped this record in an earlier import.")
    INCOMPLETE = (
        "incomplete",
        "Only an identifier",
        "It has no title. In the inbox, its details can be looked up.",
    )
    SAME = ("same", "Already here", "The study is in the database with the same values.")
    UNCHANGED = ("unchanged", "Unchanged", "The row has the same values as the record.")
    REFUSED = ("refused", "Rejected", "The row cannot be imported without a correction.")


class RowOutcome(Term):
    """The result of importing a row of a file."""

    CREATED = ("created", "Added", "A new record was created.")
    UPDATED = ("updated", "Changed", "The record was changed.")
    PROPOSED = ("proposed", "Proposed", "The change is waiting for review.")
    SUBMITTED = ("submitted", "Submitted", "A new record was created and is waiting for review.")
    INBOX = ("inbox", "Added to inbox", "The reference is waiting in the inbox.")
    SKIPPED = ("skipped", "Skipped", "Nothing was changed.")
    REFUSED = ("refused", "Rejected", "The row could not be imported.")


class ImportState(Term):
    """Whether an import is finished."""

    OPEN = ("open", "Waiting for you", "Nothing has been saved yet.")
    DONE = ("done", "Done", "The selected rows have been saved.")


class ReferenceDecision(Term):
    """What was decided on a record of a file, so that the question is not asked again."""

    ADDED = ("added", "Added", "Added as a new study.")
    MATCHED = ("matched", "Matched", "It is the same report as an existing study.")
    SKIPPED = ("skipped", "Skipped", "Left out by a person.")
