"""Bytes to text: the encoding of a file, and whether it is certain or a guess.

A byte order mark (Unicode Standard, section 23.8) is certain, and so is valid UTF-8, because text in another
encoding is hardly ever valid UTF-8. Everything else is reported as a guess.
"""

import codecs
import re
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    # Before UTF-16, because its mark starts with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "a zip file or a spreadsheet (.xlsx, .ods). Open it and save it as text"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.xls, .doc). Open it and save it as text"),
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a compressed file. Unpack it first"),
)
_SAMPLE = 64 * 1024
_HIGH = bytes(range(128, 256))
_STRAY = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as decoded with "surrogateescape"


@dataclass(frozen=True)
class Decoded:
    """The text of a file, without byte order mark and with its original line ends.

    `encoding` is the display name of the encoding; `guessed` is whether it is a guess.
    """

    text: str
    encoding: str
    guessed: bool


class NotText(ValueError):
    """The file is not text; the message says what it seems to be."""


def decode(data: bytes) -> Decoded:
    """Return the text in `data`: UTF-8, UTF-16 or UTF-32, else Windows-1252 or Latin-1 as a guess.

    UTF-8 with a few stray bytes is read as UTF-8 with these bytes in Windows-1252, also as a guess. Raises NotText
    for a file that is not text, and for one with a wrong byte order mark.
    """
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            try:
                return Decoded(data[len(mark) :].decode(codec), name, guessed=False)
            except UnicodeDecodeError:
                if codec == "utf-8":
                    break
                raise NotText(f"This file is marked as {name} text but is not valid {name}.") from None
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise NotText(f"This is {what}.")
    if b"\0" in data:
        return _without_mark(data)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8", guessed=False)
    except UnicodeDecodeError:
        return _guess(data)


def _without_mark(data: bytes) -> Decoded:
    """Return the text of UTF-16 without a mark, in which every second byte of Latin text is NUL."""
    sample = data[:_SAMPLE]
    pairs = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros * 2 > pairs and others * 20 < zeros:
            try:
                return Decoded(data.decode(codec), "UTF-16", guessed=True)
            except UnicodeDecodeError:
                break
    raise NotText("This file is not text.")


def _guess(data: bytes) -> Decoded:
    """Return the text of bytes that are neither UTF-8 nor UTF-16."""
    sample = data[:_SAMPLE]
    controls = sum(sample.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r\x1a\x1b")
    if controls * 50 > len(sample):
        raise NotText("This file is not text.")
    strays, letters = _count(data)
    # Single-byte text hardly ever looks like UTF-8. If most non-ASCII letters do, it is damaged UTF-8.
    if letters > strays:
        mixed = data.decode("utf-8", "surrogateescape")
        return Decoded(_STRAY.sub(_as_windows, mixed), "UTF-8", guessed=True)
    try:
        return Decoded(data.decode("windows-1252"), "Windows-1252", guessed=True)
    except UnicodeDecodeError:
        return Decoded(data.decode("latin-1"), "Latin-1", guessed=True)


def _count(data: bytes) -> tuple[int, int]:
    """Return the number of bytes that are not UTF-8, and of non-ASCII letters in the rest."""
    valid = len(data.decode("utf-8", "ignore"))
    return len(data.decode("utf-8", "surrogateescape")) - valid, valid - len(data.translate(None, _HIGH))


def _as_windows(stray: re.Match[str]) -> str:
    byte = bytes([ord(stray.group()) - 0xDC00])
    return byte.decode("windows-1252", "replace")
