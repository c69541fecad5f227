"""Identifiers in pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.identifier_parsing import find_identifiers
from claims_app.rules.identifiers import NORMALISERS

PASTED = {
    "10.1172/JCI144201": [("doi", "10.1172/jci144201")],
    "See https://doi.org/10.1172/JCI144201.": [("doi", "10.1172/jci144201")],
    "(doi: 10.1172/JCI144201)": [("doi", "10.1172/jci144201")],
    "https://www.jci.org/articles/view/144201 10.1172/jci144201": [("doi", "10.1172/jci144201")],
    "https://onlinelibrary.wiley.com/doi/full/10.1002/ejp.1765?af=R": [("doi", "10.1002/ejp.1765")],
    "https://www.frontiersin.org/articles/10.3389/fimmu.2022.874490/full": [
        ("doi", "10.3389/fimmu.2022.874490")
    ],
    "https://www.biorxiv.org/content/10.1101/713495v1.full.pdf": [("doi", "10.1101/713495")],
    "https://www.medrxiv.org/content/10.1101/2024.06.18.24309087v2": [("doi", "10.1101/2024.06.18.24309087")],
    "10.1002/(SICI)1097-4636(199823)43:4<338::AID-JBM1>3.0.CO;2-B": [
        ("doi", "10.1002/(sici)1097-4636(199823)43:4<338::aid-jbm1>3.0.co;2-b")
    ],
    "https://doi.org/10.1016%2FS0140-6736(20)30183-5": [("doi", "10.1016/s0140-6736(20)30183-5")],
    "PMID: 34196305; PMCID: PMC8245181": [("pmid", "34196305"), ("pmcid", "PMC8245181")],
    "https://pubmed.ncbi.nlm.nih.gov/34196305/": [("pmid", "34196305")],
    "https://europepmc.org/article/MED/34196305": [("pmid", "34196305")],
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC8245181/": [("pmcid", "PMC8245181")],
    "34196305": [("pmid", "34196305")],
    "123, 456\n789": [("pmid", "123"), ("pmid", "456"), ("pmid", "789")],
    "Published in 2021, number 34196305.": [("pmid", "34196305")],
    "Published in 2021.": [],
    "arXiv:2101.00001v2": [("doi", "10.48550/arxiv.2101.00001")],
    "https://arxiv.org/pdf/2101.00001": [("doi", "10.48550/arxiv.2101.00001")],
    "arXiv: hep-th/9901001": [("doi", "10.48550/arxiv.hep-th/9901001")],
    "https://clinicaltrials.gov/study/NCT05643794": [("registry_id", "NCT05643794")],
    "ISRCTN12345678 and nct05643794": [("registry_id", "ISRCTN12345678"), ("registry_id", "NCT05643794")],
    "10.1000/a 10.1000/A": [("doi", "10.1000/a")],
    "": [],
}


@pytest.mark.parametrize("text", PASTED)
def test_identifiers_are_found_in_pasted_text(text: str) -> None:
    found, _ = find_identifiers(text)
    assert [(one.kind, one.value) for one in found] == PASTED[text]


def test_lines_without_an_identifier_are_returned() -> None:
    _, strange = find_identifiers("10.1000/a\nGoebel 2021\n\nPMC1")
    assert strange == ["Goebel 2021"]


PIECES = st.sampled_from(
    ["10.1000/", "10.", "/", "a", ")", "(", "<", ">", "PMC", "1", "%2F", "NCT", " ", "\n", "v1", ".pdf"]
)


@given(st.one_of(st.lists(PIECES, max_size=60).map("".join), st.text(max_size=200)))
def test_found_identifiers_are_in_their_stored_form(text: str) -> None:
    for one in find_identifiers(text)[0]:
        try:
            stored = NORMALISERS[one.kind](one.value)
        except ValueError:
            assert one.kind == "doi"  # the form is checked where it is stored
        else:
            assert stored == one.value


@pytest.mark.parametrize(
    "piece", ["10.1000/", "1 ", "(", "10.1.1.", "pmid ", "arxiv ", "a/full", "10.1000/a/full"]
)
def test_no_text_takes_long(piece: str) -> None:
    find_identifiers(piece * 20_000)
