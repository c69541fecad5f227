"""`claims seed`: loads the data that comes with the program."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from claims_app import resources
from claims_app.cli.support import database, refuses
from claims_app.database import Change
from claims_app.services.system.seeding import SeedReport, load_seed
from claims_app.vocabulary import Via

SEED_FOLDER = resources.folder("seed")


def load(folder: Path = SEED_FOLDER) -> SeedReport:
    """Load the seed in one transaction. Raises SeedError, in which case nothing is loaded."""
    change = Change(via=Via.SEED, summary="Loaded with the example data.")
    with database().writing(change) as session:
        return load_seed(session, folder)


@click.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=SEED_FOLDER,
    help="Folder with the seed files.",
)
@with_appcontext
@refuses
def seed(folder: Path) -> None:
    """Load the seed. Records that were loaded before are not changed."""
    click.echo(summary(load(folder)))


def summary(report: SeedReport) -> str:
    """Return what was loaded, as a sentence."""
    if not report.total:
        return "Nothing to load: all records of the seed are already in the database."
    made = [f"{count} {label if count == 1 else _plural(label)}" for label, count in report.created.items()]
    return f"Loaded {', '.join(made)}."


def _plural(label: str) -> str:
    return f"{label[:-1]}ies" if label.endswith("y") else f"{label}s"
