"""Opens a release that somebody has: a folder, or an archive, which is unpacked into a temporary folder."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from claims_app.formats.release.about import SUMS


class NotARelease(ValueError):
    """A path that is no release; the message says why."""


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Yield the folder with the files of the release at `path`. Raises NotARelease.

    An archive is unpacked only below a temporary folder, which is removed after the block.
    """
    if path.is_dir():
        yield _folder(path)
        return
    if not path.is_file():
        raise NotARelease(f"{path} does not exist.")
    with tempfile.TemporaryDirectory(prefix="claims-release-") as temporary:
        _unpack(path, Path(temporary))
        yield _folder(Path(temporary))


def _folder(path: Path) -> Path:
    """Return the folder at or directly below `path` that has the checksums."""
    if (path / SUMS).is_file():
        return path
    below = [one for one in sorted(path.iterdir()) if (one / SUMS).is_file()]
    if len(below) != 1:
        raise NotARelease(f"{path} is not a release: it has no file {SUMS}.")
    return below[0]


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as file:
            entries = file.infolist()
            if len({entry.filename for entry in entries}) < len(entries):
                raise NotARelease(f"{archive} contains a file twice.")
            for entry in entries:
                parts = PurePosixPath(entry.filename).parts
                if len(parts) != 2 or ".." in parts or "\\" in entry.filename or entry.is_dir():
                    raise NotARelease(f"{archive} is not a release: it contains “{entry.filename}”.")
                target = folder / parts[0] / parts[1]
                target.parent.mkdir(exist_ok=True)
                with file.open(entry) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise NotARelease(f"{archive} cannot be read as an archive: {error}.") from error
