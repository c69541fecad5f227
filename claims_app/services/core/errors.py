"""What services refuse, and why. The web, the commands and the seed turn these into their own answers."""

import datetime
from collections.abc import Mapping, Sequence

from claims_app.models import EvidenceItem, Record, Revision
from claims_app.vocabulary import RecordType


class ServiceError(Exception):
    """Base of all refusals; its text is a sentence for a person."""


class Invalid(ServiceError):
    """Values that are refused: by field, the sentences that say what would be right."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(sentences)}" for field, sentences in errors.items()))
        self.errors = {field: list(sentences) for field, sentences in errors.items()}


class NotFound(ServiceError):
    """There is no record with this identifier, and there never was; `record` is its sort and number, if it has any."""

    def __init__(self, sentence: str, record: tuple[RecordType, int] | None = None) -> None:
        super().__init__(sentence)
        self.record = record


class Gone(ServiceError):
    """The record was deleted; `revision` says when, by whom and why."""

    def __init__(self, public_id: str, revision: Revision) -> None:
        super().__init__(f"{public_id} was deleted.")
        self.public_id = public_id
        self.revision = revision


class Merged(ServiceError):
    """The record was merged into another one, `kept`, which stands for it."""

    def __init__(self, public_id: str, kept: str) -> None:
        super().__init__(f"{public_id} was merged into {kept}.")
        self.public_id = public_id
        self.kept = kept


class StaleVersion(ServiceError):
    """Somebody changed the record since it was read; `record` is how it stands now."""

    def __init__(self, record: Record | None = None) -> None:
        super().__init__("Someone changed this while you were editing.")
        self.record = record


class InUse(ServiceError):
    """The record cannot be deleted while others hang on it; `users` says which, by what they are."""

    def __init__(self, public_id: str, users: Mapping[str, Sequence[Record]]) -> None:
        listed = "; ".join(
            f"{what}: {', '.join(r.public_id for r in records)}" for what, records in users.items()
        )
        super().__init__(f"{public_id} cannot be deleted while these hang on it: {listed}.")
        self.public_id = public_id
        self.users = users


class DuplicateEvidence(ServiceError):
    """There is evidence from this study for this claim already; it may be added again if that is meant."""

    def __init__(self, existing: Sequence[EvidenceItem]) -> None:
        super().__init__(
            "This study is already linked to this claim: " + ", ".join(e.public_id for e in existing) + "."
        )
        self.existing = existing


class EvidenceChanged(ServiceError):
    """The evidence is not what the appraiser looked at; `changes` says what changed since the newest appraisal."""

    def __init__(self, changes: Sequence[str]) -> None:
        super().__init__("The evidence changed while you were appraising it.")
        self.changes = list(changes)


class Refused(ServiceError):
    """Something that cannot be done with this record as things are; its text says why."""


class NotAllowed(ServiceError):
    """The policy refuses it; the text says why."""


class NeedsReview(NotAllowed):
    """The policy lets it take effect after review alone, so it has to be proposed."""


class Undecided(ServiceError):
    """A proposal and the record differ in these fields from what its author saw: somebody has to choose."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(
            "The record changed since this was proposed. Choose for each field which value stands."
        )
        self.fields = list(fields)


class BadFilter(ServiceError):
    """A filter, a value of one, or a cursor that this list does not know."""


class NoSuchMoment(BadFilter):
    """No moment of the past: what it stood like cannot be shown."""


class TooManyAttempts(ServiceError):
    """Something was tried too often in a short time; `wait` says how long the next try has to wait.

    `of_name` says that it was for one name, from wherever it came.
    """

    def __init__(self, sentence: str, wait: datetime.timedelta, *, of_name: bool) -> None:
        super().__init__(sentence)
        self.wait = wait
        self.of_name = of_name
