"""Releases for tests."""

from pathlib import Path
from typing import Any

from claims_app.database import Database
from claims_app.models import Release
from claims_app.services.releases import store
from claims_app.services.releases.store import Shelf, Wanted
from tests.conftest import BY_TEST

SITE = "https://claims.example.org"


def make_release(database: Database, instance: Path, version: str = "2026.11", **wanted: Any) -> Release:
    """Make a release of the present data, or of those at `moment`, and do not wait for other transactions."""
    asked = Wanted(version, base_url=SITE, **wanted)
    return store.create(database, Shelf(instance), asked, BY_TEST, wait=lambda _: None)


def folder_of(instance: Path, release: Release) -> Path:
    """Return the folder with the files of a release."""
    return Shelf(instance).files(release)


def bytes_of(instance: Path, release: Release) -> dict[str, bytes]:
    """Return the content of each file of a release, with the archive."""
    shelf = Shelf(instance)
    paths = [*shelf.files(release).iterdir(), shelf.archive(release)]
    return {path.name: path.read_bytes() for path in paths}
