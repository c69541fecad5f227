"""CSV and citation files with the filters of the pages, streamed in full."""

import json
from contextlib import closing

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from claims_app.formats import csvw
from claims_app.formats.delimited import Profile
from claims_app.services.core.errors import BadFilter
from claims_app.services.transfer.citations import FORMATS, CitationExport
from claims_app.services.transfer.export import Export, ExportRequest
from claims_app.web import listing, time_travel
from claims_app.web.record_links import base_url
from claims_app.web.session import database
from claims_app.web.templating import with_query
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("export", __name__)

_OPTIONS = ("profile", "excel")


@bp.get("/claims.csv")
@answers_as_of
def claims_csv() -> ResponseReturnValue:
    """Send the claims."""
    return _send("claims")


@bp.get("/studies.csv")
@answers_as_of
def studies_csv() -> ResponseReturnValue:
    """Send the studies."""
    return _send("studies")


@bp.get("/evidence.csv")
@answers_as_of
def evidence_csv() -> ResponseReturnValue:
    """Send the evidence items."""
    return _send("evidence")


@bp.get("/limitations.csv")
@answers_as_of
def limitations_csv() -> ResponseReturnValue:
    """Send the limitations."""
    return _send("limitations")


@bp.get("/appraisals.csv")
@answers_as_of
def appraisals_csv() -> ResponseReturnValue:
    """Send all appraisals, current and earlier."""
    return _send("appraisals")


@bp.get("/studies.ris")
@answers_as_of
def studies_ris() -> ResponseReturnValue:
    """Send the studies as RIS."""
    return _send_citations("ris")


@bp.get("/studies.bib")
@answers_as_of
def studies_bib() -> ResponseReturnValue:
    """Send the studies as BibTeX."""
    return _send_citations("bibtex")


@bp.get("/studies.csl.json")
@answers_as_of
def studies_csl() -> ResponseReturnValue:
    """Send the studies as CSL-JSON."""
    return _send_citations("csl-json")


@bp.get("/<any(claims, studies, evidence, limitations, appraisals):name>.csv-metadata.json")
@answers_as_of
def description(name: str) -> ResponseReturnValue:
    """Send the metadata of a file (W3C CSVW), with the same filters as the file."""
    with closing(_open(name)) as export:
        described = csvw.metadata(
            name,
            export.columns,
            profile=export.request.profile,
            row_count=export.row_count,
            url=f"/{name}.csv{_query()}",
            created=time_travel.shown_at(),
        )
    return Response(json.dumps(described, ensure_ascii=False, indent=2), mimetype="application/csvm+json")


def _query() -> str:
    """Return the query string of the request with its question mark, or an empty string."""
    return with_query(list(request.args.items(multi=True)))


def _open(name: str) -> Export:
    """Return the requested export. Raises BadFilter."""
    query = {key: values for key, values in listing.query().items() if key not in _OPTIONS}
    profile = request.args.get("profile") or Profile.SAFE.value
    if profile not in list(Profile):
        raise BadFilter(f"“{profile}” is not a profile. Use one of: {', '.join(Profile)}.")
    excel = request.args.get("excel", "")
    if excel not in ("", "0", "1"):
        raise BadFilter("Use excel=1 for a byte order mark, or leave it out.")
    wanted = ExportRequest.read(
        name, query, profile=Profile(profile), excel=excel == "1", as_of=time_travel.asked()
    )
    return Export(database(), wanted, base_url())


def _send(name: str) -> Response:
    export = _open(name)
    profile = export.request.profile.value
    response = _stream(export, f"text/csv; charset=utf-8; header=present; profile={profile}", "csv")
    response.headers["X-CSV-Profile"] = profile
    response.headers["Link"] = (
        f'</{name}.csv-metadata.json{_query()}>; rel="describedby"; type="application/csvm+json"'
    )
    return response


def _send_citations(name: str) -> Response:
    form = FORMATS[name]
    wanted = ExportRequest.read("studies", listing.query(), as_of=time_travel.asked())
    export = CitationExport(database(), wanted, base_url(), form)
    return _stream(export, f"{form.media_type}; charset=utf-8", form.extension)


def _stream(export: Export, content_type: str, extension: str) -> Response:
    # Not `make_conditional`: it would read the whole file to measure it instead of streaming it.
    unchanged = request.if_none_match.contains(export.etag)
    response = Response(status=304) if unchanged else Response(export.chunks())
    response.call_on_close(export.close)
    response.headers["Content-Type"] = content_type
    file_name = f"{export.request.name}-{time_travel.shown_at():%Y-%m-%d}.{extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    if not unchanged:
        response.headers["X-Row-Count"] = str(export.row_count)
    response.set_etag(export.etag)
    return response
