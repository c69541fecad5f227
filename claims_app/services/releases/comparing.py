"""What changed between two releases, kept beside their files: neither of them changes, so neither does this."""

import json
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from claims_app.formats.release.about import SQLITE
from claims_app.formats.release.difference import NotComparable, difference
from claims_app.models import Release
from claims_app.services.core.errors import Refused, TooBusy
from claims_app.services.releases.store import Shelf

_FORM = 2
"""Increment this when a difference looks different, so that those kept before are made again."""

_turn = threading.Lock()
"""Held while two releases are compared, which reads all their rows: anyone may ask for any two of them."""


class Lost(Refused):
    """The files of a release are not here, or are not its files; the message says how they are made again."""

    def __init__(self, release: Release) -> None:
        super().__init__(
            f"The files of the release {release.version} are not on this server. "
            f"“claims release build {release.version}” makes them again."
        )


def changes(shelf: Shelf, before: Release, after: Release) -> dict[str, Any]:
    """Return what changed from one release to another (see `formats.release.difference`).

    Raises Lost if the files of one of them are not here, and TooBusy while this process compares others.
    """
    kept = shelf.folder / ".changes" / f"{before.version}..{after.version}.{_FORM}.json"
    if (known := _read(kept)) is not None:
        return known
    if not _turn.acquire(blocking=False):
        raise TooBusy("Other releases are being compared right now. Try again in a few seconds.")
    try:
        if (known := _read(kept)) is not None:
            return known
        found = _compared(shelf, before, after)
        # The folder may be read-only; then the next reader waits for the comparison again.
        with suppress(OSError):
            _keep(kept, json.dumps(found, ensure_ascii=False))
        return found
    finally:
        _turn.release()


def sqlite_of(shelf: Shelf, release: Release) -> Path:
    """Return the path of the SQLite file of a release. Raises Lost if it is not here."""
    path = shelf.path(release, SQLITE)
    if path is None:
        raise Lost(release)
    return path


def _compared(shelf: Shelf, before: Release, after: Release) -> dict[str, Any]:
    paths = sqlite_of(shelf, before), sqlite_of(shelf, after)
    try:
        return difference(*paths)
    except NotComparable as error:
        raise Lost(before if _is_damaged(paths[0]) else after) from error


def _is_damaged(path: Path) -> bool:
    try:
        difference(path, path)
    except NotComparable:
        return True
    return False


def _read(kept: Path) -> dict[str, Any] | None:
    with suppress(OSError, ValueError):
        known: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return known
    return None


def _keep(path: Path, text: str) -> None:
    """Write a file whole or not at all, also if other processes write it at the same time. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f"{path.stem}.", delete=False
    ) as unfinished:
        unfinished.write(text)
    Path(unfinished.name).replace(path)
