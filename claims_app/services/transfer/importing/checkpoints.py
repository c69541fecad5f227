"""How far a command came with a file: saved with each batch, so that an interrupted import goes on from there."""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Self

from sqlalchemy import delete, update

from claims_app.database import WriteSession
from claims_app.models import ImportCheckpoint
from claims_app.services.core.errors import Refused

KEPT = datetime.timedelta(days=30)
"""How long the place is kept at which an import was interrupted."""


@dataclass
class Checkpoint:
    """The place in a file up to which its rows were saved, as this process knows it."""

    digest: str
    done: int

    @classmethod
    def begin(cls, session: WriteSession, data: bytes, *how: str) -> Self:
        """Return the place at which an import of a file with the content `data` goes on, in the way of `how`."""
        session.execute(delete(ImportCheckpoint).where(ImportCheckpoint.saved_at < session.changed_at - KEPT))
        digest = hashlib.sha256("\0".join([hashlib.sha256(data).hexdigest(), *how]).encode()).hexdigest()
        kept = session.get(ImportCheckpoint, digest)
        if kept is None:
            kept = ImportCheckpoint(digest=digest, done=0, saved_at=session.changed_at)
            session.add(kept)
            session.flush()
        return cls(digest, kept.done)

    def move(self, session: WriteSession, done: int) -> None:
        """Save in the transaction of a batch that `done` rows are done; set `self.done` once it is committed.

        Raises Refused if another process imports the same file.
        """
        mine = (ImportCheckpoint.digest == self.digest, ImportCheckpoint.done == self.done)
        moved = update(ImportCheckpoint).where(*mine).values(done=done, saved_at=session.changed_at)
        if session.scalar(moved.returning(ImportCheckpoint.digest)) is None:
            raise Refused(
                "Another command imports the same file, so this one stops. What it has saved is kept."
            )

    def end(self, session: WriteSession) -> None:
        """Forget the place, since the file is done. The next import of it begins with its first row."""
        session.execute(delete(ImportCheckpoint).where(ImportCheckpoint.digest == self.digest))
