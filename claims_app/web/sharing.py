"""Cross-origin reading: pages of other sites may read the API and the files, as anybody can, but nothing personal.

A browser does not let them read an answer to a request with a cookie, since no answer allows credentials, and no
write is ever allowed (Fetch standard, CORS protocol).
"""

from flask import Flask, Response, request

from claims_app.formats.release.about import SUMS
from claims_app.web.methods import READS

FILES = frozenset(
    (
        *(
            "bib",
            "cff",
            "csv",
            "json",
            "jsonl",
            "jsonld",
            "md",
            "parquet",
            "ris",
            "sqlite",
            "svg",
            "trig",
            "tsv",
            "ttl",
        ),
        *("xlsx", "zip"),
    )
)
"""The ends of the names of files that other sites may read."""

_EXPOSED = (
    "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Content-Disposition, X-Row-Count, X-Total-Count, "
    "Accept-Ranges, Content-Range"
)
_ALLOWED = "If-None-Match, If-Range, Range"
"""What a program in a browser may send: it reads Parquet and SQLite in parts."""


def register(app: Flask) -> None:
    """Let other sites read the API and the files of `app`."""
    app.after_request(_share)


def _share(response: Response) -> Response:
    if request.method in READS and is_shared(request.path):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = ", ".join(READS)
            response.headers["Access-Control-Allow-Headers"] = _ALLOWED
            response.headers["Access-Control-Max-Age"] = "86400"
    return response


def is_shared(path: str) -> bool:
    """Return whether other sites may read what is at a path."""
    if path.startswith("/api/v1/"):
        return True
    name = path.rpartition("/")[2]
    return name == SUMS or ("." in name and name.rpartition(".")[2] in FILES)
