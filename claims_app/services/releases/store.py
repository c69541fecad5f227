"""Releases: made once, listed, found, and built again if their files were lost."""

import contextlib
import datetime
import os
import shutil
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from claims_app.database import Change, Database, OutcomeUnknown
from claims_app.formats.delimited import utc_text
from claims_app.formats.release.about import DEFAULT_TITLE, About, Contents, is_version
from claims_app.formats.release.datapackage import File
from claims_app.formats.release.tables import SCHEMA_VERSION
from claims_app.formats.tables import PackageMissing
from claims_app.models import Release
from claims_app.models.release import NOTE_LENGTH
from claims_app.services.accounts import users
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.hooks import queueing
from claims_app.services.releases import moments
from claims_app.services.releases.building import Built, build

Advance = Callable[[str, int], None]

_UNFINISHED = ".unfinished-"
_ABANDONED_AFTER = 24 * 60 * 60
"""Seconds after which nobody works on an unfinished release any more."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for: the version, and what the files say about the release. Without `moment`, the present."""

    version: str
    base_url: str
    moment: datetime.datetime | None = None
    title: str | None = None
    license: str | None = None
    creators: Sequence[str] = ()
    note: str | None = None
    by: str | None = None
    """The name of the account of the publisher, if it is known."""


class Shelf:
    """The folder with the files of the releases: for each a folder named by its version."""

    def __init__(self, instance: Path) -> None:
        self.folder = instance / "releases"

    def files(self, release: Release) -> Path:
        """Return the folder with the files of a release, which may be missing."""
        return self.folder / release.version / about(release).name

    def archive(self, release: Release) -> Path:
        """Return the path of the archive of a release, which may be missing."""
        return self.folder / release.version / f"{about(release).name}.zip"

    def path(self, release: Release, name: str) -> Path | None:
        """Return the path of one file of a release, or None if it is not here, or of another size."""
        file = next((one for one in (*files(release), archive(release)) if one.name == name), None)
        if file is None:
            return None
        path = self.archive(release) if file == archive(release) else self.files(release) / name
        try:
            return path if path.stat().st_size == file.bytes else None
        except OSError:
            return None

    def is_whole(self, release: Release) -> bool:
        """Return whether all files of a release are here, with their sizes."""
        return all(self.path(release, file.name) for file in (*files(release), archive(release)))

    @contextmanager
    def unfinished(self) -> Iterator[Path]:
        """Yield a new folder, which is removed after the block unless it was put in its place. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()
        made = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
        made.chmod(0o755)
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        """Remove what processes that were killed have left."""
        for path in self.folder.glob(f"{_UNFINISHED}*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                    shutil.rmtree(path, ignore_errors=True)

    def put(self, made: Path, version: str) -> None:
        """Put a finished folder in its place, by one rename; what was there before is removed."""
        place = self.folder / version
        if place.exists():
            aside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.folder))
            place.rename(aside / version)
            made.rename(place)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            made.rename(place)
        with contextlib.suppress(OSError):  # not every file system can
            descriptor = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def put_some(self, made: Path, release: Release, names: Sequence[str]) -> None:
        """Put some files of a finished folder in their places, each by one rename; others that are there stay."""
        place = self.files(release)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            (made / place.name / name).replace(place / name)

    def take_away(self, made: os.stat_result, version: str) -> None:
        """Remove a folder that was put in its place; one that somebody else put there stays."""
        place = self.folder / version
        with contextlib.suppress(OSError):
            if os.path.samestat(place.stat(), made):
                shutil.rmtree(place)


def create(
    database: Database,
    shelf: Shelf,
    wanted: Wanted,
    change: Change,
    advance: Advance = lambda *_: None,
    wait: moments.Wait | None = None,
) -> Release:
    """Make a release, and return it. Nothing is left behind if that fails.

    Raises Invalid for a wrong version or note, NotFound for an unknown account, and Refused if the version is taken, a
    reference has no target, a count does not match or a package is missing.
    """
    _check(wanted)
    with database.reading() as session:
        made_by = users.find_user(session, wanted.by).id if wanted.by else None
        _refuse_taken(session, wanted.version)
    moment = wanted.moment or (
        moments.moment_now(database, change, wait) if wait else moments.moment_now(database, change)
    )
    frozen = About(
        version=wanted.version,
        moment=moment,
        base_url=wanted.base_url,
        schema_version=SCHEMA_VERSION,
        program_version=program_version(),
        title=wanted.title or DEFAULT_TITLE,
        license=wanted.license,
        creators=tuple(wanted.creators),
    )
    with shelf.unfinished() as folder:
        built = _built(database, frozen, folder, advance)
        release = Release(
            version=frozen.version,
            moment=frozen.moment,
            made_at=database.clock(),
            made_by_id=made_by,
            note=wanted.note,
            schema_version=frozen.schema_version,
            made_with=made_with(),
            base_url=frozen.base_url,
            title=frozen.title,
            license=frozen.license,
            creators=list(frozen.creators),
            counts=dict(built.contents.counts),
            levels=dict(built.contents.levels),
            files=[asdict(file) for file in built.files],
            sha256=built.sha256,
            archive_bytes=built.archive.bytes,
            archive_sha256=built.archive.sha256,
        )
        made = folder.stat()
        try:
            with database.writing(change) as session:
                session.add(release)
                session.flush()
                queueing.announce_release(
                    session, release.version, release.made_at, release.base_url, _announced(release)
                )
                shelf.put(folder, release.version)
        except OutcomeUnknown:
            raise  # the release may have been saved, so its files stay
        except BaseException as error:
            shelf.take_away(made, release.version)
            if isinstance(error, DBAPIError):
                with database.reading() as session:
                    _refuse_taken(session, wanted.version)
            raise
    return release


def build_again(
    database: Database, shelf: Shelf, release: Release, advance: Advance = lambda *_: None
) -> None:
    """Build the files of a release again, with the same bytes.

    Raises Refused if some came out different. Only the others are put in their place then.
    """
    if release.schema_version != SCHEMA_VERSION:
        raise Refused(
            f"{release.version} was made with version {release.schema_version} of the schema of the files, and this "
            f"program writes {SCHEMA_VERSION}. Build it with the version of the program that made it: "
            f"{release.made_with['claims-app']}."
        )
    with shelf.unfinished() as folder:
        built = _built(database, about(release), folder, advance)
        known = {file.name: file.sha256 for file in files(release)}
        others = [file.name for file in built.files if known.get(file.name) != file.sha256]
        if built.archive.sha256 != release.archive_sha256:
            others.append(built.archive.name)
        if others:
            same = [file.name for file in built.files if file.name not in others]
            shelf.put_some(folder, release, same)
            raise Refused(
                "These files came out different from those of the release, and were not put back: "
                f"{', '.join(others)}. {_why_different(release)} "
                f"The other {len(same)} files are as they were, and in their place."
            )
        shelf.put(folder, release.version)


def _why_different(release: Release) -> str:
    here = made_with()
    moved = [
        f"{name} {was}, here {here[name]}" for name, was in release.made_with.items() if here[name] != was
    ]
    if moved:
        return f"It was made with other packages: {'; '.join(moved)}."
    return "The texts of another state of the program may be the cause."


def list_releases(session: Session) -> Sequence[Release]:
    """Return all releases, the newest first."""
    return session.scalars(select(Release).order_by(Release.moment.desc(), Release.id.desc())).all()


def find(session: Session, version: str) -> Release:
    """Return a release. Raises NotFound."""
    release = (
        session.scalar(select(Release).where(Release.version == version)) if is_version(version) else None
    )
    if release is None:
        raise NotFound(f"There is no release {version[:40]}.")
    return release


def newest(session: Session) -> Release | None:
    """Return the release with the newest data, or None if there is none."""
    return session.scalar(select(Release).order_by(Release.moment.desc(), Release.id.desc()).limit(1))


def before(session: Session, release: Release) -> Release | None:
    """Return the release before another one, or None for the first."""
    earlier = select(Release).where(
        (Release.moment < release.moment) | ((Release.moment == release.moment) & (Release.id < release.id))
    )
    return session.scalar(earlier.order_by(Release.moment.desc(), Release.id.desc()).limit(1))


def about(release: Release) -> About:
    """Return what the files of a release say about it."""
    return About(
        version=release.version,
        moment=release.moment,
        base_url=release.base_url,
        schema_version=release.schema_version,
        program_version=release.made_with["claims-app"],
        title=release.title,
        license=release.license,
        creators=tuple(release.creators),
    )


def contents(release: Release) -> Contents:
    """Return what a release contains, in numbers."""
    return Contents(release.counts, release.levels)


def files(release: Release) -> list[File]:
    """Return the files of a release, without its archive."""
    return [File(**file) for file in release.files]


def archive(release: Release) -> File:
    """Return the archive of a release, which has all other files in it."""
    return File(f"{about(release).name}.zip", release.archive_bytes, release.archive_sha256)


def described(release: Release) -> dict[str, Any]:
    """Return all that is known of a release, as plain values for JSON."""
    return {
        "version": release.version,
        "moment": utc_text(release.moment),
        "made_at": utc_text(release.made_at),
        "url": about(release).url,
        "title": release.title,
        "note": release.note,
        "license": release.license,
        "creators": list(release.creators),
        "schema_version": release.schema_version,
        "made_with": dict(release.made_with),
        "counts": dict(release.counts),
        "levels": dict(release.levels),
        "sha256": release.sha256,
        "files": [
            {"name": file.name, "bytes": file.bytes, "sha256": file.sha256, "media_type": file.media_type}
            for file in (*files(release), archive(release))
        ],
    }


def _announced(release: Release) -> dict[str, Any]:
    """Return what webhooks are sent of a new release: all but the list of its files."""
    whole = described(release)
    return {name: value for name, value in whole.items() if name not in ("version", "url", "files")}


def program_version() -> str:
    """Return the version of this program."""
    return installed_version("claims-app")


def made_with() -> dict[str, str]:
    """Return the versions of all on which the bytes of a release depend."""
    try:
        arrow = installed_version("pyarrow")
    except ModuleNotFoundError:
        arrow = ""
    return {
        "claims-app": program_version(),
        "pyarrow": arrow,
        "sqlite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def _check(wanted: Wanted) -> None:
    if not is_version(wanted.version):
        raise Invalid(
            {
                "version": [
                    f"“{wanted.version}” cannot be a version. Begin with a digit, and use small letters, digits, dots "
                    "and hyphens, such as 2026.11 or 2026.11.1."
                ]
            }
        )
    if wanted.note is not None and not 1 <= len(wanted.note.strip()) <= NOTE_LENGTH:
        raise Invalid({"note": [f"The note can have 1 to {NOTE_LENGTH:,} characters."]})


def _refuse_taken(session: Session, version: str) -> None:
    if session.scalar(select(Release.id).where(Release.version == version)) is not None:
        raise Refused(
            f"There is a release {version} already, and a release never changes. Use another version, such as "
            f"{version}.1."
        )


def _built(database: Database, frozen: About, folder: Path, advance: Advance) -> Built:
    try:
        return build(database, frozen, folder, advance)
    except PackageMissing as missing:
        raise Refused(str(missing)) from missing
