"""A local receiver of webhooks for tests."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Received:
    """A request, and what was sent with it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What was received, and what is answered: a status for each request, and the last one from then on."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [204])
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drips: bool = False
    """Whether the answer goes on for ever, byte by byte."""

    gave_up: threading.Event = field(default_factory=threading.Event)
    """Set once the other side has closed the connection of an answer that drips."""

    @property
    def address(self) -> str:
        """The address that it listens at."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Receive on a free local port while the block runs, encrypted with a `context`."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, dict(self.headers), body))
            statuses = receiver.statuses
            if receiver.drips:
                with suppress(OSError):
                    while not receiver.gave_up.wait(0.01):
                        self.wfile.write(b"X")
                receiver.gave_up.set()
                return
            self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(receiver.body)
            self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that does not trust the certificate is no error of the server."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gave_up.set()
        server.shutdown()
        server.server_close()
        thread.join()
