"""Files of references in: which format it is, and its records, each by itself.

A format is told by what stands in the file, never by its name. One record that cannot be read costs no other: it
comes as `Unreadable`, in its place. The readers take the file apart from its front, a record at a time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

from claims_app.formats.encoding import Decoded, decode
from claims_app.formats.references import bibtex, csl, endnote, medline, pubmed_xml, ris, table
from claims_app.formats.references.refusal import RefusedFile
from claims_app.rules.reference import Reference, Unreadable

__all__ = ["FORMATS", "LARGEST_FILE", "MOST_RECORDS", "ReferenceFile", "RefusedFile", "join", "read"]

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes. With the other two limits it bounds what one file can cost."""
MOST_RECORDS = 50_000
_READERS: tuple[ModuleType, ...] = (pubmed_xml, endnote, csl, ris, medline, bibtex, table)
FORMATS = tuple(str(reader.NAME) for reader in _READERS)
"""What is read, as people call it."""

_FRAMES = {
    pubmed_xml.NAME: ("<PubmedArticleSet>\n", "\n", "\n</PubmedArticleSet>\n"),
    endnote.NAME: ("<xml><records>\n", "\n", "\n</records></xml>\n"),
    csl.NAME: ("[\n", ",\n", "\n]\n"),
    table.NAME: ("", "\n", "\n"),
}
"""What stands before, between and behind the records of a file; blank lines between those of the other formats."""
_HEAD = 100_000
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s{0,5}=\s{0,5}["']([A-Za-z0-9_.-]{1,40})["']""")
_SAFE_CODEC = re.compile(
    r"(?:iso-8859-\d+|windows-125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-(?:jp|kr))", re.I
)


@dataclass(frozen=True)
class ReferenceFile:
    """A file of references: its format and encoding as people call them, whether the latter is a guess, its records.

    `header` is the first line of a table.
    """

    format: str
    encoding: str
    guessed: bool
    records: tuple[Reference | Unreadable, ...]
    header: str = ""


def read(data: bytes) -> ReferenceFile:
    """Return the records in `data`, in their order.

    Raises a ValueError with a sentence for a file that is not read: RefusedFile for one that is too large, unsafe,
    or no list of references, and `encoding.NotText` for one that is no text.
    """
    if len(data) > LARGEST_FILE:
        raise RefusedFile(
            f"This file has {len(data) / 1024**2:,.0f} MB; {LARGEST_FILE // 1024**2} MB can be read at once. Split it."
        )
    decoded = _decode(data)
    head = decoded.text[:_HEAD]
    if not head.strip("\ufeff \t\r\n"):
        raise RefusedFile("This file is empty.")
    for reader in _READERS:
        if reader.recognise(head):
            records = tuple(_bounded(reader.read(decoded.text)))
            if not records:
                raise RefusedFile(f"This looks like {reader.NAME}, but there is no record in it.")
            header = table.header_of(decoded.text) if reader is table else ""
            return ReferenceFile(reader.NAME, decoded.encoding, decoded.guessed, records, header)
    known = ", ".join(FORMATS[:-1])
    raise RefusedFile(
        f"This is no list of references that can be read here. Known are {known} and {FORMATS[-1]}."
    )


def join(name: str, header: str, sources: Iterable[str]) -> Iterator[str]:
    """Yield a file of the format called `name` that has these records in it, as they stood in another one."""
    before, between, after = _FRAMES.get(name, ("", "\n\n", "\n"))
    yield header + before
    for number, source in enumerate(sources):
        yield (between if number else "") + source.strip("\r\n")
    yield after


def _decode(data: bytes) -> Decoded:
    """Return the text, in the encoding that an XML document itself names, if it is one of those still in use."""
    named = _DECLARED.match(data[:200])
    name = named.group(1).decode("ascii").lower() if named else ""
    if _SAFE_CODEC.fullmatch(name):
        try:
            return Decoded(data.decode(name), name.upper(), guessed=False)
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(data)


def _bounded(records: Iterator[Reference | Unreadable]) -> Iterator[Reference | Unreadable]:
    for number, record in enumerate(records):
        if number >= MOST_RECORDS:
            raise RefusedFile(f"This file has more than {MOST_RECORDS:,} records. Split it.")
        yield record
