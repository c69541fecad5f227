"""Original records of other programs; `tests/formats/records/README.md` lists their sources."""

from collections.abc import Mapping

import pytest
import rispy

from claims_app.formats.references import read
from claims_app.rules.reference import Reference
from claims_app.rules.schemas.study import STUDY
from tests.formats.references.reading import RECORDS, file

FILES = {
    "fibromyalgia.ris": ("RIS", 63),
    "refman.ris": ("RIS", 1),
    "one-blank.ris": ("RIS", 1),
    "publisher.ris": ("RIS", 1),
    "crlf.ris": ("RIS", 2),
    "pubmed.nbib": ("MEDLINE", 3),
    "pubmed-crlf.nbib": ("MEDLINE", 1),
    "eric.nbib": ("MEDLINE", 3),
    "trial.nbib": ("MEDLINE", 2),
    "retracted.xml": ("PubMed XML", 1),
    "pubmed.xml": ("PubMed XML", 1),
    "pubmed-two.xml": ("PubMed XML", 2),
    "pubmed-preprint.xml": ("PubMed XML", 1),
    "pubmed-book.xml": ("PubMed XML", 1),
    "endnote.xml": ("EndNote XML", 9),
    "bookends.xml": ("EndNote XML", 1),
    "zotero-book.csl.json": ("CSL-JSON", 1),
    "zotero.csl.json": ("CSL-JSON", 2),
    "crossref.json": ("CSL-JSON", 1),
    "mendeley.bib": ("BibTeX", 1),
    "zotero-groups.bib": ("BibTeX", 1),
    "accents.bib": ("BibTeX", 4),
    "names.bib": ("BibTeX", 4),
    "strings.bib": ("BibTeX", 1),
    "inspire-crlf.bib": ("BibTeX", 1),
    "biblatex.bib": ("BibTeX", 4),
    "zotero.csv": ("CSV", 2),
    "pubmed.csv": ("CSV", 1),
    "simple.csv": ("CSV", 1),
}

GOEBEL = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "year": "2021",
    "volume": "131",
    "issue": "13",
    "pages": "e144201",
    "doi": "10.1172/jci144201",
    "publication_state": "published",
}
# Records by file and position, with exactly these fields.
WHOLE: list[tuple[str, int, Mapping[str, object]]] = [
    (
        "refman.ris",
        0,
        {
            "title": "Blood-brain barrier breach following cortical contusion in the rat",
            "authors": ["Baldwin, S.A.", "Fugaccia, I.", "Brown, D.R.", "Brown, L.V.", "Scheff, S.W."],
            "year": "1996",
            "journal": "J.Neurosurg.",
            "volume": "85",
            "pages": "476-481",
            "publication_state": "published",
        },
    ),
    (
        "publisher.ris",
        0,
        {
            "title": "From Basic to Applied Research to Improve Outcomes for Individuals Who Require "
            "Augmentative and Alternative Communication: Potential Contributions of Eye Tracking "
            "Research Methods",
            "authors": ["Light, Janice", "McNaughton, David"],
            "year": "2014",
            "journal": "Augmentative and Alternative Communication",
            "volume": "30",
            "issue": "2",
            "pages": "99-105",
            "doi": "10.3109/07434618.2014.906498",
            "publication_state": "published",
        },
    ),
    (
        "trial.nbib",
        0,
        {
            "title": "Dexamethasone in Hospitalized Patients with Covid-19",
            "authors": ["RECOVERY Collaborative Group", "Horby, Peter", "Lim, Wei Shen"],
            "year": "2021",
            "journal": "The New England journal of medicine",
            "volume": "384",
            "issue": "8",
            "pages": "693-704",
            "doi": "10.1056/nejmoa2021436",
            "pmid": "32678530",
            "pmcid": "PMC7383595",
            "registry_id": "NCT04381936",
            "design": "randomised_trial",
            "species": ["human"],
            "publication_state": "published",
        },
    ),
    (
        "bookends.xml",
        0,
        {
            "title": "Trends in the lifetime risk of developing cancer in Great Britain: comparison of risk for those "
            "born from 1930 to 1960",
            "authors": ["Ahmad, AS", "Sasieni, PD"],
            "year": "2015",
            "journal": "Br J Cancer",
            "volume": "112",
            "issue": "5",
            "pages": "943-7",
            "doi": "10.1038/bjc.2014.606",
            "pmid": "25647015",
            "url": "http://www.ncbi.nlm.nih.gov/pubmed/25647015",
            "publication_state": "published",
        },
    ),
    (
        "crossref.json",
        0,
        {
            **GOEBEL,
            "authors": ["Goebel, Andreas", "Krock, Emerson", "An Example Study Group"],
            "journal": "Journal of Clinical Investigation",
        },
    ),
    (
        "zotero.csl.json",
        0,
        {
            **GOEBEL,
            "authors": ["Goebel, Andreas", "van den Berg, Jan", "Fibromyalgia Research Group"],
            "journal": "Journal of Clinical Investigation",
            "pmid": "34196305",
            "pmcid": "PMC8245181",
            "url": "https://www.jci.org/articles/view/144201",
        },
    ),
    (
        "biblatex.bib",
        0,
        {
            **GOEBEL,
            "title": "Passive Transfer of Fibromyalgia Symptoms: From Patients to Mice",
            "authors": ["Goebel, Andreas", "van den Berg, Jan", "Fibromyalgia Research Group"],
            "journal": "The Journal of Clinical Investigation (Series A)",
            "pmid": "34196305",
        },
    ),
    (
        "zotero.csv",
        0,
        {
            **GOEBEL,
            "authors": ["Goebel, Andreas", "Krock, Emerson", "Fibromyalgia Research Group"],
            "journal": "The Journal of Clinical Investigation",
            "pmid": "34196305",
            "pmcid": "PMC8245181",
            "url": "https://www.jci.org/articles/view/144201",
        },
    ),
    (
        "pubmed.csv",
        0,
        {
            "title": GOEBEL["title"],
            "authors": ["Goebel, A", "Krock, E", "Gentry, C", "de Oliveira Filho, ASB"],
            "year": "2021",
            "journal": "J Clin Invest",
            "volume": "131",
            "issue": "13",
            "pages": "e144201",
            "doi": "10.1172/jci144201",
            "pmid": "34196305",
            "pmcid": "PMC8245181",
            "publication_state": "published",
        },
    ),
]
# Records with these and other fields.
AMONG: list[tuple[str, int, str, object]] = [
    ("one-blank.ris", 0, "doi", "10.1111/j.1755-0998.2009.02750.x"),
    ("one-blank.ris", 0, "year", "2009"),
    ("pubmed.nbib", 0, "species", ["other_animal"]),
    ("pubmed.nbib", 0, "pages", "6913-7"),
    ("pubmed.nbib", 1, "title", "Peutz-Jeghers Syndrome"),
    ("pubmed.nbib", 2, "doi", "10.1016/j.puhe.2015.01.018"),
    ("pubmed-crlf.nbib", 0, "design", "case_series"),
    ("eric.nbib", 0, "authors", ["van Groen, Maaike M.", "Eggen, Theo J. H. M."]),
    ("eric.nbib", 0, "url", "http://eric.ed.gov/?id=EJ1227990"),
    ("pubmed.xml", 0, "species", ["mouse"]),
    ("pubmed.xml", 0, "pages", "e12516"),
    ("pubmed-two.xml", 1, "pmcid", "PMC4495770"),
    ("pubmed-two.xml", 0, "authors", ["More, S J", "Cameron, A R", "Strain, S", "Cashman, W", "Ezanno, P"]),
    ("pubmed-preprint.xml", 0, "publication_state", "preprint"),
    ("pubmed-preprint.xml", 0, "journal", "bioRxiv : the preprint server for biology"),
    ("pubmed-book.xml", 0, "title", "Endocrinology: An Integrated Approach"),
    ("endnote.xml", 1, "authors", ["Dunnett, Nigel", "Kingsbury, Noël"]),
    ("zotero-book.csl.json", 0, "year", "2013"),
    ("zotero.csl.json", 1, "publication_state", "preprint"),
    ("zotero.csl.json", 1, "journal", "medRxiv"),
    ("mendeley.bib", 0, "pages", "493-518"),
    (
        "mendeley.bib",
        0,
        "title",
        "The physical volcanology of the 1600 eruption of Huaynaputina, southern Peru",
    ),
    ("zotero-groups.bib", 0, "pmid", "23439512"),
    ("accents.bib", 0, "authors", ["Naumann, Elias", "Heß, Moritz", "Steinkopf, Leander"]),
    ("accents.bib", 1, "authors", ["Eliáš, Marek", "Matoušek, Jiří"]),
    ("accents.bib", 1, "title", "Higher-order Erdős-Szekeres theorems"),
    ("accents.bib", 2, "authors", ["Önnudóttir, Eva H."]),
    ("accents.bib", 3, "title", "Poczucie jakości życia a swoboda działania i odpowiedzialność"),
    ("names.bib", 0, "authors", ["Abramowitz, Milton", "Stegun, Irene A."]),
    ("names.bib", 2, "authors", ["von Hicks, Michael, III"]),
    ("names.bib", 0, "year", "1964"),
    ("strings.bib", 0, "url", "https://www.zotero.org/"),
    ("inspire-crlf.bib", 0, "doi", "10.1134/s1063778823010131"),
    ("biblatex.bib", 1, "title", "A preprint with 50% more pain & IgG in Árpád's patients"),
    ("biblatex.bib", 1, "publication_state", "preprint"),
    ("biblatex.bib", 3, "title", "What comes after it is read"),
    ("simple.csv", 0, "authors", ["Seefried, S.", "Sommer, C."]),
]


def record(name: str, place: int) -> Reference:
    found = file(name).records[place]
    assert isinstance(found, Reference)
    return found


@pytest.mark.parametrize("name", FILES)
def test_format_and_number_of_records(name: str) -> None:
    found = file(name)
    assert (found.format, len(found.records)) == FILES[name]
    assert (found.encoding, found.guessed) == ("UTF-8", False)


def test_every_file_is_tested() -> None:
    assert {path.name for path in RECORDS.iterdir()} == {*FILES, "README.md"}


@pytest.mark.parametrize(("name", "place", "values"), WHOLE, ids=[name for name, _, _ in WHOLE])
def test_record_has_exactly_these_fields(name: str, place: int, values: Mapping[str, object]) -> None:
    assert dict(record(name, place).values) == values


@pytest.mark.parametrize(
    ("name", "place", "field", "value"),
    AMONG,
    ids=[f"{name}-{place}-{field}" for name, place, field, _ in AMONG],
)
def test_record_has_this_field(name: str, place: int, field: str, value: object) -> None:
    found = record(name, place).values[field]
    assert (found[: len(value)] if isinstance(found, list) and isinstance(value, list) else found) == value


@pytest.mark.parametrize("name", FILES)
def test_values_are_valid_for_a_study(name: str) -> None:
    for found in file(name).records:
        if isinstance(found, Reference):
            for field, value in found.values.items():
                assert STUDY.field(field).clean(value)


@pytest.mark.parametrize("name", FILES)
def test_source_is_the_original_text_at_its_line(name: str) -> None:
    text = (RECORDS / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    lines = text.split("\n")
    for found in file(name).records:
        source = found.source.replace("\r\n", "\n")
        assert source.strip() in text
        first = source.split("\n")[0]
        assert first.strip() in lines[found.line - 1]


# Entries with abbreviations need their definitions, which come before them.
@pytest.mark.parametrize("name", [name for name in FILES if name not in {"strings.bib", "biblatex.bib"}])
def test_records_can_be_written_and_read_again(name: str) -> None:
    found = file(name)
    if found.format == "CSV":
        header = (RECORDS / name).read_bytes().decode("utf-8-sig").splitlines()[0] + "\n"
    else:
        header = "<xml><records>" if found.format == "EndNote XML" else ""
    for whole in found.records:
        if isinstance(whole, Reference):
            (alone,) = read((header + whole.source).encode()).records
            assert isinstance(alone, Reference)
            assert (alone.values, alone.abstract, alone.keywords) == (
                whole.values,
                whole.abstract,
                whole.keywords,
            )


def test_line_is_the_first_line_of_the_record() -> None:
    assert [found.line for found in file("trial.nbib").records] == [1, 35]
    assert [found.line for found in file("crlf.ris").records] == [1, 20]
    assert [found.line for found in file("zotero.csv").records] == [2, 5]
    assert [found.line for found in file("biblatex.bib").records] == [4, 19, 27, 31]
    assert [found.line for found in file("zotero.csl.json").records] == [2, 24]


def test_ris_of_this_project_matches_another_reader() -> None:
    found = file("fibromyalgia.ris").records
    theirs = rispy.loads((RECORDS / "fibromyalgia.ris").read_text(encoding="utf-8"))
    assert len(theirs) == 63
    for mine, other in zip(found, theirs, strict=True):
        assert isinstance(mine, Reference)
        assert mine.values["title"] == other["title"]
        assert mine.values.get("authors", []) == [name.rstrip(",") for name in other.get("authors", [])]
        assert mine.values.get("doi", "") == other.get("doi", "").lower()
        assert mine.values.get("year", "") == other.get("year", "")
        assert mine.values.get("journal", "") == other.get("secondary_title", "")
        assert list(mine.keywords) == other.get("keywords", [])


def test_states_of_the_records_of_this_project() -> None:
    states = [record("fibromyalgia.ris", place).values["publication_state"] for place in range(63)]
    assert {state: states.count(state) for state in set(states)} == {
        "published": 53,
        "preprint": 4,
        "abstract_only": 3,
        "registered": 3,
    }


@pytest.mark.parametrize(("name", "place"), [("trial.nbib", 1), ("retracted.xml", 0)])
def test_retraction_is_reported(name: str, place: int) -> None:
    warnings = record(name, place).warnings
    assert "PubMed lists this study as retracted. Check its standing." in warnings
    assert any("Lancet. 2010 Feb 6;375(9713):445" in warning for warning in warnings)


def test_second_registry_number_is_reported() -> None:
    assert record("trial.nbib", 0).warnings == (
        "Registry number left out (“ISRCTN50189673”). The record also has NCT04381936.",
    )


def test_newer_version_of_a_preprint_is_reported() -> None:
    (warning,) = record("pubmed-preprint.xml", 0).warnings
    assert "PMID: 37385249" in warning


def test_notice_in_crossref_is_reported() -> None:
    assert record("crossref.json", 0).warnings == (
        "Crossref lists a notice (correction): 10.1172/jci999999.",
    )


def test_invalid_values_are_reported() -> None:
    assert set(record("biblatex.bib", 3).warnings) == {
        "Year left out (“in press”). It contains no year.",
        "DOI left out (“not a doi”). Enter a DOI such as 10.1172/JCI144201: it starts with 10. and contains a slash.",
    }


def test_and_others_is_not_an_author() -> None:
    assert record("biblatex.bib", 0).warnings == (
        "The list of authors ends with “and others”, so some are missing.",
    )


def test_abstracts_and_keywords() -> None:
    assert record("crossref.json", 0).abstract == "Fibromyalgia syndrome is characterized by chronic pain."
    assert record("zotero.csv", 0).abstract == 'Two lines,\nand a "quotation".'
    assert record("zotero.csv", 0).keywords == ("mice", "pain")
    assert record("biblatex.bib", 0).keywords == ("pain", "autoantibodies", "mice")
    assert record("refman.ris", 0).keywords[:2] == ("cortical contusion", "blood-brain barrier")
    assert record("pubmed.nbib", 2).keywords[0] == "Abusive head trauma"
