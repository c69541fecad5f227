"""Splits the abstract of a medical paper into sentences."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?][\"”’')\]]*(?=\s+[\"“‘'(\[]*[A-Z0-9À-Þ])|\n+")
"""A full stop followed by a capital or a number, or the end of a line."""

_NO_END = re.compile(
    r"(?:\b(?:vs|cf|ca|approx|resp|Fig|Figs|No|Nos|Dr|Prof|St|Ref|Refs|Suppl|spp|sp|al|e\.g|i\.e)"
    r"|\b[A-Z]|(?<=[\s(])[pPnN])\.$"
)
"""Abbreviations and initials that do not end a sentence."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence of `text`, without surrounding blanks."""
    start = 0
    for end in _END.finditer(text):
        if end[0][0] != "\n" and _NO_END.search(text, max(start, end.start() - 12), end.start() + 1):
            continue
        yield from _trimmed(text, start, end.end())
        start = end.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield start + len(part) - len(part.lstrip()), start + len(part.rstrip())
