"""`claims db`: the schema of the database."""

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses
from claims_app.services.deduplication import study_matching
from claims_app.services.system import schema


@click.group()
def db() -> None:
    """Bring the schema of the database up, down, or look at it."""


@db.command()
@click.argument("revision", default="head")
@with_appcontext
@refuses
def upgrade(revision: str) -> None:
    """Upgrade the schema to REVISION (by default the newest)."""
    schema.upgrade(database().engine, revision)
    click.echo(f"The schema is at {schema.current(database().engine) or 'nothing'}.")
    fill_keys()


def fill_keys() -> None:
    """Let the studies be found as duplicates that were there before that was possible, or by older rules."""
    if schema.current(database().engine) == schema.head():
        with database().writing(by_command("Found keys of studies.")) as session:
            study_matching.fill_missing(session)


@db.command(context_settings={"ignore_unknown_options": True})  # “-1” is a revision, not an option
@click.argument("revision")
@with_appcontext
@refuses
def downgrade(revision: str) -> None:
    """Take the schema back to REVISION (“base” is nothing, “-1” one step)."""
    schema.downgrade(database().engine, revision)
    click.echo(f"The schema is at {schema.current(database().engine) or 'nothing'}.")


@db.command()
@with_appcontext
@refuses
def current() -> None:
    """Show the revision of the schema."""
    click.echo(schema.current(database().engine) or "The database has no schema yet.")


@db.command()
@with_appcontext
@refuses
def history() -> None:
    """List all revisions, the oldest first."""
    for revision, _before, text in schema.history():
        click.echo(f"{revision}  {text}")


@db.command()
@with_appcontext
@refuses
def check() -> None:
    """Compare the schema with what the program needs; exit with status 1 if they differ."""
    differences = schema.differences(database().engine)
    # Not every step shows in the comparison: a CHECK that lets one more word in has the name that it had.
    if (now := schema.current(database().engine)) != (head := schema.head()):
        differences.insert(0, f"Its revision is {now or 'none'}, and the newest is {head}.")
    if differences:
        raise click.ClickException(
            "The schema differs from what the program needs:\n" + "\n".join(differences)
        )
    click.echo("The schema is what the program needs.")
