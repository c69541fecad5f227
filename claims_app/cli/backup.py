"""`claims backup` and `claims restore`."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, cast

import click
from flask.cli import with_appcontext

from claims_app.cli import progress
from claims_app.cli.support import database, refuses, settings
from claims_app.formats.backup import Manifest
from claims_app.services.system.backups import restoring, saving


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@with_appcontext
@refuses
def backup(file: Path, force: bool) -> None:
    """Save all data in FILE, while others go on working. “-” is standard output.

    “claims restore” restores it into an SQLite or a PostgreSQL database.
    """
    if str(file) == "-":
        if sys.stdout.isatty():
            raise click.ClickException("A backup is not text. Write it to a file or a pipe.")
        manifest = _save(cast(BinaryIO, sys.stdout.buffer))
    else:
        with _written_whole(file, force) as out:
            manifest = _save(out)
    to_pipe = str(file) == "-"
    _describe(manifest, to_pipe)
    click.echo(
        f"Not in the backup: the files of releases ({settings().instance / 'releases'}; “claims release build” makes "
        "them again), the secret key and the settings. Keep a copy of these elsewhere. Sessions and links for new "
        "passwords are left out on purpose.",
        err=to_pipe,
    )


def _save(out: BinaryIO) -> Manifest:
    with progress.shown("Backing up") as shown:
        return saving.save(database(), out, version("claims-app"), shown)


@contextmanager
def _written_whole(path: Path, force: bool) -> Iterator[BinaryIO]:
    """Yield a file that becomes `path` at the end of the block, when all of it is on the disk.

    Only its owner may read it: it has the hashes of passwords. Raises ClickException if there is a file already.
    """
    exists = f"{path} exists already. Choose another name, or add --force to replace it."
    if path.exists() and not force:
        raise click.ClickException(exists)
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if force:
            os.replace(unfinished, path)
        else:
            try:
                os.link(unfinished, path)  # unlike a renaming, it never replaces a file
            except FileExistsError:
                raise click.ClickException(exists) from None
            except OSError:  # such as on a USB stick, whose file system has no second names
                if path.exists():
                    raise click.ClickException(exists) from None
                os.replace(unfinished, path)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only check FILE, and say what it holds.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@refuses
def restore(file: BinaryIO, dry_run: bool, yes: bool) -> None:
    """Replace all data by that of FILE, which “claims backup” made. The old data is kept.

    FILE is checked first, every byte of it. Stop “claims up” before.
    """
    with progress.shown("Checking") as shown:
        checked = restoring.check(file, shown)
    _describe(checked.manifest, False)
    if dry_run:
        click.echo("The backup is sound. Nothing was changed.")
        return
    here = database().engine.url.render_as_string(hide_password=True)
    if sys.stdin.isatty() and not yes:
        click.confirm(f"Replace all data in {here}?", abort=True)
    with progress.shown("Restoring") as shown:
        kept = restoring.restore(database(), checked, shown)
    click.echo(f"Restored into {here}.")
    if kept:
        what = "file" if database().is_sqlite else "tables are in the schema"
        click.echo(f"The old {what}: {kept}. Remove it when you no longer need it.")
    click.echo(
        "Everyone has to log in again. API tokens and accounts are as they were when the backup was made: disable "
        "again what was disabled since. Run “claims check”, then start the site."
    )


def _describe(manifest: Manifest, to_standard_error: bool) -> None:
    click.echo(
        f"Backup of {manifest.made_at} from {manifest.database}: {manifest.rows:,} rows of {len(manifest.tables)} "
        f"tables, schema {manifest.schema}.\nContent: {manifest.content}",
        err=to_standard_error,
    )
