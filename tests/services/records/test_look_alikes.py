"""New claims and studies that look like those that are there."""

import unicodedata

import pytest

from claims_app.database import WriteSession
from claims_app.services.core.errors import Invalid, LooksLike
from claims_app.services.records import claims, studies
from tests.conftest import on_one_database
from tests.factories import CLAIM, STUDY, make_claim, make_study

pytestmark = on_one_database

SAID = "Autoantibodies against Müller cells are elevated in people with fibromyalgia"
PAPER = {**STUDY, "title": "A trial of pacing in people with fatigue", "authors": "Doe, Anna", "year": "2020"}


@pytest.mark.parametrize(
    "statement", [SAID, SAID.upper() + ".", unicodedata.normalize("NFD", SAID), SAID.replace("ü", "u")]
)
def test_a_claim_in_the_same_words_is_asked_about(session: WriteSession, statement: str) -> None:
    make_claim(session, statement=SAID)
    raw = {**CLAIM, "statement": statement}
    with pytest.raises(LooksLike, match="This looks like CLM-1"):
        claims.create_claim(session, raw)
    assert claims.create_claim(session, raw, duplicate_is_meant=True).public_id == "CLM-2"


@pytest.mark.parametrize("statement", [SAID.replace("elevated", "not elevated"), "Elevated", "…"])
def test_a_claim_in_other_words_is_added(session: WriteSession, statement: str) -> None:
    make_claim(session, statement=SAID)
    assert claims.create_claim(session, {**CLAIM, "statement": statement})


@pytest.mark.parametrize(
    "values", [{}, {"title": str(PAPER["title"]).upper()}, {"authors": "DOE A\nPoe, B"}, {"year": "2021"}]
)
def test_a_study_with_the_same_title_year_and_author_is_asked_about(
    session: WriteSession, values: dict[str, object]
) -> None:
    make_study(session, **PAPER)
    with pytest.raises(LooksLike, match="STU-1"):
        studies.create_study(session, {**PAPER, **values})
    assert studies.create_study(session, {**PAPER, **values}, duplicate_is_meant=True).public_id == "STU-2"


@pytest.mark.parametrize(
    "values", [{"title": f"Reply to: {PAPER['title']}"}, {"authors": "Poe, B"}, {"year": "2011"}]
)
def test_another_study_is_added(session: WriteSession, values: dict[str, object]) -> None:
    make_study(session, **PAPER)
    assert studies.create_study(session, {**PAPER, **values})


def test_an_identifier_of_another_study_is_still_an_error_at_its_field(session: WriteSession) -> None:
    make_study(session, **PAPER, doi="10.5555/a")
    with pytest.raises(Invalid) as refused:
        studies.create_study(session, {**PAPER, "doi": "10.5555/a"})
    assert list(refused.value.errors) == ["doi"]
