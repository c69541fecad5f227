"""The errors that services raise. The web, the commands and the seed turn them into their own responses."""

import datetime
from collections.abc import Mapping, Sequence

from claims_app.models import EvidenceItem, Record, Revision
from claims_app.vocabulary import RecordType


class ServiceError(Exception):
    """Base of all errors of services; its text is a sentence for the user."""


class Invalid(ServiceError):
    """Invalid values; `errors` has the sentences for each field."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(sentences)}" for field, sentences in errors.items()))
        self.errors = {field: list(sentences) for field, sentences in errors.items()}


class NotFound(ServiceError):
    """No record has or had this identifier; `record` is its type and number, if the identifier is valid."""

    def __init__(self, sentence: str, record: tuple[RecordType, int] | None = None) -> None:
        super().__init__(sentence)
        self.record = record


class Gone(ServiceError):
    """The record was deleted; `revision` has when, by whom and why."""

    def __init__(self, public_id: str, revision: Revision) -> None:
        super().__init__(f"{public_id} was deleted.")
        self.public_id = public_id
        self.revision = revision


class Merged(ServiceError):
    """The record was merged into another one; `kept` is the identifier of that."""

    def __init__(self, public_id: str, kept: str) -> None:
        super().__init__(f"{public_id} was merged into {kept}.")
        self.public_id = public_id
        self.kept = kept


class StaleVersion(ServiceError):
    """Somebody changed the record since it was read; `record` has its current values, if known."""

    def __init__(self, record: Record | None = None) -> None:
        super().__init__("Someone changed this while you were editing.")
        self.record = record


class InUse(ServiceError):
    """The record cannot be deleted because others depend on it; `users` lists these under their plural names."""

    def __init__(self, public_id: str, users: Mapping[str, Sequence[Record]]) -> None:
        listed = "; ".join(
            f"{what}: {', '.join(r.public_id for r in records)}" for what, records in users.items()
        )
        super().__init__(f"{public_id} cannot be deleted because other records depend on it: {listed}.")
        self.public_id = public_id
        self.users = users


class DuplicateEvidence(ServiceError):
    """The study is already linked to the claim by `existing`; the user may confirm another link."""

    def __init__(self, existing: Sequence[EvidenceItem]) -> None:
        super().__init__(
            "This study is already linked to this claim: " + ", ".join(e.public_id for e in existing) + "."
        )
        self.existing = existing


class LooksLike(ServiceError):
    """A new record looks like existing ones; the user may confirm that it is another one.

    `existing` has the identifier of each, and what it says in short.
    """

    def __init__(self, existing: Sequence[Record]) -> None:
        self.existing = [(record.public_id, record.in_short) for record in existing]
        listed = "; ".join(f"{name} ({in_short})" for name, in_short in self.existing)
        super().__init__(f"This looks like {listed}.")


class EvidenceChanged(ServiceError):
    """The evidence changed while it was appraised; `changes` describes the changes since the newest appraisal."""

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__("The evidence changed while you were appraising it.")
        self.changes = list(changes)


class Refused(ServiceError):
    """The operation is impossible in the current state of the record; the text says why."""


class NotAllowed(ServiceError):
    """The policy forbids the operation; the text says why."""


class AlreadyDecided(NotAllowed):
    """It was decided before: those who may decide on what waits can do so no longer."""


class NeedsReview(NotAllowed):
    """The operation needs review, so it has to be proposed."""


class Undecided(ServiceError):
    """In `fields`, the record changed after a proposal was made; the reviewer has to choose the values."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__("The record changed since this was proposed. Choose the value of each field.")
        self.fields = list(fields)


class BadFilter(ServiceError):
    """An unknown filter, filter value, sort order or cursor of a list."""


class NotInstalled(ServiceError):
    """What is asked for needs a package that is not installed; the text says how to install it."""


class DataChanged(ServiceError):
    """The data is no longer what the first part of a file was made of."""

    def __init__(self) -> None:
        super().__init__(
            "The data has changed since the first part of this file was sent. Start again from the first part, or add "
            "as_of with a moment that has passed, so that all parts are of that moment."
        )


class NoSuchMoment(BadFilter):
    """Not a moment in the past, so the data as of it cannot be shown."""


class TooBusy(ServiceError):
    """Too many others wait for the same slow work; try again after `wait`."""

    def __init__(
        self,
        sentence: str = "Too many people are logging in right now. Try again in a few seconds.",
        wait: datetime.timedelta = datetime.timedelta(seconds=5),
    ) -> None:
        super().__init__(sentence)
        self.wait = wait


class TooManyAttempts(ServiceError):
    """Too many attempts in a short time; `wait` is the time until the next one is allowed.

    `of_name` is whether the limit is that of a user name, rather than of a network address.
    """

    def __init__(self, sentence: str, wait: datetime.timedelta, *, of_name: bool) -> None:
        super().__init__(sentence)
        self.wait = wait
        self.of_name = of_name
