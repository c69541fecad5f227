"""`claims export`: writes the same bytes as the web export, with the same filters."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from claims_app.cli.support import database, refuses, settings
from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Profile
from claims_app.services.core.filters import CLAIM_ORDERS, STUDY_ORDERS, ClaimFilters, StudyFilters
from claims_app.services.history.as_of import read as read_as_of
from claims_app.services.transfer.citations import FORMATS, CitationExport
from claims_app.services.transfer.export import Export, ExportRequest

_FILTERS = dict.fromkeys((*ClaimFilters.names(), *StudyFilters.names()))
_ORDERS = sorted({*CLAIM_ORDERS, *STUDY_ORDERS})


def _filter_options(command: Any) -> Any:
    for name in reversed(_FILTERS):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(
            flag, name, multiple=True, help=f"Same as the web filter “{name}”; can be repeated."
        )(command)
    return command


@click.command()
@click.argument("what", type=click.Choice(list(EXPORTS)))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", *FORMATS]),
    default="csv",
    show_default=True,
    help="File format; citation formats are for studies only.",
)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.SAFE.value,
    show_default=True,
    help="For CSV: “safe” keeps spreadsheets from running formulas, “raw” writes text unchanged.",
)
@click.option("--excel", is_flag=True, help="Start the file with a byte order mark, for Excel.")
@click.option("--sort", type=click.Choice(_ORDERS), help="Sort order.")
@click.option(
    "--as-of", metavar="DATE", help="Export the data as of the end of this day (UTC), or of this time."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write (default: standard output).",
)
@_filter_options
@with_appcontext
@refuses
def export(
    what: str,
    format_: str,
    profile: str,
    excel: bool,
    sort: str | None,
    as_of: str | None,
    output: Path | None,
    **filters: tuple[str, ...],
) -> None:
    """Export WHAT as CSV, or studies as citations."""
    if format_ != "csv" and what != "studies":
        raise click.UsageError(f"Only studies can be exported as {FORMATS[format_].label}.")
    query = {name: list(values) for name, values in filters.items() if values}
    if sort:
        query["sort"] = [sort]
    moment = read_as_of(as_of, database().clock()) if as_of is not None else None
    request = ExportRequest.read(what, query, profile=Profile(profile), excel=excel, as_of=moment)
    base_url = settings().base_url
    exported = (
        Export(database(), request, base_url)
        if format_ == "csv"
        else CitationExport(database(), request, base_url, FORMATS[format_])
    )
    if output is None:
        for chunk in exported.chunks():
            sys.stdout.buffer.write(chunk.encode())
        sys.stdout.buffer.flush()
        return
    # Written to a temporary file and renamed when complete, so a failed export never looks like a whole one.
    part = output.with_name(output.name + ".part")
    with ExitStack() as cleanup:
        cleanup.callback(part.unlink, missing_ok=True)
        with (
            part.open("wb") as file,
            click.progressbar(length=exported.row_count, label=f"Writing {output}", file=sys.stderr) as bar,
        ):
            for chunk in exported.chunks():
                file.write(chunk.encode())
                bar.update(exported.written - bar.pos)
            bar.update(exported.row_count - bar.pos)
        os.replace(part, output)
    form = f"profile {profile}" if format_ == "csv" else FORMATS[format_].label
    click.echo(f"Wrote {exported.row_count} rows to {output} ({form}).", err=True)
