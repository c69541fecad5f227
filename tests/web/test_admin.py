"""The page for admins: what needs attention, and everything else about how the site is doing."""

import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import ApiToken, Job, RecentError, RetractionLoad, Webhook
from claims_app.services.accounts import tokens, users
from claims_app.services.system import condition, recent_errors
from claims_app.vocabulary import Role, TokenScope
from claims_app.watched_servers import NodeState
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.factories import make_webhook
from tests.support.browsing import Browser
from tests.support.statements import counted


@pytest.fixture
def admin(browser: Browser) -> Browser:
    """The browser of an admin."""
    return browser.log_in(Role.ADMIN, "grace")


def add_job(database: Database, **more: Any) -> int:
    """Add a job and return its number."""
    now = database.clock()
    with database.writing(BY_TEST) as session:
        job = Job(kind="import", subject=7, arguments={}, due_at=now, queued_at=now, **more)
        session.add(job)
        session.flush()
        return job.id


def attention(admin: Browser) -> str:
    """Return what needs attention."""
    return str(admin.get("/admin").html.select_one(".notice").get_text(" ", strip=True))


@pytest.mark.parametrize("role", [Role.READER, Role.CURATOR, Role.EDITOR])
def test_it_is_for_admins_only(browser: Browser, role: Role) -> None:
    browser.get("/admin", 303)
    browser.log_in(role)
    assert "Status" not in browser.get("/").html.select_one(".account").get_text()
    browser.get("/admin", 403)


class TestAttention:
    def test_old_retraction_data_comes_first(self, admin: Browser) -> None:
        long_ago = admin.database.clock() - datetime.timedelta(days=94, hours=1)
        with admin.database.writing(BY_TEST) as session:
            session.add(
                RetractionLoad(file_name="rw.csv", sha256="0" * 64, begun_at=long_ago, ended_at=long_ago)
            )
        assert "Retraction data is 94 days old." in attention(admin)

    @on_both_databases
    def test_what_failed_is_named(self, admin: Browser) -> None:
        add_job(admin.database, problem="The file is damaged.")
        with admin.database.writing(BY_TEST) as session:
            make_webhook(session)
            session.scalars(select(Webhook)).one().failing_since = admin.database.clock()
        recent_errors.note(admin.database, ValueError(), "abc", "GET /claims")
        found = attention(admin)
        for sentence in (
            "1 job failed.",
            "1 webhook failing",
            "1 request failed in the last 24 hours.",
            "No retraction data has been loaded yet.",
        ):
            assert sentence in found

    def test_a_replica_that_is_left_out_is_named(
        self, admin: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node = NodeState("db-2.internal:5432", "replica", False, "It does not answer.")
        monkeypatch.setattr(condition, "replicas", lambda _: [node])
        assert "1 replica left out." in attention(admin)
        assert "It does not answer." in admin.get("/admin").html.select_one("[aria-labelledby=replicas]").text


class TestJobs:
    def test_one_that_failed_is_tried_again(self, admin: Browser) -> None:
        number = add_job(admin.database, problem="The file is damaged.")
        page = admin.get("/admin")
        assert "The file is damaged." in page.text
        page.forms[f"retry-{number}"].submit(status=303)
        with admin.database.reading() as session:
            assert session.get_one(Job, number).problem is None

    def test_one_can_be_cancelled(self, admin: Browser) -> None:
        number = add_job(admin.database)
        admin.get("/admin").forms[f"cancel-{number}"].submit(status=303)
        with admin.database.reading() as session:
            assert session.get(Job, number) is None

    def test_one_that_has_ended_is_no_error(self, admin: Browser) -> None:
        number = add_job(admin.database, problem="The file is damaged.")
        form = admin.get("/admin").forms[f"retry-{number}"]
        with admin.database.writing(BY_TEST) as session:
            session.delete(session.get_one(Job, number))
        assert "is not one that failed any more" in form.submit(status=303).follow().text


def test_tokens_of_all_accounts_can_be_revoked(admin: Browser) -> None:
    with admin.database.writing(BY_TEST) as session:
        ada = users.add_user(session, "ada", Role.CURATOR)
        tokens.make_token(session, ada, TokenScope.READ, "nightly export", None)
    page = admin.get("/admin")
    assert "nightly export" in page.text
    page.forms["revoke-1"].submit(status=303)
    with admin.database.reading() as session:
        assert session.get_one(ApiToken, 1).revoked_at is not None


class TestErrors:
    def test_a_page_that_failed_is_listed_under_its_number(
        self, app: Flask, admin: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> str:
            raise ValueError("my secret words")

        monkeypatch.setitem(app.view_functions, "topics.index", fail)
        failed = admin.get("/topics", 500)
        listed = admin.get("/admin").html.select_one("[aria-labelledby=errors]").get_text(" ", strip=True)
        assert failed.headers["X-Request-ID"] in listed
        assert "ValueError at GET /topics" in listed
        assert "my secret words" not in listed

    @on_one_database
    def test_only_the_newest_are_kept(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recent_errors, "MOST_KEPT", 3)
        monkeypatch.setattr(recent_errors._NOTED, "most", 1000)
        for number in range(5):
            assert recent_errors.note(database, KeyError(), f"request-{number}", None)
        with database.reading() as session:
            kept = [error.request_id for error in recent_errors.newest(session, 10)]
        assert kept == ["request-4", "request-3", "request-2"]

    @on_one_database
    def test_a_flood_of_errors_writes_little(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recent_errors, "_NOTED", type(recent_errors._NOTED)(2))
        for _ in range(5):
            recent_errors.note(database, KeyError(), "flood", None)
        with database.reading() as session:
            assert len(session.scalars(select(RecentError)).all()) == 2


def test_the_page_costs_the_same_for_any_number_of_records(admin: Browser) -> None:
    with counted(admin.database) as run:
        admin.get("/admin")
    assert len(run) <= 20
    assert not any(f"FROM {table}" in query for query in run for table in ("claims", "studies", "revisions"))
