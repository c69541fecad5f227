"""Reads files of references: detects the format, and returns the records one by one.

The format is detected from the content, never from the file name. A record that cannot be read does not affect the
others: it is returned as `Unreadable` in its place. The readers go through the file one record at a time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import ModuleType

from claims_app.formats.encoding import Decoded, decode
from claims_app.formats.references import (
    bibtex,
    csl,
    endnote,
    medline,
    pubmed_xml,
    ris,
    table,
    web_of_science,
)
from claims_app.formats.references.refusal import RefusedFile
from claims_app.rules.reference import Reference, Unreadable

__all__ = ["FORMATS", "LARGEST_FILE", "MOST_RECORDS", "ReferenceFile", "RefusedFile", "join", "read"]

LARGEST_FILE = 20 * 1024 * 1024
"""In bytes. Together with the other two limits, it bounds the cost of reading a file."""
MOST_RECORDS = 50_000
_READERS: tuple[ModuleType, ...] = (*(pubmed_xml, endnote, csl, ris, medline, web_of_science, bibtex, table),)
FORMATS = tuple(str(reader.NAME) for reader in _READERS)
"""The names of the formats that can be read."""

_FRAMES = {
    pubmed_xml.NAME: ("<PubmedArticleSet>\n", "\n", "\n</PubmedArticleSet>\n"),
    endnote.NAME: ("<xml><records>\n", "\n", "\n</records></xml>\n"),
    csl.NAME: ("[\n", ",\n", "\n]\n"),
    table.NAME: ("", "\n", "\n"),
}
"""The text before, between and after the records of a file; other formats have blank lines between records."""
_HEAD = 100_000
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,100}?encoding\s{0,5}=\s{0,5}["']([A-Za-z0-9_.-]{1,40})["']"""
    # JabRef, and KBibTeX.
    rb"""|\s{0,5}%\s?Encoding:\s?([A-Za-z0-9_.-]{1,40})|@comment\{x-kbibtex-encoding=([A-Za-z0-9_.-]{1,40})""",
    re.IGNORECASE,
)
_SAFE_CODEC = re.compile(
    r"(?:iso-8859-\d+|windows-125\d|koi8-[ru]|gb2312|gbk|gb18030|big5|shift-jis|euc-(?:jp|kr))", re.I
)


@dataclass(frozen=True)
class ReferenceFile:
    """A file of references: the names of its format and encoding, and its records.

    `guessed` is whether the encoding is a guess; `header` is the header line of a table, and `ignored` are its columns
    that are not read. `sample` shows letters by which a guess can be checked.
    """

    format: str
    encoding: str
    guessed: bool
    records: tuple[Reference | Unreadable, ...]
    header: str = ""
    ignored: tuple[str, ...] = ()
    sample: str = ""


def read(data: bytes, encoding: str | None = None) -> ReferenceFile:
    """Return the records in `data`, in the order of the file; `encoding` is that of the file, if it is known.

    Raises RefusedFile if the file is too large, unsafe or not a list of references, and `encoding.NotText` if it
    is not text; both are ValueErrors with a message for the user.
    """
    if len(data) > LARGEST_FILE:
        raise RefusedFile(
            f"This file has {len(data) / 1024**2:,.0f} MB; the limit is {LARGEST_FILE // 1024**2} MB. Split the file."
        )
    decoded = _decode(data, encoding)
    head = decoded.text[:_HEAD]
    if not head.strip("\ufeff \t\r\n"):
        raise RefusedFile("This file is empty.")
    for reader in _READERS:
        if reader.recognise(head):
            records = tuple(_bounded(reader.read(decoded.text)))
            if not records:
                raise RefusedFile(f"This looks like {reader.NAME}, but it contains no records.")
            found = ReferenceFile(
                reader.NAME,
                decoded.encoding,
                decoded.guessed,
                records,
                sample=decoded.sample if decoded.guessed else "",
            )
            if reader is not table:
                return found
            ignored = tuple(table.ignored(decoded.text))
            return replace(found, header=table.header_of(decoded.text), ignored=ignored)
    known = ", ".join(FORMATS[:-1])
    raise RefusedFile(
        f"This file is not in a supported format. Supported formats are {known} and {FORMATS[-1]}."
    )


def join(name: str, header: str, sources: Iterable[str]) -> Iterator[str]:
    """Yield the text of a file in the format `name` that contains the original texts of these records."""
    before, between, after = _FRAMES.get(name, ("", "\n\n", "\n"))
    yield header + before
    for number, source in enumerate(sources):
        yield (between if number else "") + source.strip("\r\n")
    yield after


def _decode(data: bytes, encoding: str | None) -> Decoded:
    """Return the text, decoded with `encoding`, or with a supported one that the file names in its first line."""
    if encoding is not None:
        return decode(data, encoding)
    named = _DECLARED.match(data[:200])
    name = (named[1] or named[2] or named[3]).decode("ascii").lower().replace("_", "-") if named else ""
    # Java's names in JabRef: ISO8859_2, Cp1252.
    name = re.sub(r"^cp(?=125)", "windows-", re.sub(r"^iso-?(?=8859)", "iso-", name))
    if _SAFE_CODEC.fullmatch(name):
        found = Decoded(data.decode(name, "replace"), name.upper(), guessed=False)
        # A line of a program that did not write the rest of the file, perhaps.
        if "\ufffd" not in found.text and ((named and named[1]) or not _is_utf8(data)):
            return found
    return decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _bounded(records: Iterator[Reference | Unreadable]) -> Iterator[Reference | Unreadable]:
    for number, record in enumerate(records):
        if number >= MOST_RECORDS:
            raise RefusedFile(f"This file has more than {MOST_RECORDS:,} records. Split the file.")
        yield record
