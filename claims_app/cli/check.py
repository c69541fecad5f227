"""`claims check`: whether configuration, schema and data are sound."""

import click
from flask.cli import with_appcontext

from claims_app.cli.support import database, refuses, settings
from claims_app.services.intake import retractions
from claims_app.services.system import integrity, schema


@click.command()
@with_appcontext
@refuses
def check() -> None:
    """Check configuration, schema and data; exit with status 1 if something is wrong."""
    problems: list[str] = []
    warnings: list[str] = []
    here = settings()
    click.echo(f"Database: {database().engine.url.render_as_string(hide_password=True)}")
    if here.database_url.startswith("sqlite:") and not here.base_url.startswith("http://127.0.0.1"):
        warnings.append("A public site on SQLite has one writer at a time; PostgreSQL is meant for that.")
    if not here.base_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        warnings.append("CLAIMS_BASE_URL is not https, so session cookies travel unprotected.")
    if here.base_url.startswith("https://") and not here.proxies:
        warnings.append(
            "If a reverse proxy stands in front, set CLAIMS_PROXIES to how many: without it all visitors come from "
            "one address, and wait for each other's mistyped passwords."
        )
    revision = schema.current(database().engine)
    click.echo(f"Schema: {revision or 'none'} (the program's newest is {schema.head()})")
    if revision != schema.head():
        problems.append("The schema is not the newest. Run “claims db upgrade”.")
    else:
        problems += [f"Schema: {difference}" for difference in schema.differences(database().engine)]
        with database().reading() as session:
            problems += list(integrity.problems(session))
            warnings += list(integrity.warnings(session))
            loaded = retractions.last_load(session)
            when = loaded.ended_at.date().isoformat() if loaded and loaded.ended_at else None
            click.echo(f"Retraction notices: {f'loaded on {when}' if when else 'never loaded'}")
    for text in warnings:
        click.echo(f"Warning: {text}")
    if problems:
        raise click.ClickException("\n".join(problems))
    click.echo("Everything is in order.")
