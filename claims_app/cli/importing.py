"""`claims import`: files in, by the same code as the pages."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from claims_app.cli import retractions
from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.models import Claim
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.intake.inbox import Origin
from claims_app.services.transfer.importing import applying, citations, files
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.model import OpenedFile, PlannedRow
from claims_app.vocabulary import OriginKind, RowOutcome, RowState

Write = Callable[[Session, PlannedRow], Done]


@click.command("import")
@click.argument("names", metavar="[FILE...]", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--retractions",
    "notices",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Load the CSV of Retraction Watch, as Crossref publishes it.",
)
@click.option("--to-inbox", is_flag=True, help="Let citations that are not here wait in the inbox.")
@click.option(
    "--claim", metavar="CLAIM", help="With --to-inbox: the claim that they may be about, such as CLM-1."
)
@click.option("--dry-run", is_flag=True, help="Say what each row means, and write nothing.")
@click.option("--verbose", is_flag=True, help="Name every row, not only those that were refused.")
@with_appcontext
@refuses
def import_(
    names: tuple[str, ...],
    notices: Path | None,
    to_inbox: bool,
    claim: str | None,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Import citations (RIS, BibTeX, PubMed, CSL-JSON, EndNote XML, CSV), or our own CSV that was edited.

    New rows are added and changed ones changed; of a study that is here only what is empty is filled in. Conflicts
    and studies that may be here already are left alone and named. With refused rows the exit status is 1.

    With --to-inbox, citations that are not here wait in the inbox until somebody decides on them.

    Notices of retractions change the standing of the studies that they are about.
    """
    if notices is None and not names:
        raise click.UsageError("Say what to import: FILE, or --retractions FILE.")
    if claim is not None and not to_inbox:
        raise click.UsageError("--claim goes with --to-inbox.")
    if notices is not None:
        if dry_run:
            raise click.UsageError("Notices are loaded without --dry-run.")
        retractions.load(notices)
    refused = False
    for name in names:
        try:
            opened = files.open_path(Path(name))
        except Refused as error:
            click.echo(f"{name}: {error}", err=True)
            refused = True
            continue
        click.echo(f"{name}: {opened.what}. {' '.join(opened.notes)}")
        write: Write = applying.apply
        if to_inbox:
            write = _inbox(name, opened, claim)
        refused |= _import(name, opened, write, dry_run=dry_run, verbose=verbose)
    if refused:
        raise SystemExit(1)


def _inbox(name: str, opened: OpenedFile, claim: str | None) -> Write:
    """Return what puts a row into the inbox. Raises Refused for a file of ours, NotFound, Gone and Merged."""
    if not opened.is_citations:
        raise Refused(f"{name} is {opened.what}; citations go into the inbox.")
    with database().reading() as session:
        claim_id = records.find(session, Claim, claim).id if claim else None
    origin = Origin(kind=OriginKind.FILE, detail=Path(name).name, claim_id=claim_id)

    def put(session: Session, row: PlannedRow) -> Done:
        return applying.to_inbox(session, row, origin)

    return put


def _import(name: str, opened: OpenedFile, write: Write, *, dry_run: bool, verbose: bool) -> bool:
    """Import a file, part by part; return whether something in it was refused."""
    counted: Counter[str] = Counter()
    seen = citations.Seen()
    refused = False
    with click.progressbar(length=len(opened.rows), label="Importing") as bar:
        told: list[str] = []
        for part in opened.chunks(files.PART):
            with database().writing(by_command(f"Import of {Path(name).name}"[:500])) as session:
                for row in files.plan(session, opened, part, seen, settings().base_url):
                    outcome, line = _write(session, row, None if dry_run else write)
                    counted[outcome] += 1
                    wrong = row.state is RowState.REFUSED or outcome == RowOutcome.REFUSED.label.lower()
                    refused |= wrong
                    if wrong or verbose or row.state in (RowState.CONFLICT, RowState.UNSURE):
                        told.append(f"{name}:{line}")
                    bar.update(1)
                if dry_run:
                    session.rollback()
    for line in told:
        click.echo(line, err=True)
    what = ", ".join(f"{number:,} {outcome}" for outcome, number in counted.items()) or "nothing"
    click.echo(f"{name}: {what}{' (nothing was written)' if dry_run else ''}.")
    return refused


def _write(session: Session, row: PlannedRow, write: Write | None) -> tuple[str, str]:
    """Write a row if it is to be taken, with `write` if any is; return what became of it, and a line that says so."""
    reason = " ".join(row.reasons)
    outcome, record = row.state.label.lower(), row.target
    # What may be here already waits for somebody in the inbox, but is not added unasked.
    unsure = row.state is RowState.UNSURE and write is not applying.apply
    if write is not None and (row.is_taken or unsure):
        done = write(session, row)
        outcome, record, reason = done.outcome.label.lower(), done.record, done.reason or reason
    words = f"{row.line}: {outcome}: {record + ' ' if record else ''}{row.label[:80]}"
    return outcome, f"{words}{': ' + reason if reason else ''}"
