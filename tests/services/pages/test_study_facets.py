"""The counts beside the list of studies: added up from combinations, the same as the database counts for each."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models import Study, StudySpecies
from claims_app.services.core.filters import StudyFilters
from claims_app.services.core.paging import count
from claims_app.services.pages.selections import YEAR, select_studies, without
from claims_app.vocabulary import PublicationState, ReviewState, Species, Standing, StudyDesign
from tests.conftest import BY_TEST
from tests.factories import make_study
from tests.support.plans import recorded

DESIGNS = [StudyDesign.CASE_CONTROL, StudyDesign.COHORT]
SPECIES = list(Species)[:3]
STANDINGS = [Standing.CURRENT, Standing.RETRACTED]
PUBLICATIONS = [PublicationState.PUBLISHED, PublicationState.PREPRINT]
STATES = list(ReviewState)
YEARS = [2001, 2010, None]
COLUMNS: dict[str, Any] = {
    "design": Study.design,
    "species": StudySpecies.species,
    "standing": Study.standing,
    "publication_state": Study.publication_state,
    YEAR: Study.year,
}


def _some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


FILTERS = st.builds(
    StudyFilters,
    design=_some(DESIGNS),
    species=_some(SPECIES),
    standing=_some(STANDINGS),
    publication_state=_some(PUBLICATIONS),
    year_from=st.sampled_from([None, 2001, 2005]),
    year_to=st.sampled_from([None, 2005, 2010]),
    review=_some(STATES),
    q=st.sampled_from([None, "igg", "pain igg"]),
)


@pytest.fixture
def varied(database: Database) -> Database:
    """Studies of all kinds, one in nine merged into another one."""
    with database.writing(BY_TEST) as session:
        for number in range(20):
            make_study(
                session,
                title=f"Study {number} of {('pain', 'IgG', 'pain and IgG')[number % 3]}",
                design=[*DESIGNS, None][number % 3],
                species=SPECIES[: number % 4],
                standing=STANDINGS[number // 3 % 2],
                publication_state=PUBLICATIONS[number // 5 % 2],
                year=YEARS[number // 2 % 3],
            )
    with database.writing(BY_TEST) as session:
        for number in range(1, 21):
            study = session.get_one(Study, number)
            study.review_state = STATES[number // 4 % 3]
            if number % 9 == 8:
                study.merged_into_id = 1
    return database


def _counted(session: Session, filters: StudyFilters) -> dict[str, dict[Any, int]]:
    """Return the counts of each facet, by one statement for each."""
    found = {}
    for name, column in COLUMNS.items():
        query: Any = without(filters, name).studies()
        if name == "species":
            query = query.join(StudySpecies, StudySpecies.study_id == Study.id)
        query = query.with_only_columns(column, func.count()).group_by(column)
        found[name] = {value: n for value, n in session.execute(query) if value is not None}
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=FILTERS)
def test_counts_are_those_of_the_database(varied: Database, filters: StudyFilters) -> None:
    with varied.reading() as session:
        selection = select_studies(session, filters)
        searched = filters.searched(session)
        assert selection.total == count(session, searched.studies())
        assert selection.counts() == _counted(session, searched)


def test_all_filters_share_what_was_read_once_after_a_write(varied: Database) -> None:
    with varied.reading() as session, recorded(varied) as statements:
        for filters in (
            StudyFilters(),
            StudyFilters(design=(DESIGNS[0],), year_from=2005),
            StudyFilters(standing=(STANDINGS[1],), review=(ReviewState.REJECTED,)),
        ):
            selection = select_studies(session, filters)
            assert (selection.total, bool(selection.counts())) == (count(session, filters.studies()), True)
    grouped = [statement.in_short for statement in statements if "GROUP BY" in statement.sql]
    assert len(grouped) == 2, grouped
