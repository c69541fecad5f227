"""What the site said to clients that it has saved, and whether the database has it."""

import itertools
import secrets
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import Claim, Revision, Study
from claims_app.services.core.record_states import read_changes
from claims_app.vocabulary import Action, RecordType

_AT_ONCE = 200


@dataclass
class Ledger:
    """The acknowledged writes of all clients."""

    outcomes: list[tuple[int, int | None, str]] = field(default_factory=list)
    """The number of a claim, its version if the answer said it, and the outcome that it was given."""

    claims: dict[int, str] = field(default_factory=dict)
    """The claims that were added, by number, with their statements."""

    titles: set[str] = field(default_factory=set)
    """The titles of the studies that were imported."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _run: str = field(default_factory=lambda: secrets.token_hex(3))
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def word(self) -> str:
        """Return a text that nobody else writes."""
        return f"{self._run} {next(self._numbers)}"

    def changed(self, claim: str, version: int | None, word: str) -> None:
        """Note that a claim was given the outcome `word`."""
        with self._lock:
            self.outcomes.append((int(claim.removeprefix("CLM-")), version, word))

    def added(self, claim: str, statement: str) -> None:
        """Note that a claim was added."""
        with self._lock:
            self.claims[int(claim.removeprefix("CLM-"))] = statement

    def imported(self, titles: list[str]) -> None:
        """Note that studies were imported."""
        with self._lock:
            self.titles.update(titles)

    def __len__(self) -> int:
        return len(self.outcomes) + len(self.claims) + len(self.titles)

    def lost(self, database: Database) -> list[str]:
        """Return a sentence for each acknowledged write that the database does not have."""
        said: list[str] = []
        with database.reading() as session:
            written: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
            numbers = sorted({claim for claim, _, _ in self.outcomes})
            for begin in range(0, len(numbers), _AT_ONCE):
                rows = select(Revision).where(
                    Revision.record_type == RecordType.CLAIM,
                    Revision.record_id.in_(numbers[begin : begin + _AT_ONCE]),
                    Revision.action == Action.UPDATE,
                )
                for revision in read_changes(session, session.scalars(rows)):
                    if "outcome" in revision.changes:
                        word = str(revision.changes["outcome"][1])
                        written[revision.record_id, word].append(revision.version)
            for claim, version, word in self.outcomes:
                versions = written.get((claim, word), [])
                if not versions:
                    said.append(f"CLM-{claim} was never given “{word}”.")
                elif version is not None and version not in versions:
                    said.append(f"CLM-{claim} was given “{word}” at version {versions}, not {version}.")
                elif len(versions) > 1:
                    said.append(f"CLM-{claim} was given “{word}” more than once, at the versions {versions}.")
            statements = dict(session.execute(select(Claim.id, Claim.statement)).tuples().all())
            said += [
                f"CLM-{number} is not there with its statement."
                for number, statement in self.claims.items()
                if statements.get(number) != statement
            ]
            copies = Counter(statements.values())
            said += [f"“{one}” is there more than once." for one in self.claims.values() if copies[one] > 1]
            titles = list(session.scalars(select(Study.title)))
            said += [f"The study “{title}” is missing." for title in self.titles - set(titles)]
            twice = [
                title for title, number in Counter(titles).items() if number > 1 and title in self.titles
            ]
            said += [f"The study “{title}” is there more than once." for title in twice]
        return said
