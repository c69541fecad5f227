"""The hierarchy of topics: at most three levels, no circles, and claims that count under broader topics."""

from threading import Barrier

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import Topic
from claims_app.services.browsing.selection import browse
from claims_app.services.core.errors import Invalid, StaleVersion
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.pages.selections import select_claims
from claims_app.services.records import topics
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim
from tests.support.racing import at_once

TOO_DEEP = "at most three levels"


def _tree(session: WriteSession) -> list[Topic]:
    """Add three topics, each below the one before, and a fourth one apart."""
    made: list[Topic] = []
    for slug in ("first", "second", "third"):
        parent = made[-1].id if made else None
        made.append(topics.create_topic(session, {"slug": slug, "name": slug.title(), "parent_id": parent}))
    return [*made, topics.create_topic(session, {"slug": "apart", "name": "Apart"})]


@pytest.mark.parametrize(
    ("of", "parent"), [("apart", "third"), ("first", "apart"), ("first", "third"), ("first", "first")]
)
def test_the_database_refuses_a_fourth_level_and_a_circle(
    session: WriteSession, of: str, parent: str
) -> None:
    numbers = {topic.slug: topic.id for topic in _tree(session)}
    with pytest.raises(DatabaseError, match=TOO_DEEP), session.begin_nested():
        session.connection().execute(
            update(Topic.__table__)
            .where(Topic.slug == of)
            .values(parent_id=numbers[parent], version=Topic.version + 1)
        )


@on_one_database
@pytest.mark.parametrize(
    ("of", "parent", "sentence"),
    [
        ("apart", "third", "Topics have at most 3 levels. Choose a broader one."),
        ("first", "apart", "Topics have at most 3 levels. Choose a broader one."),
        ("first", "third", "Topics have at most 3 levels. Choose a broader one."),
        ("apart", "apart", "A topic cannot be broader than itself. Choose another one."),
    ],
)
def test_a_form_says_why_a_topic_cannot_be_there(
    session: WriteSession, of: str, parent: str, sentence: str
) -> None:
    made = {topic.slug: topic for topic in _tree(session)}
    with pytest.raises(Invalid) as refused:
        topics.update_topic(
            session, made[of], made[of].version, {"name": "Moved", "parent_id": made[parent].id}
        )
    assert refused.value.errors == {"parent_id": [sentence]}


def _on(session: Session, slug: str) -> list[int]:
    filters = ClaimFilters(topic=(slug,))
    found = browse(session, filters)
    assert found is not None
    by_sql = session.scalars(filters.claims().with_only_columns(func.count())).one()
    assert found.total == by_sql == select_claims(session, filters).total
    return list(found.numbers)


def test_claims_are_also_on_broader_topics_and_follow_a_topic_that_moves(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        _tree(session)
        for topic in ("First", "Second", "Third", "Apart"):
            make_claim(session, topics=[topic])
    with database.reading() as session:
        assert [_on(session, slug) for slug in ("first", "second", "third")] == [[1, 2, 3], [2, 3], [3]]
        counts = browse(session, ClaimFilters()).counts()["topic"]  # type: ignore[union-attr]
        assert counts == {"first": 3, "second": 2, "third": 1, "apart": 1}
    with database.writing(BY_TEST) as session:
        second, apart = (
            session.scalars(select(Topic).where(Topic.slug == slug)).one() for slug in ("second", "apart")
        )
        topics.update_topic(session, second, second.version, {"name": "Second", "parent_id": apart.id})
    with database.reading() as session:
        assert [_on(session, slug) for slug in ("first", "apart")] == [[1], [2, 3, 4]]


@pytest.mark.databases("postgresql")
def test_two_moves_at_once_make_no_circle(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for slug in ("first", "second"):
            topics.create_topic(session, {"slug": slug, "name": slug.title()})
    ready = Barrier(2)

    def move(number: int, below: int) -> int:
        with database.writing(BY_TEST) as session:
            topic = session.get_one(Topic, number)
            ready.wait()
            topics.update_topic(session, topic, 1, {"name": "Moved", "parent_id": below})
        return number

    outcomes = at_once(lambda: move(1, 2), lambda: move(2, 1))
    assert sum(isinstance(outcome, StaleVersion) for outcome in outcomes) == 1


def test_topics_are_found_together_as_one_by_one(session: WriteSession) -> None:
    for slug, name in (("pain", "Sleep"), ("other", "pain"), ("long-covid", "Long COVID")):
        topics.create_topic(session, {"slug": slug, "name": name})
    names = ["pain", "Sleep", "Long COVID", "long covid", "long-covid", "New"]
    known = topics.known_topics(session, names)
    assert known.keys() >= {"pain", "Sleep", "Long COVID", "long-covid"}
    for name in known.keys() & set(names):
        assert topics.topic_called(session, name) is known[name]
    assert topics.known_topics(session, ["New"]) == {}
