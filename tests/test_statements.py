"""The statements of a request: how many there are, and those that are slow with their plan."""

import logging

import pytest
from sqlalchemy import select, text

from claims_app import logs, statements
from claims_app.database import Database
from claims_app.models import User
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_one_database
from tests.support.browsing import PASSWORD_HASH, add_account

SECRET = "a word of a person"


@pytest.fixture
def all_slow(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, every statement counts as slow."""
    slow = statements._Slow()
    slow.seconds = -1.0
    monkeypatch.setattr(statements, "_slow", slow)


def plans_of(caplog: pytest.LogCaptureFixture) -> dict[str, str | None]:
    """Return the plans that were logged, by statement."""
    return {record.statement: record.plan for record in caplog.records if record.msg == "slow statement"}  # type: ignore[attr-defined]


@pytest.mark.usefixtures("all_slow")
class TestSlow:
    def test_a_slow_statement_is_logged_with_its_plan_and_no_values(
        self, database: Database, caplog: pytest.LogCaptureFixture, kind: str
    ) -> None:
        with database.reading() as session:
            session.scalars(select(User).where(User.username == SECRET)).all()
            assert session.scalar(text("SELECT 1")) == 1  # the transaction goes on
        ((statement, plan),) = (pair for pair in plans_of(caplog).items() if "FROM users" in pair[0])
        assert "WHERE users.username =" in statement
        assert ("SEARCH users" if kind == "sqlite" else "Scan") in str(plan)
        assert SECRET not in caplog.text + str(plans_of(caplog))

    def test_a_statement_that_writes_is_explained_and_done_once(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        add_account(database, "ada", Role.READER)
        with database.reading() as session:
            assert len(session.scalars(select(User)).all()) == 1
        ((_, plan),) = (pair for pair in plans_of(caplog).items() if pair[0].startswith("INSERT INTO users "))
        assert "not known" not in str(plan)

    def test_a_plan_that_cannot_be_made_does_not_end_the_transaction(
        self, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statements, "_EXPLAINED", ("EXPLAIN", "SELECT"))
        query = "EXPLAIN QUERY PLAN SELECT 1" if database.is_sqlite else "EXPLAIN SELECT 1"
        with database.writing(BY_TEST) as session:
            session.execute(text(query))
            session.add(User(username="ada", role=Role.READER, password_hash=PASSWORD_HASH))
        with database.reading() as session:
            assert session.scalars(select(User.username)).all() == ["ada"]
        assert str(plans_of(caplog)[query]).startswith("not known")

    @on_one_database
    def test_only_so_many_are_logged_in_a_minute(
        self, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        moment = [1000.0]
        monkeypatch.setattr(logs.time, "monotonic", lambda: moment[0])
        with database.reading() as session:
            for number in range(statements.MOST_IN_A_MINUTE + 5):
                session.execute(text(f"SELECT {number}"))
            assert len(plans_of(caplog)) == statements.MOST_IN_A_MINUTE
            moment[0] += 61
            session.execute(text("SELECT 'later'"))
        assert caplog.records[-1].left_out == 6  # type: ignore[attr-defined]  # one of them began the transaction

    @pytest.mark.databases("postgresql")  # SQLite names no values in plans
    def test_a_text_in_a_plan_is_hidden(self, database: Database, caplog: pytest.LogCaptureFixture) -> None:
        with database.reading() as session:
            session.execute(text("SELECT id FROM users WHERE username = :name"), {"name": f"it''s {SECRET}'"})
        plan = str(plans_of(caplog)["SELECT id FROM users WHERE username = %(name)s"])
        assert "'…'" in plan
        assert SECRET not in plan


@on_one_database
def test_the_statements_of_a_task_are_counted(database: Database) -> None:
    with logs.working_on(logs.Task()) as task, database.reading() as session:
        session.execute(text("SELECT 1"))
    with database.reading() as session:
        session.execute(text("SELECT 2"))
    assert task.statements == 2  # BEGIN is one
    assert task.database_seconds > 0


@on_one_database
def test_a_statement_in_time_is_not_logged(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    statements.log_slower_than(60_000)
    with caplog.at_level(logging.DEBUG), database.reading() as session:
        session.execute(text("SELECT 1"))
    assert plans_of(caplog) == {}
