"""Prepares the deposit of a release at Zenodo: its metadata and its files in one folder. Nothing is sent."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from claims_app.formats.release import checking, citation
from claims_app.formats.release.about import SQLITE
from claims_app.formats.release.citation import NotReady
from claims_app.formats.release.texts import README
from claims_app.models import Release
from claims_app.services.core.errors import Refused
from claims_app.services.releases import store
from claims_app.services.releases.store import Shelf

METADATA = "deposit.json"
_ALONE = (README, "CITATION.cff", "DICTIONARY.md", "datapackage.json", "SHA256SUMS")
"""The files that are also shown beside the archive, so that they can be read without unpacking it."""

_MOST_TOPICS = 20


def prepare(
    shelf: Shelf, release: Release, target: Path, *, creators: Sequence[str] = (), license: str | None = None
) -> list[Path]:
    """Write the metadata and the files of a deposit into the new folder `target`, and return their paths.

    `creators` and `license` are used if the release itself names none. Raises Refused if one is missing, the files
    are not here or were changed, or `target` is there already.
    """
    if target.exists():
        raise Refused(f"{target} exists already. Name a new folder.")
    about = store.about(release)
    about = replace(about, creators=about.creators or tuple(creators), license=about.license or license)
    if not shelf.is_whole(release):
        raise Refused(
            f"The files of the release {release.version} are not all here. "
            f"“claims release build {release.version}” makes them again."
        )
    sums = {file.name: file.sha256 for file in (*store.files(release), store.archive(release))}

    def refuse_changed(path: Path) -> None:
        if checking.sha256_of(path) != sums[path.name]:
            raise Refused(
                f"{path.name} was changed. “claims release build {release.version}” makes it again."
            )

    refuse_changed(shelf.files(release) / SQLITE)
    try:
        metadata = citation.zenodo(about, store.contents(release), _topics(shelf.files(release) / SQLITE))
    except NotReady as lacking:
        raise Refused(str(lacking)) from lacking
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        unfinished.chmod(0o755)
        (unfinished / METADATA).write_text(json.dumps(metadata, ensure_ascii=False, indent=2) + "\n", "utf-8")
        place = unfinished / "files"
        place.mkdir()
        for path in (shelf.archive(release), *(shelf.files(release) / name for name in _ALONE)):
            # The copy is what is deposited, so it is what is compared.
            refuse_changed(Path(shutil.copyfile(path, place / path.name)))
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return [target / METADATA, *sorted((target / "files").iterdir())]


def _topics(path: Path) -> list[str]:
    """Return the names of the topics with the most claims."""
    query = """
        SELECT name FROM topics LEFT JOIN claim_topics USING (topic)
        GROUP BY topic ORDER BY count(claim_id) DESC, name LIMIT ?"""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        return [name for (name,) in database.execute(query, (_MOST_TOPICS,))]
