"""Sends a list as a file: from pages, and from the API with the same parameters."""

import datetime
import threading
from collections.abc import Generator, Iterator
from contextlib import closing

from flask import Response, request

from claims_app.formats.tables import TableFormat
from claims_app.services.core.errors import TooBusy
from claims_app.services.transfer.export_formats import ALL_FORMATS, FileFormat, open_export
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.services.transfer.list_export import ListExport
from claims_app.web import application, listing, reader_pages, time_travel
from claims_app.web.export.compression import gzipped
from claims_app.web.record_links import base_url
from claims_app.web.session import database, since

MADE_AT_ONCE = 2
"""How many files that can be sent only when they are complete a process makes at once."""

_WAIT = datetime.timedelta(seconds=30)
_making = threading.BoundedSemaphore(MADE_AT_ONCE)


def send(name: str, form: str) -> Response:
    """Return the response with the list `name` in a format, as the query of the request asks for it.

    Raises BadFilter, DataChanged, NotInstalled, and TooBusy if many such files are being made.
    """
    asked = ExportRequest.asked(name, listing.query(), form=form, as_of=time_travel.asked())
    export = open_export(database(), asked, base_url(), application.settings().license, since=since())
    try:
        return _response(export)
    except BaseException:
        export.close()
        raise


def _response(export: ListExport) -> Response:
    form = ALL_FORMATS[export.request.form]
    is_text = not isinstance(form, TableFormat) or form.is_text
    packed = is_text and reader_pages.takes_gzip(request.environ)
    etag = f"{reader_pages.program()[:8]}{export.etag}{'-gzip' if packed else ''}"
    # Not `make_conditional`: it would read the whole file to measure it instead of streaming it.
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        response = Response(_body(export, form, packed))
        _describe(response, export)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    response.call_on_close(export.close)
    response.headers["Content-Type"] = _content_type(export.request, form, is_text)
    file_name = f"{export.request.name}-{time_travel.shown_at():%Y-%m-%d}.{export.extension}"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    if is_text:
        response.vary.add("Accept-Encoding")
    response.set_etag(etag)
    if not database().is_sqlite:
        # There, the number of all data moves too often.
        reader_pages.note_own_validator()
    return response


def _body(export: ListExport, form: FileFormat, packed: bool) -> Iterator[bytes]:
    chunks = export.chunks()
    if isinstance(form, TableFormat) and form.whole and request.method != "HEAD":
        # It takes long, and may be refused at the end. So nothing is sent before, and other requests go on.
        reader_pages.end_turn()
        if not _making.acquire(blocking=False):
            raise TooBusy(
                "Other files of this format are being made. Try again in half a minute, or choose CSV, which is sent "
                "at once.",
                _WAIT,
            )
        try:
            return _resumed(next(chunks, b""), chunks)
        finally:
            _making.release()
    return gzipped(chunks) if packed else chunks


def _resumed(first: bytes, others: Generator[bytes]) -> Generator[bytes]:
    with closing(others):
        yield first
        yield from others


def _describe(response: Response, export: ListExport) -> None:
    """Say how many rows the file has, what describes it, and where its next part is."""
    asked, form = export.request, ALL_FORMATS[export.request.form]
    response.headers["X-Row-Count"] = str(export.row_count)
    response.headers["X-Total-Count"] = str(export.total)
    if isinstance(form, TableFormat) and form.says_what_it_is and not asked.as_of:
        # It has the day in it.
        tomorrow = time_travel.shown_at().date() + datetime.timedelta(days=1)
        reader_pages.good_until(datetime.datetime.combine(tomorrow, datetime.time(), datetime.UTC))
    if isinstance(form, TableFormat) and form.has_profiles:
        response.headers["X-CSV-Profile"] = asked.profile.value
        about = asked.address(f"{export.extension}-metadata.json")
        response.headers.add("Link", f'<{about}>; rel="describedby"; type="application/csvm+json"')
    if following := export.next:
        response.headers.add("Link", f'<{following.address(export.extension)}>; rel="next"')


def _content_type(asked: ExportRequest, form: FileFormat, is_text: bool) -> str:
    if isinstance(form, TableFormat) and form.has_profiles:
        header = "present" if asked.header else "absent"
        return f"{form.media_type}; charset=utf-8; header={header}; profile={asked.profile.value}"
    return f"{form.media_type}; charset=utf-8" if is_text else form.media_type
