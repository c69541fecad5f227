"""Imports a file in batches: each is judged without a lock, and then saved in a short transaction of its own.

The result is that of one row after the other. If others have written in between, a batch is judged again in the
transaction that saves it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from claims_app.database import WriteSession
from claims_app.services.memory.data_number import data_number
from claims_app.services.transfer.importing import files
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.fresh import Fresh
from claims_app.services.transfer.importing.model import OpenedFile, PlannedRow
from claims_app.services.transfer.importing.seen import Seen
from claims_app.services.transfer.importing.together import Save

MOST_ROWS = 500
"""The most rows that one transaction saves."""
FEWEST_ROWS = 20
"""The fewest rows of a transaction, unless the file has no more."""
_SECONDS = 0.2
"""How long a transaction should take, so that others who save wait for less than half a second."""
GAP = 0.1
"""How long others have on SQLite to save something between two batches: they look whether they can that often."""


@dataclass
class Pace:
    """How many rows the next batch has, from how long the one before took."""

    rows: int
    _ended: float | None = field(default=None, repr=False)

    def wait(self) -> None:
        """Wait for the rest of the gap since the batch before."""
        if self._ended is not None:
            time.sleep(max(0.0, GAP - (time.monotonic() - self._ended)))

    def timed(self, save: Callable[[], None], rows: int) -> None:
        """Run `save`, which saves so many rows in one transaction, and adapt the number of rows to its time."""
        begun = time.monotonic()
        save()
        self._ended = time.monotonic()
        fitting = int(rows * _SECONDS / max(self._ended - begun, 0.001))
        # A batch that was cut short says little, so it does not let the next one grow.
        if rows >= self.rows or fitting < self.rows:
            self.rows = max(FEWEST_ROWS, min(MOST_ROWS, 2 * self.rows, fitting))


class FileImport:
    """The import of a file: `judge` the next rows, then `save` those that are imported, until none are left."""

    def __init__(self, opened: OpenedFile, base_url: str, save: Save | None, *, depends: bool = True) -> None:
        """Import with `save`; without it, rows are only judged. `depends` is whether rows depend on saved ones."""
        self._opened = opened
        self._base_url = base_url
        self._save = save
        self._depends = depends and save is not None
        self._seen = Seen()
        self._left: Sequence[object] = opened.rows
        self._asked: Sequence[object] = ()
        self._mark = 0
        self._data = ""
        self.planned: Sequence[PlannedRow] = ()
        """The rows that were judged last."""

    @property
    def is_done(self) -> bool:
        """Whether no row is left."""
        return not self._left

    def skip(self, rows: int) -> None:
        """Leave out the first rows, which were saved before; later ones are compared with them."""
        files.replay(self._opened, self._left[:rows], self._seen)
        self._left = self._left[rows:]

    def judge(self, session: WriteSession, rows: int) -> None:
        """Judge up to `rows` of the next rows; fewer, if one depends on another one that is not saved yet."""
        self._asked, self._mark = self._left[:rows], self._seen.mark
        self._plan(session)

    def save(
        self, session: WriteSession, is_wanted: Callable[[PlannedRow], bool]
    ) -> list[tuple[PlannedRow, Done | None]]:
        """Save the judged rows that are wanted, and return all of them with the results of those.

        It may run again, in another transaction, if the database ended the one before.
        """
        if data_number(session) != self._data:
            self._seen.forget_since(self._mark)
            self._plan(session)
        wanted = [row for row in self.planned if is_wanted(row)]
        done = dict(zip(map(id, wanted), self._save(session, wanted) if self._save else (), strict=False))
        return [(row, done.get(id(row))) for row in self.planned]

    def advance(self) -> None:
        """Go on after the judged rows, which were saved or need not be."""
        self._left = self._left[len(self.planned) :]

    def _plan(self, session: WriteSession) -> None:
        self._data = data_number(session)
        fresh = Fresh() if self._depends else None
        self.planned = list(files.plan(session, self._opened, self._asked, self._seen, self._base_url, fresh))
