"""The files of lists, with the filters of the pages, streamed in full."""

import json
from contextlib import closing

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from claims_app.formats import csvw
from claims_app.formats.columns import EXPORTS
from claims_app.formats.csv_writing import CSV, TSV
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.web import application, listing, time_travel
from claims_app.web.export import dialog
from claims_app.web.export.sending import send
from claims_app.web.file_errors import sends_file
from claims_app.web.record_links import base_url
from claims_app.web.session import database, since
from claims_app.web.time_travel import answers_as_of, asks_again

bp = Blueprint("export", __name__)

_LISTS = "any(claims, studies, evidence, limitations, appraisals)"


@bp.get(f"/<{_LISTS}:name>.<any(csv, tsv, jsonl, parquet, xlsx):form>")
@answers_as_of
@sends_file
def table(name: str, form: str) -> ResponseReturnValue:
    """Send a list as a table."""
    return send(name, form)


@bp.get("/studies.<any(ris, bib, 'csl.json'):extension>")
@answers_as_of
@sends_file
def citations(extension: str) -> ResponseReturnValue:
    """Send the studies as citations."""
    return send("studies", {"bib": "bibtex", "csl.json": "csl-json"}.get(extension, extension))


@bp.get(f"/export/<{_LISTS}:name>")
@answers_as_of
@asks_again
def choose(name: str) -> ResponseReturnValue:
    """Show in which ways a list can be downloaded, and the address of what is chosen."""
    return dialog.page(name)


@bp.get(f"/export/<{_LISTS}:name>/file")
@answers_as_of
@asks_again
def chosen(name: str) -> ResponseReturnValue:
    """Lead to the file that was chosen."""
    return dialog.to_file(name)


@bp.get(f"/<{_LISTS}:name>.<any(csv, tsv):form>-metadata.json")
@answers_as_of
@sends_file
def description(name: str, form: str) -> ResponseReturnValue:
    """Send the metadata of a file (W3C CSVW), with the same filters as the file."""
    asked = ExportRequest.asked(name, listing.query(), form=form, as_of=time_travel.asked())
    licence = application.settings().license
    with closing(Export(database(), asked, base_url(), licence, since=since())) as export:
        described = csvw.metadata(
            name,
            export.columns,
            profile=asked.profile,
            row_count=export.row_count,
            url=asked.address(form),
            created=time_travel.shown_at(),
            key=EXPORTS[name][0].name,
            dialect=TSV if form == "tsv" else CSV,
            header=asked.header,
        )
    return Response(json.dumps(described, ensure_ascii=False, indent=2), mimetype="application/csvm+json")
