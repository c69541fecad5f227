"""Files that people have: real ones in every format that is read, and our own exports; whole, damaged and mixed up."""

import random
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.fuzz import values
from tests.fuzz.site import Site
from tests.fuzz.wire import Request

_REAL = Path(__file__).parents[1] / "formats" / "records"
_OWN = (
    *(f"/{name}.{form}" for name in ("claims", "studies", "evidence") for form in ("csv", "tsv")),
    "/limitations.csv",
    "/appraisals.csv",
    "/matrix.csv",
    "/studies.ris",
    "/studies.bib",
    "/studies.csl.json",
)
_LONGEST = 6_000
"""Bytes of each file: what is damaged is then something that is read."""
_SHORT_OPTIONS = (
    (),
    ("--to-inbox",),
    ("--dry-run",),
    ("--to-inbox", "--claim", "CLM-1"),
    ("--encoding", "utf-16"),
)


class Files:
    """Files to upload and to import."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        files = (file for folder in (_REAL, *folders) for file in sorted(folder.iterdir()))
        self._data = [
            file.read_bytes()[:_LONGEST] for file in files if file.is_file() and file.suffix != ".md"
        ]

    def add_exports(self, site: Site) -> None:
        """Add the exports of a site."""
        for path in _OWN:
            self._data.append(site.send(Request("GET", path)).body[:_LONGEST])

    def any(self, chance: random.Random) -> bytes:
        """Return a file, mostly with something wrong in it."""
        data = chance.choice(self._data)
        way = chance.random()
        if way < 0.3:
            return data
        if way < 0.4:
            other = chance.choice(self._data)
            return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]
        if way < 0.5:
            encoding = chance.choice(
                ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1251", "shift-jis", "utf-7")
            )
            return data.decode("utf-8", "replace").encode(encoding, "replace")
        if way < 0.6:
            lines = data.splitlines(keepends=True)
            chance.shuffle(lines)
            return b"".join(lines)
        for _ in range(chance.choice((1, 3, 10))):
            data = values.changed(chance, data)
        return data


def import_one(site: Site, files: Files, chance: random.Random) -> str | None:
    """Run `claims import` with a file; return what is wrong, with the file, if it does not end with words."""
    data = files.any(chance)
    options: tuple[str, ...] = chance.choice(_SHORT_OPTIONS)
    with tempfile.NamedTemporaryFile(suffix=".any") as file:
        file.write(data)
        file.flush()
        what = ("--retractions", file.name) if chance.random() < 0.1 else (*options, file.name)
        result: Any = site.app.test_cli_runner().invoke(args=["import", *what])
    if result.exit_code in (0, 1, 2) and (
        result.exception is None or isinstance(result.exception, SystemExit)
    ):
        return None
    raised = "".join(traceback.format_exception(result.exception)[-6:])
    return f"claims import {' '.join(what[:-1])} with the bytes {data[:3000]!r}: {result.output[-300:]}\n{raised}"
