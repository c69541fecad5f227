"""Rejected records can be downloaded as a file, corrected and read again."""

import pytest

from claims_app.formats import references
from claims_app.rules.reference import Reference, Unreadable

FILES = {
    "PubMed XML": (
        "<?xml version='1.0'?><PubmedArticleSet>{}{}{}</PubmedArticleSet>",
        "<PubmedArticle><MedlineCitation><Article><ArticleTitle>%s</ArticleTitle></Article></MedlineCitation>"
        "</PubmedArticle>",
    ),
    "EndNote XML": (
        "<xml><records>{}{}{}</records></xml>",
        "<record><ref-type name='Journal Article'>17</ref-type><titles><title>%s</title></titles></record>",
    ),
    "CSL-JSON": ("[{},{},{}]", '{"type": "article-journal", "title": "%s", "author": [{"family": "Doe"}]}'),
    "RIS": ("{}{}{}", "TY  - JOUR\nTI  - %s\nAU  - Doe, J.\nER  - \n"),
    "MEDLINE": ("{}{}{}", "OWN - NLM\nTI  - %s\nAU  - Doe J\n\n"),
    "BibTeX": ("{}{}{}", "@article{a, title = {%s}, author = {Doe, J}}\n"),
    "CSV": ("Title,Authors,DOI\n{}{}{}", "%s,Doe,\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_corrected_records_are_read_again(name: str) -> None:
    frame, record = FILES[name]
    read = references.read(frame.format(record % "", record % "Fine", record % "").encode())
    assert read.format == name
    sources = [one.source for one in read.records if isinstance(one, Unreadable)]
    assert len(sources) == 2
    handed_back = "".join(references.join(name, read.header, sources))
    empty, mended = (record % "", record % "Mended")
    assert handed_back.count(empty.strip()) == 2
    again = references.read(handed_back.replace(empty.strip(), mended.strip()).encode())
    assert again.format == name
    assert [one.values["title"] for one in again.records if isinstance(one, Reference)] == ["Mended"] * 2
