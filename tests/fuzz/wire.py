"""Requests and answers as bytes: nothing mends what is wrong in them, as the test client of Werkzeug would."""

import io
import shlex
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"
BOUNDARY = "----a-boundary"


@dataclass(frozen=True)
class Field:
    """A field of a form; with a file name it is a file, which makes the form one in parts."""

    name: bytes
    value: bytes
    file: bytes | None = None


@dataclass(frozen=True)
class Request:
    """A request, in the pieces of which a reproduction leaves out as many as it can."""

    method: str
    path: str
    """As it is sent: percent-encoded."""
    query: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    content: bytes | None = None
    """The body, unless it is made of the fields."""
    missing: int = 0
    """How many bytes of the body never arrive, or if it is negative, are not announced."""

    @property
    def address(self) -> str:
        """The path with the query."""
        return self.path + ("?" + "&".join(self.query) if self.query else "")

    def body(self) -> tuple[bytes, str | None]:
        """Return the body, and its media type if it is made of the fields."""
        if self.content is not None or not self.fields:
            return self.content or b"", None
        if all(each.file is None for each in self.fields):
            pairs = (f"{quote_from_bytes(each.name)}={quote_from_bytes(each.value)}" for each in self.fields)
            return "&".join(pairs).encode(), FORM
        parts = b"".join(
            b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            % (
                BOUNDARY.encode(),
                each.name.replace(b'"', b"%22"),
                b"" if each.file is None else b'; filename="%s"' % each.file.replace(b'"', b"%22"),
                each.value,
            )
            for each in self.fields
        )
        return parts + b"--%s--\r\n" % BOUNDARY.encode(), f"{PARTS}; boundary={BOUNDARY}"

    def environ(self, source: str) -> dict[str, Any]:
        """Return what a WSGI server makes of this request from the network address `source`."""
        body, kind = self.body()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": "&".join(self.query),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": source,
            "HTTP_HOST": "localhost",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body[: len(body) - self.missing] if self.missing > 0 else body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        if body or self.method not in ("GET", "HEAD"):
            environ["CONTENT_LENGTH"] = str(len(body) + min(0, self.missing))
        if kind:
            environ["CONTENT_TYPE"] = kind
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ

    def command(self) -> str:
        """Return a shell command that sends the request."""
        body, kind = self.body()
        headers = [*self.headers, *([("Content-Type", kind)] if kind else [])]
        named = " ".join("-H " + shlex.quote(f"{name}: {value}") for name, value in headers)
        sent = f"curl -i --path-as-is -X {self.method} {named} {shlex.quote('http://127.0.0.1:8080' + self.address)}"
        if not body:
            return sent
        octal = "".join(
            chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\%'" else f"\\{byte:03o}" for byte in body
        )
        note = f"  # {self.missing} bytes of it do not arrive" if self.missing else ""
        return f"printf '{octal}' | {sent} --data-binary @-{note}"


@dataclass
class Answer:
    """What the program answered, or the error that it raised through the server."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: BaseException | None = None

    def header(self, name: str) -> str:
        """Return the value of a header, or nothing."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), "")


def send(app: "WSGIApplication", request: Request, source: str) -> Answer:
    """Send a request to `app`, and return its whole answer, with any error that it raised."""
    answer = Answer()

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        answer.status, answer.headers = int(status[:3]), headers
        for name, value in headers:
            f"{name}{value}".encode("latin-1")  # as a server does
        return lambda _: None

    try:
        parts = app(request.environ(source), start)
        try:
            answer.body = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()
    except Exception as error:
        answer.error = error
    return answer
