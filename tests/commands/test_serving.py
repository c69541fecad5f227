"""The server does not wait for clients that keep it waiting, and makes room for those that come."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from waitress import wasyncore

from claims_app.cli import serving
from claims_app.cli.serving import PATIENCE, SLOWEST, Server
from tests.conftest import on_one_database

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

pytestmark = on_one_database

LARGE = b"x" * 12_000_000
"""More than the system keeps for a client that does not read."""


class Served:
    """A server whose main loop runs step by step, by a clock of its own."""

    def __init__(self, listener: socket.socket) -> None:
        self.now = 0.0
        self.address = listener.getsockname()
        self.server = Server(self._answer, listener, threads=1, trusts_proxies=False, clock=lambda: self.now)

    def _answer(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        body = LARGE if environ["PATH_INFO"] == "/large" else b"here"
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def client(self) -> socket.socket:
        """Return a connection that the server has accepted."""
        client = socket.create_connection(self.address)
        client.settimeout(10)
        while client.getsockname() not in self.clients():
            self.step()
        return client

    def clients(self) -> list[object]:
        """Return the addresses of the clients that are connected."""
        return [channel.addr for channel in self.server.active_channels.values()]

    def step(self, times: int = 1) -> None:
        """Let the server do what is due."""
        wasyncore.loop(timeout=0.01, use_poll=True, map=self.server._map, count=times)

    def answer_to(self, client: socket.socket) -> bytes:
        """Ask for a page, and return the answer, which is empty if the connection was closed."""
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        client.setblocking(False)
        while True:
            self.step()
            try:
                return client.recv(4096)
            except BlockingIOError:
                continue

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass, and the server look for slow clients."""
        self.now += seconds
        self.server.maintenance(0)


@pytest.fixture
def served() -> Iterator[Served]:
    """A server at a free port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        served = Served(listener)
        yield served
        served.server.task_dispatcher.shutdown()
        served.server.close_connections()
        served.server.close()


@pytest.mark.parametrize(
    "begun", [b"GET / HTTP/1.1\r\nX-Slow: ", b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n"]
)
def test_a_request_that_does_not_arrive_is_given_up(served: Served, begun: bytes) -> None:
    with served.client() as client:
        client.sendall(begun)
        while not any(channel.request for channel in served.server.active_channels.values()):
            served.step()
        served.pass_seconds(PATIENCE - 1)
        client.sendall(b"x")
        served.step(3)
        assert served.clients()
        served.pass_seconds(2)
        assert not served.clients()
        assert client.recv(1) == b""


def test_a_slow_upload_goes_on_as_long_as_it_moves(served: Served) -> None:
    with served.client() as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n")
        for _ in range(3):
            client.sendall(b"x" * SLOWEST * 40)
            served.step(60)
            served.pass_seconds(30)
        assert served.clients()


def test_an_answer_that_is_not_taken_is_given_up_and_frees_its_thread(served: Served) -> None:
    with served.client() as greedy, served.client() as other:
        greedy.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        while not any(channel.total_outbufs_len for channel in served.server.active_channels.values()):
            served.step()
        served.pass_seconds(0)
        served.pass_seconds(PATIENCE + len(LARGE) / SLOWEST)
        assert len(served.clients()) == 1
        assert b"here" in served.answer_to(other)


def test_who_has_waited_longest_makes_room(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS", 2)
    with served.client() as first, served.client() as second:
        served.now += 1
        assert b"here" in served.answer_to(first)
        with served.client() as third:
            assert b"here" in served.answer_to(third)
            first.setblocking(True)
            assert b"here" in served.answer_to(first)
            assert second.recv(1) == b""


def test_idle_connections_of_browsers_stay_open(served: Served) -> None:
    with served.client() as client:
        assert b"here" in served.answer_to(client)
        served.pass_seconds(PATIENCE * 2)
        assert b"here" in served.answer_to(client)
