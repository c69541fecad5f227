"""Files of tagged lines, such as RIS and MEDLINE: a tag, a hyphen, a value, and continuation lines.

This scanner serves both formats. Libraries do not fit: rispy 0.10 silently drops a record if its first or last line
is missing or if a blank before a hyphen is missing, and none returns the line number and the text of a record. The
time is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from claims_app.formats.references.refusal import LONGEST_RECORD

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


@dataclass
class Block:
    """A record: its first line, its position in the text, its tags with their lines, and whether its end is marked."""

    line: int
    start: int
    end: int = 0
    tags: list[tuple[str, list[str]]] = field(default_factory=list)
    closed: bool = False

    def add(self, tag: str, value: str, end: int) -> None:
        """Add a new tag from a line that ends at `end`."""
        self.end = end
        if end - self.start <= LONGEST_RECORD:
            self.tags.append((tag, [value.strip()]))

    def go_on(self, text: str, end: int) -> None:
        """Add a line, which ends at `end`, to the last tag."""
        self.end = end
        if self.tags and end - self.start <= LONGEST_RECORD:
            self.tags[-1][1].append(text.strip())

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield the tags with their values, with one line per paragraph."""
        for tag, lines in self.tags:
            yield tag, _flow(lines)


def _flow(lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    paragraphs = [""]
    for line in lines:
        if line:
            paragraphs[-1] += (" " if paragraphs[-1] else "") + line
        elif paragraphs[-1]:
            paragraphs.append("")
    return "\n".join(paragraphs).strip()


def lines_of(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield each line of `text`: its number, its start, its content, and the start of the next line."""
    # Not `splitlines`: that also splits at form feeds and others, and keeps all lines in memory.
    for number, found in enumerate(_LINE.finditer(text), 1):
        start, end = found.span()
        if start < end:  # not the empty match at the end of the text
            yield number, start, found[1], end


def count_lines(text: str, start: int, end: int) -> int:
    """Return the number of line ends of any system in `text` from `start` to `end`."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)
