"""Hostile files: any bytes are read or refused quickly, and nothing is fetched or expanded."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims_app.formats import references
from claims_app.formats.references import RefusedFile, latex, read
from claims_app.formats.references.mapping import given as given_value
from claims_app.formats.references.refusal import LONGEST_RECORD
from claims_app.rules.reference import Reference
from claims_app.rules.text import is_visible, one_line
from tests.formats.references.reading import RECORDS, one, refused

BEGINNINGS = {
    "ris": b"TY  - JOUR\n",
    "medline": b"PMID- 1\n",
    "bibtex": b"@article{a,\n",
    "web of science": b"PT J\nTI a\n",
    "pubmed": b"<PubmedArticleSet><PubmedArticle>",
    "endnote": b"<xml><records><record>",
    "json": b"[{",
    "csv": b"title,doi,authors\n",
}
SIGNS = st.text("TYAUERDO -{}[]\"'\\@=,#<>/&;:\n\r\t10.é%$~|", max_size=200).map(str.encode)


def read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        for record in read(data).records:
            # All text must be valid for pages and files.
            str(record).encode()


@given(st.one_of(st.binary(), SIGNS))
@example(b"")
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfe")
@example(b"[")
@example(b'[{"title": "\\ud800", "abstract": "\\udfff", "keyword": "\\u0000"}]')
@example(b"[" * 100_000)
@example(b'{"title":' * 100_000)
@example(b"<xml><records><record>" + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</record>")
@example(b"@article{a, title = {" + b"{" * 20_000 + b"\\'e" + b"}" * 20_000 + b"}}")
@example(b"\n,,\n")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refused(data)


@pytest.mark.parametrize("name", BEGINNINGS)
@given(st.one_of(st.binary(), SIGNS))
def test_any_bytes_after_a_valid_start_are_read_or_refused(name: str, data: bytes) -> None:
    read_or_refused(BEGINNINGS[name] + data)


TITLES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(
    lambda text: is_visible(text) and given_value(text.strip()) and one_line(text)
)
WITH_TITLE: dict[str, Callable[[str], str]] = {
    "ris": lambda title: f"TY  - JOUR\nTI  - {title}\nER  - \n",
    "medline": lambda title: f"PMID- 1\nTI  - {title}\n",
    "bibtex": lambda title: f"@article{{a,\n title = {{{latex.encode(title)}}}\n}}\n",
    "endnote": lambda title: (
        f"<xml><records><record><titles><title>{escape(title)}</title></titles></record></records></xml>"
    ),
    "json": lambda title: json.dumps([{"title": title}]),
    "csv": lambda title: f'title,doi\n"{title.replace(chr(34), chr(34) * 2)}",10.5555/a\n',
}


@pytest.mark.parametrize("name", WITH_TITLE)
@given(TITLES)
@example("<b>")
@example("p < 0.05 & more")
@example(r"$\foo{x}")
@example("et al.")
@example(".")
@example("[.]")
@example("x" * 5000)
def test_no_title_is_lost(name: str, title: str) -> None:
    (record,) = read(WITH_TITLE[name](title).encode()).records
    assert isinstance(record, Reference)
    assert str(record.values["title"]).strip()


FILES = sorted(path.name for path in RECORDS.iterdir() if path.suffix != ".md")


@given(
    st.sampled_from(FILES),
    st.floats(0, 1),
    st.integers(0, 40),
    st.one_of(st.binary(max_size=8), SIGNS),
)
def test_damaged_files_are_read_or_refused(name: str, place: float, gone: int, instead: bytes) -> None:
    data = (RECORDS / name).read_bytes()[:8000]
    at = int(place * len(data))
    read_or_refused(data[:at] + instead + data[at + gone :])


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<xml><records><record><titles><title>&c;</title></titles></record></records></xml>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE PubmedArticleSet [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<PubmedArticleSet><PubmedArticle><MedlineCitation><Article><ArticleTitle>&secret;</ArticleTitle></Article>
</MedlineCitation></PubmedArticle></PubmedArticleSet>"""
PARAMETER = b"""<?xml version="1.0"?>
<!DOCTYPE xml [<!ENTITY % outside SYSTEM "http://example.org/x.dtd"> %outside;]>
<xml><records><record></record></records></xml>"""


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("data", [BOMB, OUTSIDE, PARAMETER], ids=["bomb", "external", "parameter"])
def test_xml_with_entities_is_refused(data: bytes, codec: str) -> None:
    with pytest.raises(RefusedFile, match="declares its own entities"):
        read(data.decode().encode(codec))


def test_document_type_inside_a_record_is_ignored() -> None:
    data = b"<xml><records><record><!DOCTYPE a SYSTEM 'file:///etc/passwd'><title>x</title></record></records></xml>"
    (record,) = refused(data)
    assert "not" in record.reason


def test_undeclared_entity_affects_only_its_record() -> None:
    data = (
        "<xml><records>\n<record><titles><title>&nosuch;</title></titles></record>\n"
        "<record><titles><title>Good &amp; well</title></titles></record></records></xml>"
    )
    bad, good = read(data.encode()).records
    assert bad in refused(data)
    assert isinstance(good, Reference)
    assert good.values["title"] == "Good & well"


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "LARGEST_FILE", 1024 * 1024)
    with pytest.raises(RefusedFile, match="2 MB; the limit is 1 MB"):
        read(b"TY  - JOUR\n" * 200_000)


def test_a_file_of_too_many_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "MOST_RECORDS", 3)
    assert len(read(b"TY  - JOUR\nTI  - a\nER  - \n" * 3).records) == 3
    with pytest.raises(RefusedFile, match="more than 3 records"):
        read(b"TY  - JOUR\nTI  - a\nER  - \n" * 4)


def long_records() -> Iterator[tuple[str, str, str]]:
    much = "a" * LONGEST_RECORD
    yield "ris", f"TY  - JOUR\nTI  - {much}\nER  - \n", "TY  - JOUR\nTI  - short\nER  - \n"
    yield "medline", f"PMID- 1\nTI  - {much}\n\n", "PMID- 2\nTI  - short\n"
    yield "bibtex", f"@article{{a, title = {{{much}}}}}\n", "@article{b, title = {short}}\n"
    yield (
        "endnote",
        f"<xml><records><record><title>{much}</title></record>",
        "<record><titles><title>short</title></titles></record>",
    )
    yield "json", f'[{{"title": "{much}"}},', '{"title": "short"}]'
    yield "csv", "title,doi\n" + ",".join(["aaaaaaaa"] * (LONGEST_RECORD // 8)) + "\n", "short,\n"


@pytest.mark.parametrize(
    ("long", "short"), [pair[1:] for pair in long_records()], ids=[pair[0] for pair in long_records()]
)
def test_an_oversized_record_does_not_affect_others(long: str, short: str) -> None:
    bad, good = read((long + short).encode()).records
    assert not isinstance(bad, Reference)
    assert "1,000,000" in bad.reason
    assert len(bad.source) <= LONGEST_RECORD
    assert isinstance(good, Reference)
    assert good.values["title"] == "short"


SLOW = {
    "open braces": b"@article{a, title = {" + b"{" * 300_000,
    "many ats": b"@article{a, title = " + b"@a " * 100_000,
    "open entries": b"@article{\n" * 20_000,
    "string bomb": b'@string{a = "'
    + b"x" * 1000
    + b'"}\n'
    + b"@string{a = a # a}\n" * 300
    + b"@a{b, title = a}\n" * 20,
    "open records": b"<xml><records>" + b"<record>" * 20_000,
    "doctypes": b"<xml><records><record>" + b"<!DOCTYPE " * 30_000,
    "open arrays": b"[" * 300_000,
    "escaped quotes": b'[{"a":"' + b'\\"' * 150_000,
    "open strings": b'[{"title":"a" ' * 20_000,
    "open cells": b"title,doi\n" + b'a,b\n"x\n' * 20_000,
    "dotted numbers": b"TY  - JOUR\nTI  - a\nDO  - " + b"10.1111.1.1.1" * 30_000,
    "blank lines": b"TY  - JOUR\n" + b"\n" * 300_000,
    "blanks": b" " * 300_000 + b"TY  - JOUR",
    "addresses": b'title,url\nx,"' + b";" * 300_000 + b'"\n',
    "initials": b'title,authors\nx,"' + b"a A, " * 20_000 + b'"\n',
}


@pytest.mark.parametrize("name", SLOW)
def test_time_is_linear_in_the_length(name: str) -> None:
    begun = time.perf_counter()
    read_or_refused(SLOW[name])
    # Quadratic time would take minutes; the limit is far below that and far above linear time.
    assert time.perf_counter() - begun < 20


def test_unknown_format_is_refused_with_the_supported_formats() -> None:
    with pytest.raises(RefusedFile, match=r"^This file is not in a supported format.* BibTeX and CSV\.$"):
        read(b"Dear editor,\nplease find enclosed our manuscript.\n")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\t\n"])
def test_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedFile, match="empty"):
        read(data)


@pytest.mark.parametrize(
    "header", ["study_id,title,doi", '"claim_id","statement"', "\ufeffevidence_id;claim_id"]
)
def test_csv_of_this_database_is_refused(header: str) -> None:
    with pytest.raises(RefusedFile, match="CSV export of this database"):
        read(f"{header}\nSTU-1,a,b\n".encode())


def test_zotero_json_is_named() -> None:
    with pytest.raises(RefusedFile, match="Export the items as CSL JSON"):
        read(b'[{"itemType": "journalArticle", "title": "A", "creators": []}]')


def test_control_characters_are_removed_from_a_title() -> None:
    assert one("TY  - JOUR\nTI  - A\x1e title\x0b\nER  - \n").values["title"] == "A title"
