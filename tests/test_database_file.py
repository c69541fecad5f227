"""An SQLite file that is deleted, moved or replaced under the program: nothing is acknowledged that is gone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from claims_app.database import Database
from claims_app.database_file import DatabaseFileLost
from claims_app.models import Claim
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim
from tests.support.browsing import Browser

pytestmark = on_one_database


def file_of(database: Database) -> Path:
    """Return the path of the database file."""
    return Path(str(database.engine.url.database))


def log_of(database: Database) -> Path:
    """Return the path of the write-ahead log."""
    return Path(f"{file_of(database)}-wal")


def write(database: Database, then: Callable[[], object] = lambda: None) -> None:
    """Write a claim, and do something before the commit."""
    with database.writing(BY_TEST) as session:
        make_claim(session)
        then()


def count(database: Database) -> int:
    """Return the number of claims."""
    with database.reading() as session:
        return session.scalars(select(func.count(Claim.id))).one()


def replace(path: Path) -> None:
    """Put a copy in the place of a file."""
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


@pytest.mark.parametrize("lose", [Path.unlink, replace])
@pytest.mark.parametrize("which", [file_of, log_of])
def test_a_lost_file_is_neither_written_nor_read(
    database: Database, which: Callable[[Database], Path], lose: Callable[[Path], object]
) -> None:
    write(database)
    lose(which(database))
    with pytest.raises(DatabaseFileLost):
        write(database)
    with pytest.raises(DatabaseFileLost):
        count(database)
    assert which is log_of or lose is replace or not file_of(database).exists()


@pytest.mark.parametrize("which", [file_of, log_of])
def test_a_file_lost_within_a_transaction_is_noticed_before_the_commit(
    database: Database, which: Callable[[Database], Path]
) -> None:
    write(database)
    aside = file_of(database).with_name("aside")
    with pytest.raises(DatabaseFileLost):
        write(database, lambda: which(database).rename(aside))
    aside.rename(which(database))
    assert count(database) == 1


def test_a_file_that_is_put_back_is_used_again(database: Database) -> None:
    write(database)
    aside = file_of(database).with_name("aside")
    file_of(database).rename(aside)
    with pytest.raises(DatabaseFileLost):
        write(database)
    aside.rename(file_of(database))
    write(database)
    assert count(database) == 2


def test_another_connection_does_not_open_another_file(database: Database) -> None:
    with database.reading() as session:
        session.scalars(select(Claim)).all()
        replace(file_of(database))
        with pytest.raises(DatabaseFileLost):
            count(database)


def test_after_closing_another_file_may_be_opened(database: Database) -> None:
    write(database)
    database.close()
    replace(file_of(database))
    assert count(database) == 1


def test_a_page_says_so_and_shows_what_was_typed(browser: Browser) -> None:
    browser.log_in()
    form = browser.form("/claims/new")
    form["statement"], form["kind"] = "Typed before", "mechanism"
    file_of(browser.database).unlink()
    page = form.submit(status=503)
    assert "The database file was deleted or replaced on the server" in page.text
    assert "Typed before" in page.text
    assert page.headers["Retry-After"] == "10"
    assert "deleted or replaced" in browser.get("/claims", status=503).text


def test_a_monitor_learns_of_it(browser: Browser) -> None:
    browser.get("/readyz")
    file_of(browser.database).unlink()
    browser.get("/readyz", status=503)
