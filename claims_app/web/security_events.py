"""What each request adds to the log of security events: its address, and why it was refused."""

import threading
from collections import OrderedDict

from flask import Flask, Response, current_app, request

from claims_app import logs
from claims_app.security_log import SecurityEvent, log_event

_LOGGED = "claims.refusal_is_logged"
_ADDRESSES = "claims_token_addresses"
_MOST = 10_000
"""How many pairs of a token and an address a process remembers; those that were used longest ago are forgotten."""

_BY_STATUS = {403: SecurityEvent.ACCESS_REFUSED, 429: SecurityEvent.RATE_LIMITED}


def log_refusal(event: SecurityEvent, **fields: object) -> None:
    """Log why this request is refused; the status of its answer then logs nothing more."""
    request.environ[_LOGGED] = True
    _note_address()  # the request may be refused before it is noted
    log_event(event, **fields)


def is_new_address(token_id: int, place: str) -> bool:
    """Return whether this process sees a token used from an address for the first time."""
    known: _Known = current_app.extensions[_ADDRESSES]
    return known.is_new((token_id, place))


def register(app: Flask) -> None:
    """Log the refusals of `app`."""
    app.extensions[_ADDRESSES] = _Known()
    app.before_request(_note_address)
    app.after_request(_log_refused)


def _note_address() -> None:
    if (task := logs.current()) is not None:
        task.address = request.remote_addr


def _log_refused(response: Response) -> Response:
    event = _BY_STATUS.get(response.status_code)
    if event is not None and _LOGGED not in request.environ:
        log_event(event)
    return response


class _Known:
    """A set of limited size, for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pairs: OrderedDict[tuple[int, str], None] = OrderedDict()

    def is_new(self, pair: tuple[int, str]) -> bool:
        """Return whether `pair` was not in the set; it is then."""
        with self._lock:
            is_new = pair not in self._pairs
            self._pairs[pair] = None
            self._pairs.move_to_end(pair)
            if len(self._pairs) > _MOST:
                self._pairs.popitem(last=False)
        return is_new
