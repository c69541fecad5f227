"""`claims db`: manages the database schema."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import with_appcontext

from claims_app.cli import progress
from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.services.deduplication import study_matching
from claims_app.services.search import documents
from claims_app.services.system import hosts, schema
from claims_app.services.system import repair as repairs


@click.group()
def db() -> None:
    """Upgrade, downgrade or inspect the database schema."""


@db.command()
@click.argument("revision", default="head")
@with_appcontext
@refuses
def upgrade(revision: str) -> None:
    """Upgrade the schema to REVISION (default: the latest)."""
    with _progress_shown():
        schema.upgrade(database().engine, revision)
    click.echo(f"Schema revision: {schema.current(database().engine) or 'none'}")
    fill_keys()
    hosts.note(database(), settings().secret_key)


@contextmanager
def _progress_shown() -> Iterator[None]:
    """Print what migrations of large tables say: how far they are, and what they wait for."""
    log, handler = logging.getLogger("claims_app.migrating"), _Echo()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)


class _Echo(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(record.getMessage(), err=True)


def fill_keys() -> None:
    """Compute missing search keys of studies, by which duplicates are found, in short transactions.

    The search index is filled as well.
    """
    if schema.current(database().engine) != schema.head():
        return
    _fill_index()
    with database().reading() as session:
        parts = study_matching.numbers_to_fill(session)
    for numbers in parts:
        with database().writing(by_command("Computed search keys of studies.")) as session:
            study_matching.fill_missing(session, numbers)


def _fill_index() -> None:
    """Index the records that wait for it, in short transactions."""
    with database().reading() as session:
        waiting = documents.count_waiting(session)
    if waiting:
        with progress.shown("Indexing", waiting) as shown:
            shown.begin("search index", waiting)
            for done in repairs.index_waiting(database()):
                shown.advance(done)


def fill_keys_if_due() -> None:
    """Compute the search keys after an upgrade that emptied them. Otherwise, the size of the database costs nothing."""
    _fill_index()
    with database().reading() as session:
        due = study_matching.are_due(session)
    if due:
        click.echo("Computing the search keys of studies …")
        fill_keys()


@db.command()
@with_appcontext
@refuses
def repair() -> None:
    """Make again what is derived from the records: summaries, the search index, keys and possible duplicates.

    Nothing that a person entered changes. Needed only if “claims check” says so.
    """
    steps = [(one, one.size(database())) for one in repairs.REPAIRS]
    with progress.shown("Repairing", sum(size for _, size in steps)) as shown:
        for one, size in steps:
            shown.begin(one.label, size)
            for done in one.parts(database()):
                shown.advance(done)
    click.echo("Done.")


@db.command(context_settings={"ignore_unknown_options": True})  # “-1” is a revision, not an option
@click.argument("revision")
@with_appcontext
@refuses
def downgrade(revision: str) -> None:
    """Downgrade the schema to REVISION.

    “base” removes everything, “-1” undoes one revision.
    """
    schema.downgrade(database().engine, revision)
    click.echo(f"Schema revision: {schema.current(database().engine) or 'none'}")


@db.command()
@with_appcontext
@refuses
def current() -> None:
    """Show the current revision of the schema."""
    click.echo(schema.current(database().engine) or "The database has no schema yet.")


@db.command()
@with_appcontext
@refuses
def history() -> None:
    """List all revisions, oldest first."""
    for revision, _before, text in schema.history():
        click.echo(f"{revision}  {text}")


@db.command()
@with_appcontext
@refuses
def check() -> None:
    """Check that the schema matches the models.

    The exit status is 1 if it does not.
    """
    differences = schema.differences(database().engine)
    # The comparison misses some revisions, such as one that only adds a term to a CHECK constraint.
    if (now := schema.current(database().engine)) != (head := schema.head()):
        differences.insert(0, f"Its revision is {now or 'none'}; the latest is {head}.")
    if differences:
        raise click.ClickException("The schema does not match the models:\n" + "\n".join(differences))
    click.echo("The schema is up to date.")
