"""`claims watch`: the saved searches, run by hand or by cron."""

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
"""How many candidates a run asks for again."""


@click.group()
def watch() -> None:
    """Run the saved searches, and list them."""


@watch.command()
@click.argument("names", metavar="[WATCH...]", nargs=-1)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Ask for what came into the service on this day or later; without this, since the last complete run.",
)
@click.option("--dry-run", is_flag=True, help="Ask, and say what would come of it; write nothing.")
@with_appcontext
@refuses
def run(names: tuple[str, ...], since: datetime.datetime | None, dry_run: bool) -> None:
    """Run the watches WATCH (such as WCH-1), or all that are active, and put what is new into the inbox.

    With one line for each of them; candidates of which only an identifier is known are asked for again. If one fails,
    the others are run all the same, and the exit status is 1. It can be killed and run again at any time, so it is
    made for cron.
    """
    numbers = _named(names) if names else _active()
    if not numbers:
        click.echo("There is no active watch.")
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
    """List the watches: when each was last searched, and how many candidates of it wait."""
    with database().reading() as session:
        for row in watch_queries.list_watches(session):
            one = row.watch
            state = one.state.label.lower() if one.is_accepted else "waits for review"
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
    """Return the numbers of the watches. Raises NotFound and Gone, before any of them is run."""
    with database().reading() as session:
        return list(dict.fromkeys(records.find(session, Watch, name).id for name in names))


def _search(clients: Lookup) -> Search:
    """Return what searches the services."""

    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        return lookup.search(clients, service.value, query, since)

    return search


def _complete(clients: Lookup) -> None:
    """Ask again for what is waiting in the inbox of which only an identifier is known."""
    with database().reading() as session:
        numbers = completion.incomplete(session, MOST_COMPLETED)
    done = 0
    for number in numbers:
        try:
            with database().reading() as session:
                candidate = inbox.find(session, number)
            found = completion.ask(lambda text: lookup.look_up(clients, text), candidate)
            with database().writing(by_command("Looked up again.")) as session:
                inbox.complete(session, inbox.find(session, number), found)
            done += 1
        except ServiceError:
            continue  # it is asked for again with the next run; its page says so
    if numbers:
        click.echo(f"Inbox: {done:,} of {len(numbers):,} completed of which only an identifier was known.")


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
        return f"{name}: failed: the database refused: {explain(error)}", True
    except Exception as error:
        # A mistake in the program must not keep the other watches from being run, night after night.
        current_app.logger.exception("Running %s", name)
        return f"{name}: failed: an error of the program ({type(error).__name__}).", True
    return f"{name}: {_told(outcome, dry_run)}", outcome.error is not None


def _told(outcome: Outcome, dry_run: bool) -> str:
    counts = outcome.counts
    told = (
        f"{counts['n_found']:,} since {outcome.since}: {counts['n_new']:,} new, {counts['n_known']:,} known, "
        f"{counts['n_not_relevant']:,} not relevant"
    )
    unusable = counts["n_found"] - counts["n_new"] - counts["n_known"] - counts["n_not_relevant"]
    if unusable:
        told += f", {unusable:,} without title and identifier"
    if dry_run:
        told += "; nothing was written"
    if outcome.error:
        return f"failed: {outcome.error.rstrip('.')}; until then {told}."
    if outcome.gap_from is not None:
        told += f"; not noted as a search, since what came in from {outcome.gap_from} on was left out"
    return f"{told}."


def _asks(one: Watch) -> str:
    """Return which service a watch asks, and what for."""
    if one.claim_id is not None:
        return f"{one.service.label} for {public_id(RecordType.CLAIM, one.claim_id)}"
    return f"{one.service.label} for “{one.topic.name if one.topic else ''}”"


def _candidates(number: int) -> str:
    return f"{number:,} candidate{'' if number == 1 else 's'}"
