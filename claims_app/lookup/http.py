"""Asking a service: not too often, again where that may help, for answers of a sensible size, and only once a day.

The manners are those that the services ask for: a name and a contact address (Crossref, NCBI), at most three
requests a second without a key (NCBI E-utilities, chapter 2), and a pause as long as `Retry-After` says (RFC 9110,
10.2.3).
"""

import datetime
import email.utils
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from claims_app.lookup.errors import NotThere, Unavailable, Unexpected

LARGEST_ANSWER = 20 * 1024 * 1024
TRIES = 4
LONGEST_PAUSE = 30.0
"""Seconds; a service that wants us to wait longer is asked another time."""
KEPT = datetime.timedelta(days=1)
"""So long an answer is used again."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_PROGRAM = "claims-app/1"


@dataclass(frozen=True)
class Service:
    """A service: what people call it, where it is, and how many requests a second it takes."""

    name: str
    address: str
    per_second: float = 3.0


@dataclass(frozen=True)
class Answer:
    """What a service answered, with status 200."""

    text: str
    content_type: str

    def json(self) -> object:
        """Return the JSON in it. Raises Unexpected."""
        try:
            return json.loads(self.text)
        except ValueError:
            raise Unexpected("The service answered something that is not JSON.") from None


class Client:
    """Asks services; `sleep` and `clock` (seconds) are the machine's, but for tests."""

    def __init__(
        self,
        contact: str | None = None,
        cache: Path | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        timeout: tuple[float, float] = (5.0, 20.0),
    ) -> None:
        self.contact = contact
        self._cache = cache
        self._sleep = sleep
        self._clock = clock
        self._timeout = timeout
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._session = requests.Session()
        self._session.max_redirects = 5
        self._session.trust_env = True
        about = f"{_PROGRAM} (mailto:{contact})" if contact else _PROGRAM
        self._session.headers["User-Agent"] = about

    def get(
        self,
        service: Service,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        accept: str,
        fresh: bool = False,
    ) -> Answer:
        """Return the answer to a GET request; one of today is used again, unless it has to be `fresh`.

        Raises NotThere for 404 and 410, Unavailable after several tries, and Unexpected for anything else.
        """
        url = service.address.rstrip("/") + path
        key = hashlib.sha256(
            json.dumps([url, sorted((parameters or {}).items()), accept]).encode()
        ).hexdigest()
        if not fresh and (kept := self._kept(key)) is not None:
            return kept
        problem = ""
        for attempt in range(TRIES):
            self._wait_for_turn(service)
            try:
                return self._keep(key, self._ask(service, url, parameters, accept))
            except _TryAgain as error:
                problem = error.problem
                pause = 2.0**attempt if error.pause is None else error.pause
                if attempt + 1 == TRIES or pause > LONGEST_PAUSE:
                    break
                self._sleep(pause)
        raise Unavailable(f"{service.name} cannot be reached just now: {problem}. Try again later.")

    def _ask(self, service: Service, url: str, parameters: Mapping[str, str] | None, accept: str) -> Answer:
        try:
            with self._session.get(
                url, params=parameters, headers={"Accept": accept}, timeout=self._timeout, stream=True
            ) as response:
                if response.status_code in (404, 410):
                    raise NotThere(f"{service.name} does not know it.")
                if response.status_code in _AGAIN:
                    raise _TryAgain(f"it answered {response.status_code}", _pause(response))
                if response.status_code != 200:
                    raise Unexpected(f"{service.name} answered {response.status_code}, which nobody expects.")
                return Answer(_text(service, response), response.headers.get("Content-Type", ""))
        except requests.TooManyRedirects:
            raise Unexpected(f"{service.name} leads in circles.") from None
        except requests.Timeout:
            raise _TryAgain("it did not answer in time") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            raise _TryAgain("the connection broke off") from None
        except requests.RequestException as error:
            raise Unexpected(f"{service.name} could not be asked: {type(error).__name__}.") from None

    def _wait_for_turn(self, service: Service) -> None:
        with self._lock:
            now = self._clock()
            turn = max(now, self._next.get(service.address, 0.0))
            self._next[service.address] = turn + 1.0 / service.per_second
        if turn > now:
            self._sleep(turn - now)

    def _kept(self, key: str) -> Answer | None:
        if self._cache is None:
            return None
        file = self._cache / key
        try:
            if time.time() - file.stat().st_mtime > KEPT.total_seconds():
                file.unlink(missing_ok=True)
                return None
            return Answer(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _keep(self, key: str, answer: Answer) -> Answer:
        if self._cache is not None:
            try:
                self._cache.mkdir(parents=True, exist_ok=True)
                part = self._cache / f"{key}.{threading.get_ident()}.part"
                part.write_text(json.dumps(answer.__dict__), encoding="utf-8")
                part.replace(self._cache / key)
            except OSError:
                pass  # without a place to keep it, it is asked for again
        return answer


class _TryAgain(Exception):
    """Worth another try, after `pause` seconds if the service said so."""

    def __init__(self, problem: str, pause: float | None = None) -> None:
        super().__init__(problem)
        self.problem, self.pause = problem, pause


def _pause(response: requests.Response) -> float | None:
    """Return the seconds that Retry-After asks for, given as a number or as a date."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 10:
        return float(told)
    try:
        until = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


def _text(service: Service, response: requests.Response) -> str:
    """Return the body as text, unless it is longer than any answer that is asked for."""
    body = bytearray()
    for part in response.iter_content(64 * 1024):
        body += part
        if len(body) > LARGEST_ANSWER:
            raise Unexpected(f"{service.name} sent more than {LARGEST_ANSWER // 1024**2} MB.")
    promised = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding")
    if promised.isdigit() and not encoded and len(body) < int(promised):
        raise _TryAgain("the answer broke off")
    encoding = response.encoding if "charset" in response.headers.get("Content-Type", "").lower() else None
    try:
        return bytes(body).decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return bytes(body).decode("utf-8", errors="replace")
