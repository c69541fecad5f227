"""The JSON API, version 1: its operations, and its description as an OpenAPI document.

Fields are called like the columns of the files. Reading needs no account; writing needs a token with the
scope `write` (`Authorization: Bearer …`).
"""

import functools
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotAcceptable

from claims_app.web.api import (
    answers,
    appraising,
    bulk,
    conflicts,
    discussion,
    duplicates,
    history,
    inbox,
    merging,
    own,
    reading,
    reports,
    review,
    texts,
    topics,
    watches,
    writing,
)
from claims_app.web.api.operations import Operations

bp = Blueprint("api", __name__, url_prefix="/api/v1")

SECTIONS: tuple[Operations, ...] = (
    reading.operations,
    writing.operations,
    bulk.operations,
    history.operations,
    appraising.operations,
    inbox.operations,
    discussion.operations,
    reports.operations,
    review.operations,
    conflicts.operations,
    topics.operations,
    watches.operations,
    texts.operations,
    merging.operations,
    duplicates.operations,
    own.operations,
)
"""All operations."""

for _operations in SECTIONS:
    _operations.register(bp)

_ANSWERED = ("application/json", "application/problem+json")


@bp.before_request
def judge_accept() -> None:
    """Raise NotAcceptable for a client that takes no JSON."""
    accepted = request.accept_mimetypes
    if accepted.provided and not any(accepted[media] for media in _ANSWERED):
        raise NotAcceptable("The API answers in application/json.")


@bp.get("/openapi.json")
def description() -> ResponseReturnValue:
    """Send the OpenAPI document."""
    return answers.send(document())


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document; it is the same as long as the program runs."""
    from claims_app.web.api import openapi

    by_section: dict[str, list[Any]] = {}
    for operation in (each for operations in SECTIONS for each in operations):
        by_section.setdefault(operation.section, []).append(operation)
    return openapi.document(each for section in by_section.values() for each in section)
