"""The web server of `claims up`: waitress, which here does not wait for clients that keep it waiting.

Waitress serves each request by one of a few threads once it is complete, so a slow sender holds no thread. But it stops
accepting connections when too many are open, and counts each byte as activity. Here a request has to arrive, and an
answer has to be taken, at a pace that any real connection has; and if many connections are open, the one that has
waited longest makes room for a new one.
"""

import select
import socket
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

CONNECTIONS = 500
"""How many connections are open at a time; a browser keeps up to six."""

PATIENCE = 30.0
"""Seconds that each request and each answer has, however slow the client is."""

SLOWEST = 2_000
"""Bytes in a second at which a client has to send, and to take its answer, after that."""

LOOK_SECONDS = 5
"""How often slow clients are looked for."""


class _Pace:
    """How long something takes that has to go on at a pace."""

    def __init__(self, now: float) -> None:
        self.begun = now
        self._bytes = 0

    def add(self, number: int) -> None:
        self._bytes += number

    def is_too_slow(self, now: float) -> bool:
        return now - self.begun > PATIENCE + self._bytes / SLOWEST


class _Channel(HTTPChannel):  # type: ignore[misc]  # Waitress has no type hints
    """A connection, with the pace of the request that arrives and of the answer that leaves."""

    def __init__(self, server: "Server", *more: Any, **named: Any) -> None:
        self._clock = server.clock
        self.incoming = _Pace(self._clock())
        """The request that arrives or has arrived; before the first one, the connection itself."""

        self._outgoing: _Pace | None = None
        super().__init__(server, *more, **named)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.incoming = _Pace(self._clock())
        self.incoming.add(len(data))
        return bool(super().received(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close=do_close))
        if self._outgoing is not None:
            self._outgoing.add(sent)
        return sent

    def is_too_slow(self, now: float) -> bool:
        """Return whether this client keeps the server waiting for too long."""
        if not self.total_outbufs_len:
            self._outgoing = None
        elif self._outgoing is None:
            self._outgoing = _Pace(now)
        if self._outgoing is not None:
            return self._outgoing.is_too_slow(now)
        return self.request is not None and self.incoming.is_too_slow(now)

    @property
    def is_waiting(self) -> bool:
        """Whether the client has to do the next step: to begin or to complete a request."""
        return not self.requests and not self.total_outbufs_len


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves `app` at a socket that listens."""

    channel_class = _Channel

    def __init__(
        self,
        app: "WSGIApplication",
        listener: socket.socket,
        *,
        threads: int,
        trusts_proxies: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        adjustments = Adjustments(
            sockets=[listener],
            threads=threads,
            ident=None,
            # The application decides whether to trust the headers of proxies; see CLAIMS_PROXIES.
            clear_untrusted_proxy_headers=not trusts_proxies,
            connection_limit=CONNECTIONS + 10,  # with the sockets of the server itself
            cleanup_interval=LOOK_SECONDS,
            asyncore_use_poll=hasattr(select, "poll"),  # select() cannot handle numbers of files above 1023
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        where = (listener.family, listener.type, listener.proto, listener.getsockname())
        super().__init__(
            app, {}, True, listener, dispatcher=dispatcher, adj=adjustments, bind_socket=False, sockinfo=where
        )

    def maintenance(self, now: float) -> None:
        """Close connections that have been idle for long, and those of clients that are too slow."""
        super().maintenance(now)
        moment = self.clock()
        # At once: the socket of a client that takes nothing never becomes writable.
        _close(channel for channel in self._channels() if channel.is_too_slow(moment))

    def handle_accept(self) -> None:
        """Accept a connection; if there are many, the one that has waited longest for its client makes room."""
        channels = self._channels()
        if len(channels) >= CONNECTIONS:
            waiting = (channel for channel in channels if channel.is_waiting)
            _close(sorted(waiting, key=lambda channel: channel.incoming.begun)[:1])
        super().handle_accept()

    def close_connections(self) -> None:
        """Close all connections, which browsers keep open, so that clients notice the end."""
        _close(self._channels())

    def _channels(self) -> list[_Channel]:
        return list(self.active_channels.values())


def _close(channels: Iterable[_Channel]) -> None:
    for channel in channels:
        channel.handle_close()
