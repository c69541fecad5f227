"""Request identifiers: in answers, error pages and problems, and on the lines of the log."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Request, abort, request
from sqlalchemy import text

from claims_app import logs
from claims_app.web import observing
from tests.conftest import OpenSite
from tests.support.browsing import Browser

ID = observing.HEADER
SECRET = "my very secret words"


class _Lines(logging.Handler):
    """Keeps what the log would have as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, dict[str, Any]]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.name, json.loads(logs.AsJson().format(record))))

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for name, line in self.records if name == logger]


@pytest.fixture
def lines() -> Iterator[_Lines]:
    """The lines that are logged meanwhile."""
    handler = _Lines()
    logging.getLogger("claims_app").addHandler(handler)
    yield handler
    logging.getLogger("claims_app").removeHandler(handler)


@pytest.fixture
def failing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser on a site whose list of topics has a fault that repeats what was sent."""

    def fail() -> str:
        raise ValueError(f"cannot read {request.args.get('q')!r}") from KeyError(request.cookies.get("c"))

    monkeypatch.setitem(app.view_functions, "topics.index", fail)
    return Browser(app)


class TestIdentifier:
    def test_each_answer_has_its_own(self, browser: Browser) -> None:
        given = {browser.get(path, status="*").headers[ID] for path in ("/claims", "/claims", "/nowhere")}
        assert len(given) == 3

    def test_an_unchanged_page_has_one_as_well(self, browser: Browser) -> None:
        first = browser.get("/claims")
        again = browser.get("/claims", headers={"If-None-Match": first.headers["ETag"]}, status=304)
        assert again.headers[ID] != first.headers[ID]

    def test_that_of_a_trusted_proxy_is_used(self, open_site: OpenSite) -> None:
        answer = open_site(proxies=1).get("/claims", headers={ID: "6f1c2f0e-from-the-proxy"})
        assert answer.headers.getall(ID) == ["6f1c2f0e-from-the-proxy"]

    @pytest.mark.parametrize(
        "given", ["short", "x" * 65, "two words here", '"quoted-value"', "täxt-in-latin"]
    )
    def test_that_of_a_proxy_in_no_sane_form_is_not(self, open_site: OpenSite, given: str) -> None:
        assert open_site(proxies=1).get("/claims", headers={ID: given}).headers[ID] != given

    def test_that_of_anybody_else_is_not(self, browser: Browser) -> None:
        assert (
            browser.get("/claims", headers={ID: "invented-by-a-client"}).headers[ID] != "invented-by-a-client"
        )


class TestErrors:
    def test_a_page_gives_the_number_under_which_the_log_has_the_traceback(
        self, failing: Browser, lines: _Lines
    ) -> None:
        page = failing.get("/topics", status=500)
        assert page.html.select_one(".request-id").text == page.headers[ID]
        (line,) = lines.of("claims_app")
        assert line["request_id"] == page.headers[ID]
        assert "ValueError: cannot read" in line["traceback"]

    def test_a_traceback_does_not_repeat_what_was_sent(self, failing: Browser, lines: _Lines) -> None:
        failing.get(f"/topics?q={SECRET}", headers={"Cookie": "c=hush-hush"}, status=500)
        (line,) = lines.of("claims_app")
        assert "cannot read '[input]'" in line["traceback"]
        assert SECRET not in str(line)
        assert "hush" not in str(line)

    def test_a_form_that_cannot_be_read_hides_no_fault(
        self, failing: Browser, lines: _Lines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unreadable = property(lambda _: abort(413))
        monkeypatch.setattr(Request, "form", unreadable)
        page = failing.get(f"/topics?q={SECRET}", status=500)
        assert page.headers[ID] in page.text
        (line,) = lines.of("claims_app")
        assert "ValueError: cannot read '[input]'" in line["traceback"]

    def test_problems_of_the_api_and_errors_of_files_have_it(self, browser: Browser) -> None:
        problem = browser.get("/api/v1/claims/CLM-99", status=404)
        assert problem.json["request_id"] == problem.headers[ID]

    def test_an_error_of_the_database_does_not_repeat_values(self, app: Flask) -> None:
        database = app.extensions["claims_database"]
        with pytest.raises(Exception, match="no such table") as failed, database.reading() as session:
            session.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": SECRET})
        assert SECRET not in str(failed.value)


class TestAccessLog:
    def test_it_says_what_was_asked_and_answered_but_no_query(
        self, open_site: OpenSite, lines: _Lines
    ) -> None:
        site = open_site(access_log="all")
        page = site.get("/claims?q=private+words")
        (line,) = lines.of(logs.ACCESS)
        assert (line["method"], line["path"], line["route"]) == ("GET", "/claims", "/claims")
        assert (line["status"], line["bytes"]) == (200, len(page.body))
        assert line["request_id"] == page.headers[ID]
        assert "private" not in str(line)

    def test_it_names_the_account_by_its_number(self, open_site: OpenSite, lines: _Lines) -> None:
        site = open_site(access_log="all")
        site.log_in().get("/account")
        assert lines.of(logs.ACCESS)[-1]["account_id"] == 1

    @pytest.mark.parametrize("path", ["/reset/{}", "/resett/{}"])
    def test_it_has_no_secret_of_a_link(self, open_site: OpenSite, lines: _Lines, path: str) -> None:
        secret = "Zm9vYmFyYmF6cXV1eGZvb2JhcmJhenF1dXg"
        open_site(access_log="all").get(path.format(secret), status="*")
        assert secret not in str(lines.of(logs.ACCESS))

    def test_a_streamed_file_is_logged_once_it_was_sent(self, open_site: OpenSite, lines: _Lines) -> None:
        file = open_site(access_log="all").get("/claims.csv")
        (line,) = lines.of(logs.ACCESS)
        assert line["bytes"] == len(file.body) > 0

    def test_a_monitor_is_logged_only_if_something_is_wrong(self, open_site: OpenSite, lines: _Lines) -> None:
        site = open_site(access_log="made")
        site.get("/healthz")
        site.get("/metrics", 401)
        assert [line["path"] for line in lines.of(logs.ACCESS)] == ["/metrics"]

    @pytest.mark.parametrize(
        ("wanted", "answers"), [("all", ["view", "memory"]), ("made", ["view"]), ("off", [])]
    )
    def test_answers_from_memory_are_logged_if_all_are(
        self, open_site: OpenSite, lines: _Lines, wanted: str, answers: list[str]
    ) -> None:
        site = open_site(access_log=wanted)
        site.get("/claims")
        site.get("/claims")
        assert [line["by"] for line in lines.of(logs.ACCESS)] == answers
