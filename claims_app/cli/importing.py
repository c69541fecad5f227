"""`claims import`: imports files with the same code as the web pages."""

import gc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from claims_app.cli import progress, retractions
from claims_app.cli.support import by_command, database, refuses, settings
from claims_app.database import Change, WriteSession, retrying
from claims_app.models import Claim
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.intake.inbox import Origin
from claims_app.services.transfer.importing import applying, files, together
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.batches import FileImport, Pace
from claims_app.services.transfer.importing.checkpoints import Checkpoint
from claims_app.services.transfer.importing.model import OpenedFile, PlannedRow
from claims_app.services.transfer.importing.together import Save
from claims_app.vocabulary import OriginKind, RowOutcome, RowState

_OBJECTS = 50_000
"""The new objects after which the command looks for garbage; a batch has thousands, which go without."""

_REJECTED = frozenset(
    term.label.lower() for term in (RowState.REFUSED, RowState.INCOMPLETE, RowOutcome.REFUSED)
)
"""The outcomes with which the exit status is 1."""


@click.command("import")
@click.argument("names", metavar="[FILE...]", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--retractions",
    "notices",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Load retraction notices from the Retraction Watch CSV that Crossref publishes.",
)
@click.option("--to-inbox", is_flag=True, help="Put new citations into the inbox instead of adding studies.")
@click.option(
    "--claim",
    metavar="CLAIM",
    help="With --to-inbox: the claim the citations may be relevant to, such as CLM-1.",
)
@click.option(
    "--encoding",
    metavar="NAME",
    type=click.Choice(list(files.ENCODINGS), case_sensitive=False),
    help="Encoding of the files, if it is not detected, such as windows-1250, mac-roman or shift-jis.",
)
@click.option("--dry-run", is_flag=True, help="Report what would happen to each row; save nothing.")
@click.option("--verbose", is_flag=True, help="List every row, not only the rejected ones.")
@with_appcontext
@refuses
def import_(
    names: tuple[str, ...],
    notices: Path | None,
    to_inbox: bool,
    claim: str | None,
    encoding: str | None,
    dry_run: bool,
    verbose: bool,
) -> None:
    """Import citations or an edited CSV export.

    Citations can be in RIS, BibTeX, PubMed, CSL-JSON, EndNote XML, Web of Science or CSV files; the format is
    detected.

    New rows are added and changed rows update their records. For citations of existing studies, only empty fields
    are filled in. Conflicts and possible duplicates are skipped and listed. If a row is rejected, the exit status
    is 1.

    With --to-inbox, new citations wait in the inbox for a decision.

    Retraction notices change the standing of the studies they are about.
    """
    if notices is None and not names:
        raise click.UsageError("Give a FILE to import, or --retractions FILE.")
    if claim is not None and not to_inbox:
        raise click.UsageError("--claim can only be used with --to-inbox.")
    if notices is not None:
        if dry_run:
            raise click.UsageError("--retractions cannot be used with --dry-run.")
        retractions.load(notices)
    refused = False
    for name in names:
        try:
            opened = files.open_path(Path(name), encoding)
        except Refused as error:
            click.echo(f"{name}: {error}", err=True)
            refused = True
            continue
        click.echo(f"{name}: {opened.what}. {' '.join(opened.notes)}")
        save: Save = together.apply
        if to_inbox:
            save = _inbox(name, opened, claim)
        how = ("inbox", claim or "") if to_inbox else ("records",)
        refused |= _import(name, opened, save, how, dry_run=dry_run, verbose=verbose)
    if refused:
        raise SystemExit(1)


def _inbox(name: str, opened: OpenedFile, claim: str | None) -> Save:
    """Return the function that adds rows to the inbox.

    Raises Refused for a CSV export of this database, and NotFound, Gone or Merged for `claim`.
    """
    if not opened.is_citations:
        raise Refused(f"{name} is {opened.what}; only citations can be added to the inbox.")
    with database().reading() as session:
        claim_id = records.find(session, Claim, claim).id if claim else None
    origin = Origin(kind=OriginKind.FILE, detail=Path(name).name, claim_id=claim_id)

    def put(session: WriteSession, row: PlannedRow) -> Done:
        return applying.to_inbox(session, row, origin)

    return together.one_by_one(put)


def _import(
    name: str, opened: OpenedFile, save: Save, how: Sequence[str], *, dry_run: bool, verbose: bool
) -> bool:
    """Import a file in batches, from where an import in the same way, `how`, was interrupted.

    Return whether any row was rejected.
    """
    change = by_command(f"Import of {Path(name).name}"[:500])
    work = FileImport(opened, settings().base_url, None if dry_run else save, depends=save is together.apply)
    pace = Pace(files.PART)
    place: Checkpoint | None = None
    position = 0
    if not dry_run:
        with database().writing(change) as session:
            place = Checkpoint.begin(session, Path(name).read_bytes(), *how)
        position = place.done
        if position:
            work.skip(position)
            click.echo(f"{name}: an import was interrupted after {position:,} rows. It goes on from there.")
    # The records of the file stay until the end. Looking for garbage among them takes time, and finds none.
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    reported: list[tuple[PlannedRow, Done | None]] = []
    counted: Counter[str] = Counter()
    with progress.shown("Importing", len(opened.rows)) as bar:
        bar.begin("rows", len(opened.rows) - position)
        while not work.is_done:
            with database().judging(change) as session:
                work.judge(session, pace.rows)
            results = _saved(work, change, None if dry_run else save, pace, place, position)
            position += len(results)
            work.advance()
            for row, done in results:
                outcome = _outcome(row, done)
                counted[outcome] += 1
                if outcome in _REJECTED or verbose or _has_to_be_known(row):
                    reported.append((row, done))
            bar.advance(len(results))
    if place is not None:
        with database().writing(change) as session:
            place.end(session)
    for row, done in reported:
        click.echo(f"{name}:{_line(row, done)}", err=True)
    if asked := counted[RowState.UNSURE.label.lower()]:
        what = "1 possible duplicate was" if asked == 1 else f"{asked:,} possible duplicates were"
        how = "To decide, import the file in the browser, or use --to-inbox."
        click.echo(f"{name}: {what} not imported. {how}", err=True)
    what = ", ".join(f"{number:,} {outcome}" for outcome, number in counted.items()) or "nothing"
    click.echo(f"{name}: {what}{' (nothing was saved)' if dry_run else ''}.")
    return not _REJECTED.isdisjoint(counted)


def _saved(
    work: FileImport,
    change: Change,
    save: Save | None,
    pace: Pace,
    place: Checkpoint | None,
    position: int,
) -> list[tuple[PlannedRow, Done | None]]:
    """Save what was judged in one transaction, if there is anything to save, and return the results.

    `position` is the number of rows before, and `place` is moved behind these.
    """
    results: list[tuple[PlannedRow, Done | None]] = [(row, None) for row in work.planned]

    def is_wanted(row: PlannedRow) -> bool:
        # Somebody decides in the inbox on what is not imported directly.
        to_inbox = row.state in (RowState.UNSURE, RowState.INCOMPLETE) and save is not together.apply
        return row.is_taken or to_inbox

    def write() -> None:
        with records.refusing_lost_races(), database().writing(change) as session:
            results[:] = work.save(session, is_wanted)
            if place is not None:
                place.move(session, position + len(results))

    if save is not None and any(map(is_wanted, work.planned)):
        if database().is_sqlite:
            pace.wait()
        pace.timed(lambda: retrying(write), len(work.planned))
        if place is not None:
            place.done = position + len(results)
    return results


def _has_to_be_known(row: PlannedRow) -> bool:
    """Return whether a row is reported in any case: it was not imported, or something was guessed or left out."""
    if row.state in (RowState.CONFLICT, RowState.UNSURE):
        return True
    return bool(row.warnings) and row.state not in (RowState.SAME, RowState.DECIDED)


def _outcome(row: PlannedRow, done: Done | None) -> str:
    return (row.state if done is None else done.outcome).label.lower()


def _line(row: PlannedRow, done: Done | None) -> str:
    """Return a line that reports the result of a row."""
    record = row.target if done is None else done.record
    reason = " ".join(filter(None, (done.reason if done else None, *row.reasons)))
    words = f"{row.line}: {_outcome(row, done)}: {record + ' ' if record else ''}{row.label[:80]}"
    return f"{words}{': ' + reason if reason else ''}"
