"""Tracebacks for the log, without the input of the request that caused them: it may be a password, or personal."""

import traceback
from collections.abc import Iterable, Iterator
from typing import Any

from flask import request
from werkzeug.exceptions import HTTPException

_SHORTEST = 3
"""Characters of an input that is hidden; shorter ones are in too many words."""

_HIDDEN = "[input]"


def without_input(error: BaseException) -> str:
    """Return the traceback of `error`; what the request sent is hidden in the messages of the errors."""
    text = "".join(traceback.format_exception(error)).rstrip("\n")
    sent = sorted(set(_sent()), key=len, reverse=True)
    for message in {message for each in _chain(error) for message in _messages(each)}:
        hidden = message
        for value in sent:
            hidden = hidden.replace(value, _HIDDEN).replace(repr(value)[1:-1], _HIDDEN)
        if hidden != message:
            text = text.replace(message, hidden)
    return text


def _messages(error: BaseException) -> Iterator[str]:
    yield str(error)
    yield from getattr(error, "__notes__", ())


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error with those that led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def _sent() -> Iterator[str]:
    """Yield what the request sent: values of its address, form, JSON, cookies and authorization."""
    values: Iterable[str] = (
        *request.args.values(),
        *(str(value) for value in (request.view_args or {}).values()),
        *request.cookies.values(),
        request.headers.get("Authorization", "").partition(" ")[2],
        *_body(),
    )
    for value in values:
        if len(value) >= _SHORTEST:
            yield value


def _body() -> Iterator[str]:
    """Yield the values of the form or the JSON, or none if the body cannot be read."""
    try:
        yield from (value for _, value in request.form.items(multi=True))
        yield from _leaves(request.get_json(silent=True) if request.is_json else None)
    except (HTTPException, OSError):
        return


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
