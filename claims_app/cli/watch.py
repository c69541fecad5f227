"""`claims watch`: runs the saved searches, by hand or from cron."""

import datetime
from collections.abc import Iterator, Sequence

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from claims_app.cli.support import by_command, database, explain, refuses, settings
from claims_app.models import Watch
from claims_app.rules.identifiers import public_id
from claims_app.rules.reference import Reference
from claims_app.services.core import records
from claims_app.services.core.errors import ServiceError
from claims_app.services.intake import completion, inbox, lookup, watch_queries, watch_runner
from claims_app.services.intake.lookup import Lookup
from claims_app.services.intake.watch_runner import Outcome, Search
from claims_app.vocabulary import RecordType, WatchService

MOST_COMPLETED = 50
"""How many incomplete candidates are looked up again in one run."""


@click.group()
def watch() -> None:
    """Run and list the saved searches."""


@watch.command()
@click.argument("names", metavar="[WATCH...]", nargs=-1)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Search for entries added to the service on or after this day; by default, since the last complete run.",
)
@click.option("--dry-run", is_flag=True, help="Search and report what would be added; save nothing.")
@with_appcontext
@refuses
def run(names: tuple[str, ...], since: datetime.datetime | None, dry_run: bool) -> None:
    """Run the given watches (such as WCH-1), or all active ones, and add new results to the inbox.

    Prints one line per watch. Candidates that have only an identifier are looked up again. If a watch fails, the
    others still run, and the exit status is 1. The command can be interrupted and repeated at any time, so it is
    safe to run from cron.
    """
    numbers = _named(names) if names else _active()
    if not numbers:
        click.echo("There are no active watches.")
    failed = False
    clients = lookup.make_lookup(
        settings().contact_email, settings().instance / "looked-up", settings().services
    )
    for number in numbers:
        line, error = _run(number, _search(clients), since.date() if since else None, dry_run)
        failed |= error
        click.echo(line, err=error)
    if not names and not dry_run:
        _complete(clients)
    if failed:
        raise SystemExit(1)


@watch.command("list")
@with_appcontext
@refuses
def list_() -> None:
    """List the watches, with the date of the last search and the number of waiting candidates."""
    with database().reading() as session:
        for row in watch_queries.list_watches(session):
            one = row.watch
            state = one.state.label.lower() if one.is_accepted else "waiting for review"
            done = row.last_complete
            searched = f"searched {done.began_at:%Y-%m-%d}" if done else "never searched"
            error = f"  last error: {row.error}" if row.error else ""
            click.echo(
                f"{one.public_id}  {_asks(one)}  {state}  {searched}  {_candidates(row.n_candidates)}  "
                f"{one.query}{error}"
            )


def _active() -> list[int]:
    with database().reading() as session:
        return [row.watch.id for row in watch_queries.list_watches(session) if row.watch.runs]


def _named(names: Sequence[str]) -> list[int]:
    """Return the numbers of the named watches. Raises NotFound and Gone before any of them runs."""
    with database().reading() as session:
        return list(dict.fromkeys(records.find(session, Watch, name).id for name in names))


def _search(clients: Lookup) -> Search:
    """Return the function that searches a service."""

    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        return lookup.search(clients, service.value, query, since)

    return search


def _complete(clients: Lookup) -> None:
    """Look up candidates in the inbox again that have only an identifier."""
    with database().reading() as session:
        numbers = completion.incomplete(session, MOST_COMPLETED)
    done = 0
    for number in numbers:
        try:
            with database().reading() as session:
                candidate = inbox.find(session, number)
            found = completion.ask(
                lambda text: lookup.look_up(clients, text, lookup.LONG_PATIENCE), candidate
            )
            with database().writing(by_command("Looked up again.")) as session:
                inbox.complete(session, inbox.find(session, number), found)
            done += 1
        except ServiceError:
            continue  # the next run tries again; the page of the candidate says so
    if numbers:
        click.echo(f"Inbox: completed {done:,} of {len(numbers):,} candidates that had only an identifier.")


def _run(number: int, search: Search, since: datetime.date | None, dry_run: bool) -> tuple[str, bool]:
    """Run one watch, and return a line about it and whether it failed."""
    name = public_id(RecordType.WATCH, number)
    try:
        with database().reading() as session:
            name = f"{name}, {_asks(records.get(session, Watch, number))}"
        change = by_command(f"The watch {public_id(RecordType.WATCH, number)}.")
        outcome = watch_runner.run(database(), number, search, change, since=since, dry_run=dry_run)
    except ServiceError as refused:
        return f"{name}: not run: {refused}", True
    except SQLAlchemyError as error:
        return f"{name}: failed: database error: {explain(error)}", True
    except Exception as error:
        # A bug must not keep the other watches from running.
        current_app.logger.exception("Running %s", name)
        return f"{name}: failed: internal error ({type(error).__name__}); see the log.", True
    return f"{name}: {_report(outcome, dry_run)}", outcome.error is not None


def _report(outcome: Outcome, dry_run: bool) -> str:
    counts = outcome.counts
    report = (
        f"{counts['n_found']:,} since {outcome.since}: {counts['n_new']:,} new, {counts['n_known']:,} known, "
        f"{counts['n_not_relevant']:,} not relevant"
    )
    unusable = counts["n_found"] - counts["n_new"] - counts["n_known"] - counts["n_not_relevant"]
    if unusable:
        report += f", {unusable:,} without title and identifier"
    if dry_run:
        report += "; nothing was saved"
    if outcome.error:
        return f"failed: {outcome.error.rstrip('.')}; before that {report}."
    if outcome.gap_from is not None:
        report += (
            f"; not recorded as a complete search, because entries from {outcome.gap_from} on were left out"
        )
    return f"{report}."


def _asks(one: Watch) -> str:
    """Return the service of a watch, and the claim or topic it is for."""
    if one.claim_id is not None:
        return f"{one.service.label} for {public_id(RecordType.CLAIM, one.claim_id)}"
    return f"{one.service.label} for “{one.topic.name if one.topic else ''}”"


def _candidates(number: int) -> str:
    return f"{number:,} candidate{'' if number == 1 else 's'}"
