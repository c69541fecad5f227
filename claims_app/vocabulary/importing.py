"""Terms of files that come in."""

from claims_app.vocabulary.term import Term


class RowState(Term):
    """What a row of a file means for the database."""

    NEW = ("new", "New", "It is not here yet.")
    CHANGED = ("changed", "Changed", "The record is here, and the row says something else.")
    CONFLICT = (
        "conflict",
        "Conflict",
        "The record was changed here since the file was made, and the row says something else.",
    )
    DIFFERS = ("differs", "Here, and differs", "The study is here, and the file says something else of it.")
    UNSURE = ("unsure", "Unsure", "A study that is here, or a row before it, may be the same.")
    SAME = ("same", "Here already", "The study is here, and the file says nothing else of it.")
    UNCHANGED = ("unchanged", "Unchanged", "The row says what the record says.")
    REFUSED = ("refused", "Refused", "It cannot be taken as it stands.")


class RowOutcome(Term):
    """What became of a row of a file."""

    CREATED = ("created", "Added", "A record was made of it.")
    UPDATED = ("updated", "Changed", "The record was changed.")
    PROPOSED = ("proposed", "Proposed", "The change waits for review.")
    SUBMITTED = ("submitted", "Submitted", "A record was made of it, and waits for review.")
    INBOX = ("inbox", "Into the inbox", "It waits in the inbox.")
    SKIPPED = ("skipped", "Left alone", "Nothing was done.")
    REFUSED = ("refused", "Refused", "It could not be taken.")


class ImportState(Term):
    """Where an import stands."""

    OPEN = ("open", "Waits for you", "Nothing of it has been written yet.")
    DONE = ("done", "Done", "What was ticked has been written.")
