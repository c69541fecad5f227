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
from claims_app.formats.tables import TABLE_FORMATS
from claims_app.services.core.filters import CLAIM_ORDERS, STUDY_ORDERS, ClaimFilters, StudyFilters
from claims_app.services.history.as_of import read as read_as_of
from claims_app.services.transfer.export_formats import ALL_FORMATS, formats_of, open_export
from claims_app.services.transfer.export_request import ExportRequest, names_in

_FILTERS = dict.fromkeys((*ClaimFilters.names(), *StudyFilters.names()))
_BINARY = {name for name, form in TABLE_FORMATS.items() if not form.is_text}
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
    type=click.Choice(list(ALL_FORMATS)),
    default="csv",
    show_default=True,
    help="File format; citation formats are for studies only.",
)
@click.option(
    "--columns",
    multiple=True,
    metavar="NAMES",
    help="Columns to write, separated by commas, in this order (default: all).",
)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.SAFE.value,
    show_default=True,
    help="For CSV and TSV: “safe” keeps spreadsheets from running formulas, “raw” writes text unchanged.",
)
@click.option("--excel", is_flag=True, help="Start a CSV file with a byte order mark, for Excel.")
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
    columns: tuple[str, ...],
    profile: str,
    excel: bool,
    sort: str | None,
    as_of: str | None,
    output: Path | None,
    **filters: tuple[str, ...],
) -> None:
    """Export WHAT as a table, or studies as citations."""
    form = ALL_FORMATS[format_]
    if form not in formats_of(what):
        raise click.UsageError(f"Only studies can be exported as {form.label}.")
    if columns and format_ not in TABLE_FORMATS:
        raise click.UsageError(f"{form.label} has no columns to choose.")
    if output is None and format_ in _BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{form.label} files are not text. Name a file to write with -o.")
    query = {name: list(values) for name, values in filters.items() if values}
    if sort:
        query["sort"] = [sort]
    request = ExportRequest.read(
        what,
        query,
        profile=Profile(profile),
        excel=excel,
        as_of=read_as_of(as_of, database().clock()) if as_of is not None else None,
        form=format_,
        names=names_in(columns),
    )
    exported = open_export(database(), request, settings().base_url, settings().license)
    if output is None:
        for chunk in exported.chunks():
            sys.stdout.buffer.write(chunk)
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
                file.write(chunk)
                bar.update(exported.written - bar.pos)
            bar.update(exported.row_count - bar.pos)
        os.replace(part, output)
    kind = f"profile {profile}" if format_ == "csv" else form.label
    click.echo(f"Wrote {exported.row_count} rows to {output} ({kind}).", err=True)
