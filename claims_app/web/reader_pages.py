"""Pages and files for readers without an account: sent again only if the data has changed, and kept in memory.

All of them depend on the data, the address, the program and its settings. So their validator (ETag) is made of these
and is known before anything is rendered: a request whose copy is still valid is answered with 304, and a page that was
sent before is sent again from memory. The number of the data is read at each request, before its page, so that a page
is never older than its validator, and each write is seen by the next request.

Only requests without a session and without a token are answered like this, so what is kept is nobody's own page. An
answer that sets a cookie, holds a form of a session or is not 200 is neither kept nor given a validator. A page that
depends on the time says so with `good_until`.

Only a few pages are made at once. More threads would only wait for each other: one that reads a row gives the
interpreter away and waits up to 5 ms to get it back. In turns, eight requests at once are answered as fast as one
after the other, and a page that many ask for at once is made once.
"""

import datetime
import functools
import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from claims_app.config import Settings
from claims_app.database import Database
from claims_app.services.memory.data_number import recent_data_number
from claims_app.web import observing
from claims_app.web.kept_pages import KEPT, SMALLEST_COMPRESSED, KeptPage, KeptPages
from claims_app.web.sharing import is_shared

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

OF_EVERYBODY = "no-cache"
"""The `Cache-Control` of such an answer: a shared cache may keep it, and asks each time if it is still valid."""

OF_ONE_PERSON = "private, no-cache"
"""The `Cache-Control` of all other pages, unless they set another one."""

MADE_AT_ONCE = 2
"""How many pages are made at once: another one can be made while the first waits for the database."""

LONGEST_WAIT = 0.5
"""Seconds until a page is made although others have not finished, so that a slow one holds nobody up for long."""

REFUSED = "claims.refused"
"""A note that the application refuses this request, so that no kept page answers it (see `web.api.limits`)."""

OF_PROGRAMS = ("application/ld+json", "application/trig", "application/fhir+json")
"""The media types by which programs ask at the address of a page for its data; the view leads on to the file."""

_NOT_OF_READERS = ("/static/", "/healthz", "/readyz", "/metrics")
"""What the paths begin with that depend on no data; those for monitors ask the database themselves, or not at all."""

_LONGEST_ADDRESS = 2000
_NOTE = "claims.good_until"
_OWN = "claims.own_validator"
_END_TURN = "claims.end_turn"
_PACKED = "-gzip"
"""The end of the validator of a file that is compressed on the way."""

_VERSION = "claims.version"
_COOKIES = ("claims_", "remember_token")
"""Parts of the names of all cookies that a page may depend on."""


def good_until(moment: datetime.datetime) -> None:
    """Note that the page of this request must be made again after `moment`, even if the data stays the same."""
    noted = request.environ.get(_NOTE)
    request.environ[_NOTE] = moment if noted is None else min(noted, moment)


def note_own_validator() -> None:
    """Note that the answer of this request has a validator that says more than the state of all data."""
    request.environ[_OWN] = True


def note_version(version: str) -> None:
    """Note that the answer of this request is one record at `version`, which its validator begins with."""
    request.environ[_VERSION] = version


def end_turn() -> None:
    """Let other pages be made meanwhile: this request takes long, such as for a file that is made before it is sent."""
    if end := request.environ.pop(_END_TURN, None):
        end()


def register(app: Flask) -> None:
    """Answer requests of readers to `app` from what is known. This must be registered before anything wraps `app`."""
    settings: Settings = app.extensions["claims_settings"]
    app.extensions[KEPT] = KeptPages(settings.page_memory * 1_000_000)
    app.wsgi_app = ReaderPages(app, app.wsgi_app)  # type: ignore[method-assign]


@dataclass(frozen=True)
class _Asked:
    """A request for a page: its address, and the validator that an answer has now, apart from its time."""

    address: str
    tag: str
    is_past: bool

    def validator(self, good_until: datetime.datetime | None, version: str | None) -> str:
        """Return the ETag of an answer. It is weak, since a page is the same with and without compression.

        That of one record begins with its `version` and is strong, for If-Match; such an answer is not compressed.
        """
        tag = f"{self.tag}{'.' + str(int(good_until.timestamp())) if good_until else ''}"
        return f'"{version}:{tag}"' if version else f'W/"{tag}"'

    def has_been_sent(self, if_none_match: str, now: datetime.datetime) -> str | None:
        """Return the first of the validators in a header that is valid at `now`, or None."""
        for each in if_none_match.split(","):
            given = each.strip()
            bare = given.removeprefix("W/").strip('"').removesuffix(_PACKED)
            tag, _, until = bare.rpartition(":")[2].partition(".")
            if tag == self.tag and (not until or (until.isdigit() and int(until) > now.timestamp())):
                return given
        return None


class ReaderPages:
    """The WSGI application that answers from what is known, and else asks the one inside."""

    def __init__(self, app: Flask, inside: "WSGIApplication") -> None:
        self._app = app
        self._inside = inside
        self._seed: tuple[Settings | None, str, bytes] = (None, "", b"")
        self._turns = threading.BoundedSemaphore(MADE_AT_ONCE)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if not _is_of_a_reader(environ):
            return self._inside(environ, start_response)
        database: Database = self._app.extensions["claims_database"]
        try:
            asked = self._asked(environ, recent_data_number(database))
        except SQLAlchemyError:
            return self._inside(environ, start_response)  # which says what is wrong
        now = database.clock()
        if validator := asked.has_been_sent(environ.get("HTTP_IF_NONE_MATCH", ""), now):
            # Without it, a page of another site could not read the answer (see `sharing`).
            shared = [("Access-Control-Allow-Origin", "*")] if is_shared(environ.get("PATH_INFO", "")) else []
            observing.note_answer("unchanged", None, environ.get("PATH_INFO", ""))
            start_response("304 NOT MODIFIED", [*_headers_of_unchanged(validator), *shared])
            return []
        kept: KeptPages = self._app.extensions[KEPT]
        # A page of the past has a validator of its own, which may be the one that was sent.
        may_be_kept = not (asked.is_past and "HTTP_IF_NONE_MATCH" in environ)
        page = self._kept_page(kept, asked, environ, now) if may_be_kept else None
        if page is None:
            with self._turn(environ):
                # Another request may have made it meanwhile.
                page = self._kept_page(kept, asked, environ, now) if may_be_kept else None
                if page is None:
                    return self._rendered(kept, asked, environ, start_response)
        observing.note_answer("memory", page.route, environ.get("PATH_INFO", ""))
        start_response("200 OK", list(page.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]

    @contextmanager
    def _turn(self, environ: "WSGIEnvironment") -> Iterator[None]:
        """Wait until fewer pages are being made, but not for long. A file is sent after its turn."""
        if self._turns.acquire(timeout=LONGEST_WAIT):
            environ[_END_TURN] = self._turns.release
        try:
            yield
        finally:
            if end := environ.pop(_END_TURN, None):
                end()

    def _asked(self, environ: "WSGIEnvironment", number: str) -> _Asked:
        settings: Settings = self._app.extensions["claims_settings"]
        seed = self._seed
        if seed[0] is not settings or seed[1] != settings.base_url:
            made = f"{program()} {settings!r} {settings.secret_key}".encode()
            self._seed = seed = (settings, settings.base_url, made)
        address = "\n".join(
            environ.get(name, "")
            for name in ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
        )
        digest = hashlib.blake2b(seed[2], digest_size=12)
        digest.update(f"\n{number}\n{address}".encode("utf-8", "surrogateescape"))
        return _Asked(address, digest.hexdigest(), "as_of=" in environ.get("QUERY_STRING", ""))

    def _kept_page(
        self, kept: KeptPages, asked: _Asked, environ: "WSGIEnvironment", now: datetime.datetime
    ) -> KeptPage | None:
        page = kept.get(asked.address, asked.tag)
        if page is None or (page.good_until is not None and page.good_until <= now):
            return None
        if len(page.body) < SMALLEST_COMPRESSED or page.is_of_one_version or not takes_gzip(environ):
            return page
        address = f"{asked.address}\ngzip"
        compressed = kept.get(address, asked.tag)
        if compressed is None or compressed.good_until != page.good_until:
            compressed = page.compressed()
            kept.keep(address, compressed)
        return compressed

    def _rendered(
        self,
        kept: KeptPages,
        asked: _Asked,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """Let the application answer; mark its answer if it is the same for every reader, and keep it."""
        held: list[tuple[str, str]] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            if _is_for_everybody(status, headers):
                own = next((value for name, value in headers if name == "ETag"), None)
                validator = (
                    own
                    if own and (asked.is_past or _OWN in environ)
                    else asked.validator(environ.get(_NOTE), environ.get(_VERSION))
                )
                if validator != own and ("Content-Encoding", "gzip") in headers:
                    validator = f'{validator[:-1]}{_PACKED}"'
                headers = _of_everybody(headers, validator)
                held.extend(headers)
            return start_response(status, headers, *error)

        answer = self._inside(environ, start)
        # Without a length, it is a file that is streamed.
        if environ["REQUEST_METHOD"] == "HEAD" or not any(name == "Content-Length" for name, _ in held):
            return answer
        try:
            body = b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()
        if len(asked.address) <= _LONGEST_ADDRESS:
            made = KeptPage(
                asked.tag, environ.get(_NOTE), tuple(held), body, _VERSION in environ, observing.route()
            )
            kept.keep(asked.address, made)
        return [body]


def _is_of_a_reader(environ: "WSGIEnvironment") -> bool:
    """Return whether a request is for a page and nobody is behind it, such as by a session, a token or content.

    A header with NUL is refused by the application (see `request_limits`).
    """
    cookies = environ.get("HTTP_COOKIE", "")
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ.get("PATH_INFO", "").startswith(_NOT_OF_READERS)
        and "HTTP_AUTHORIZATION" not in environ
        and REFUSED not in environ
        and not any(part in cookies for part in _COOKIES)
        and not any(media_type in environ.get("HTTP_ACCEPT", "") for media_type in OF_PROGRAMS)
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and not any(type(value) is str and "\0" in value for value in environ.values())
    )


def takes_gzip(environ: "WSGIEnvironment") -> bool:
    """Return whether the client reads gzip."""
    given = (part.replace(" ", "").lower() for part in environ.get("HTTP_ACCEPT_ENCODING", "").split(","))
    return any(part == "gzip" or (part.startswith("gzip;q=") and part[7:].strip("0.")) for part in given)


def _is_for_everybody(status: str, headers: list[tuple[str, str]]) -> bool:
    """Return whether an answer is a page or a file that every reader gets like this."""
    return (
        status.startswith("200")
        and ("Cache-Control", OF_ONE_PERSON) in headers
        and not any(name == "Set-Cookie" for name, _ in headers)
    )


def _of_everybody(headers: list[tuple[str, str]], validator: str) -> list[tuple[str, str]]:
    replaced = ("Cache-Control", "ETag", "Vary")
    return [
        *((name, value) for name, value in headers if name not in replaced),
        *_headers_of_unchanged(validator),
    ]


def _headers_of_unchanged(validator: str) -> list[tuple[str, str]]:
    return [
        ("Cache-Control", OF_EVERYBODY),
        ("ETag", validator),
        ("Vary", "Cookie, Authorization, Accept-Encoding"),
    ]


@functools.cache
def program() -> str:
    """Return a digest of the program, which also changes between two releases."""
    digest = hashlib.blake2b(digest_size=12)
    for file in sorted(Path(__file__).parents[1].rglob("*")):
        if file.suffix in (".py", ".html", ".xml"):
            digest.update(file.read_bytes())
    return digest.hexdigest()
