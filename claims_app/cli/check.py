"""`claims check`: checks the configuration, the schema and the data."""

import click
from flask.cli import with_appcontext

from claims_app.cli import progress
from claims_app.cli.support import database, refuses, settings
from claims_app.services.hooks import webhooks
from claims_app.services.intake import retractions
from claims_app.services.releases import store
from claims_app.services.releases.store import Shelf
from claims_app.services.system import hosts, integrity, nodes, safety, schema


@click.command()
@with_appcontext
@refuses
def check() -> None:
    """Check the configuration, the schema and the data.

    Names each problem with its record. The exit status is 1 if there is one.
    """
    warnings: list[str] = []
    here = settings()
    click.echo(f"Database: {database().engine.url.render_as_string(hide_password=True)}")
    if here.database_url.startswith("sqlite:") and not here.base_url.startswith("http://127.0.0.1"):
        warnings.append("SQLite allows one writer at a time. Use PostgreSQL for a public site.")
    warnings += safety.unsafe_settings(here)
    for node in nodes.settled_states(database())[1:]:
        click.echo(f"Replica {node.name}: {nodes.in_words(node)}")
        if not node.is_in:
            warnings.append(f"The replica {node.name} is left out. {node.why}")
    revision = schema.current(database().engine)
    click.echo(f"Schema: {revision or 'none'} (latest: {schema.head()})")
    fit = schema.fit(database().engine)
    if fit is schema.Fit.NEWER:
        warnings.append(
            "A newer version of the program has upgraded the database. This one can use it, but it cannot check the "
            "schema. Install that version."
        )
    elif fit is not schema.Fit.CURRENT:
        _print_warnings(warnings)
        raise click.ClickException("The schema is out of date. Run “claims db upgrade”.")
    number = _check_data(with_schema=fit is schema.Fit.CURRENT)
    with database().reading() as session:
        warnings += list(integrity.warnings(session))
        warnings += [
            f"The host {host} has another secret key. Set SECRET_KEY to the same value everywhere, since a session of "
            "one host is unknown to the others."
            for host in hosts.with_another_key(session, here.secret_key, database().clock().date())
        ]
        if failing := webhooks.count_failing(session):
            of_them = "1 webhook fails" if failing == 1 else f"{failing} webhooks fail"
            warnings.append(f"{of_them}: see /webhooks or “claims webhooks list”.")
        loaded = retractions.last_load(session)
        shelf = Shelf(here.instance)
        warnings += [
            f"Files of the release {one.version} are missing. “claims release build {one.version}” makes them again."
            for one in store.list_releases(session)
            if not shelf.is_whole(one)
        ]
    when = loaded.ended_at.date().isoformat() if loaded and loaded.ended_at else None
    click.echo(f"Retraction notices: {f'loaded on {when}' if when else 'never loaded'}")
    _print_warnings(warnings)
    if number:
        raise click.ClickException(
            "1 problem was found." if number == 1 else f"{number:,} problems were found."
        )
    click.echo("No problems found.")


def _check_data(with_schema: bool) -> int:
    """Check the schema and the data, print each problem when it is found, and return their number."""
    number = 0
    with database().reading() as session:
        steps = [(check, check.size(session)) for check in integrity.checks(session)]
        with progress.shown("Checking", sum(size for _, size in steps)) as shown:
            for difference in schema.differences(database().engine) if with_schema else ():
                shown.report(f"Problem: Schema: {difference}")
                number += 1
            for check, size in steps:
                shown.begin(check.label, size)
                for part in check.parts(session):
                    for problem in part.problems:
                        shown.report(f"Problem: {problem}")
                    number += len(part.problems)
                    shown.advance(part.rows)
    return number


def _print_warnings(warnings: list[str]) -> None:
    for text in warnings:
        click.echo(f"Warning: {text}")
