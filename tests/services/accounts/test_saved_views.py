"""Saved views: what is kept of a list, whose they are, and how many there may be."""

import pytest
from sqlalchemy import select

from claims_app.database import Database, WriteSession
from claims_app.models import User
from claims_app.rules import saved_views as limits
from claims_app.services.accounts import saved_views
from claims_app.services.core.errors import BadFilter, Invalid, NotFound, Refused
from claims_app.vocabulary import Role, ViewOf
from tests.conftest import BY_TEST, on_one_database
from tests.support.browsing import add_account


@pytest.fixture
def users(database: Database) -> list[int]:
    """The numbers of two accounts."""
    for name in ("ada", "bob"):
        add_account(database, name, Role.READER)
    with database.reading() as session:
        return [user.id for user in session.scalars(select(User).order_by(User.id))]


def _save(session: WriteSession, user: int, name: str = "Pain", query: str = "topic=pain") -> None:
    saved_views.save(session, user, name, ViewOf.CLAIMS, query)


@on_one_database
def test_filters_and_order_are_kept_but_not_the_page(database: Database, users: list[int]) -> None:
    with database.writing(BY_TEST) as session:
        _save(
            session,
            users[0],
            query="kind=treatment&topic=pain&sort=newest&after=abc&per_page=5&as_of=2026-01-01",
        )
    with database.reading() as session:
        [view] = saved_views.views_of(session, users[0])
    assert view.address == "/claims?kind=treatment&topic=pain&sort=newest"


@on_one_database
def test_a_filter_that_does_not_exist_is_refused(database: Database, users: list[int]) -> None:
    with database.writing(BY_TEST) as session, pytest.raises(BadFilter):
        _save(session, users[0], query="colour=red")


def test_a_name_is_needed_and_not_used_twice(database: Database, users: list[int]) -> None:
    with database.writing(BY_TEST) as session:
        _save(session, users[0])
        _save(session, users[1])
    for name, sentence in (
        ("", "Enter a name."),
        ("Pain", "You have a saved view with this name. Enter another one."),
    ):
        with pytest.raises(Invalid) as refused, database.writing(BY_TEST) as session:
            _save(session, users[0], name)
        assert refused.value.errors == {"name": [sentence]}


@on_one_database
def test_views_of_others_do_not_exist(database: Database, users: list[int]) -> None:
    with database.writing(BY_TEST) as session:
        _save(session, users[0])
    with database.writing(BY_TEST) as session:
        assert saved_views.views_of(session, users[1]) == []
        for act in (
            lambda: saved_views.rename(session, users[1], 1, "Mine"),
            lambda: saved_views.delete(session, users[1], 1),
        ):
            with pytest.raises(NotFound):
                act()


@on_one_database
def test_there_is_a_limit_for_each_account(
    database: Database, users: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST", 2)
    assert limits.MOST > 2
    with database.writing(BY_TEST) as session:
        _save(session, users[0], "One")
        _save(session, users[0], "Two")
        with pytest.raises(Refused, match="You have 2 saved views"):
            _save(session, users[0], "Three")
        _save(session, users[1], "Three")
