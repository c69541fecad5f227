"""A ZIP archive whose comment ends with the SHA-256 of all bytes before, written in one pass and checked as a whole."""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

FIRST = "README.txt"
"""The name of the first entry, by which a file that was cut off is known for a backup."""

_README = b"A backup of Claims, for the command: claims restore FILE. manifest.json says what it holds.\n"
_SEAL = b"claims backup, sha256 "
_DIGITS = 64
_BLOCK = 1 << 20


class BadBackup(ValueError):
    """The file cannot be restored; the text is a sentence that says why."""


class ForeignFile(BadBackup):
    """The file is not a backup of this program."""

    def __init__(self) -> None:
        super().__init__("This file is not a backup made by “claims backup”.")


class DamagedBackup(BadBackup):
    """The file is a backup, but not all of it is as it was written."""

    def __init__(self, what: str) -> None:
        super().__init__(f"This backup is damaged: {what}. Use another copy of it, or another backup.")


class Out(Protocol):
    """Where a backup goes to: a file, or a pipe."""

    def write(self, data: bytes, /) -> object:
        """Write all of `data`."""


class _Sealing:
    """Passes on what it gets and hashes it, but holds the last bytes back: the place of the hash.

    It has no `tell`, so that zipfile writes from the front to the end and never goes back.
    """

    def __init__(self, out: Out) -> None:
        self._out = out
        self._held = b""
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        whole = self._held + data
        passed, self._held = whole[:-_DIGITS], whole[-_DIGITS:]
        if passed:
            self._hash.update(passed)
            self._out.write(passed)
        return len(data)

    def flush(self) -> None:
        """Do nothing; zipfile asks for it."""

    def seal(self) -> str:
        assert self._held == b"0" * _DIGITS
        digest = self._hash.hexdigest()
        self._out.write(digest.encode())
        return digest


class Archive:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.seal = ""
        """The SHA-256 at the end, once the archive is closed."""

    @contextmanager
    def entry(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Yield the function that writes the content of the next entry, called `name`."""
        # An entry may be larger than 4 GB, and its size is not known yet.
        with self._archive.open(name, "w", force_zip64=True) as entry:
            yield entry.write


@contextmanager
def sealing(out: Out) -> Iterator[Archive]:
    """Yield an archive whose entries go to `out`; at the end of the block, close and seal it."""
    sink = _Sealing(out)
    # Level 1 takes a third of the time of level 6, and a tenth more space.
    with zipfile.ZipFile(cast(BinaryIO, sink), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as inner:
        archive = Archive(inner)
        with archive.entry(FIRST) as write:
            write(_README)
        yield archive
        inner.comment = _SEAL + b"0" * _DIGITS
    archive.seal = sink.seal()


class Sealed:
    """A backup that is read. Nothing of it is believed before `check` has returned."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises ForeignFile if `file` is something else, and DamagedBackup if it was cut off."""
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)
        head = file.read(30 + len(FIRST))
        if not head.startswith(b"PK\3\4") or not head.endswith(FIRST.encode()):
            raise ForeignFile
        self._sealed = self.size - _DIGITS
        file.seek(max(0, self._sealed - len(_SEAL)))
        found = re.fullmatch(re.escape(_SEAL) + rb"([0-9a-f]{64})", file.read())
        if not found:
            raise DamagedBackup("its end is missing or changed")
        self.seal = found[1].decode()
        self._archive: zipfile.ZipFile | None = None

    def check(self) -> Iterator[int]:
        """Compare all bytes with the seal; yield the size of each part. Raises DamagedBackup at the end."""
        digest, left = hashlib.sha256(), self._sealed
        self._file.seek(0)
        while left and (block := self._file.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
            yield len(block)
        if digest.hexdigest() != self.seal:
            raise DamagedBackup("its content does not match its checksum")
        try:
            self._archive = zipfile.ZipFile(self._file)
        except zipfile.BadZipFile as error:
            raise DamagedBackup(f"its directory cannot be read ({error})") from None

    @property
    def names(self) -> list[str]:
        """The names of its entries, in their order."""
        return self._checked.namelist()

    def read(self, name: str) -> bytes:
        """Return the content of a small entry. Raises DamagedBackup if there is none."""
        with self.open(name) as entry:
            return entry.read()

    def open(self, name: str) -> io.BufferedIOBase:
        """Return an entry for reading. Raises DamagedBackup if there is none."""
        try:
            return cast(io.BufferedIOBase, self._checked.open(name))
        except (KeyError, zipfile.BadZipFile):
            raise DamagedBackup(f"{name} is missing in it") from None

    @property
    def _checked(self) -> zipfile.ZipFile:
        assert self._archive is not None, "check() comes first"
        return self._archive
