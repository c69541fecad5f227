"""The index: brought up to date in one statement if nothing changed, from what changed otherwise, and saved."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models import Claim, facet_snapshots
from claims_app.services.browsing import index, reading, saving
from claims_app.services.browsing.selection import browse
from claims_app.services.browsing.sets import Sets
from claims_app.services.core.filters import ClaimFilters
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study


def _numbers(session: Session, **query: list[str]) -> list[int]:
    selection = browse(session, ClaimFilters.read(query))
    assert selection is not None
    return list(selection.numbers)


def _found(database: Database) -> list[int]:
    with database.reading() as session:
        return _numbers(session)


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def filled(database: Database) -> Database:
    """Three claims, one with evidence."""
    with database.writing(BY_TEST) as session:
        make_evidence(
            session, make_claim(session), make_study(session, species=["mouse", "human"], year=2019)
        )
        make_claim(session, topics=["Pain"])
        make_claim(session)
    return database


@pytest.fixture
def counting_builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows with every build of an index."""
    builds: list[int] = []

    def counted(session: Session) -> Sets:
        builds.append(1)
        return reading.read_all(session)

    monkeypatch.setattr(index, "read_all", counted)
    return builds


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let indexes of any size be saved after each change."""
    monkeypatch.setattr(index, "WORTH_SAVING", 1)
    monkeypatch.setattr(index, "_SAVED_AFTER", 1)


@contextmanager
def _another(database: Database) -> Iterator[Database]:
    """Yield the same database as another process has it."""
    other = Database(database.engine.url.render_as_string(hide_password=False))
    try:
        yield other
    finally:
        other.close()


def test_if_nothing_changed_one_statement_says_so(filled: Database) -> None:
    _found(filled)
    with filled.reading() as session:
        session.connection()  # its first statements are not those of the index
        with _statements(filled) as run:
            assert _numbers(session) == [1, 2, 3]
    assert len(run) == 1


def test_a_change_reads_the_changed_claims_only(filled: Database, counting_builds: list[int]) -> None:
    _found(filled)
    with filled.writing(BY_TEST) as session:
        make_claim(session)
    assert _found(filled) == [1, 2, 3, 4]
    assert len(counting_builds) == 1


def test_many_changes_build_it_anew(
    filled: Database, counting_builds: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_MANY", 0)
    _found(filled)
    with filled.writing(BY_TEST) as session:
        make_claim(session)
    assert _found(filled) == [1, 2, 3, 4]
    assert len(counting_builds) == 2


def test_another_process_sees_what_this_one_writes(filled: Database) -> None:
    with _another(filled) as other:
        assert _found(other) == [1, 2, 3]
        with filled.writing(BY_TEST) as session:
            session.delete(session.get_one(Claim, 3))
        assert _found(other) == [1, 2]


def test_a_session_that_began_earlier_does_not_take_the_index_back(filled: Database) -> None:
    with filled.reading() as earlier:
        earlier.scalars(select(Claim.id)).all()
        with filled.writing(BY_TEST) as session:
            make_claim(session)
        assert _found(filled) == [1, 2, 3, 4]
        _numbers(earlier)
        assert _found(filled) == [1, 2, 3, 4]


def test_a_change_that_is_committed_later_than_a_newer_one_is_seen(filled: Database) -> None:
    """On PostgreSQL a transaction with a lower number may end last; on SQLite there is one writer at a time."""
    if filled.is_sqlite:
        pytest.skip("One writer at a time.")
    with filled.engine.connect() as slow:
        slow.execute(update(Claim).where(Claim.id == 1).values(status="contested"))
        with filled.writing(BY_TEST) as session:
            make_claim(session)
        assert _found(filled) == [1, 2, 3, 4]
        slow.commit()
    with filled.reading() as session:
        assert _numbers(session, status=["contested"]) == [1]


def test_a_session_that_writes_and_one_of_the_past_do_without(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        assert browse(session, ClaimFilters()) is None
    with filled.reading(filled.clock()) as session:
        assert browse(session, ClaimFilters()) is None


def test_a_new_process_reads_the_saved_index(
    filled: Database, saved: None, counting_builds: list[int]
) -> None:
    _found(filled)
    with filled.writing(BY_TEST) as session:
        make_claim(session)
    with _another(filled) as other:
        assert _found(other) == [1, 2, 3, 4]
    assert len(counting_builds) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"format": saving.FORMAT + 1},
        {"origin": "another server"},
        {"number": 2**61},
        {"content": b""},
        {"content": b"\0" * 99},
    ],
    ids=["form", "origin", "later", "empty", "damaged"],
)
def test_a_saved_index_that_does_not_fit_is_built_anew(
    filled: Database, saved: None, counting_builds: list[int], change: dict[str, object]
) -> None:
    _found(filled)
    assert filled.try_write(update(facet_snapshots).values(change))
    with _another(filled) as other:
        assert _found(other) == [1, 2, 3]
    assert len(counting_builds) == 2


def test_a_small_index_is_not_saved(filled: Database) -> None:
    _found(filled)
    with filled.reading() as session:
        assert session.execute(select(facet_snapshots)).first() is None


def test_a_database_that_cannot_be_written_is_browsed_all_the_same(
    filled: Database, saved: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled, "try_write", lambda statement: False)
    assert _found(filled) == [1, 2, 3]


def test_saved_sets_are_those_that_were_read(filled: Database) -> None:
    with filled.reading() as session:
        sets = reading.read_all(session)
    assert saving.unpacked(saving.packed(sets)) == sets


def test_some_claims_are_read_as_all_are(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BATCH", 1)
    with filled.reading() as session:
        sets = reading.read_all(session)
        assert reading.read_some(session, sets.everything) == sets
