"""How preprints are recognised, and that every part of the program recognises the same ones."""

import json

import pytest

from claims_app.formats.references import bibtex, csl, read
from claims_app.rules.papers import Paper
from claims_app.rules.preprints import is_preprint, is_preprint_server, is_preprint_type
from claims_app.rules.reference import Reference

JOURNALS = [
    "bioRxiv : the preprint server for biology",
    "medRxiv",
    "ArXiv",
    "arXiv e-prints",
    "PsyArXiv",
    "SocArXiv",
    "EarthArXiv",
    "ChemRxiv",
    "Research Square",
    "ResearchSquare",
    "SSRN Electronic Journal",
    "Authorea Preprints",
    "OSF",
    "OSF Preprints",
    "Preprints.org",
    "Preprints with The Lancet",
]
DOIS = [
    "10.1101/713495",
    "10.1101/19001234",
    "10.1101/2022.07.07.22276952",
    "10.64898/2025.12.01.123456",
    "10.21203/rs.3.rs-1/v1",
    "10.48550/arXiv.1905.01234",
    "10.20944/preprints202001.0001.v1",
    "10.2139/ssrn.3550308",
    "10.22541/au.158880",
    "10.26434/chemrxiv.123",
    "10.31219/osf.io/abcde",
    "10.31223/x5abc",
    "10.31234/osf.io/abcde",
    "10.31235/osf.io/abcde",
]


@pytest.mark.parametrize("journal", JOURNALS)
def test_a_preprint_server_is_recognised_by_its_name_everywhere(journal: str) -> None:
    assert is_preprint(journal, None)
    assert Paper.of({"journal": journal}).is_preprint
    assert _state(f"TY  - JOUR\nTI  - A\nT2  - {journal}\nER  - \n") == "preprint"


@pytest.mark.parametrize("doi", DOIS)
def test_a_preprint_is_recognised_by_its_doi_everywhere(doi: str) -> None:
    assert is_preprint(None, doi)
    assert Paper.of({"doi": doi}).is_preprint
    assert _state(f"TY  - JOUR\nTI  - A\nDO  - {doi}\nER  - \n") == "preprint"


@pytest.mark.parametrize(
    ("journal", "doi"),
    [
        ("Genome Research", "10.1101/gr.123456.119"),
        ("Archives of Medicine", "10.1000/abc"),
        ("Journal of OSF Studies", None),
        ("Marxiv", None),
        ("", ""),
        (None, None),
    ],
)
def test_other_journals_and_dois_are_not_preprints(journal: str | None, doi: str | None) -> None:
    assert not is_preprint(journal, doi)
    assert not Paper.of({"journal": journal, "doi": doi}).is_preprint


@pytest.mark.parametrize("name", ["arxiv", "bioRxiv", "medrxiv", "OSF", "psyarxiv", "researchsquare"])
def test_an_archive_of_bibtex_is_a_preprint_server(name: str) -> None:
    assert is_preprint_server(name)
    (record,) = bibtex.read(f"@article{{a, title={{A}}, eprint={{1}}, eprinttype={{{name}}}}}")
    assert isinstance(record, Reference)
    assert record.values["publication_state"] == "preprint"


@pytest.mark.parametrize("kind", ["Preprint", " preprint ", "posted-content", "prepublished"])
def test_a_record_type_names_a_preprint(kind: str) -> None:
    assert is_preprint_type(kind)
    (record,) = csl.read(json.dumps([{"type": "article-journal", "genre": kind, "title": "A"}]))
    assert isinstance(record, Reference)
    assert record.values["publication_state"] == "preprint"


@pytest.mark.parametrize("kind", ["", "journal-article", "Preprint article", "print"])
def test_other_record_types_do_not_name_a_preprint(kind: str) -> None:
    assert not is_preprint_type(kind)


def _state(ris: str) -> object:
    (record,) = read(ris.encode()).records
    assert isinstance(record, Reference)
    return record.values["publication_state"]
