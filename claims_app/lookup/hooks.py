"""Sends one message to a receiver of a webhook: to the very address that was checked, and no further.

The name of the host is looked up, each address that it has is checked (`rules.hooks.addresses`), and the connection is
made to one of these, so that the name cannot mean another host a moment later (DNS rebinding). The certificate is
still checked for the name. Redirects are not followed, and proxies of the environment are not used: both would lead
elsewhere.
"""

import contextlib
import datetime
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from certifi import where

from claims_app.lookup.headers import PROGRAM, retry_after
from claims_app.rules.hooks.addresses import clean_address, is_public
from claims_app.security_log import SecurityEvent, log_event

SECONDS = 10.0
"""How long a message and its answer may take together."""

_SECONDS_TO_CONNECT = 4.0
_LARGEST_ANSWER = 64 * 1024
"""So many bytes of an answer are read and forgotten; what is longer is cut off."""

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host. Raises OSError."""


@dataclass(frozen=True)
class Reply:
    """The HTTP status of an answer, and the pause that the receiver asked for, if any."""

    status: int
    pause: datetime.timedelta | None = None


class NotSent(Exception):
    """There was no answer; the text says why, as part of a sentence."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the IP addresses of a host, in the order in which the system would try them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private_allowed: bool,
    resolve: Resolve = resolve,
    seconds: float = SECONDS,
) -> Reply:
    """Send `body`, which is JSON, and return the reply. Raises NotSent.

    Private addresses and http:// are refused unless they are allowed.
    """
    try:
        parts = urlsplit(clean_address(address, private_allowed=private_allowed))
    except ValueError as refused:
        raise NotSent(f"the address is not allowed. {str(refused).rstrip('.')}") from None
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _checked(host, port, private_allowed, resolve)
    context = _context() if parts.scheme == "https" else None
    connection = _Connection(host, port, found, context, time.monotonic() + seconds)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    sent = {"Content-Type": "application/json", "User-Agent": PROGRAM, "Connection": "close", **headers}
    with _cut_off(connection, seconds) as late:
        try:
            connection.request("POST", target, body, sent)
            response = connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotSent(f"no answer within {seconds:g} seconds" if late.is_set() else _why(error)) from None
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            response.read(_LARGEST_ANSWER)
    asked = retry_after(response.headers.get("Retry-After", ""))
    return Reply(response.status, None if asked is None else datetime.timedelta(seconds=asked))


def _checked(host: str, port: int, private_allowed: bool, resolve: Resolve) -> Sequence[str]:
    """Return the IP addresses of a host. Raises NotSent if it has none, or one that is not public."""
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise NotSent(f"the host {host} was not found")
    if not private_allowed and not all(map(is_public, found)):
        log_event(SecurityEvent.OUTGOING_REFUSED, host=host)
        raise NotSent(f"{host} is at a private address, to which nothing is sent")
    return found


def _context() -> ssl.SSLContext:
    """Return what checks certificates: by the authorities of the system, and by those of Certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(where())
    return context


class _Connection(http.client.HTTPConnection):
    """A connection to one of the given IP addresses; the name of the host is only sent and checked."""

    def __init__(
        self, host: str, port: int, addresses: Sequence[str], context: ssl.SSLContext | None, deadline: float
    ) -> None:
        super().__init__(host, port)
        self.default_port = 443 if context else 80  # the header Host leaves it out
        self._addresses = addresses
        self._tls = context
        self._deadline = deadline
        self.sock: Any = None

    def connect(self) -> None:
        """Connect to the first of the addresses that accepts a connection. Raises OSError."""
        refused: OSError = OSError("no address")
        for address in self._addresses[:4]:
            try:
                seconds = min(_SECONDS_TO_CONNECT, self._left())
                self.sock = socket.create_connection((address, self.port), seconds)
                break
            except OSError as error:
                refused = error
        else:
            raise refused
        self.sock.settimeout(self._left())
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(
                self.sock, server_hostname=self.host.strip("[]"), do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError if there are none."""
        if (left := self._deadline - time.monotonic()) <= 0:
            raise TimeoutError
        return left


@contextlib.contextmanager
def _cut_off(connection: _Connection, seconds: float) -> Iterator[threading.Event]:
    """Close the connection at the end of the block, or after so many seconds, and then set the event.

    The timeout of a socket begins anew with each byte, so that a receiver could keep us waiting for hours.
    """
    late = threading.Event()

    def cut() -> None:
        late.set()
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        connection.close()


def _why(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid ({error.verify_message})"
        case ssl.SSLError():
            return "no encrypted connection is possible"
        case TimeoutError():
            return "no connection in time"
        case ConnectionRefusedError():
            return "it refused the connection"
        case OSError():
            return "the connection was lost"
    return "the answer is not HTTP"
