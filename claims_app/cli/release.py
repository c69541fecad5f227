"""`claims release`: makes, lists, checks, compares and deposits releases."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask.cli import ScriptInfo, with_appcontext

from claims_app.cli.progress import ROWS_PER_LINE
from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.config import Settings
from claims_app.formats.release import checking, citation, reading
from claims_app.formats.release.about import SQLITE, SUMS
from claims_app.formats.release.difference import TITLES, NotComparable, difference
from claims_app.formats.release.reading import NotARelease
from claims_app.models import Release
from claims_app.services.history.as_of import read as read_as_of
from claims_app.services.releases import comparing, deposit, store
from claims_app.services.releases.store import Shelf, Wanted

_version = click.argument("version")


@click.group()
def release() -> None:
    """Make, list, check, compare and deposit releases: frozen copies of the data that can be cited."""


@release.command()
@_version
@click.option(
    "--as-of", metavar="DATE", help="Release the data as of the end of this day (UTC), or of this time."
)
@click.option("--note", help="What is new, in one or two sentences.")
@click.option("--by", metavar="NAME", help="The account that publishes the release.")
@click.option(
    "--yes", is_flag=True, help="Do not ask, even if the settings name no licence or no public address."
)
@with_appcontext
@refuses
def create(version: str, as_of: str | None, note: str | None, by: str | None, yes: bool) -> None:
    """Make the release VERSION, such as 2026.11, of the present data.

    A release never changes. It is refused if a reference has no target or a count does not match. If the settings lack
    what should be in it, a warning says so, and on a terminal you are asked first.
    """
    here = settings()
    _warn(list(_lacking(here)), ask=not yes and sys.stdin.isatty())
    moment = read_as_of(as_of, database().clock()).at if as_of is not None else None
    made = store.create(
        database(),
        _shelf(),
        Wanted(
            version,
            base_url=here.base_url,
            moment=moment,
            title=here.title,
            license=here.license,
            creators=here.creators,
            note=note,
            by=by,
        ),
        by_command(f"Made the release {version}."),
        _progress(),
    )
    _print(made)


@release.command()
@_version
@with_appcontext
@refuses
def build(version: str) -> None:
    """Build the files of the release VERSION again, from the history. They are compared with its checksums."""
    with database().reading() as session:
        found = store.find(session, version)
    store.build_again(database(), _shelf(), found, _progress())
    click.echo(f"Built the files of {version} again, with the same checksums.")


@release.command("list")
@with_appcontext
@refuses
def list_() -> None:
    """List the releases, the newest first."""
    with database().reading() as session:
        found = store.list_releases(session)
    if not found:
        click.echo("There are no releases. “claims release create 2026.11” makes one.")
    for one in found:
        missing = "" if _shelf().is_whole(one) else f"  files missing: claims release build {one.version}"
        click.echo(
            f"{one.version}  {one.moment:%Y-%m-%d %H:%M:%S}  {one.counts['claims']:,} claims  "
            f"schema {one.schema_version}  {one.sha256}{missing}"
        )


@release.command()
@_version
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@with_appcontext
@refuses
def show(version: str, as_json: bool) -> None:
    """Show the release VERSION: what it contains, its files with their checksums, and how to cite it."""
    with database().reading() as session:
        found = store.find(session, version)
    if as_json:
        click.echo(json.dumps(store.described(found), ensure_ascii=False, indent=2))
        return
    _print(found)
    for file in (*store.files(found), store.archive(found)):
        click.echo(f"  {file.sha256}  {file.bytes:>13,}  {file.name}")
    click.echo(citation.apa(store.about(found)))


@release.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--sha256",
    "expected",
    metavar="SUM",
    help="The SHA-256 of SHA256SUMS, or of the archive, from the page of the release.",
)
def verify(path: Path, expected: str | None) -> None:
    """Check the release at PATH, a folder or an archive, or both if PATH contains them. It needs no database.

    Compares the checksums, counts, types, terms, keys and references, and the rows of all formats, and names each
    problem with its file and row. The exit status is 1 if there is one. Files that somebody changed together with all
    their checksums are noticed only by --sha256.
    """
    places = reading.places(path)
    number = 0
    sums: dict[str, str] = {}
    try:
        for place in places:
            for problem in _problems(place, sums, alone=len(places) == 1):
                click.echo(
                    f"Problem: {problem}" if len(places) == 1 else f"Problem in {place.name}: {problem}"
                )
                number += 1
    except NotARelease as refused:
        raise click.ClickException(str(refused)) from None
    except OSError as error:
        raise click.ClickException(f"{error.strerror or error}: {error.filename or path}") from None
    if expected is not None and expected.strip().lower() not in sums.values():
        click.echo(f"Problem: These are not the files with the SHA-256 {expected}.")
        number += 1
    kinds = {place: "archive" if place.is_file() else "folder" for place in places}
    click.echo("Checked " + " and ".join(f"the {kind} {place.name}" for place, kind in kinds.items()) + ".")
    if note := checking.note():
        click.echo(note, err=True)
    for name, found in sorted(sums.items()):
        click.echo(f"SHA-256 of {name}: {found}")
    if number:
        raise click.ClickException(
            "1 problem was found." if number == 1 else f"{number:,} problems were found."
        )
    click.echo("No problems found.")


def _problems(place: Path, sums: dict[str, str], *, alone: bool) -> Iterator[str]:
    """Yield what is wrong with one copy of a release, and fill `sums`. Raises NotARelease if it is the only copy."""
    if place.is_file():
        sums["the archive"] = checking.sha256_of(place)
    try:
        with reading.opened(place) as folder:
            found = checking.sha256_of(folder / SUMS)
            if sums.setdefault(SUMS, found) != found:
                yield f"Its {SUMS} is not the one of the folder, so the two are not the same release."
            yield from checking.problems(folder)
    except NotARelease as refused:
        if alone:
            raise
        yield str(refused)


@release.command()
@click.argument("before")
@click.argument("after")
@click.option("--json", "as_json", is_flag=True, help="Print all changes as JSON.")
@click.pass_context
def diff(context: click.Context, before: str, after: str, as_json: bool) -> None:
    """Show what changed from the release BEFORE to the release AFTER.

    Each is a version, or the path of a folder or an archive. Paths need no database.
    """
    with ExitStack() as stack:
        try:
            if any(Path(one).exists() for one in (before, after)):
                first, second = (
                    stack.enter_context(reading.opened(Path(one))) / SQLITE for one in (before, after)
                )
            else:
                first, second = _sqlite_files(context, stack, before, after)
            found = difference(first, second, most=None)
        except (NotARelease, NotComparable) as refused:
            raise click.ClickException(str(refused)) from None
        except OSError as error:
            raise click.ClickException(f"{error.strerror or error}: {error.filename}") from None
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(f"From {found['from']} to {found['to']}")
    for kind, title in TITLES.items():
        if found["counts"][kind]:
            click.echo(f"\n{title}: {found['counts'][kind]:,}")
            for entry in found["changes"][kind]:
                click.echo(f"  {_line(entry)}")
    if not any(found["counts"].values()):
        click.echo("No claim, evidence level, study or evidence item changed.")


@release.command("deposit")
@_version
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="New folder for the metadata and the files.",
)
@with_appcontext
@refuses
def deposit_(version: str, output: Path) -> None:
    """Prepare a deposit of the release VERSION at Zenodo: metadata and files in one folder. Nothing is sent."""
    here = settings()
    with database().reading() as session:
        found = store.find(session, version)
    for path in deposit.prepare(_shelf(), found, output, creators=here.creators, license=here.license):
        click.echo(str(path))
    click.echo(
        "Nothing was sent. Upload the files, and send the metadata with Zenodo's deposit API.", err=True
    )


def _lacking(here: Settings) -> Iterator[str]:
    """Yield a sentence for each setting that a release should have and cannot get later."""
    if (urlsplit(here.base_url).hostname or "") in ("127.0.0.1", "::1", "localhost"):
        yield (
            f"All addresses in the release begin with {here.base_url}, which only this machine can open. Set "
            "CLAIMS_BASE_URL to the public address first."
        )
    if not here.license:
        yield "The release names no licence, so nobody knows how to reuse it. Set CLAIMS_LICENSE first."


def _warn(sentences: Sequence[str], *, ask: bool) -> None:
    """Print warnings, and ask whether to go on in spite of them. Raises click.Abort if not."""
    for sentence in sentences:
        click.echo(f"Warning: {sentence}", err=True)
    if sentences and ask:
        click.confirm("A release never changes. Make it anyway?", abort=True, err=True)


def _shelf() -> Shelf:
    return Shelf(settings().instance)


def _sqlite_files(context: click.Context, stack: ExitStack, *versions: str) -> list[Path]:
    """Return the SQLite files of releases of this database."""
    stack.enter_context(context.ensure_object(ScriptInfo).load_app().app_context())

    @refuses
    def found() -> list[Path]:
        with database().reading() as session:
            return [comparing.sqlite_of(_shelf(), store.find(session, version)) for version in versions]

    return found()


def _print(made: Release) -> None:
    click.echo(f"Release {made.version}: the data as of {made.moment:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(", ".join(f"{name.replace('_', ' ')}: {n:,}" for name, n in made.counts.items()))
    click.echo(
        "Claims by evidence level: "
        + ", ".join(f"{level.label.lower()}: {n:,}" for level, n in store.contents(made).by_level)
    )
    click.echo(f"Schema of the files: {made.schema_version}")
    click.echo(f"SHA-256 of SHA256SUMS: {made.sha256}")
    click.echo(f"Files: {_shelf().files(made)}")
    click.echo(f"Archive: {_shelf().archive(made)} ({made.archive_bytes:,} bytes)")


def _progress() -> Callable[[str, int], None]:
    """Return a function that prints a line for every so many rows of a table."""
    done: dict[str, int] = {}

    def advance(name: str, rows: int) -> None:
        before = done.get(name, 0)
        done[name] = before + rows
        if before // ROWS_PER_LINE != done[name] // ROWS_PER_LINE:
            click.echo(f"{name}: {done[name]:,} rows", err=True)

    return advance


def _line(entry: dict[str, Any]) -> str:
    """Return a change in one line."""
    parts = [entry["id"]]
    for name, value in entry.items():
        if name.endswith("before"):
            after = "after" if name == "before" else name.removesuffix("_before")
            parts.append(f"{value or 'none'} → {entry[after] or 'none'}")
        elif value and name not in ("id", "after") and f"{name}_before" not in entry:
            parts.append(f"{name.replace('_', ' ')}: {value}")
    return "  ".join(parts)
