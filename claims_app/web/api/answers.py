"""The answers of the API: one record, or a page of a list, with their headers."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request, url_for

from claims_app.models import Candidate, Record
from claims_app.services.core.paging import Page
from claims_app.web.api import tags


def send(found: Any, status: int = 200) -> Response:
    """Return an answer with JSON; one that was read has an ETag, and is 304 if the client has it already."""
    response = jsonify(found)
    response.status_code = status
    if status == 200 and request.method == "GET":
        response.add_etag()
        response.make_conditional(request)
    return response


def record(found: Mapping[str, Any], what: Record | Candidate, status: int = 200) -> Response:
    """Return an answer with one record, and the ETag of its version."""
    response = jsonify(found)
    response.status_code = status
    tags.tag(response, tags.version_of(what))
    if request.method == "GET":
        response.make_conditional(request)
    return response


def made(found: Mapping[str, Any], what: Record, endpoint: str) -> Response:
    """Return the answer for a new record, with the address of the view at `endpoint` for it."""
    response = record(found, what, 201)
    response.headers["Location"] = url_for(endpoint, identifier=what.public_id)
    return response


def page(
    found: Page[Any], wanted: frozenset[str] | None = None, files: Iterable[tuple[str, str]] = ()
) -> Response:
    """Return a page of a list, with only the wanted fields; the header Link has its neighbours (RFC 8288).

    It also has `files` with the whole list, each with its media type.
    """
    items = [sparse(item, wanted) for item in found.items]
    following = _address(after=found.next) if found.next else None
    response = send({"total": found.total, "next": following, "items": items})
    links = {"first": _address()}
    if found.previous:
        links["prev"] = _address(before=found.previous)
    if following:
        links["next"] = following
    headers = [f'<{address}>; rel="{name}"' for name, address in links.items()]
    headers += [f'<{address}>; rel="alternate"; type="{media}"' for address, media in files]
    response.headers["Link"] = ", ".join(headers)
    return response


def sparse(item: Mapping[str, Any], wanted: frozenset[str] | None) -> Mapping[str, Any]:
    """Return the wanted fields of a record; all if None."""
    return item if wanted is None else {name: value for name, value in item.items() if name in wanted}


def nothing() -> Response:
    """Return the answer for what was deleted."""
    response = Response(status=204)
    response.headers.pop("Content-Type")
    return response


def _address(**cursor: str) -> str:
    """Return the address of another page of the list of this request."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("after", "before") and value
    ]
    query = urlencode([*kept, *cursor.items()])
    return f"{request.path}?{query}" if query else request.path
