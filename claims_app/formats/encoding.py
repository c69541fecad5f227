"""Bytes to text: the encoding of a file, and whether it is certain or a guess.

A byte order mark (Unicode Standard, section 23.8) is certain, and so is valid UTF-8, because text in another
encoding is hardly ever valid UTF-8. Everything else is reported as a guess, with a sample by which a person can tell
whether it is right; what stays doubtful is refused until somebody says the encoding.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from claims_app.formats.encoding_guess import ENCODINGS, codec_of, guess, is_plainly_windows

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
_C1 = re.compile("[\x80-\x9f]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_STRAY = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as decoded with "surrogateescape"


@dataclass(frozen=True)
class Decoded:
    """The text of a file, without byte order mark and with its original line ends.

    `encoding` is the display name of the encoding; `guessed` is whether it is a guess.
    """

    text: str
    encoding: str
    guessed: bool

    @property
    def sample(self) -> str:
        """What surrounds the first character beyond ASCII; empty if there is none."""
        found = _BEYOND_ASCII.search(self.text)
        if found is None:
            return ""
        before = re.split(r"[\r\n]", self.text[max(0, found.start() - 30) : found.start()])[-1]
        after = re.split(r"[\r\n]", self.text[found.start() : found.start() + 60], maxsplit=1)[0]
        return " ".join((before + after).split())


class NotText(ValueError):
    """The file is not text; the message says what it seems to be."""


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Return the text in `data`: in `encoding`, one of `ENCODINGS`, or else in the one that it seems to be in.

    That is UTF-8, UTF-16 or UTF-32, or a guess. UTF-8 with a few stray bytes is read as UTF-8 with these bytes in
    Windows-1252, also as a guess. Raises NotText for a file that is not text, for one with a wrong byte order mark,
    for one that is not in `encoding`, and for one whose encoding stays doubtful.
    """
    if encoding is not None:
        return _decode_as(data, encoding)
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


def _decode_as(data: bytes, encoding: str) -> Decoded:
    name = ENCODINGS[encoding]
    codec = "utf-8-sig" if encoding == "utf-8" else codec_of(encoding)
    if encoding == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _without_mark(data)
    try:
        return Decoded(data.decode(codec), name, guessed=False)
    except UnicodeDecodeError:
        raise NotText(f"This file is not {name} text. Choose another encoding.") from None


def _without_mark(data: bytes) -> Decoded:
    """Return the text of UTF-16 without a mark: of both orders of bytes, the one with more ASCII characters."""
    found = []
    for codec in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        ascii_only = sum(character < "\x7f" for character in text[:_SAMPLE])
        found.append((ascii_only, text))
    for ascii_only, text in sorted(found, reverse=True)[:1]:
        sample = text[:_SAMPLE]
        wrong = sum(
            unicodedata.category(character) in {"Cc", "Cn", "Co"} and character not in "\t\n\r"
            for character in sample
        )
        if ascii_only * 5 > len(sample) and wrong * 50 <= len(sample):
            return Decoded(text, "UTF-16", guessed=True)
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
        western, name = data.decode("windows-1252"), "Windows-1252"
    except UnicodeDecodeError:
        # Five bytes mean nothing there; in Latin-1, they and their neighbours are control characters.
        western, name = data.decode("latin-1"), "Latin-1"
    plainly = is_plainly_windows(_C1.sub("", western))
    if plainly and name == "Windows-1252":
        return Decoded(western, name, guessed=True)
    if best := guess(data):
        return Decoded(best.text, ENCODINGS[best.name], guessed=True)
    if plainly:
        return Decoded(western, name, guessed=True)
    raise NotText(
        "The encoding of this file is not clear. Choose the encoding, or save the file as UTF-8, which most programs "
        "offer."
    )


def _count(data: bytes) -> tuple[int, int]:
    """Return the number of bytes that are not UTF-8, and of non-ASCII letters in the rest."""
    valid = len(data.decode("utf-8", "ignore"))
    return len(data.decode("utf-8", "surrogateescape")) - valid, valid - len(data.translate(None, _HIGH))


def _as_windows(stray: re.Match[str]) -> str:
    byte = bytes([ord(stray.group()) - 0xDC00])
    return byte.decode("windows-1252", "replace")
