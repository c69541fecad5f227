"""Answers are remembered on their database until the data changes, within a bound."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from claims_app.database import Database, utc_now
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.memory.remembering import Remembering
from claims_app.services.search import matching_claims
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of
from tests.conftest import BY_TEST, copied, on_one_database
from tests.factories import make_claim
from tests.support.databases import Templates, opened

MOST = 3


class Asked(list[object]):
    """Answers questions, and notes which it was asked."""

    def by(self, session: Session, key: object, state: object = None) -> object:
        """Return the answer for `key` from the memory of the session, or a new one."""

        def make() -> object:
            self.append(key)
            return key

        return Remembering(session, "test", MOST, state).answer(key, make)


def test_an_answer_is_made_once_until_somebody_writes(database: Database) -> None:
    asked = Asked()
    for _ in range(2):
        with database.reading() as session:
            assert asked.by(session, "how many") == "how many"
    assert len(asked) == 1
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.reading() as session:
        asked.by(session, "how many")
    assert len(asked) == 2


def test_an_older_snapshot_gets_answers_of_its_own(database: Database) -> None:
    asked = Asked()
    with database.reading() as older:
        asked.by(older, 1)
        with database.writing(BY_TEST) as session:
            make_claim(session)
        with database.reading() as newer:
            asked.by(newer, 1)
        asked.by(older, 1)
    assert len(asked) == 3


@on_one_database
def test_an_answer_that_is_late_is_not_that_of_the_newer_data(database: Database) -> None:
    def late() -> str:
        with database.writing(BY_TEST) as writing:
            make_claim(writing)
        with database.reading() as newer:
            Asked().by(newer, 2)
        return "old"

    with database.reading() as older:
        assert Remembering(older, "test", MOST).answer(1, late) == "old"
    with database.reading() as newer:
        assert Asked().by(newer, 1) == 1


@on_one_database
def test_the_answers_used_last_are_remembered(database: Database) -> None:
    asked = Asked()
    with database.reading() as session:
        for key in (1, 2, 3, 1, 4, 1, 2):
            asked.by(session, key)
    assert asked == [1, 2, 3, 4, 2]


@on_one_database
def test_the_past_and_the_present_have_different_answers(database: Database) -> None:
    asked = Asked()
    for moment in (None, utc_now(), None):
        with database.reading(moment) as session:
            asked.by(session, 1)
    with database.reading() as session:
        asked.by(session, 1)
    assert len(asked) == 2


@on_one_database
def test_a_state_that_is_given_outlives_writes(database: Database) -> None:
    asked = Asked()
    for state in ("same", "same", "other"):
        with database.reading() as session:
            asked.by(session, 1, state)
        with database.writing(BY_TEST) as writing:
            make_claim(writing)
    assert len(asked) == 2


@on_one_database
def test_a_session_that_writes_remembers_nothing(database: Database) -> None:
    asked = Asked()
    with database.writing(BY_TEST) as session:
        for _ in range(2):
            asked.by(session, 1)
    assert len(asked) == 2


def _found(session: Session) -> int:
    return sum(len(tier) for tier in matching_claims(session, "pain"))


def _total(session: Session) -> int:
    return total_of(session, SOURCES["claims"], ClaimFilters())


@on_one_database
@pytest.mark.parametrize("answer", [_found, _total])
def test_two_databases_in_one_process_share_no_answers(
    database: Database, templates: Templates, answer: Callable[[Session], int]
) -> None:
    with copied(templates, "sqlite", "schema") as url, opened(url) as other:
        for one, n_claims in ((database, 1), (other, 2)):
            with one.writing(BY_TEST) as writing:
                for _ in range(n_claims):
                    make_claim(writing, statement="Pain is felt")
            with one.engine.execution_options(claims_write=True).begin() as connection:
                connection.execute(text("UPDATE data_number SET number = 1"))
        for one, n_claims in ((database, 1), (other, 2)):
            with one.reading() as session:
                assert answer(session) == n_claims
