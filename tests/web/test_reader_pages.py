"""Pages for readers without an account: 304, and pages from memory, which are never older than the last write."""

import datetime
import gzip
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy import update
from webtest import TestResponse
from werkzeug.test import create_environ, run_wsgi_app

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.services.history.as_of import SETTLED_AFTER
from claims_app.services.records import claims
from claims_app.vocabulary import Role
from claims_app.web import reader_pages
from claims_app.web.kept_pages import KeptPage, KeptPages
from tests.conftest import BY_TEST, OpenSite, application, on_both_databases
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser
from tests.support.plans import sent

PAGES = (
    "/",
    "/claims",
    "/claims?q=antibodies&level=not_assessed",
    "/claims/CLM-1",
    "/claims/CLM-1/history",
    "/claims/CLM-1/history/1",
    "/claims/CLM-1/appraisals",
    "/studies",
    "/studies/STU-1",
    "/studies/overlaps",
    "/evidence/EVD-1/history",
    "/appraisals/APR-1",
    "/method",
    "/changes",
    "/feed.atom",
    "/claims.csv-metadata.json",
    "/api/v1/claims",
    "/api/v1/claims/CLM-1",
)
FILES = ("/claims.csv", "/evidence.csv", "/studies.ris", "/studies.bib", "/studies.csl.json")


@pytest.fixture
def site(browser: Browser) -> Browser:
    """A reader of a claim with evidence, made an hour ago."""
    now = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)
    browser.database.clock = lambda: now - datetime.timedelta(hours=1)
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="cohort"))
        make_limitation(session, claim)
        make_appraisal(session, claim)
    browser.database.clock = lambda: now
    return browser


def _reword(database: Database, statement: str) -> None:
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": statement})


def _headers(page: TestResponse) -> dict[str, str]:
    # The limit of the API counts each request, also one that is answered from memory.
    return {name: value for name, value in page.headers.items() if name not in ("RateLimit", "X-Request-ID")}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sent_again_without_asking_the_database(site: Browser, address: str) -> None:
    first = site.get(address)
    with sent(site.database) as run:
        again = site.get(address)
    assert run == []
    assert again.body == first.body
    assert _headers(again) == _headers(first)


@pytest.mark.parametrize("address", PAGES + FILES)
def test_what_has_not_changed_is_not_sent_again(site: Browser, address: str) -> None:
    tag = site.get(address).headers["ETag"]
    with sent(site.database) as run:
        unchanged = site.get(address, 304, headers={"If-None-Match": f'"other", {tag}'})
    assert run == []
    assert unchanged.body == b""
    assert unchanged.headers["ETag"] == tag
    _reword(site.database, "Antibodies are not elevated.")
    assert site.get(address, headers={"If-None-Match": tag}).headers["ETag"] != tag


def test_without_memory_nothing_is_kept_but_304_works(open_site: OpenSite) -> None:
    site = open_site(page_memory=0)
    tag = site.get("/claims").headers["ETag"]
    site.get("/claims", 304, headers={"If-None-Match": tag})
    with sent(site.database) as run:
        site.get("/claims")
    assert run


@pytest.mark.parametrize("address", ["/", "/claims", "/claims/CLM-1", "/api/v1/claims/CLM-1"])
@on_both_databases
def test_a_write_is_seen_by_the_next_request(site: Browser, address: str) -> None:
    site.get(address)
    _reword(site.database, "Antibodies are lower.")
    assert "Antibodies are lower." in site.get(address).text
    with site.database.engine.execution_options(claims_write=True).begin() as connection:
        connection.execute(update(Claim).values(statement="Written by another program."))
    assert "Written by another program." in site.get(address).text


@on_both_databases
def test_no_reader_sees_less_than_what_was_saved_before(
    database_url: str, tmp_path: Path, site: Browser
) -> None:
    """Two applications on one database, with writers and readers at once."""
    saved = dict.fromkeys(range(1, 3), 0)
    with site.database.writing(BY_TEST) as session:
        make_claim(session, statement="Claim 2 says 0.")
    stop = threading.Event()

    def write(number: int) -> int:
        other = Database(database_url)
        try:
            for count in range(1, 16):
                with other.writing(BY_TEST) as session:
                    claim = session.get_one(Claim, number)
                    raw = {**CLAIM, "statement": f"Claim {number} says {count}."}
                    claims.update_claim(session, claim, claim.version, raw)
                saved[number] = count
        finally:
            other.close()
        return 15

    def read(app: Flask, number: int) -> int:
        client, requests, tag = app.test_client(), 0, ""
        while not stop.is_set():
            least = saved[number]
            page = client.get(f"/api/v1/claims/CLM-{number}", headers={"If-None-Match": tag})
            if page.status_code == 200:
                statement = page.json["statement"] if page.json else ""
                tag = page.headers["ETag"]
                seen = int(statement.split()[-1].rstrip(".")) if " says " in statement else 0
            assert seen >= least, "older than what was saved before the request"
            requests += 1
        return requests

    with application(database_url, tmp_path) as other_app, ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read, app, number) for app in (site.app, other_app) for number in saved]
        writers = [pool.submit(write, number) for number in saved]
        try:
            assert [writer.result() for writer in writers] == [15, 15]
        finally:
            stop.set()
        assert all(reader.result() for reader in readers)


class SlowPages:
    """Answers from an application whose page /slow takes until `finish`."""

    class Kept(KeptPages):
        """Says how often it was looked into."""

        def __init__(self) -> None:
            super().__init__(1_000_000)
            self.looks = threading.Semaphore(0)

        def get(self, address: str, tag: str) -> KeptPage | None:
            """Return what is kept."""
            try:
                return super().get(address, tag)
            finally:
                self.looks.release()

    def __init__(self, app: Flask) -> None:
        self.made: list[str] = []
        self.finish = threading.Event()
        self.kept = app.extensions[reader_pages.KEPT] = self.Kept()
        self._pages = reader_pages.ReaderPages(app, self._make)

    def get(self, path: str) -> bytes:
        """Return the page at a path."""
        return b"".join(run_wsgi_app(self._pages, create_environ(path))[0])

    @contextmanager
    def in_the_making(self, pool: ThreadPoolExecutor, n_requests: int) -> Iterator[list[Future[bytes]]]:
        """Ask for the slow page; as many as may be made at once are being made, until the end of the block."""
        answers = [pool.submit(self.get, "/slow") for _ in range(n_requests)]
        try:
            # Each looks before it waits for its turn, and again in its turn.
            for _ in range(n_requests + reader_pages.MADE_AT_ONCE):
                self.kept.looks.acquire()
            yield answers
        finally:
            self.finish.set()

    def _make(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.made.append(path)
        if path == "/slow":
            self.finish.wait()
        start_response("200 OK", [("Cache-Control", reader_pages.OF_ONE_PERSON), ("Content-Length", "4")])
        return [b"page"]


def test_a_page_that_many_ask_for_at_once_is_not_made_for_each(
    site: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_pages, "LONGEST_WAIT", 60)
    slow = SlowPages(site.app)
    with ThreadPoolExecutor(8) as pool, slow.in_the_making(pool, 8) as answers:
        pass
    assert [answer.result() for answer in answers] == [b"page"] * 8
    assert len(slow.made) == reader_pages.MADE_AT_ONCE


def test_slow_pages_do_not_keep_others_waiting(site: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_pages, "LONGEST_WAIT", 0.01)
    slow = SlowPages(site.app)
    with ThreadPoolExecutor(2) as pool, slow.in_the_making(pool, 2):
        assert slow.get("/claims") == b"page"


def test_the_pages_of_one_person_are_kept_for_nobody(site: Browser) -> None:
    before = site.get("/claims/CLM-1")
    signed_in = site.twin().log_in(Role.CURATOR, "ada")
    own = signed_in.get("/claims/CLM-1", headers={"If-None-Match": before.headers["ETag"]})
    assert "ada" in own.text
    assert "ETag" not in own.headers
    assert own.headers["Cache-Control"] == "private, no-cache"
    assert before.headers["Cache-Control"] == "no-cache"
    assert {"Cookie", "Authorization"} <= {part.strip() for part in before.headers["Vary"].split(",")}
    with sent(site.database) as run:
        assert "ada" in signed_in.get("/claims/CLM-1").text
    assert run
    assert "ada" not in site.get("/claims/CLM-1").html.select_one("header").text


def test_a_message_is_shown_once_and_to_one_person(site: Browser) -> None:
    person = site.twin().log_in()
    person.get("/")
    site.get("/")
    form = person.form("/claims/CLM-1/edit")
    form["statement"] = "Antibodies are lower."
    form.submit(status=303)
    assert "The claim was saved." in person.get("/claims/CLM-1").text
    assert "The claim was saved." not in site.get("/claims/CLM-1").text


def test_a_page_with_the_form_of_a_session_is_not_kept(open_site: OpenSite) -> None:
    site = open_site(reports=True)
    with site.database.writing(BY_TEST) as session:
        make_claim(session)
    for address in ("/login", "/claims/CLM-1/report"):
        tokens = set()
        for browser in (site.twin(), site.twin()):
            page = browser.get(address)
            assert "ETag" not in page.headers
            tokens.add(page.html.select_one("main [name=csrf_token]")["value"])
        assert len(tokens) == 2


def test_what_is_not_found_or_leads_on_is_not_kept(site: Browser) -> None:
    for address, status in (("/claims/CLM-2", 404), ("/account", 303), ("/changes?new=1", 303)):
        assert "ETag" not in site.get(address, status).headers
    with site.database.writing(BY_TEST) as session:
        make_claim(session)
    site.get("/claims/CLM-2")
    assert site.get("/readyz").headers["Cache-Control"] == "no-store"


def test_a_page_is_kept_for_each_address_it_was_asked_at(site: Browser) -> None:
    site.get("/claims")
    assert "Strict-Transport-Security" not in site.get("/claims").headers
    secure = site.get("/claims", extra_environ={"wsgi.url_scheme": "https"})
    assert "Strict-Transport-Security" in secure.headers
    assert (
        site.get("/claims", headers={"Host": "other.example.org"}).headers["ETag"] != secure.headers["ETag"]
    )


def test_a_request_is_judged_before_a_page_is_taken_from_memory(site: Browser) -> None:
    site.get("/claims")
    site.get("/claims", 400, extra_environ={"HTTP_X_OTHER": "a\0b"})


def test_only_the_head_is_sent_if_only_it_is_asked_for(site: Browser) -> None:
    client = site.app.test_client()
    for _ in range(2):
        head, page = client.head("/claims"), client.get("/claims")
        assert head.data == b""
        assert {**head.headers, "X-Request-ID": ""} == {**page.headers, "X-Request-ID": ""}
        assert head.headers["Content-Length"] == str(len(page.data))


def test_a_page_that_is_asked_for_again_is_sent_compressed(site: Browser) -> None:
    client = site.app.test_client()
    plain = client.get("/claims")
    packed = client.get("/claims", headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    for refused in ("", "gzip;q=0", "identity"):
        assert client.get("/claims", headers={"Accept-Encoding": refused}).data == plain.data


def test_a_page_that_depends_on_the_time_is_made_again_in_time(site: Browser) -> None:
    _reword(site.database, "Antibodies are lower.")
    now = site.database.clock()
    page = site.get("/claims/CLM-1/history/2")
    assert "as_of=" not in page.html.select_one("main").decode()
    site.get("/claims/CLM-1/history/2", 304, headers={"If-None-Match": page.headers["ETag"]})
    site.database.clock = lambda: now + SETTLED_AFTER + datetime.timedelta(seconds=1)
    later = site.get("/claims/CLM-1/history/2", headers={"If-None-Match": page.headers["ETag"]})
    assert "as_of=" in later.html.select_one("main").decode()


def test_a_chart_that_ends_now_is_drawn_again_after_an_hour(site: Browser) -> None:
    now = site.database.clock()
    tag = site.get("/claims/CLM-1").headers["ETag"]
    site.database.clock = lambda: now + datetime.timedelta(minutes=59)
    site.get("/claims/CLM-1", 304, headers={"If-None-Match": tag})
    site.database.clock = lambda: now + datetime.timedelta(minutes=61)
    with sent(site.database) as run:
        site.get("/claims/CLM-1", headers={"If-None-Match": tag})
    assert run


def test_other_settings_make_other_pages(open_site: OpenSite) -> None:
    tags = {open_site(**more).get("/claims").headers["ETag"] for more in ({}, {"reports": True})}
    assert len(tags) == 2
