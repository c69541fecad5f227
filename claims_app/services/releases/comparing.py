"""What changed between two releases, kept beside their files: neither of them changes, so neither does this."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from claims_app.formats.release.about import SQLITE
from claims_app.formats.release.difference import difference
from claims_app.models import Release
from claims_app.services.core.errors import Refused
from claims_app.services.releases.store import Shelf

_FORM = 1
"""Increment this when a difference looks different, so that those kept before are made again."""


def changes(shelf: Shelf, before: Release, after: Release) -> dict[str, Any]:
    """Return what changed from one release to another (see `formats.release.difference`).

    Raises Refused if the files of one of them are not here.
    """
    kept = shelf.folder / ".changes" / f"{before.version}..{after.version}.{_FORM}.json"
    with suppress(OSError, ValueError):
        known: dict[str, Any] = json.loads(kept.read_text("utf-8"))
        return known
    found = difference(sqlite_of(shelf, before), sqlite_of(shelf, after))
    # The folder may be read-only; then the next reader waits for the comparison again.
    with suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        unfinished.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
        unfinished.replace(kept)
    return found


def sqlite_of(shelf: Shelf, release: Release) -> Path:
    """Return the path of the SQLite file of a release. Raises Refused if it is not here."""
    path = shelf.path(release, SQLITE)
    if path is None:
        raise Refused(
            f"The files of the release {release.version} are not on this server. "
            f"“claims release build {release.version}” makes them again."
        )
    return path
