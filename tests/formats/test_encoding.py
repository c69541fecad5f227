"""Bytes become text, and guesses are reported."""

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.encoding import Decoded, NotText, decode
from claims_app.formats.encoding_guess import ENCODINGS, codec_of

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


WRITTEN = {
    "windows-1252": "Étude naïve – “quoted” Müller’s £5 ±3 °C µg",
    "windows-1250": "Łódzkie studium bólu, Dvořák",
    "windows-1251": "Исследование боли",
    "mac-roman": "Étude naïve, Müller",
    "windows-1254": "Ağrı çalışması, İstanbul şehri",
    "windows-1253": "Μελέτη του πόνου",
    "koi8-r": "Исследование боли",
    "shift-jis": "線維筋痛症の研究、東京",
    "euc-jp": "線維筋痛症の研究、東京",
    "euc-kr": "섬유근육통 연구 서울",
    "gb18030": "纤维肌痛的研究，北京",
    "big5": "纖維肌痛的研究，臺北",
}


@pytest.mark.parametrize("times", [1, 30])
@pytest.mark.parametrize("encoding", WRITTEN)
def test_encoding_is_guessed_from_few_words(encoding: str, times: int) -> None:
    text = "title,authors,year,doi\n" + f'{WRITTEN[encoding]},"Doe, A",2020,10.5555/enc\n' * times
    found = decode(text.encode(codec_of(encoding)))
    assert (found.encoding, found.guessed) == (ENCODINGS[encoding], True)
    assert found.text == text
    assert WRITTEN[encoding][:12] in found.sample


@pytest.mark.parametrize("encoding", WRITTEN)
def test_encoding_can_be_chosen(encoding: str) -> None:
    text = f"title\n{WRITTEN[encoding]}\n"
    assert decode(text.encode(codec_of(encoding)), encoding) == Decoded(
        text, ENCODINGS[encoding], guessed=False
    )


def test_file_that_is_not_in_the_chosen_encoding_is_refused() -> None:
    with pytest.raises(NotText, match="This file is not UTF-8 text"):
        decode("Müller".encode("cp1252"), "utf-8")


def test_doubtful_encoding_is_refused() -> None:
    with pytest.raises(NotText, match="Choose the encoding"):
        decode("מחקר כאב בקרב חולים".encode("cp1255"))


def test_names_of_many_countries_are_plainly_windows_1252() -> None:
    names = "Müller; Sjögren; Åström; Núñez; Gonçalves; Škoda; Þórsson; Lefèvre; Ødegård; O’Neill; Œuvrard – “naïve”"
    text = f"{names}; Science® at 5 µg/mL × 2; 37°C; PM2•5; n\xa0=\xa05"
    assert decode(text.encode("cp1252")) == Decoded(text, "Windows-1252", guessed=True)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_east_asian_utf_16_without_mark(codec: str) -> None:
    text = "title,year,doi\n纤维肌痛的研究北京纤维肌痛的研究,2020,10.5555/a\n"
    assert decode(text.encode(codec)) == Decoded(text, "UTF-16", guessed=True)
    assert decode(text.encode(codec), "utf-16").text == text


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


@pytest.mark.parametrize("piece", [b"a", b"\xe9", b"a\xe9", b"\xe9 ", b"\xb3a,"])
def test_no_file_takes_long(piece: bytes) -> None:
    with contextlib.suppress(NotText):
        decode(piece * 300_000 + b"\xf3")
