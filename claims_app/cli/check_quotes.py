"""`claims check-quotes`: checks the quotes from a study against a text, which is not stored."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from claims_app.cli.support import by_command, database, refuses
from claims_app.database import retrying
from claims_app.formats.encoding import NotText, decode
from claims_app.models import Study
from claims_app.rules.schemas import TEXT_LENGTH
from claims_app.services.core import records
from claims_app.services.records import quote_checks
from claims_app.services.records.quote_checks import CheckedText

_MOST_BYTES = 4 * TEXT_LENGTH


@click.command("check-quotes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="STUDY", required=True, help="The study that is quoted, such as STU-1.")
@with_appcontext
@refuses
def check_quotes(file: Path, source: str) -> None:
    """Check the quotes from a study against its text.

    FILE is the text of the study as plain text. It is not stored: only its length and SHA-256 are kept, with what was
    found and when. The exit status is 1 if a quote was not found.
    """
    checked = retrying(lambda: _checked(source, _read(file)))
    click.echo(f"Text: {checked.length:,} characters, SHA-256 {checked.sha256} (not stored)")
    for one in checked.quotes:
        words = " ".join(one.quote.exact.split())
        shown = words if len(words) <= 60 else f"{words[:59].rstrip()}…"
        click.echo(f"{'Found' if one.is_found else 'Not found'}: {one.record.public_id} “{shown}”")
    if checked.missing:
        raise click.ClickException(f"{len(checked.missing)} of {len(checked.quotes)} quotes were not found.")
    click.echo(
        f"All {len(checked.quotes)} quotes were found." if checked.quotes else "Nothing is quoted from it."
    )


def _checked(source: str, text: str) -> CheckedText:
    with database().writing(by_command("Quotes checked against a text that is not stored.")) as session:
        checked = quote_checks.check_text(session, records.find(session, Study, source), text)
    return checked


def _read(file: Path) -> str:
    if file.stat().st_size > _MOST_BYTES:
        raise click.ClickException(f"{file.name} is too large. A text has up to {TEXT_LENGTH:,} characters.")
    try:
        return decode(file.read_bytes()).text
    except NotText as refused:
        raise click.ClickException(f"{file.name}: {refused}") from None
