"""`claims import --retractions`: loads Retraction Watch notices and updates the standing of studies."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click

from claims_app.cli.support import by_command, database, settings
from claims_app.database import Change
from claims_app.formats import retraction_watch
from claims_app.formats.retraction_watch import RefusedRow, Row, WithoutIdentifier
from claims_app.rules.retractions import Notice
from claims_app.services.intake import retractions
from claims_app.services.intake.retractions import Applied
from claims_app.vocabulary import Via

BATCH = 1000
MOST_REPORTED = 20
_SUMMARY = "Retraction Watch notices."


@dataclass
class _Read:
    """Counts of the rows read so far."""

    loaded: int = 0
    without_identifier: int = 0
    refused: int = 0
    first_refused: list[RefusedRow] = field(default_factory=list)

    def take(self, rows: list[Row]) -> list[Notice]:
        """Count `rows` and return the notices among them."""
        for row in rows:
            if isinstance(row, RefusedRow):
                self.refused += 1
                self.first_refused = [*self.first_refused, row][:MOST_REPORTED]
        self.without_identifier += sum(isinstance(row, WithoutIdentifier) for row in rows)
        return [row for row in rows if isinstance(row, Notice)]


def load(path: Path) -> None:
    """Load the file, update the standing of the studies that it is about, and report the result.

    Each batch is a transaction of its own, so that others can write in between.
    """
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        try:
            read = _write(stream, path, sha256)
        except retraction_watch.NotRetractionWatch as refused:
            raise click.ClickException(f"{path.name}: {refused} Nothing was loaded.") from None
    _report_rows(read)


def _write(stream: BinaryIO, path: Path, sha256: str) -> _Read:
    read = _Read()
    batches = _batches(stream)
    first = next(batches, [])  # the header is checked before anything is written
    with database().writing(by_command(_SUMMARY)) as session:
        load_id = retractions.begin(session, path.name, sha256).id
    with click.progressbar(length=path.stat().st_size, label="Loading notices", file=sys.stderr) as bar:
        at = 0
        for rows in _with_first(first, batches):
            notices = read.take(rows)
            with database().writing(by_command(_SUMMARY)) as session:
                retractions.keep(session, load_id, notices)
            now = stream.tell()
            bar.update(now - at)
            at = now
    with database().writing(_change()) as session:
        loaded, whole = retractions.finish(session, load_id, read.without_identifier, read.refused)
        read.loaded = loaded.n_loaded
        click.echo(f"Loaded {read.loaded:,} notices from {path.name}.")
        if not whole:
            click.echo(
                "The file has far fewer notices than the last one, so older notices were kept. Is it complete?"
            )
        _report_studies(retractions.apply(session))
    return read


def _change() -> Change:
    """Return the change for the studies; where review is required, a second person has to accept it."""
    return Change(via=Via.COMMAND, summary=_SUMMARY, review=settings().review_required)


def _batches(stream: BinaryIO) -> Iterator[list[Row]]:
    rows = retraction_watch.read(stream)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _with_first(first: list[Row], batches: Iterator[list[Row]]) -> Iterator[list[Row]]:
    yield first
    yield from batches


def _report_rows(read: _Read) -> None:
    if read.without_identifier:
        click.echo(
            f"{read.without_identifier:,} notices about papers without a DOI or PubMed number were skipped."
        )
    if read.refused:
        click.echo(f"{read.refused:,} rows were rejected:")
        for row in read.first_refused:
            click.echo(f"  line {row.line}: {row.reason}")
        if read.refused > len(read.first_refused):
            click.echo(f"  and {read.refused - len(read.first_refused):,} more.")


def _report_studies(done: Applied) -> None:
    if not done.matched:
        click.echo("None of them is about a study in this database.")
        return
    unchanged = done.matched - len(done.changed) - len(done.proposed) - len(done.left_alone)
    click.echo(
        f"Studies with notices: {done.matched:,} ({len(done.changed):,} changed, {len(done.proposed):,} proposed, "
        f"{len(done.left_alone):,} skipped, {unchanged:,} already up to date)."
    )
    for study, found in done.changed:
        click.echo(f"  {study.public_id} is now “{found.standing.label}”. {found.sentence}")
    for proposal, found in done.proposed:
        click.echo(
            f"  {proposal.target_name} would become “{found.standing.label}”: {proposal.public_id} is waiting for "
            f"review. {found.sentence}"
        )
    for left in done.left_alone:
        click.echo(
            f"  {left.study.public_id} stays “{left.study.standing.label}”. {left.why} {left.verdict.sentence}"
        )
