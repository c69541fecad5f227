"""The index: brought up to date in one statement if nothing changed, from what changed otherwise, and saved."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyroaring import BitMap
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models import Claim, facet_snapshots
from claims_app.services.browsing import index, reading, saving
from claims_app.services.browsing.selection import browse
from claims_app.services.browsing.sets import Sets
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.core.paging import PageRequest
from claims_app.services.system import repair
from claims_app.services.transfer.lists import list_objects
from claims_app.vocabulary import ClaimStatus
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study
from tests.support.plans import sent


def _numbers(session: Session, **query: list[str]) -> list[int]:
    selection = browse(session, ClaimFilters.read(query))
    assert selection is not None
    return list(selection.numbers)


def _found(database: Database) -> list[int]:
    with database.reading() as session:
        return _numbers(session)


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
        with sent(filled) as run:
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
    _found(filled)
    with filled.reading() as earlier:
        earlier.scalars(select(Claim.id)).all()
        with filled.writing(BY_TEST) as session:
            session.get_one(Claim, 2).status = ClaimStatus.CONTESTED
        with filled.reading() as later:
            assert _numbers(later, status=["contested"]) == [2]
        assert _numbers(earlier, status=["contested"]) == [2]


def test_the_api_leaves_out_claims_that_its_session_does_not_see_yet(filled: Database) -> None:
    with filled.reading() as earlier:
        earlier.scalars(select(Claim.id)).all()
        with filled.writing(BY_TEST) as session:
            make_claim(session)
        assert _found(filled) == [1, 2, 3, 4]
        page = list_objects(earlier, "claims", ClaimFilters(), "id", PageRequest(50), "https://example.org")
    assert [row["claim_id"] for row in page.items] == ["CLM-1", "CLM-2", "CLM-3"]


class TestOnPostgresql:
    """Transactions are committed in another order than that of their numbers."""

    @pytest.fixture(autouse=True)
    def _not_on_sqlite(self, kind: str) -> None:
        if kind == "sqlite":
            pytest.skip("One writer at a time.")

    @pytest.fixture
    def slow(self, filled: Database) -> Iterator[Connection]:
        """A transaction that began before all others of the test, and contests CLM-1."""
        _found(filled)
        with filled.engine.connect() as slow:
            slow.execute(update(Claim).where(Claim.id == 1).values(status="contested"))
            yield slow

    @staticmethod
    def _reword(database: Database, number: int, status: ClaimStatus) -> None:
        with database.writing(BY_TEST) as session:
            session.get_one(Claim, number).status = status

    def test_a_change_that_is_committed_late_is_seen(self, filled: Database, slow: Connection) -> None:
        self._reword(filled, 2, ClaimStatus.CONTESTED)
        with filled.reading() as session:
            assert _numbers(session, status=["contested"]) == [2]
        slow.commit()
        with filled.reading() as session:
            assert _numbers(session, status=["contested"]) == [1, 2]

    def test_a_second_change_of_the_same_claim_is_seen(self, filled: Database, slow: Connection) -> None:
        self._reword(filled, 2, ClaimStatus.CONTESTED)
        with filled.reading() as session:
            assert _numbers(session, status=["contested"]) == [2]
        self._reword(filled, 2, ClaimStatus.ACTIVE)
        with filled.reading() as session:
            assert _numbers(session, status=["contested"]) == []

    def test_an_earlier_session_does_not_take_it_back(self, filled: Database, slow: Connection) -> None:
        self._reword(filled, 2, ClaimStatus.DRAFT)
        with filled.reading() as earlier:
            earlier.scalars(select(Claim.id)).all()
            self._reword(filled, 2, ClaimStatus.CONTESTED)
            for session in (filled.reading(), earlier):
                with session:
                    assert _numbers(session, status=["contested"]) == [2]

    def test_what_was_read_is_not_read_again(
        self, filled: Database, slow: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[list[int]] = []

        def noted(session: Session, claims: BitMap) -> Sets:
            read.append(list(claims))
            return reading.read_some(session, claims)

        monkeypatch.setattr(index, "read_some", noted)
        for number in (2, 3):
            self._reword(filled, number, ClaimStatus.CONTESTED)
            _found(filled)
        assert read == [[2], [3]]


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


@pytest.mark.usefixtures("saved")
def test_a_repair_saves_it_so_that_no_process_builds_it(filled: Database, counting_builds: list[int]) -> None:
    repair.run(filled)
    assert len(counting_builds) == 1
    with _another(filled) as other:
        assert _found(other) == [1, 2, 3]
    assert len(counting_builds) == 1
