"""Identifiers: one stored form for everything that people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules import identifiers
from claims_app.vocabulary import RecordType


@pytest.mark.parametrize(
    "pasted",
    [
        "10.1172/JCI144201",
        "10.1172/jci144201",
        " doi:10.1172/JCI144201 ",
        "DOI 10.1172/JCI144201",
        "https://doi.org/10.1172/JCI144201",
        "http://dx.doi.org/10.1172/JCI144201",
    ],
)
def test_a_doi_is_stored_in_lower_case_without_a_resolver(pasted: str) -> None:
    assert identifiers.normalise_doi(pasted) == "10.1172/jci144201"


@pytest.mark.parametrize(
    "text", ["", "JCI144201", "10.1172", "10.1172/", "11.1172/x", "10.12/x", "10.1172/a b", "10.١٢٣٤/x"]
)
def test_an_invalid_doi_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as 10"):
        identifiers.normalise_doi(text)


@pytest.mark.parametrize(
    "pasted", ["34196305", "PMID: 34196305", "https://pubmed.ncbi.nlm.nih.gov/34196305/", "pmid34196305"]
)
def test_a_pubmed_number_is_stored_as_digits(pasted: str) -> None:
    assert identifiers.normalise_pmid(pasted) == "34196305"


@pytest.mark.parametrize("text", ["0", "012", "PMC8245181", "3419630500", "abc", "34 19"])
def test_an_invalid_pubmed_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 34196305"):
        identifiers.normalise_pmid(text)


@pytest.mark.parametrize(
    "pasted",
    ["PMC8245181", "pmc8245181", "https://pmc.ncbi.nlm.nih.gov/articles/PMC8245181/", "PMCID: PMC8245181"],
)
def test_a_pubmed_central_number_keeps_its_letters(pasted: str) -> None:
    assert identifiers.normalise_pmcid(pasted) == "PMC8245181"


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("nct05643794", "NCT05643794"),
        (" NCT 05643794", "NCT05643794"),
        ("ISRCTN12345678", "ISRCTN12345678"),
        ("2019-001234-12", "2019-001234-12"),
        ("drks00012345", "DRKS00012345"),
    ],
)
def test_a_registry_number_is_stored_in_capitals(pasted: str, stored: str) -> None:
    assert identifiers.normalise_registry_id(pasted) == stored


@pytest.mark.parametrize("text", ["NCT0564379", "12345678", "NCT", "trial 7", "NCT٠٥٦٤٣٧٩٤"])
def test_an_invalid_registry_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as NCT"):
        identifiers.normalise_registry_id(text)


@given(st.sampled_from(sorted(identifiers.NORMALISERS)), st.text(max_size=40))
def test_normalising_is_idempotent(name: str, text: str) -> None:
    normalise = identifiers.NORMALISERS[name]
    try:
        stored = normalise(text)
    except ValueError:
        return
    assert normalise(stored) == stored


@given(
    st.integers(min_value=1, max_value=identifiers.LARGEST_NUMBER),
    st.sampled_from(list(RecordType)),
)
def test_a_public_identifier_is_parsed_to_its_number(number: int, record_type: RecordType) -> None:
    assert identifiers.parse_public_id(record_type, identifiers.public_id(record_type, number)) == number


@pytest.mark.parametrize(
    "text", ["CLM-0", "CLM-01", "CLM1", "STU-1", "CLM-²", "CLM--1", "CLM-9999999999", ""]
)
def test_an_invalid_public_identifier_is_not_parsed(text: str) -> None:
    assert identifiers.parse_public_id(RecordType.CLAIM, text) is None
