"""Searching for words: what makes no difference, on both databases."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from claims_app.database import Database, WriteSession
from claims_app.rules import words as word_rules
from claims_app.rules.text import folded
from claims_app.services.core.filters import ClaimFilters, StudyFilters
from claims_app.services.core.search import folded_text
from tests.factories import make_claim, make_study

TITLE = (
    "Étude décomposée of Müller’s hyper\N{SOFT HYPHEN}tension in CO₂, ﬁrst Ångström ΣΊΣΥΦΟΣ ИЗУЧЕНИЕ Øresund "
    "100% a_b"
)


def found(session: WriteSession, words: str) -> bool:
    """Return whether the list of studies has a study when one searches for these words."""
    return session.scalars(StudyFilters.read({"q": [words]}).studies()).first() is not None


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_looks_alike_is_found(session: WriteSession, form: str) -> None:
    make_study(session, title=unicodedata.normalize(form, TITLE))
    for words in (
        unicodedata.normalize("NFC", "Étude décomposée"),
        unicodedata.normalize("NFD", "Étude décomposée"),
        *(
            "etude DECOMPOSEE",
            "muller",
            "MÜLLER",
            "hypertension",
            "hyper\N{SOFT HYPHEN}tension",
            "co2",
            "CO₂",
        ),
        *("first", "angstrom", "σίσυφος", "ΣΊΣΥΦΟΣ", "изучение", "oresund", "100%", "a_b"),
    ):
        assert found(session, words), words
    for words in ("mueller", "etudes", "1000%", "a-b", "aXb"):
        assert not found(session, words), words


def test_claims_are_found_in_the_same_way(session: WriteSession) -> None:
    make_claim(session, statement="A claim.", outcome=unicodedata.normalize("NFD", "Ermüdung"))
    for words in ("ermüdung", "ermudung"):
        assert session.scalars(ClaimFilters.read({"q": [words]}).claims()).first() is not None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=["C"], include_characters="\u00ad\u200b", max_codepoint=0x58F))
)
def test_the_database_folds_as_python_does(database: Database, text: str) -> None:
    with database.reading() as session:
        assert session.scalar(select(folded_text(literal(text)))) == folded(text)


def test_a_soft_hyphen_hides_no_word_of_an_index() -> None:
    assert list(word_rules.words("hyper\N{SOFT HYPHEN}tension")) == ["hypertension"]


def test_a_study_group_is_found_in_every_normal_form(session: WriteSession) -> None:
    groups = [
        make_study(session, group=unicodedata.normalize(form, "Zürich cohort")).group
        for form in ("NFC", "NFD")
    ]
    assert groups[0] is groups[1]
