"""`claims import --retractions`, run as an operator runs it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from claims_app.cli import retractions as work
from claims_app.database import Database
from claims_app.models import RetractionLoad, RetractionNotice, Study
from claims_app.services.intake import retractions
from claims_app.vocabulary import Standing
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_study
from tests.support.commands import Terminal
from tests.support.retraction_watch import file_of, real_file, row


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    """Real rows and one invalid row; one of the notices is about STU-1."""
    path = tmp_path / "retraction_watch.csv"
    path.write_bytes(real_file() + row("7", nature="Mystery"))
    return path


def test_a_file_is_loaded_and_reported(
    tmp_path: Path, database: Database, database_url: str, notices: Path
) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, doi="10.1177/1758835919874651")
    terminal = Terminal(tmp_path, database_url)
    assert "Retraction notices: never loaded" in terminal.run("check").stdout
    output = terminal.run("import", "--retractions", str(notices)).stdout
    assert "Loaded 7 notices from retraction_watch.csv." in output
    assert "Studies with notices: 1 (1 changed, 0 proposed, 0 skipped, 0 already up to date)." in output
    assert "STU-1 is now “Retracted”. Retraction of 2021-12-15 (Retraction Watch, record 34999)" in output
    assert "1 notices about papers without a DOI or PubMed number" in output
    assert "line 10: Record 7: unknown kind of notice “Mystery”." in output
    again = terminal.run("import", "--retractions", str(notices)).stdout
    assert "0 changed, 0 proposed, 0 skipped, 1 already up to date" in again
    assert "Retraction notices: loaded on 20" in terminal.run("check").stdout
    with database.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.standing, study.version) == (Standing.RETRACTED, 2)


def test_what_was_not_imported_is_reported_in_any_case(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    """Two works with one DOI, an identifier alone, and a value that was left out."""
    with database.writing(BY_TEST) as session:
        make_study(session, title="Management of one disorder", doi="10.5555/book")
    path = tmp_path / "library.ris"
    path.write_text(
        "TY  - CHAP\nTI  - The future of another field\nDO  - 10.5555/book\nVL  - 7\nER  - \n"
        "TY  - JOUR\nDO  - 10.5555/only.doi\nER  - \n"
        "TY  - JOUR\nTI  - A title\nPY  - soon\nER  - \n"
    )
    terminal = Terminal(tmp_path, database_url)
    done = terminal.run("import", str(path), status=1)
    for words in (
        "library.ris:1: possible duplicate: The future of another field",
        "Has the DOI of STU-1, and another title",
        "library.ris:6: only an identifier: 10.5555/only.doi",
        "--to-inbox",
        "1 possible duplicate was not imported",
        "library.ris:9: added: STU-2 A title: Year left out",
    ):
        assert words in done.stderr, words
    again = terminal.run("import", "--to-inbox", str(path))
    assert "2 added to inbox" in again.stdout
    with database.reading() as session:
        assert session.get_one(Study, 1).volume is None


def test_another_file_is_refused_and_nothing_is_saved(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(b"a,b\n1,2\n")
    terminal = Terminal(tmp_path, database_url)
    error = terminal.run("import", "--retractions", str(path), status=1).stderr
    assert "This is not the Retraction Watch CSV" in error
    assert "Traceback" not in error
    terminal.run("import", status=2)
    terminal.run("import", "--retractions", str(tmp_path / "nothing.csv"), status=2)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RetractionLoad)) == 0


@on_both_databases
def test_an_interrupted_load_can_be_repeated(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Database = app.extensions["claims_database"]
    path = tmp_path / "notices.csv"
    path.write_bytes(
        file_of(*[row(str(number), original_doi=f"10.1000/{number}") for number in range(1, 30)])
    )
    monkeypatch.setattr(work, "BATCH", 10)
    keep, batches = retractions.keep, iter(range(10))

    def killed(*arguments: object) -> int:
        if next(batches) == 1:
            raise KeyboardInterrupt
        return keep(*arguments)  # type: ignore[arg-type]

    with app.app_context(), monkeypatch.context() as patched:
        patched.setattr(retractions, "keep", killed)
        with pytest.raises(KeyboardInterrupt):
            work.load(path)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RetractionNotice)) == 10
        assert retractions.last_load(session) is None
    with app.app_context():
        work.load(path)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RetractionNotice)) == 29
        load = retractions.last_load(session)
        assert load is not None
        assert load.n_loaded == 29
