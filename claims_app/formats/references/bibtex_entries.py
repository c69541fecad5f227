"""Divides BibTeX files into entries, and their values into text.

bibtexparser parses the entries one at a time. Entries that are commented out are skipped, and small slips (a missing
key or comma) are repaired. Abbreviations and concatenation are added (`jan # " 2020"`).
"""

import logging
import re
from collections.abc import Iterator, Mapping

from bibtexparser.exceptions import ParserStateException
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ParsingFailedBlock,
)
from bibtexparser.splitter import Splitter

from claims_app.formats.references import latex
from claims_app.formats.references.refusal import LONGEST_RECORD

# Its messages on standard error become unreadable records here.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

START = re.compile(r"^[ \t\ufeff]*@[ \t]*([A-Za-z]+)[ \t]*[{(]", re.MULTILINE)
"""The beginning of an entry."""
TWICE = (DuplicateBlockKeyBlock, DuplicateFieldKeyBlock)
"""A duplicate key or field does not make an entry unreadable."""

# BibLaTeX skips what is behind a per cent sign between entries, and so does everybody who comments an entry out.
_COMMENTED = re.compile(r"^[ \t]*%[ \t%]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_NO_KEY = re.compile(r"^([ \t\ufeff]*@[ \t]*[A-Za-z]+[ \t]*[{(])(\s*[A-Za-z][\w-]{0,40}\s*=)")
_TWO_COMMAS = re.compile(r",(\s*),(?=\s*[A-Za-z][\w-]{0,40}\s*=)")
_NO_COMMA = re.compile(r"([}\"])([ \t]*\r?\n\s*[A-Za-z][\w-]{0,40}\s*=\s*[{\"0-9])")
_PARENT = re.compile(
    r"""\b(?:crossref|xdata|xref)\s{0,20}=\s{0,20}[{"]?\s{0,20}([^\s{}",%]{1,200})""", re.IGNORECASE
)
_KEY = re.compile(r"@[ \t]*[A-Za-z]+[ \t]*[{(]\s{0,200}([^\s,{}()]{1,200})\s{0,200},")
_LONGEST_EXPANDED = 2_000


def chunks(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start, end and kind of each entry: from one “@” at the start of a line to the next.

    bibtexparser also ends an unclosed entry there. Parsing the entries separately keeps errors apart and saves
    memory.
    """
    previous: tuple[int, str] | None = None
    for found in START.finditer(text):
        if previous:
            yield previous[0], _without_commented(text, previous[0], found.start()), previous[1]
        previous = found.start(), found.group(1).lower()
    if previous:
        yield previous[0], _without_commented(text, previous[0], len(text)), previous[1]


def _without_commented(text: str, start: int, end: int) -> int:
    """Return the end of a chunk before the first entry in it that is commented out."""
    found = _COMMENTED.search(text, start, end)
    return found.start() if found and latex.is_balanced(text[start : found.start()]) else end


def split(source: str) -> tuple[list[Block], bool]:
    """Return the blocks in `source`, and whether a missing key or comma, or one too many, had to be repaired."""
    blocks = Splitter(source).split().blocks
    if any(map(_has_slip, blocks)):
        mended = _NO_KEY.sub(r"\1nokey,\2", source)
        mended = _NO_COMMA.sub(r"\1,\2", _TWO_COMMAS.sub(r",\1", mended))
        again = Splitter(mended).split().blocks
        if not any(isinstance(block, ParsingFailedBlock) for block in again):
            return again, True
    return blocks, False


def _has_slip(block: Block) -> bool:
    if isinstance(block, Entry):
        # Without its comma, a field swallows the next one.
        values = (str(field.value).strip() for field in block.fields)
        return any(not latex.is_group(value) and _NO_COMMA.search(value) for value in values)
    return isinstance(block, ParsingFailedBlock) and not isinstance(block, TWICE)


def parents(text: str) -> dict[str, Entry]:
    """Return the entries that others refer to, by key; they mostly come after them in a file."""
    wanted = {found.group(1).lower() for found in _PARENT.finditer(text)}
    found: dict[str, Entry] = {}
    for start, end, kind in chunks(text) if wanted else ():
        key = _KEY.match(text[start:end].lstrip(" \t\ufeff")[:700])
        if (
            kind == "comment"
            or key is None
            or key.group(1).lower() not in wanted
            or end - start > LONGEST_RECORD
        ):
            continue
        try:
            blocks = Splitter(text[start:end]).split().blocks
        except (ParserStateException, IndexError, ValueError):
            continue
        found |= {block.key.lower(): block for block in blocks if isinstance(block, Entry)}
    return found


def resolve(raw: str, strings: Mapping[str, str]) -> str:
    """Return the value of `raw`: the concatenated pieces in braces, in quotation marks, or given by name."""
    pieces = [piece.strip() for piece in _pieces(raw)]
    values = []
    for piece in pieces:
        if piece[:1] in {"{", '"'} and len(piece) > 1:
            values.append(piece[1:-1])
        else:
            values.append(strings.get(piece.lower(), piece))
    # Nested abbreviations could grow without limit.
    return "".join(values)[: max(len(raw), _LONGEST_EXPANDED)]


def _pieces(raw: str) -> list[str]:
    """Return the pieces between # signs outside of braces and quotation marks."""
    if "#" not in raw:
        return [raw]
    pieces, start, open_now, quoted = list[str](), 0, 0, False
    for found in re.finditer(r'\\.|[{}"#]', raw, re.DOTALL):
        sign = found.group()
        if sign == "#" and open_now == 0 and not quoted:
            pieces.append(raw[start : found.start()])
            start = found.end()
        elif sign == '"' and open_now == 0:
            quoted = not quoted
        else:
            open_now += {"{": 1, "}": -1}.get(sign, 0)
    return [*pieces, raw[start:]]
