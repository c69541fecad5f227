"""What a request may hold: address, query, headers, form, files and JSON are judged here, before any view sees them.

Text is UTF-8 without the characters that no database column or file can hold; numbers in addresses are those that a
record can have; files come only where a view takes them; JSON is neither deeper nor its numbers larger than anything
that means something. Whether the values make sense is for the schemas and services to say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from claims_app.rules.text import LARGEST_NUMBER, unstorable_character
from claims_app.security_log import SecurityEvent
from claims_app.services.core.errors import Invalid
from claims_app.web import security_events
from claims_app.web.methods import READS
from claims_app.web.strict_json import StrictJSON, UnreadableJSON

P = ParamSpec("P")
R = TypeVar("R")

LARGEST_REQUEST = 8 * 1024 * 1024
"""Bytes; enough for an encoded text of two million characters."""

MOST_FIELDS = 5_000
"""Fields of a form or a query; a page of an import has some hundreds."""

DEEPEST_JSON = 20
"""Lists and objects within each other; nothing that is accepted has more than three."""

_ROOM = 64 * 1024
"""Bytes of an upload in addition to its file: names, tokens, boundaries."""

_NOT_UTF_8 = "The request holds bytes that are not text in UTF-8. Send text encoded as UTF-8."


def takes_file(name: str, largest: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view take a file of up to `largest` bytes in the field `name`. Others take none."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.claims_takes_file = (name, largest)  # type: ignore[attr-defined]
        return view

    return mark


def register(app: Flask) -> None:
    """Judge each request to `app`; this must come before everything else that reads it."""
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST, MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST, MAX_FORM_PARTS=200
    )
    app.url_map.converters["int"] = _RecordNumber
    app.json = StrictJSON(app)
    app.before_request(_judge)


class _RecordNumber(IntegerConverter):
    """A number in an address: one that the database can hold. With any other, there is no such page."""

    regex = "[0-9]{1,10}"

    def __init__(self, map: Map, max: int = LARGEST_NUMBER) -> None:
        super().__init__(map, max=max)


def _judge() -> None:
    """Raise what refuses this request, and log that."""
    try:
        _judge_all()
    except (HTTPException, Invalid) as refused:
        security_events.log_refusal(SecurityEvent.INPUT_REFUSED, reason=type(refused).__name__)
        raise


def _judge_all() -> None:
    _judge_address()
    _judge_headers()
    if request.endpoint is None:
        return  # there is no view: the content is not read
    name, largest = getattr(current_app.view_functions[request.endpoint], "claims_takes_file", (None, 0))
    if name is not None:
        request.max_content_length = largest + _ROOM
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        _judge_form(name)
    elif request.is_json and request.method not in READS:
        _judge_json()


def _judge_address() -> None:
    """Raise NotFound for a path, and BadRequest for a query, that is not storable text."""
    path = request.environ.get("PATH_INFO", "").encode("latin-1", "replace")
    if not _is_utf_8(path) or unstorable_character(request.path):
        raise NotFound
    query = request.query_string
    if query.count(b"&") >= MOST_FIELDS:
        raise BadRequest("The address has too many parameters.")
    if not _is_utf_8(unquote_to_bytes(query)):
        raise BadRequest(_NOT_UTF_8)
    for name, value in request.args.items(multi=True):
        if bad := unstorable_character(name) or unstorable_character(value):
            raise BadRequest(f"The address has the character {bad}, which is not part of any text.")


def _judge_headers() -> None:
    """Raise BadRequest for a header with NUL. Cookies need no more: those that are read are signed."""
    if any("\0" in value for _, value in request.headers):
        raise BadRequest("A header of the request has the character U+0000.")


def _judge_form(file_field: str | None) -> None:
    """Raise BadRequest for bytes that are not text, and Invalid for the fields that cannot be stored."""
    if request.mimetype == "application/x-www-form-urlencoded":
        # Werkzeug would take bytes that are not UTF-8 for an empty form, or for the text “%FF”.
        data = request.get_data(cache=True)
        if data.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        if not _is_utf_8(unquote_to_bytes(data)):
            raise BadRequest(_NOT_UTF_8)
    elif any("\N{REPLACEMENT CHARACTER}" in name + value for name, value in request.form.items(multi=True)):
        raise BadRequest(_NOT_UTF_8)  # Werkzeug has replaced the bytes
    errors = dict(_faults_of_fields(request.form.items(multi=True)))
    for name, file in request.files.items(multi=True):
        if name != file_field:
            errors[name] = ["Enter text; a file cannot be sent for this field."]
        elif bad := unstorable_character(file.filename or ""):
            errors[name] = [f"Rename the file: its name has the character {bad}."]
    if errors:
        raise Invalid(errors)


def _faults_of_fields(fields: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    for name, value in fields:
        if bad := unstorable_character(name) or unstorable_character(value):
            yield name, [_sentence(bad)]


def _judge_json() -> None:
    """Raise BadRequest for what is not JSON, and Invalid for the fields that hold what no field can."""
    try:
        sent = current_app.json.loads(request.get_data(cache=True))
    except UnreadableJSON as refused:
        raise BadRequest(f"Send a JSON object: {refused}.") from None
    if not isinstance(sent, Mapping):
        return  # the view says that it wants an object
    errors = {}
    for name, value in sent.items():
        if bad := unstorable_character(name) or _fault(value):
            errors[name] = [bad]
    if errors:
        raise Invalid(errors)


def _fault(sent: Any) -> str | None:
    """Return what is wrong within a JSON value, or None."""
    waiting = [(sent, 1)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            if bad := unstorable_character(value):
                return _sentence(bad)
        elif isinstance(value, list | dict):
            if depth > DEEPEST_JSON:
                return "It is nested too deeply."
            inside = [*value, *value.values()] if isinstance(value, dict) else value
            waiting += [(one, depth + 1) for one in inside]
    return None


def _sentence(character: str) -> str:
    return f"Remove the control character {character}; it cannot be displayed or exported."


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
