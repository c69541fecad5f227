"""Local bibliographic services for tests, with prepared responses in the real formats."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from claims_app.lookup.http import Client
from claims_app.services.intake.lookup import Lookup, make_lookup

ANSWERS = Path(__file__).parent / "answers"
CSL = "application/vnd.citationstyles.csl+json"


@dataclass
class Said:
    """A response; with `breaks_off` it is shorter than its Content-Length."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks_off: bool = False


def recorded(name: str, content_type: str = "application/json") -> Said:
    """Return the response in a file."""
    return Said((ANSWERS / name).read_bytes(), content_type=content_type)


@dataclass
class Asked:
    """A request to a service."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


class Services:
    """The responses of the services, and the requests they received."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[Asked] = []
        self.slept: list[float] = []
        self._answers: list[tuple[str, list[Said | Callable[[Asked], Said]]]] = []

    def say(self, path: str, *answers: Said | Callable[[Asked], Said]) -> None:
        """Answer requests whose path begins with `path`: one answer after the other, and the last one from then on.

        A later call takes precedence over an earlier one.
        """
        self._answers.insert(0, (path, list(answers)))

    def answer(self, asked: Asked) -> Said:
        """Record a request, and return the response to it."""
        self.asked.append(asked)
        for path, answers in self._answers:
            if asked.path.startswith(path):
                response = answers.pop(0) if len(answers) > 1 else answers[0]
                return response if isinstance(response, Said) else response(asked)
        return Said("<html>DOI Not Found</html>", 404, "text/html")

    def lookup(self, contact: str | None = "ada@example.org", cache: Path | None = None) -> Lookup:
        """Return the program's clients, with these services and without real pauses."""
        client = Client(contact, cache, sleep=self.slept.append, timeout=(2, 1))
        return make_lookup(contact, cache, self.addresses, client)

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each service."""
        return {name: f"{self.address}/{name}" for name in ("doi", "pubmed", "europe_pmc", "trials")}


@contextmanager
def serving() -> Iterator[Services]:
    """Serve on a free local port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            response = services.answer(Asked(unquote(parts.path), query, dict(self.headers)))
            body = response.body.encode() if isinstance(response.body, str) else response.body
            self.send_response(response.status)
            self.send_header("Content-Type", response.content_type)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (100 if response.breaks_off else 0)))
            self.end_headers()
            with suppress(OSError):  # the client may have closed the connection
                self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *arguments: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    services = Services(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def esearch(count: int) -> Said:
    """Return the response of ESearch to a search with `count` results."""
    result = {
        "count": str(count),
        "retmax": "0",
        "retstart": "0",
        "querykey": "1",
        "webenv": "MCID_1",
        "idlist": [],
    }
    return Said(json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}))
