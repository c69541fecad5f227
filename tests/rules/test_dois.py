"""DOIs are found in every form in which people and programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.dois import find_doi, is_short_doi, read_doi
from claims_app.rules.identifiers import normalise_doi, normalise_pmcid, normalise_pmid


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.5555/f.1.", "10.5555/f.1"),
        ("10.5555/f.2,", "10.5555/f.2"),
        ("(10.5555/f.2)", None),
        ("doi: 10.5555/f.2;", "10.5555/f.2"),
        ("DOI:https://doi.org/10.5555/f.2", "10.5555/f.2"),
        ("info:doi/10.5555/f.2", None),
        (
            "https://doi.org/10.5555/(sici)1097%281998%291%3C2::aid%3E3.0;2-2",
            "10.5555/(sici)1097(1998)1<2::aid>3.0;2-2",
        ),
        ("10.5555/(SICI)1097(1998)1&lt;2::AID&gt;3.0;2-2", "10.5555/(sici)1097(1998)1<2::aid>3.0;2-2"),
        ("10.5555/(SICI)1097(1998)1<2::AID>3.0.CO;2-#", "10.5555/(sici)1097(1998)1<2::aid>3.0.co;2-#"),
        ("https://doi.org/10.5555/f.5?utm_source=x", "10.5555/f.5"),
        ("https://doi.org/10.5555/f.5#abstract", "10.5555/f.5"),
        ("10.5555/f.6\u200b", "10.5555/f.6"),
        ("\u202a10.5555/f.7\u202c", "10.5555/f.7"),
        ("\ufeff10.5555/f\u00ad.7", "10.5555/f.7"),
        ("\u00a010.5555/f.7\u00a0", "10.5555/f.7"),
        ("https://example.org/doi/10.5555/f.9/full", "10.5555/f.9"),
        ("10.5555/f.9/pdf", "10.5555/f.9"),
        ("https://example.org/article?id=10.5555/f.9&type=printable", "10.5555/f.9"),
        ("https://example.org/inward?eid=2&doi=10.5555%2ff.9&partnerID=40", "10.5555/f.9"),
        ("https://doi-org.proxy.example.edu/10.5555/f.9", "10.5555/f.9"),
        ("www.example.org/content/10.5555/f.9.pdf", "10.5555/f.9"),
        ("10.5555/f.9<br/>", "10.5555/f.9"),
        ("10.5555/f.9,10.5555/f.10", "10.5555/f.9"),
        ("10.5555/a b", None),
        ("https://example.org/a", None),
        ("10/abcd", None),
    ],
)
def test_a_doi_in_any_form_has_one_stored_form(text: str, doi: str | None) -> None:
    assert read_doi(text) == doi


def test_a_doi_is_found_in_a_sentence() -> None:
    assert find_doi("See (doi:10.5555/Abc.1), and 2110.5555/x.") == "10.5555/abc.1"
    assert find_doi("Nothing here: 10.55/x") is None


@pytest.mark.parametrize("text", ["10/abcd", "doi:10/ABCD", "https://doi.org/10/abcd"])
def test_a_short_doi_is_refused_by_its_name(text: str) -> None:
    assert is_short_doi(text)
    with pytest.raises(ValueError, match="This is a short DOI"):
        normalise_doi(text)


SIGNS = (
    "10.1000/ 10.5555/ a . , ) ( < > <1 % %2F %25 &lt; & ? # /full .pdf v1 \u200b \u202a doi: https://doi.org/ é // ; "
    "amp; html [ ]"
)
PIECES = st.sampled_from([" ", *SIGNS.split()])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_the_stored_form_is_final(text: str) -> None:
    for doi in (read_doi(text), find_doi(text)):
        assert doi is None or read_doi(doi) == find_doi(doi) == doi


@pytest.mark.parametrize(
    "text",
    [
        "34196305.",
        "34196305,",
        "34196305.0",
        "\u200e34196305\u200b",
        "PMID 34196305",
        "PUBMED 34196305",
        "MEDLINE:34196305",
        "34196305 [PMID]",
        "https://pubmed.ncbi.nlm.nih.gov/34196305/?from_term=pain",
        "https://www.ncbi.nlm.nih.gov/pubmed/?term=34196305",
        "http://europepmc.org/article/MED/34196305",
    ],
)
def test_a_pubmed_number_in_any_form(text: str) -> None:
    assert normalise_pmid(text) == "34196305"


@pytest.mark.parametrize(
    "text",
    [
        "PMC8245181.1",
        "PMC8245181.",
        "PMC8245181 [PMCID]",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC8245181/pdf/main.pdf",
        "https://europepmc.org/articles/PMC8245181?pdf=render",
    ],
)
def test_a_pubmed_central_number_in_any_form(text: str) -> None:
    assert normalise_pmcid(text) == "PMC8245181"
