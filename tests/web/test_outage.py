"""A database that is away, locked or without a free connection: 503, and nothing that was typed is lost."""

import errno
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask, request_finished
from sqlalchemy import Connection, event
from webtest import TestResponse

import claims_app.database
import claims_app.engines
from claims_app.database import Database
from claims_app.engines import make_engine
from claims_app.services.accounts import tokens, users
from claims_app.services.transfer.importing import background
from claims_app.vocabulary import Role, TokenScope
from claims_app.web import layout
from tests.conftest import BY_TEST
from tests.factories import make_claim
from tests.support.browsing import Browser

WORDS = "What I had been typing."


@contextmanager
def refusing(_url: str) -> Iterator[Database]:
    """A PostgreSQL server that refuses connections."""
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        database = Database(f"postgresql+psycopg://nobody@127.0.0.1:{unused.getsockname()[1]}/nothing")
        yield database
        database.close()


@contextmanager
def without_a_free_connection(url: str) -> Iterator[Database]:
    """A pool with one connection, which somebody else has."""
    with patch.object(claims_app.database, "POOL", {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0}):
        database = Database(url)
    with database.engine.connect():
        yield database
    database.close()


@contextmanager
def locked(url: str) -> Iterator[Database]:
    """A file that another program is writing to."""
    database = Database(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield database
    database.close()


OUTAGES = [refusing, without_a_free_connection]


@pytest.fixture
def ada(app: Flask) -> Browser:
    """An editor; there is CLM-1."""
    browser = Browser(app)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    return browser.log_in(Role.EDITOR)


@contextmanager
def during(outage: Callable[[str], Any], app: Flask) -> Iterator[None]:
    """Let the application use a database in this state."""
    before: Database = app.extensions["claims_database"]
    with outage(before.engine.url.render_as_string(hide_password=False)) as app.extensions["claims_database"]:
        yield
    app.extensions["claims_database"] = before


def is_busy(answer: TestResponse) -> bool:
    """Return whether an answer says that the database does not respond, and when to try again."""
    return (
        answer.status_int == 503
        and answer.headers["Retry-After"] == "10"
        and "did not respond" in answer.text
    )


def send(browser: Browser, form: Any) -> TestResponse:
    """Submit a form and return the answer, whatever it is."""
    return form.submit(status="*", expect_errors=True)  # type: ignore[no-any-return]


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_answer_to_a_form_has_what_was_typed(ada: Browser, outage: Callable[[str], Any]) -> None:
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = WORDS, "mechanism"
    with during(outage, ada.app):
        page = form.submit(status=503, expect_errors=True)
    assert is_busy(page)
    assert [tag.text for tag in page.html.select(".typed")] == [WORDS, "mechanism", "active"]
    assert form.submit(status=303).follow().html.select_one("h1").text.strip() == WORDS


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("address", ["/", "/method", "/claims/CLM-1", "/claims.csv", "/account", "/inbox"])
def test_no_page_of_a_signed_in_user_is_bare(
    ada: Browser, address: str, outage: Callable[[str], Any]
) -> None:
    with during(outage, ada.app):
        page = ada.get(address, 503, headers={"Accept": "text/html"}, expect_errors=True)
    assert is_busy(page)
    assert "All claims" in page.text
    assert "Log in" not in page.text


def test_other_errors_have_their_page_without_the_database(ada: Browser) -> None:
    with during(refusing, ada.app):
        page = ada.get("/nowhere", 404, expect_errors=True)
        assert "All claims" in page.text
        form = ada.app.test_client().post("/claims/new", data={"statement": WORDS})
    assert form.status_code == 403


def test_a_form_from_another_session_keeps_what_was_typed(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The handler of the other error asks who is signed in.
    monkeypatch.setitem(ada.app.config, "PROPAGATE_EXCEPTIONS", False)
    with during(refusing, ada.app):
        page = ada.post("/claims/new", {"statement": WORDS, "csrf_token": "x"}, 503, expect_errors=True)
    assert is_busy(page)
    assert WORDS in page.text


def test_programs_get_the_same_as_json(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        _, secret = tokens.make_token(
            session, users.find_user(session, "ada"), TokenScope.WRITE, "a test", None
        )
    headers = {"Authorization": f"Bearer {secret}"}
    with during(refusing, ada.app):
        for program, sent in ((Browser(ada.app), headers), (Browser(ada.app), {})):
            answer = program.get("/api/v1/claims", 503, headers=sent, expect_errors=True)
            assert is_busy(answer)
            assert "did not respond" in answer.json["error"]


def test_a_locked_file_is_reported_too(ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_app.engines, "BUSY_SECONDS", 0)
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = WORDS, "mechanism"
    with during(locked, ada.app):
        page = form.submit(status=503, expect_errors=True)
    assert is_busy(page)
    assert WORDS in page.text


def full(connection: Connection) -> None:
    """Let the database have no room for what is written."""
    connection.exec_driver_sql("PRAGMA max_page_count = 1")
    connection.exec_driver_sql("CREATE TABLE large AS SELECT randomblob(1000000)")


def read_only(connection: Connection) -> None:
    """Let the database refuse writes."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (full, "The disk of the server is full, so nothing was saved."),
        (read_only, "The database cannot be changed at the moment, so nothing was saved."),
        pytest.param(read_only, "You can read everything.", marks=pytest.mark.databases("postgresql")),
    ],
)
def test_a_database_that_refuses_writes_says_why(
    ada: Browser, state: Callable[[Connection], None], sentence: str
) -> None:
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = WORDS, "mechanism"
    ada.database.close()
    event.listen(ada.database._writer, "begin", state)
    try:
        page = form.submit(status=503, expect_errors=True)
    finally:
        event.remove(ada.database._writer, "begin", state)
        ada.database.close()
    assert sentence in page.text
    assert page.headers["Retry-After"] == "10"
    assert page.html.select_one(".typed").text == WORDS


def test_no_room_for_an_uploaded_file_is_said(ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(background, "upload", refuse)
    form = ada.get("/studies/import").forms[1]
    form["file"] = ("a.ris", b"TY  - JOUR", "text/plain")
    page = form.submit(status=503, expect_errors=True)
    assert "The disk of the server is full" in page.text


def test_an_error_on_the_error_page_keeps_what_was_typed(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> layout.Layout:
        raise RuntimeError

    form = ada.form("/claims/new")
    form["statement"] = f"<b>{WORDS}</b>"
    monkeypatch.setattr(layout, "layout_of_request", fail)
    page = form.submit(status=500, expect_errors=True)
    assert f"<b>{WORDS}</b>" in page.html.select_one("pre").text


@pytest.mark.parametrize(
    ("url", "seconds"),
    [("postgresql+psycopg://host/x", 5), ("postgresql+psycopg://host/x?connect_timeout=30", "30")],
)
def test_a_host_that_does_not_answer_is_given_up(url: str, seconds: object) -> None:
    asked: list[object] = []

    def connect(_dialect: object, _record: object, _arguments: object, named: dict[str, object]) -> None:
        asked.append(named["connect_timeout"])
        raise ZeroDivisionError

    engine = make_engine(url)
    event.listen(engine, "do_connect", connect)
    with pytest.raises(ZeroDivisionError):
        engine.connect()
    assert asked == [seconds]


@pytest.mark.databases("postgresql")
def test_a_connection_lost_after_the_page_was_made_does_not_matter(ada: Browser) -> None:
    def end_connections(_app: Flask, **_more: Any) -> None:
        with closing(ada.database.engine.raw_connection()) as connection:
            connection.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with request_finished.connected_to(end_connections, ada.app):
        assert "CLM-1" in ada.get("/claims/CLM-1").text
    assert "CLM-1" in ada.get("/claims/CLM-1").text


@pytest.mark.databases("postgresql")
def test_a_connection_lost_during_the_commit_is_not_called_unsaved(ada: Browser) -> None:
    def end_this_connection(connection: Connection) -> None:
        process = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        with closing(ada.database.engine.raw_connection()) as other:
            other.cursor().execute("SELECT pg_terminate_backend(%s)", (process,))

    form = ada.form("/claims/new")
    form["statement"], form["kind"] = WORDS, "mechanism"
    event.listen(ada.database.engine, "commit", end_this_connection)
    try:
        page = form.submit(status=503, expect_errors=True)
    finally:
        event.remove(ada.database.engine, "commit", end_this_connection)
    assert "may have been saved or not" in page.text
    assert page.html.select_one(".typed").text == WORDS
    assert form.submit(status=303).follow().html.select_one("h1").text.strip() == WORDS
