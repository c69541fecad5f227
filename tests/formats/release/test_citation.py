"""How a release is cited, and what Zenodo is given."""

import datetime
from dataclasses import replace
from typing import Any

import pytest

from claims_app.formats.release.about import About, Contents, Creator, is_version
from claims_app.formats.release.citation import NotReady, apa, bibtex, citation_file, zenodo

ABOUT = About(
    version="2026.11",
    moment=datetime.datetime(2026, 11, 28, 9, 30, tzinfo=datetime.UTC),
    base_url="https://claims.example.org",
    schema_version="1.0.0",
    program_version="0.1.0",
    title="Claims on pain & fatigue",
    license="https://creativecommons.org/licenses/by/4.0/",
    creators=("Doe, Jane Ann (0000-0002-1825-0097)", "Roe, Richard", "Pain Study Group"),
)
CONTENTS = Contents({"claims": 3, "studies": 2, "evidence": 4}, {"low": 1, "not_assessed": 2})


def test_in_the_style_of_apa() -> None:
    assert apa(ABOUT) == (
        "Doe, J. A., Roe, R., & Pain Study Group. (2026). Claims on pain & fatigue (Version 2026.11) [Data set]. "
        "Claims. https://claims.example.org/releases/2026.11"
    )


def test_without_creators_the_contributors_are_cited() -> None:
    assert apa(replace(ABOUT, creators=())).startswith("Claims contributors. (2026). ")
    assert '  - name: "Claims contributors"' in citation_file(replace(ABOUT, creators=()))


def test_as_bibtex() -> None:
    entry = bibtex(ABOUT)
    assert entry.startswith(
        "@misc{claims-2026.11,\n  author = {Doe, Jane Ann and Roe, Richard and {Pain Study Group}}"
    )
    assert r"title = {{Claims on pain \& fatigue}}" in entry
    assert "month = nov" in entry


def test_as_a_citation_file() -> None:
    text = citation_file(replace(ABOUT, title='A "title"'))
    assert 'title: "A \\"title\\""' in text
    assert "license: CC-BY-4.0" in text
    assert '    orcid: "https://orcid.org/0000-0002-1825-0097"' in text
    assert '  - family-names: "Roe"\n    given-names: "Richard"\n' in text


def test_a_licence_without_an_identifier_is_named_by_its_address() -> None:
    assert 'license-url: "https://example.org/l"' in citation_file(
        replace(ABOUT, license="https://example.org/l")
    )


def test_for_zenodo() -> None:
    metadata = zenodo(ABOUT, CONTENTS, ["Pain"])["metadata"]
    assert metadata["upload_type"] == "dataset"
    assert metadata["license"] == "cc-by-4.0"
    assert metadata["creators"] == [
        {"name": "Doe, Jane Ann", "orcid": "0000-0002-1825-0097"},
        {"name": "Roe, Richard"},
        {"name": "Pain Study Group"},
    ]
    assert metadata["publication_date"] == "2026-11-28"
    assert "3 claims (low certainty: 1, not assessed: 2)" in metadata["description"]
    assert metadata["keywords"][-1] == "Pain"


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"creators": ()}, "Set CLAIMS_CREATORS"),
        ({"license": None}, "Set CLAIMS_LICENSE"),
        ({"license": "https://example.org/ours"}, "Zenodo has no identifier"),
    ],
)
def test_a_deposit_that_zenodo_would_refuse_is_refused(lacking: dict[str, Any], words: str) -> None:
    with pytest.raises(NotReady, match=words):
        zenodo(replace(ABOUT, **lacking), CONTENTS, [])


@pytest.mark.parametrize(
    ("address", "identifier"),
    [
        ("http://creativecommons.org/licenses/by-nc-sa/4.0", "cc-by-nc-sa-4.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/deed.de", "cc-by-sa-3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc-zero"),
        ("https://opendatacommons.org/licenses/odbl/1-0/", "odc-odbl"),
    ],
)
def test_licences_that_zenodo_knows(address: str, identifier: str) -> None:
    assert zenodo(replace(ABOUT, license=address), CONTENTS, [])["metadata"]["license"] == identifier


def test_creators_are_persons_or_groups() -> None:
    assert Creator.of("Doe, Jane (0000-0002-1825-0097)") == Creator(
        "Doe, Jane", "Doe", "Jane", "0000-0002-1825-0097"
    )
    assert Creator.of("Pain Study Group") == Creator("Pain Study Group")


@pytest.mark.parametrize("text", ["2026.11", "1", "1.0.0-rc.1", "2026-11-28"])
def test_versions(text: str) -> None:
    assert is_version(text)
