"""Bytes become text, and guesses are reported."""

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.encoding import Decoded, NotText, decode

TEXT = "TY  - JOUR\r\nAU  - Müller, Łukasz\r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32"),
    ],
    ids=["plain", "utf-8-mark", "utf-16-le", "utf-16-be", "utf-32-le"],
)
def test_certain_encodings_are_not_guesses(data: bytes, encoding: str) -> None:
    assert decode(data) == Decoded(TEXT, encoding, guessed=False)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_mark_is_a_guess(codec: str) -> None:
    assert decode(TEXT.encode(codec)) == Decoded(TEXT, "UTF-16", guessed=True)


def test_windows_1252_is_a_guess() -> None:
    assert decode("Sjögren’s – naïve".encode("cp1252")) == Decoded(
        "Sjögren’s – naïve", "Windows-1252", guessed=True
    )


def test_bytes_that_windows_1252_does_not_have_are_latin_1() -> None:
    assert decode(b"Sj\xf6gren \x81") == Decoded("Sjögren \x81", "Latin-1", guessed=True)


def test_stray_byte_does_not_affect_the_rest_of_a_utf_8_file() -> None:
    data = "Müller, Sjögren, Häuser, Übeyler".encode() + b" \x96 \xe9"
    assert decode(data) == Decoded("Müller, Sjögren, Häuser, Übeyler – é", "UTF-8", guessed=True)


def test_empty_file_is_empty_text() -> None:
    assert decode(b"") == Decoded("", "UTF-8", guessed=False)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00",
        b"%PDF-1.7\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x1f\x8b\x08",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(range(256)),
        b"\x01\x02\x03\xff" * 50,
        codecs.BOM_UTF16_LE + b"a",
    ],
    ids=["zip", "pdf", "xls", "gzip", "png", "bytes", "controls", "half-utf-16"],
)
def test_other_files_are_refused_with_a_message(data: bytes) -> None:
    with pytest.raises(NotText, match=r"^This .*\.$"):
        decode(data)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf_8_is_decoded(text: str) -> None:
    assert decode(("é" + text).encode()) == Decoded("é" + text, "UTF-8", guessed=False)


@given(st.one_of(st.binary(), st.binary().map(lambda data: codecs.BOM_UTF8 + data)))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    with contextlib.suppress(NotText):
        decode(data).text.encode()
