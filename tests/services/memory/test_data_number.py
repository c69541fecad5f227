"""The number of the state of the data: it moves with every write that a reader could see, and with nothing else."""

import datetime
from contextlib import ExitStack

import pytest
from sqlalchemy import delete, text, update

from claims_app.database import Base, Database, utc_now
from claims_app.models import Claim, User, UserSession
from claims_app.models.data_number import UNSEEN
from claims_app.models.versions import VERSIONS
from claims_app.services.memory.data_number import data_number
from claims_app.triggers import CURRENT, SQLITE
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_study


def _number(database: Database) -> str:
    with database.reading() as session:
        return data_number(session)


def test_it_stays_while_nothing_is_written(seeded: Database) -> None:
    assert len({_number(seeded) for _ in range(3)}) == 1


def test_it_moves_with_each_write(database: Database) -> None:
    seen = [_number(database)]
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
    seen.append(_number(database))
    with database.writing(BY_TEST) as session:
        make_study(session)
    seen.append(_number(database))
    with database.engine.execution_options(claims_write=True).begin() as connection:
        connection.execute(update(Claim).where(Claim.id == claim.id).values(outcome="Pain"))
    seen.append(_number(database))
    with database.engine.execution_options(claims_write=True).begin() as connection:
        connection.execute(delete(Claim).where(Claim.id == claim.id))
    seen.append(_number(database))
    assert len(set(seen)) == 5


def test_a_session_keeps_the_number_of_what_it_sees(database: Database) -> None:
    with database.reading() as session:
        before = data_number(session)
        with database.writing(BY_TEST) as writing:
            make_claim(writing)
        assert data_number(session) == before
    assert _number(database) != before


def test_a_write_that_is_rolled_back_is_not_seen(database: Database) -> None:
    before = _number(database)
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(ZeroDivisionError))
        make_claim(stack.enter_context(database.writing(BY_TEST)))
        assert database.is_sqlite <= (_number(database) == before)
        raise ZeroDivisionError
    assert database.is_sqlite <= (_number(database) == before)


@on_one_database
def test_on_sqlite_it_does_not_move_for_what_no_reader_sees(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        ada = User(username="ada", role="editor", password_hash="x")
        session.add(ada)
    before = _number(database)
    now = utc_now()
    with database.writing(BY_TEST) as session:
        session.add(
            UserSession(
                token_hash="0" * 64,
                user_id=ada.id,
                agent="Firefox",
                began_at=now,
                seen_at=now,
                ends_at=now + datetime.timedelta(hours=1),
            )
        )
        session.execute(update(User).values(seen_revision_id=1, password_hash="y"))
    assert _number(database) == before
    with database.writing(BY_TEST) as session:
        session.execute(update(User).values(username="eve"))
    assert _number(database) != before


@on_one_database
def test_on_sqlite_it_moves_when_a_row_is_replaced(database: Database) -> None:
    with database.engine.execution_options(claims_write=True).begin() as connection:
        row = text("INSERT OR REPLACE INTO study_species (study_id, species) VALUES (1, 'mouse')")
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        before = connection.scalar(text("SELECT number FROM data_number"))
        connection.execute(row)
        assert connection.scalar(text("SELECT number FROM data_number")) != before
        connection.rollback()


def test_every_table_moves_it_or_is_seen_by_no_reader() -> None:
    triggers = CURRENT.triggers(SQLITE)
    names = set(Base.metadata.tables) - {kept.name for kept in VERSIONS.values()}
    events = ("insert", "update", "delete")
    moving = {
        table for table in names if all(f"{table}_{event}_moves_the_data" in triggers for event in events)
    }
    assert not moving & UNSEEN
    assert names - moving - UNSEEN == set(), "Let triggers move the data number, or add the table to UNSEEN."
    assert UNSEEN - names <= {"alembic_version"}
