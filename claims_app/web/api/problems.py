"""Errors of the API as problem details (RFC 9457).

Besides the members of the standard, each has `error` with the sentence and, for refused fields, `fields` with the
sentences by name, as before there were problem details.
"""

import http
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, request

from claims_app.web import application, observing

MEDIA_TYPE = "application/problem+json"

PROBLEMS: Mapping[str, tuple[str, int, str]] = {
    "not-found": ("Not found", 404, "There is no record with this identifier."),
    "not-there-yet": ("Not there yet", 404, "The record did not exist at the time that as_of names."),
    "deleted": ("Deleted", 410, "The record was deleted. Its history says when, by whom and why."),
    "not-allowed": ("Not allowed", 403, "The account of the token may not do this."),
    "not-accepted": (
        "Not accepted",
        422,
        "Fields were refused. `errors` has a JSON pointer and a sentence for each; `fields` has the sentences by name.",
    ),
    "not-done": (
        "Not done",
        409,
        "The state of the data forbids it: the record looks like another one, or is still in use.",
    ),
    "merged": ("Merged", 409, "The record was merged into another one, which can be changed instead."),
    "in-progress": ("In progress", 409, "The same request is being worked on. Send it again in a moment."),
    "key-was-used-before": (
        "Key was used before",
        422,
        "The Idempotency-Key was used for another request. Use a new key for each request.",
    ),
    "invalid-date": ("Invalid date", 400, "as_of is not a date or a time of the past."),
    "unknown-filter": ("Unknown filter", 400, "The list has no such filter, value, sort order or page."),
    "changed-by-someone-else": (
        "Changed by someone else",
        409,
        "The record changed after you read it. Read it again for its version.",
    ),
    "too-many-attempts": ("Too many attempts", 429, "Wait as long as Retry-After says."),
    "busy": ("Busy", 503, "The database did not respond in time, and nothing was saved. Try again."),
    "perhaps-saved": (
        "Perhaps saved",
        503,
        "The connection was lost while saving. Send the request again with the same Idempotency-Key, or look first.",
    ),
    "database-not-available": (
        "Database not available",
        503,
        "Nothing can be read. Contact the site operator.",
    ),
    "something-went-wrong": ("Something went wrong", 500, "A fault of the program. Nothing was saved."),
}
"""Each kind of problem by the end of its `type`: its title, its status, and what it means."""

_TYPES = {title: name for name, (title, _, _) in PROBLEMS.items()}


def problem_of(
    status: int, title: str, sentence: str, fields: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Return the members of a problem."""
    known = _TYPES.get(title)
    return {
        "type": f"{application.settings().base_url}/api/docs#{known}" if known else "about:blank",
        "title": title if known else http.HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "instance": quote(request.path),
        "request_id": observing.request_id(),
        "error": sentence,
        **({"fields": fields, "errors": list(_errors(fields))} if fields else {}),
    }


def problem(
    status: int, title: str, sentence: str, fields: Mapping[str, Sequence[str]] | None = None
) -> tuple[Response, int]:
    """Return the answer for a problem."""
    body = json.dumps(problem_of(status, title, sentence, fields), ensure_ascii=True)
    return Response(f"{body}\n", mimetype=MEDIA_TYPE), status


def first_reason(fields: Mapping[str, Sequence[str]]) -> str:
    """Return the first reason why fields were refused, with its field, and how many more there are."""
    reasons = [f"{error['field']}: {error['detail']}".removeprefix(": ") for error in _errors(fields)]
    if not reasons:
        return "Fields were refused."
    return reasons[0] if len(reasons) == 1 else f"{reasons[0]} (and {len(reasons) - 1} more)"


def within(answer: Response, place: str) -> Response:
    """Return a problem about a part of the request, at `place` in it: its pointers and its sentence begin there."""
    found = answer.get_json()
    for error in found.get("errors", ()):
        error["pointer"] = f"#/{place}/{error['pointer'].removeprefix('#/')}".rstrip("/")
    found.setdefault("errors", [{"pointer": f"#/{place}", "field": place, "detail": found["detail"]}])
    found["detail"] = found["error"] = f"{place}: {found['detail']}"
    return Response(f"{json.dumps(found)}\n", answer.status_code, answer.headers.items(), mimetype=MEDIA_TYPE)


def _errors(fields: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    for name, sentences in fields.items():
        pointer = f"#/{name.replace('~', '~0').replace('/', '~1')}"
        for sentence in sentences:
            yield {"pointer": pointer, "field": name, "detail": sentence}
