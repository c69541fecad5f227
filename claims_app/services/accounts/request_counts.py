"""How many requests came from one token or one address in the present minute.

The counts are in a small file that all processes of a host map into their memory, so they share them without a write
to the database. Each key has one place in it, by a digest that nobody can compute without the secret of the site. In
the rare case that two keys have the same place, they are counted together, so that no key can end the count of another
one. If there is no file, each process counts for itself.
"""

import hashlib
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

locks: ModuleType | None
try:
    import fcntl as locks
except ImportError:  # Windows
    locks = None

_ENTRY = struct.Struct("<II")  # the window, the count
_PLACES = 1 << 16
_SIZE = _PLACES * _ENTRY.size


class RequestCounts:
    """The counts of a host, in the file at `path`; its places are found with `secret`."""

    def __init__(self, path: Path, secret: str) -> None:
        self._path = path
        self._key = hashlib.blake2b(secret.encode(), person=b"request counts").digest()
        self._lock = threading.Lock()
        self._file: int | None = None
        self._counts: mmap.mmap | None = None

    def count(self, key: str, window: int) -> int:
        """Count a request of `key` in `window`, the number of a stretch of time, and return how many it had."""
        digest = hashlib.blake2b(key.encode(), digest_size=4, key=self._key).digest()
        place = int.from_bytes(digest, "little") % _PLACES * _ENTRY.size
        with self._locked(place) as counts:
            found, count = _ENTRY.unpack_from(counts, place)
            count = count + 1 if found == window else 1
            _ENTRY.pack_into(counts, place, window, count)
        return int(count)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._counts is not None:
                self._counts.close()
            if self._file is not None:
                os.close(self._file)
            self._counts = self._file = None

    @contextmanager
    def _locked(self, place: int) -> Iterator[mmap.mmap]:
        """Give the counts, with one entry locked against other threads and processes."""
        with self._lock:
            counts = self._counts or self._open()
            if self._file is None or locks is None:
                yield counts
                return
            locks.lockf(self._file, locks.LOCK_EX, _ENTRY.size, place)
            try:
                yield counts
            finally:
                locks.lockf(self._file, locks.LOCK_UN, _ENTRY.size, place)

    def _open(self) -> mmap.mmap:
        """Map the file; it is made at the first request."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a read-only folder
            self._counts = mmap.mmap(-1, _SIZE)
            return self._counts
        try:
            _take_room(file)
        except OSError:  # a full disk
            os.close(file)
            self._counts = mmap.mmap(-1, _SIZE)
            return self._counts
        self._file, self._counts = file, mmap.mmap(file, _SIZE)
        return self._counts


def _take_room(file: int) -> None:
    """Let a file have its size and its place on the disk. Raises OSError if there is no room.

    Otherwise the system would look for a place when a count is written, and end the process (SIGBUS) if there is none.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, _SIZE)
    elif os.fstat(file).st_size < _SIZE:
        os.truncate(file, _SIZE)
