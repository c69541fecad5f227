"""Opens a release that somebody has: a folder, or an archive, which is unpacked into a temporary folder."""

import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claims_app.formats.release.about import SUMS

_MOST_BYTES = 100_000_000
_MOST_TIMES = 100
"""The most that an archive may be unpacked to, or so many times its size if that is more. Releases stay far below."""


class NotARelease(ValueError):
    """A path that is no release; the message says why."""


def places(path: Path) -> list[Path]:
    """Return the copies of a release that are at `path`.

    In a folder such as `instance/releases/2026.11`, these are the folder with the files and the archive beside it.
    """
    if not path.is_dir() or (path / SUMS).is_file():
        return [path]
    folders = [one for one in path.iterdir() if (one / SUMS).is_file()]
    if len(folders) != 1:
        return [path]
    archive = path / f"{folders[0].name}.zip"
    return [folders[0], archive] if archive.is_file() else folders


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Yield the folder with the files of the release at `path`. Raises NotARelease.

    An archive is unpacked only below a temporary folder, which is removed after the block, and only if it is not
    unpacked to much more than its own size.
    """
    if path.is_dir():
        yield _folder(path, path)
        return
    if not path.is_file():
        raise NotARelease(f"{path} does not exist.")
    with tempfile.TemporaryDirectory(prefix="claims-release-") as temporary:
        _unpack(path, Path(temporary))
        yield _folder(Path(temporary), path)


def _folder(path: Path, named: Path) -> Path:
    """Return the folder at or directly below `path` that has the checksums; messages name `named`."""
    if (path / SUMS).is_file():
        return path
    below = [one for one in sorted(path.iterdir()) if (one / SUMS).is_file()]
    if len(below) != 1:
        raise NotARelease(f"{named} is not a release: it has no file {SUMS}.")
    return below[0]


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,  # encrypted, or packed in an unknown way
    ValueError,  # a name that is no text, or a place before the beginning
    OSError,  # a place that no file has, or damaged bzip2
)
"""All that `zipfile` raises for damaged archives."""


def _unpack(archive: Path, folder: Path) -> None:
    entry = None
    try:
        with zipfile.ZipFile(archive) as file:
            entries = file.infolist()
            if len({entry.filename for entry in entries}) < len(entries):
                raise NotARelease(f"{archive} contains a file twice.")
            most = max(_MOST_BYTES, _MOST_TIMES * archive.stat().st_size)
            if sum(entry.file_size for entry in entries) > most:
                raise NotARelease(
                    f"{archive} would be unpacked to more than {most:,} bytes, so it is left as it is."
                )
            for entry in entries:
                target = _target(folder, entry)
                if target is None:
                    raise NotARelease(f"{archive} is not a release: it contains “{entry.filename}”.")
                target.parent.mkdir(exist_ok=True)
                # An entry ends at the size that was added up, whatever comes after it.
                with file.open(entry) as source, target.open("xb") as copy:
                    shutil.copyfileobj(source, copy)
    except NotARelease:
        raise
    except _DAMAGED as error:
        where = (
            f"“{entry.filename}” in it is damaged" if entry is not None else "it is damaged or no ZIP file"
        )
        why = str(error).rstrip(".") or type(error).__name__
        raise NotARelease(f"{archive} cannot be read as an archive: {where} ({why}).") from error


def _target(folder: Path, entry: zipfile.ZipInfo) -> Path | None:
    """Return where an entry is unpacked: a file in a folder directly below `folder`. None for any other place."""
    parts = entry.filename.split("/")
    # A colon names a drive or a stream on Windows, where a backslash separates names, too.
    if len(parts) != 2 or any(part in ("", ".", "..") or re.search(r"[\\:]", part) for part in parts):
        return None
    target = folder.joinpath(*parts)
    return target if target.resolve().parent.parent == folder.resolve() else None
