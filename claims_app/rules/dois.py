"""Finds the DOI in what people paste and programs write: bare, labelled, in an address, encoded, or in a sentence.

DOI names are case-insensitive and may hold any printable character (ISO 26324; DOI Handbook 2.4), so what is around one
can only be told from habits: publishers append pages and parameters, texts append punctuation.
"""

import re
from urllib.parse import unquote

from claims_app.rules.text import unescape, without_invisible

LONGEST = 2_000
"""Characters of a text that are searched; the longest addresses with a DOI have a few hundred."""

_START = r"10\.[0-9]{4,9}(?:\.[0-9]{1,9}){0,9}"
_FOUND = re.compile(rf"(?<![0-9.]){_START}(?:/|%2[Ff])[^\s\"“”]{{1,400}}")
_WHOLE = re.compile(rf"{_START}/\S+")
_LABEL = re.compile(r"^(?:(?:urn:|info:)?doi\s?[:=]?\s*)+(?=10[./]|https?:)", re.IGNORECASE)
_RESOLVER = re.compile(
    r"^(?:https?://)?(?:(?:dx|www)[.-])?(?:(?:doi|handle)[.-](?:org|net)|hdl\.handle\.net)[^/]*/", re.I
)
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
_SHORT = re.compile(r"^(?:https?://(?:dx\.|www\.)?doi\.org/)?10/[a-z0-9]{3,12}/?$", re.IGNORECASE)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
# Serial item identifiers of the 1990s (SICI) contain <, > and may end with #.
_SICI = re.compile(r"<\d+")
_AFTER = re.compile(
    r"\?|&(?=[a-z_]{1,20}=)|\#(?=[a-z])|;jsessionid=|[,;|](?=https?:|10\.\d{4})|</?[a-z]|[<>]$|<",
    re.IGNORECASE,
)
_AFTER_SICI = re.compile(r"\?|&(?=[a-z_]{1,20}=)|[,;|](?=https?:|10\.\d{4})|</?[a-z]+/?>", re.IGNORECASE)
_TAIL = ".,;:!?\"'”’»…*"
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
# What publishers append to a DOI in the addresses of their pages.
_PAGE = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|pdfplus|pdfdirect|html|xml|meta|summary|extract|fulltext|full-text|full-xml|full-html"
    r"|references|figures|tables|citations|epub|supp-info|suppl_file)){1,5}/?$"
    r"|\.(?:full|abstract|pdf|html?)(?:\.pdf|-text)?$",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(10\.(?:1101|64898)/.+?)v\d{1,2}(?:\.(?:full|abstract|article)[\w.-]*)?$")


def find_doi(text: str) -> str | None:
    """Return the first DOI in `text`, in lower case and without what surrounds it, or None."""
    text = unescape(without_invisible(text[:LONGEST]))
    found = _FOUND.search(text)
    return trim_doi(found.group()) if found else None


def read_doi(text: str) -> str | None:
    """Return the DOI that `text` is: bare, with a label, or an address with a DOI in it. None for other texts."""
    plain = unescape(without_invisible(text[:LONGEST])).strip()
    plain = _LABEL.sub("", plain)
    if _ADDRESS.match(plain) or _RESOLVER.match(plain):
        return find_doi(_RESOLVER.sub("", plain))
    if not re.match(r"10\.", plain) or re.search(r"\s", plain):
        return None
    return trim_doi(plain)


def is_short_doi(text: str) -> bool:
    """Return whether `text` is a short DOI such as 10/abcd, which only its resolver can lengthen."""
    return _SHORT.match(_LABEL.sub("", without_invisible(text).strip())) is not None


def trim_doi(text: str) -> str | None:
    """Return the DOI at the start of `text`, without punctuation or parts of an address; None if there is none."""
    before = None
    while text != before:
        before = text
        if _ESCAPED.search(text):
            text = unescape(unquote(text))
        text = (_AFTER_SICI if _SICI.search(text) else _AFTER).split(text, maxsplit=1)[0]
        text = text.rstrip(_TAIL)
        if text[-1:] in _PAIRS and text.count(text[-1]) > text.count(_PAIRS[text[-1]]):
            text = text[:-1]
        text = _PAGE.sub("", text).rstrip("/")
    if version := _VERSION.fullmatch(text):
        text = version[1]
    text = text.lower()
    return text if _WHOLE.fullmatch(text) and text.isprintable() else None
