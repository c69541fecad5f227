"""Saving a form once: what counts as the same submission, also when it arrives twice at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select

from claims_app.database import Database
from claims_app.models import Claim, User
from claims_app.services.forms import idempotency
from claims_app.services.forms.idempotency import AlreadySent, Submission
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_claim

SENT = Submission(1, "/claims/new", "a-token", {"statement": ["Sleep is worse."], "topics": ["a", "b"]})
ROUNDS = 20


@pytest.fixture
def people(database: Database) -> Database:
    """A database with two accounts."""
    with database.writing(BY_TEST) as session:
        for name in ("ada", "bob"):
            session.add(User(username=name, role=Role.CURATOR, password_hash="none"))
    return database


@pytest.mark.parametrize(
    "other",
    [
        replace(SENT, user_id=2),
        replace(SENT, address="/claims/CLM-1/edit"),
        replace(SENT, token="another-token"),
        replace(SENT, content={**SENT.content, "statement": ["Sleep is better."]}),
        replace(SENT, content={**SENT.content, "topics": ["a"]}),
        replace(SENT, content={**SENT.content, "outcome": ["Pain"]}),
        replace(SENT, content={"statement": ["Sleep is worse.", "a"], "topics": ["b"]}),
    ],
)
def test_another_person_form_page_or_content_is_another_submission(other: Submission) -> None:
    assert other.key != SENT.key


@pytest.mark.parametrize(
    "content",
    [{"topics": ["a", "b"], "statement": ["Sleep is worse."]}, {**SENT.content}],
)
def test_the_same_content_is_the_same_submission(content: dict[str, list[str]]) -> None:
    assert replace(SENT, content=content).key == SENT.key


def test_line_breaks_are_the_same_however_they_are_sent() -> None:
    unix, windows = (replace(SENT, content={"text": [f"a{end}b"]}) for end in ("\n", "\r\n"))
    assert unix.key == windows.key


def test_a_submission_that_failed_can_be_sent_again(people: Database) -> None:
    with people.writing(BY_TEST) as session:
        idempotency.begin(session, SENT)
        session.rollback()
    with people.writing(BY_TEST) as session:
        idempotency.begin(session, SENT).location = "/claims/CLM-1"
    with people.reading() as session:
        assert idempotency.location_of(session, SENT) == "/claims/CLM-1"
        assert idempotency.location_of(session, replace(SENT, user_id=2)) is None


def test_a_form_that_arrives_twice_at_once_is_saved_once(people: Database) -> None:
    barrier = Barrier(2)

    def send(submission: Submission) -> bool:
        barrier.wait()
        try:
            with people.writing(BY_TEST) as session:
                row = idempotency.begin(session, submission)
                row.location = make_claim(session).public_id
        except AlreadySent:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            submission = replace(SENT, token=f"token-{number}")
            assert sorted(pool.map(send, [submission] * 2)) == [False, True]
    with people.reading() as session:
        assert session.scalar(select(func.count(Claim.id))) == ROUNDS
