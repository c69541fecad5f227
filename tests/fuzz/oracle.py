"""What is wrong with an answer, whatever was asked."""

import json
import logging
import re
import traceback
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.fuzz.pages import Page
from tests.fuzz.wire import Answer, Request

HEADERS = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
)
_NO_CONTENT = (204, 304)
_SHORTEST_SENTENCE = 15
_BEFORE_THE_PAGES = 304
"""An answer that a browser adds to the page that it has, with the headers of that page."""


class Errors(logging.Handler):
    """What the program logs as an error meanwhile."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error with the end of its traceback."""
        where = "\n".join(str(getattr(record, "traceback", "")).splitlines()[-12:])
        self.found.append(f"{record.getMessage()}\n{where}".strip())


def faults(request: Request, answer: Answer, logged: list[str]) -> list[str]:
    """Return what is wrong with an answer; the first words of each say what kind of fault it is."""
    if answer.error is not None:
        end = "".join(traceback.format_exception(answer.error)[-4:])
        return [f"raised {type(answer.error).__name__} through the server: {end}"]
    if answer.status >= 500:
        return [f"answered {answer.status}: {' '.join(logged)[-3000:]}"]
    found = [f"logged an error: {each[-2000:]}" for each in logged]
    if answer.status != _BEFORE_THE_PAGES:
        found += [f"has no header {name}" for name in HEADERS if not answer.header(name)]
    kind = answer.header("Content-Type").partition(";")[0]
    if answer.status not in _NO_CONTENT and answer.body and not kind:
        found.append("has no Content-Type")
    if answer.status >= 400 and request.method != "HEAD":
        words = re.sub(r"<[^>]*>|\s+", " ", answer.body.decode("utf-8", "replace"))
        if len(words.strip()) < _SHORTEST_SENTENCE:
            found.append(f"says nothing with {answer.status}: {answer.body[:80]!r}")
    host = next((value for name, value in request.headers if name == "Host"), "localhost")
    if urlsplit(answer.header("Location")).netloc not in ("", host):
        found.append(f"leads away: {answer.header('Location')[:200]}")
    if any(name == "X-Injected" for name, _ in answer.headers):
        found.append("has a header of the request")
    return found + _faults_of_content(kind, answer.body)


def _faults_of_content(kind: str, body: bytes) -> list[str]:
    if not body:
        return []
    if kind == "text/html":
        if b"onx" in body and Page(body).is_broken_into:
            return ["does not escape what was sent"]
        return []
    try:
        if kind.endswith(("/json", "+json")):
            json.loads(body.decode(), parse_constant=_refuse)
        elif kind.endswith(("/xml", "+xml")):
            ElementTree.fromstring(body)
        elif kind.startswith("text/"):
            body.decode()
    except (ValueError, ElementTree.ParseError) as error:
        return [f"is not {kind}: {error}"]
    return []


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
