"""Files of tagged lines, as RIS and MEDLINE have them: a tag, a hyphen, a value, and lines that go on with it.

One scanner for both, instead of a library: of those for RIS, rispy 0.10 loses a record without a word where its
first or last line is missing or a blank too few stands before the hyphen, and none gives the line that a record
begins on, or its text, which have to be handed back. Time is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from claims_app.formats.references.refusal import LONGEST_RECORD

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


@dataclass
class Block:
    """A record: the line it begins on, where it stands in the text, and its tags with their lines."""

    line: int
    start: int
    end: int = 0
    tags: list[tuple[str, list[str]]] = field(default_factory=list)

    def add(self, tag: str, value: str, end: int) -> None:
        """Begin a tag in a line that ends at `end`."""
        self.end = end
        if end - self.start <= LONGEST_RECORD:
            self.tags.append((tag, [value.strip()]))

    def go_on(self, text: str, end: int) -> None:
        """Add a line, which ends at `end`, to the last tag."""
        self.end = end
        if self.tags and end - self.start <= LONGEST_RECORD:
            self.tags[-1][1].append(text.strip())

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield the tags with their values: lines of one paragraph on one line, paragraphs on lines of their own."""
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
    """Yield each line of `text` as its number, where it begins, what it reads, and where the next one begins."""
    # Not `splitlines`: that takes form feeds and others for line ends, and holds all lines at once.
    position = 0
    number = 1
    while position < len(text):
        found = _LINE.match(text, position)
        assert found is not None
        yield number, position, found.group(1), found.end()
        position = found.end()
        number += 1
