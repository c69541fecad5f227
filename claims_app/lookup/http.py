"""An HTTP client for bibliographic services: polite, patient, and with a cache of a day.

It follows the rules of the services. It sends a name and a contact address (Crossref, NCBI), makes at most three
requests a second without a key (NCBI E-utilities, chapter 2), and pauses as long as `Retry-After` says
(RFC 9110, 10.2.3). Requests sends the requests, Tenacity repeats them, and Hishel keeps the responses.
"""

import datetime
import json
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from hishel import SqliteStorage
from hishel.requests import CacheAdapter
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from claims_app.lookup.errors import NotThere, Unavailable, Unexpected
from claims_app.lookup.headers import PROGRAM, retry_after
from claims_app.lookup.public_hosts import PrivateAddress, check_connections
from claims_app.lookup.service import Answer, Service

LARGEST_ANSWER = 20 * 1024 * 1024
"""Bytes of the largest response that is accepted."""
LARGEST_CACHE = 500 * 1024 * 1024
"""Bytes of the cache; the responses that have not been used for longest are removed."""
TRIES = 4
LONGEST_PAUSE = 30.0
"""Longest pause between two tries, in seconds. If a service asks for a longer one, the request fails."""
KEPT = datetime.timedelta(days=1)
"""How long a response is reused."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CACHE_KEY = "X-Hishel-Key"  # removed by the cache: it never leaves this program


class Client:
    """A client for several services and threads.

    `contact` is the address that services may write to, and `cache` is the folder of the cache; without one nothing
    is kept. `timeout` has the seconds to connect and to wait for data. `sleep` and `clock` are for tests.
    """

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
        self._sleep = sleep
        self._timeout = timeout
        self._pace = _Pace(sleep, clock)
        self._session = self._make_session(_PacedAdapter())
        self._caching_session: requests.Session | None = None
        if cache is not None:
            storage = SqliteStorage(
                database_path=cache / "responses.sqlite3",
                default_ttl=KEPT.total_seconds(),
                max_stream_size=LARGEST_ANSWER,
                max_size=LARGEST_CACHE,
            )
            self._caching_session = self._make_session(_PacedCacheAdapter(storage=storage))

    def get(
        self,
        service: Service,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        accept: str,
        fresh: bool = False,
    ) -> Answer:
        """Return the response to a GET request, from the cache if it is there and need not be `fresh`.

        Raises NotThere for 404 and 410, Unavailable after several tries, and Unexpected for anything else.
        """
        self._pace.limit(service)
        retrying = Retrying(
            sleep=self._sleep,
            retry=retry_if_exception_type(_TryAgain),
            wait=_next_pause,
            stop=_is_last_try,
            reraise=True,
        )
        url = service.address.rstrip("/") + path
        try:
            return retrying(self._ask, service, url, dict(parameters or {}), accept, fresh)
        except _TryAgain as error:
            raise Unavailable(f"Could not reach {service.name} ({error.problem}). Try again later.") from None

    def _ask(
        self, service: Service, url: str, parameters: dict[str, str], accept: str, fresh: bool
    ) -> Answer:
        headers = {"Accept": accept}
        session = self._session
        if self._caching_session is not None and not fresh:
            session = self._caching_session
            # One address may be a page or a record, depending on the content type that is asked for. The key is the
            # same after a redirect, so a DOI is found without asking doi.org where it leads.
            headers[_CACHE_KEY] = json.dumps([url, sorted(parameters.items()), accept])
        try:
            with session.get(
                url, params=parameters, headers=headers, timeout=self._timeout, stream=True
            ) as response:
                if response.status_code in (404, 410):
                    raise NotThere(f"{service.name} has no such record.")
                if response.status_code in _AGAIN:
                    pause = retry_after(response.headers.get("Retry-After", ""))
                    raise _TryAgain(f"status {response.status_code}", pause)
                if response.status_code != 200:
                    raise Unexpected(
                        f"{service.name} returned an unexpected status ({response.status_code})."
                    )
                return Answer(_text(service, response), response.headers.get("Content-Type", ""))
        except PrivateAddress:
            raise Unexpected(f"{service.name} leads to a private address, which is not asked.") from None
        except requests.TooManyRedirects:
            raise Unexpected(f"{service.name} redirects in a loop.") from None
        except requests.Timeout:
            raise _TryAgain("no response in time") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            raise _TryAgain("connection lost") from None
        except requests.RequestException as error:
            raise Unexpected(f"The request to {service.name} failed ({type(error).__name__}).") from None

    def _make_session(self, adapter: "_PacedAdapter") -> requests.Session:
        adapter.pace = self._pace
        check_connections(adapter.poolmanager, self._pace.is_service)
        session = requests.Session()
        session.max_redirects = 5
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.headers["User-Agent"] = f"{PROGRAM} (mailto:{self.contact})" if self.contact else PROGRAM
        weakref.finalize(self, session.close)
        return session


class _Pace:
    """Limits the requests per second to each service, across threads."""

    def __init__(self, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._addresses: dict[Service, str] = {}
        self._next: dict[Service, float] = {}

    def limit(self, service: Service) -> None:
        """Limit the requests to `service` from now on."""
        # Requests normalises addresses, such as the case of the host.
        prepared = requests.Request("GET", service.address.rstrip("/") + "/").prepare()
        with self._lock:
            self._addresses[service] = prepared.url or ""

    def is_service(self, host: str, port: int) -> bool:
        """Return whether a host and its port are those of a service."""
        with self._lock:
            parts = [urlsplit(address) for address in self._addresses.values()]
        usual = {"http": 80, "https": 443}
        return any((one.hostname, one.port or usual.get(one.scheme)) == (host, port) for one in parts)

    def wait(self, url: str) -> None:
        """Wait until the service at `url` accepts the next request."""
        with self._lock:
            now = turn = self._clock()
            for service, address in self._addresses.items():
                if url.startswith(address):
                    turn = max(now, self._next.get(service, 0.0))
                    self._next[service] = turn + 1.0 / service.per_second
        if turn > now:
            self._sleep(turn - now)


class _PacedAdapter(HTTPAdapter):
    """Sends each request when its service accepts it. Redirects within a service count as requests."""

    pace: _Pace

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        self.pace.wait(request.url or "")
        return super().send(request, *arguments, **named)


class _PacedCacheAdapter(CacheAdapter, _PacedAdapter):
    """Answers from the cache at once, and sends other requests as `_PacedAdapter` does.

    CacheAdapter calls `super().send`, which is that of `_PacedAdapter` in this class.
    """


class _TryAgain(Exception):
    """A failure that may be temporary; `pause` is the number of seconds that the service asked for, if any."""

    def __init__(self, problem: str, pause: float | None = None) -> None:
        super().__init__(problem)
        self.problem, self.pause = problem, pause


_exponential = wait_exponential(multiplier=1)  # 1, 2, 4 … seconds


def _next_pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _TryAgain) and error.pause is not None:
        return error.pause
    return _exponential(state)


def _is_last_try(state: RetryCallState) -> bool:
    return state.attempt_number >= TRIES or state.upcoming_sleep > LONGEST_PAUSE


def _text(service: Service, response: requests.Response) -> str:
    """Return the body as text. Raises Unexpected if it is larger than `LARGEST_ANSWER`, unpacked."""
    body = bytearray()
    for part in response.iter_content(64 * 1024):
        body += part
        if len(body) > LARGEST_ANSWER:
            raise Unexpected(f"{service.name} sent more than {LARGEST_ANSWER // 1024**2} MB.")
    encoding = response.encoding if "charset" in response.headers.get("Content-Type", "").lower() else None
    try:
        return bytes(body).decode(encoding or "utf-8", errors="replace")
    except LookupError:
        return bytes(body).decode("utf-8", errors="replace")
