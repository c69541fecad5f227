"""Studies are the same after writing and reading."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims_app.formats.references import bibtex, csl, latex, ours, read, ris
from claims_app.formats.references.citation import Citation
from claims_app.formats.references.mapping import given as given_value
from claims_app.formats.references.mapping import tidy_pages
from claims_app.rules import markup, names
from claims_app.rules.reference import Reference
from claims_app.rules.schemas.study import STUDY
from claims_app.vocabulary import PublicationState, Species, Standing, StudyDesign

Writer = Callable[[Iterable[Citation]], Iterator[str]]
WRITERS: dict[str, Writer] = {"RIS": ris.write, "BibTeX": bibtex.write, "CSL-JSON": csl.write}


def texts(name: str, alphabet: str | None = None) -> st.SearchStrategy[str]:
    """Texts in the stored form of the field `name`."""
    letters = st.text(alphabet or st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
    return letters.map(lambda text: cleaned(name, text)).filter(lambda text: text != "")


def cleaned(name: str, value: object) -> Any:
    try:
        return STUDY.field(name).parse(value) or ""
    except ValueError:
        return ""


SIGNS = "\\{}$&%#_~^-'`\"!?,;=@<>|[]() abé"
PARTS = "Doe|Anna|van der Berg|O’Roe|A.|B C|Jr.|III|de|Ütö|Group|Liu R.|King, Martin, Jr.|King, Jr., Martin|Doe,Anna"
AUTHORS = st.one_of(
    texts("title"),
    texts("title", SIGNS),
    texts("title", "ab and, "),
    st.just("World Health Organization"),
    st.lists(st.sampled_from(PARTS.split("|")), min_size=1, max_size=3).map(", ".join),
    st.lists(st.sampled_from(PARTS.split("|")), min_size=1, max_size=3).map(" ".join),
).filter(
    # A name without a letter is a mistake, and what is left of it differs between formats.
    lambda name: (
        any(map(str.isalpha, name))
        and names.split_names(name, commas=name.count(",") > 1).names == [names.tidy_name(name)]
    )
)
# “NA” is nothing, and “<i>” is mark-up, in files of other programs.
TITLES = st.one_of(texts("title"), texts("title", SIGNS)).filter(
    lambda text: markup.is_plain(text) and given_value(text)
)


def plain(name: str, alphabet: str) -> st.SearchStrategy[str]:
    return texts(name, alphabet).filter(lambda text: text == tidy_pages(given_value(text)))


STUDIES = st.fixed_dictionaries(
    {
        "title": TITLES,
        "publication_state": st.sampled_from(PublicationState),
        "standing": st.sampled_from(Standing),
    },
    optional={
        "authors": st.lists(AUTHORS, min_size=1, max_size=4),
        "year": st.integers(1500, 2099),
        "journal": TITLES,
        "volume": plain("volume", SIGNS),
        "issue": plain("issue", SIGNS),
        "pages": st.one_of(plain("pages", "12e-– "), plain("pages", SIGNS)),
        "doi": texts("journal", "a1<>()_%#-;/")
        .map(lambda text: cleaned("doi", f"10.1234/{text}"))
        .filter(bool),
        "pmid": st.integers(1, 999_999_999).map(str),
        "pmcid": st.integers(1, 999_999_999).map("PMC{}".format),
        "registry_id": st.sampled_from(["NCT05643794", "ISRCTN12345678", "CRD42020123456"]),
        "design": st.sampled_from(StudyDesign),
        "species": st.lists(st.sampled_from(Species), min_size=1, unique=True),
        "group": st.one_of(texts("group"), texts("group", SIGNS)),
        "standing_date": st.dates(datetime.date(1900, 1, 1)),
        "url": texts("journal", "ab/._~%#&?=-").map(
            lambda text: "https://example.org/" + text.replace(" ", "")
        ),
    },
)


def expected(study: dict[str, Any]) -> dict[str, Any]:
    """The values of a study in a file: as text, without defaults, and with the names of people in one form."""
    usual = {"standing": "current"}
    if "authors" in study:
        study = {**study, "authors": [names.tidy_name(name) for name in study["authors"]]}
    return {
        name: [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in study.items()
        if usual.get(name) != value
    }


def there_and_back(write: Writer, studies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    citations = [Citation(f"STU-{number}", study) for number, study in enumerate(studies, 1)]
    found = read("".join(write(citations)).encode())
    assert all(isinstance(record, Reference) and not record.warnings for record in found.records), (
        found.records
    )
    return [dict(record.values) for record in found.records if isinstance(record, Reference)]


@pytest.mark.parametrize("name", WRITERS)
@given(studies=st.lists(STUDIES, min_size=1, max_size=3))
@example(
    studies=[
        {"title": "“a”--b ''c'' 50% {x}\\ $1 & 2", "standing": "current", "publication_state": "published"}
    ]
)
@example(
    studies=[
        {
            "title": "The whole",
            "authors": [
                "Goebel, A",
                "van der Berg, Jan",
                "Smith, Jr, John",
                "Kidney and Liver Group",
                "WHO",
                "Lab, A and B",
                "Carberry, J 0000-0002-1825-0097",
                "Carberry 0000-0002-1825-0090",
                "Liu R.",
                "Doe,Anna",
                "King, Martin, Jr.",
            ],
            "year": 2021,
            "journal": "Pain",
            "volume": "131",
            "issue": "13 Suppl 2",
            "pages": "123-30",
            "doi": "10.1002/(sici)1097-0258(19980815/30)17:15<1661::aid-sim968>3.0.co;2-2",
            "url": "https://example.org/a_b%20c#d",
            "pmid": "34196305",
            "pmcid": "PMC8245181",
            "registry_id": "NCT05643794",
            "design": StudyDesign.RANDOMISED_TRIAL,
            "species": [Species.HUMAN, Species.MOUSE],
            "group": "Liverpool; design=none",
            "standing": Standing.RETRACTED,
            "standing_date": datetime.date(2024, 2, 29),
            "publication_state": PublicationState.PREPRINT,
        }
    ]
)
@example(
    studies=[
        {
            "title": "A",
            "journal": "bioRxiv",
            "standing": "current",
            "publication_state": PublicationState.PUBLISHED,
        }
    ]
)
def test_studies_are_restored(name: str, studies: list[dict[str, Any]]) -> None:
    back = there_and_back(WRITERS[name], studies)
    assert back == [expected(study) for study in studies]
    assert read("".join(WRITERS[name]([Citation("STU-1", studies[0])])).encode()).format == name


@pytest.mark.parametrize("name", WRITERS)
def test_empty_file_is_complete(name: str) -> None:
    text = "".join(WRITERS[name]([]))
    assert text == ("[]\n" if name == "CSL-JSON" else "")


@given(st.one_of(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.text(SIGNS)))
def test_latex_is_restored(text: str) -> None:
    assert latex.decode(latex.encode(text)) == text


@given(st.text(SIGNS))
def test_verbatim_text_is_restored(text: str) -> None:
    assert latex.decode_verbatim(latex.encode_verbatim(text)) == text


@given(st.text())
def test_other_notes_are_ignored(text: str) -> None:
    assert ours.read(text) == {} or ours.MARK in text


@pytest.mark.parametrize("name", WRITERS)
def test_an_orcid_is_not_part_of_a_name(name: str) -> None:
    study = {
        "title": "A",
        "authors": ["Goebel, A", "Carberry, Josiah 0000-0002-1825-0097"],
        "species": ["human"],
    }
    text = "".join(WRITERS[name]([Citation("STU-1", study)]))
    assert "orcids=2:0000-0002-1825-0097" in text
    assert "Josiah 0000" not in text


def test_ris_is_written_for_reference_managers() -> None:
    study = {
        "title": "A title",
        "authors": ["Goebel, A"],
        "year": 2021,
        "journal": "Pain",
        "pages": "1-9",
        "pmid": "12",
    }
    assert "".join(ris.write([Citation("STU-1", study)])) == (
        "TY  - JOUR\r\nID  - STU-1\r\nTI  - A title\r\nAU  - Goebel, A\r\nPY  - 2021\r\nT2  - Pain\r\nSP  - 1\r\n"
        "EP  - 9\r\nM2  - PMID: 12\r\nER  - \r\n\r\n"
    )


def test_bibtex_is_written_for_latex() -> None:
    study = {"title": "50% of A", "authors": ["Goebel, A", "A and B"], "pages": "1-9", "doi": "10.1/a_b"}
    assert "".join(bibtex.write([Citation("STU-1", study)])) == (
        "@article{STU-1,\n  title = {{50\\% of A}},\n  author = {Goebel, A and {A and B}},\n  pages = {1--9},\n"
        "  doi = {10.1/a_b}\n}\n\n"
    )
