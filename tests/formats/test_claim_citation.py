"""Citations of a claim hold what is cited, whatever characters the statement has."""

import datetime
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims_app.formats import claim_citation
from claims_app.formats.claim_citation import CitedClaim
from claims_app.formats.references import read
from claims_app.rules.reference import Reference

CLAIM = CitedClaim(
    public_id="CLM-1",
    statement="Autoantibodies are elevated in 50% of people with fibromyalgia.",
    version=3,
    verdict="Probably so, moderate certainty",
    changed_on=datetime.date(2026, 11, 8),
    url="https://claims.example/claims/CLM-1?as_of=2026-11-08T06:00:00Z",
)
CSL_TYPES = {"article", "dataset", "document", "webpage"}
# A value such as “None” or “n/a” alone is read as none.
STATEMENTS = st.text(
    st.one_of(st.sampled_from("\\{}$&%#_~^-'`\"!?,;=@<>| é"), st.characters(exclude_categories=["C"]))
).map(lambda text: " ".join(f"It is so {text}".split()))


def cited(statement: str) -> CitedClaim:
    return CitedClaim("CLM-1", statement, 3, CLAIM.verdict, CLAIM.changed_on, CLAIM.url)


def test_apa_names_the_version_the_date_the_conclusion_and_the_address() -> None:
    assert claim_citation.apa(CLAIM) == (
        "Claims contributors. (2026, November 8). Autoantibodies are elevated in 50% of people with fibromyalgia "
        "(CLM-1, Version 3) [Research claim; conclusion: Probably so, moderate certainty]. Claims. "
        "https://claims.example/claims/CLM-1?as_of=2026-11-08T06:00:00Z"
    )


@given(statement=STATEMENTS)
@example(statement="100 % of {mice} & a_b\\c ~x^2 #1 $5")
@example(statement="It ends with a backslash \\")
def test_bibtex_is_read_back_as_it_was(statement: str) -> None:
    [found] = read(claim_citation.bibtex(cited(statement)).encode()).records
    assert isinstance(found, Reference)
    assert found.values["title"] == statement
    assert (found.values["year"], found.values["url"]) == ("2026", CLAIM.url)


def test_a_month_is_a_macro_and_every_other_value_is_in_braces() -> None:
    lines = claim_citation.bibtex(CLAIM).splitlines()[1:-1]
    bare = [line.strip(" ,") for line in lines if "= {" not in line]
    assert bare == ["month = nov"]
    assert "50\\%" in claim_citation.bibtex(CLAIM)


@given(statement=STATEMENTS, day=st.dates(min_value=datetime.date(2000, 1, 1)))
def test_csl_json_is_what_citation_processors_need(statement: str, day: datetime.date) -> None:
    claim = CitedClaim("CLM-1", statement, 3, CLAIM.verdict, day, CLAIM.url)
    [item] = json.loads(claim_citation.csl_json(claim))
    assert item["type"] in CSL_TYPES
    assert item["issued"] == {"date-parts": [[day.year, day.month, day.day]]}
    assert item["author"] == [{"literal": "Claims contributors"}]
    assert (item["title"], item["URL"]) == (statement, CLAIM.url)
    texts = {name: value for name, value in item.items() if name not in ("issued", "author")}
    assert all(isinstance(value, str) for value in texts.values())


@pytest.mark.parametrize("end", [".", "", "?"])
def test_a_statement_has_one_mark_at_its_end(end: str) -> None:
    text = claim_citation.apa(cited(f"Is it so{end}"))
    assert f"Is it so{end.strip('.')} (CLM-1" in text
