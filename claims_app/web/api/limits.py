"""Limits on the number of requests to the API and for files of lists, by token or else by address.

Each answer says how many requests are left (draft-ietf-httpapi-ratelimit-headers). Requests are counted before anything
else looks at them, those that are answered from memory included. A request whose token turns out to be wrong counts
for its address as well, so that inventing tokens gains nothing.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from claims_app.config import Settings
from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.rules.throttling import place_of
from claims_app.services.accounts.request_counts import RequestCounts
from claims_app.web.bearer import WRONG_TOKEN
from claims_app.web.reader_pages import REFUSED

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SECONDS = 60
"""The length of the stretch of time in which requests are counted."""

COUNTS = "claims_request_counts"
"""The counts of an application, in its `extensions`."""

_COUNTED = ("/api/v1/", *(f"/{name}." for name in EXPORTS))
"""What the paths of the requests that count begin with."""


def register(app: Flask) -> None:
    """Limit the requests to the API of `app`. This must come after `reader_pages`, and before proxies are read."""
    settings: Settings = app.extensions["claims_settings"]
    app.extensions[COUNTS] = RequestCounts(settings.instance / "request_counts", settings.secret_key)
    app.wsgi_app = Limits(app, app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_refuse)


def _refuse() -> None:
    """Raise TooManyRequests for a request beyond the limit."""
    wait = request.environ.get(REFUSED)
    if wait is not None:
        raise TooManyRequests(
            f"Too many requests in this minute. Wait {wait} seconds, and look at the header RateLimit.",
            retry_after=wait,
        )


class Limits:
    """The WSGI application that counts these requests, and says in each answer how many are left."""

    def __init__(self, app: Flask, inside: "WSGIApplication") -> None:
        self._app = app
        self._inside = inside

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if not environ.get("PATH_INFO", "").startswith(_COUNTED):
            return self._inside(environ, start_response)
        settings: Settings = self._app.extensions["claims_settings"]
        token = _token(environ)
        name, most = ("token", settings.api_limit) if token else ("address", settings.api_reader_limit)
        if not most:
            return self._inside(environ, start_response)
        database: Database = self._app.extensions["claims_database"]
        counts: RequestCounts = self._app.extensions[COUNTS]
        window, passed = divmod(int(database.clock().timestamp()), SECONDS)
        address = f"address {place_of(environ.get('REMOTE_ADDR'))}"
        used = counts.count(f"token {token}" if token else address, window)
        wait = SECONDS - passed
        if used > most:
            environ[REFUSED] = wait
        said = [
            ("RateLimit-Policy", f'"{name}";q={most};w={SECONDS}'),
            ("RateLimit", f'"{name}";r={max(0, most - used)};t={wait}'),
        ]

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            if WRONG_TOKEN in environ:
                counts.count(address, window)
            return start_response(status, [*headers, *said], *error)

        return self._inside(environ, start)


def _token(environ: "WSGIEnvironment") -> str | None:
    """Return a digest of the bearer token, which need not be valid."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return hashlib.sha256(token.strip().encode("latin-1", "replace")).hexdigest()
