"""Limits on the number of requests to the API, and reading by pages of other sites."""

import datetime
import errno
import os
from pathlib import Path

import pytest
from flask import Flask

from claims_app.services.accounts import request_counts
from claims_app.services.accounts.request_counts import RequestCounts
from tests.conftest import OpenSite
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

SECRET = "a secret of a site"
MINUTE = datetime.datetime(2026, 11, 28, 9, 0, 15, tzinfo=datetime.UTC)


@pytest.fixture
def limited(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A client that may send three requests in a minute with its token, and two without; it is 9:00:15."""
    made = Program(open_site(api_limit=3, api_reader_limit=2).app)
    monkeypatch.setattr(made.browser.database, "clock", lambda: MINUTE)
    return made


def test_each_answer_says_how_many_requests_are_left(limited: Program) -> None:
    said = [answer(limited, "GET", "/claims").headers for _ in range(4)]
    assert {headers["RateLimit-Policy"] for headers in said} == {'"token";q=3;w=60'}
    assert [headers["RateLimit"] for headers in said] == [f'"token";r={left};t=45' for left in (2, 1, 0, 0)]


def test_requests_beyond_the_limit_are_refused_until_the_minute_is_over(
    limited: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [answer(limited, "GET", "/claims", Authorization="") for _ in range(3)]
    assert [found.status_int for found in answers] == [200, 200, 429]
    assert_is_problem(answers[2], 429)
    assert answers[2].headers["Retry-After"] == "45"
    assert answer(limited, "GET", "/claims").status_int == 200, "the token has a limit of its own"
    limited.browser.get("/claims")  # pages have none
    later = MINUTE + datetime.timedelta(seconds=45)
    monkeypatch.setattr(limited.browser.database, "clock", lambda: later)
    assert answer(limited, "GET", "/claims", Authorization="").status_int == 200


def test_answers_from_memory_and_unchanged_ones_count_too(limited: Program) -> None:
    tag = answer(limited, "GET", "/claims", Authorization="").headers["ETag"]
    unchanged = answer(limited, "GET", "/claims", Authorization="", **{"If-None-Match": tag})
    assert (unchanged.status_int, unchanged.headers["RateLimit"]) == (304, '"address";r=0;t=45')
    assert answer(limited, "GET", "/claims", Authorization="", **{"If-None-Match": tag}).status_int == 429


def test_files_of_lists_count_like_requests_to_the_api(limited: Program) -> None:
    client = limited.browser.app.test_client()
    statuses = [
        client.get(f"/{name}").status_code for name in ("claims.csv", "studies.xlsx", "evidence.jsonl")
    ]
    assert statuses == [200, 200, 429]
    assert client.get("/claims").status_code == 200


def test_a_refused_request_writes_nothing(limited: Program) -> None:
    sent = {"statement": "Sleep is worse.", "kind": "association", "status": "active"}
    statuses = [
        answer(limited, "POST", "/claims", {**sent, "statement": f"Sleep is worse {number}."}).status_int
        for number in range(4)
    ]
    assert statuses == [201, 201, 201, 429]
    assert limited.browser.get("/claims.csv").text.count("Sleep is worse") == 3


def test_processes_of_a_host_count_together(tmp_path: Path) -> None:
    one, other = (RequestCounts(tmp_path / "counts", SECRET) for _ in range(2))
    assert [counts.count("ada", 1) for counts in (one, other, one, other)] == [1, 2, 3, 4]
    assert (one.count("bob", 1), other.count("ada", 2)) == (1, 1)
    for counts in (one, other):
        counts.close()


def test_keys_at_the_same_place_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_counts, "_PLACES", 1)
    counts = RequestCounts(tmp_path / "counts", SECRET)
    assert [counts.count(key, 1) for key in ("ada", "bob", "ada")] == [1, 2, 3]
    assert counts.count("bob", 2) == 1
    counts.close()


def test_the_place_of_a_key_depends_on_the_secret(tmp_path: Path) -> None:
    files = []
    for number, secret in enumerate(("one", "other")):
        counts = RequestCounts(tmp_path / str(number), secret)
        counts.count("ada", 1)
        counts.close()
        files.append((tmp_path / str(number)).read_bytes())
    assert files[0] != files[1]


def test_wrong_tokens_use_up_the_limit_of_their_address(limited: Program) -> None:
    tried = [
        answer(limited, "GET", "/claims", Authorization=f"Bearer wrong{number}").status_int
        for number in (1, 2)
    ]
    assert tried == [401, 401]
    assert answer(limited, "GET", "/claims", Authorization="").status_int == 429
    assert answer(limited, "GET", "/claims").status_int == 200


def test_without_a_file_a_process_counts_for_itself(tmp_path: Path) -> None:
    counts = RequestCounts(tmp_path / "no such folder" / "counts", SECRET)
    assert [counts.count("ada", 1) for _ in range(2)] == [1, 2]
    counts.close()


def test_the_file_of_the_counts_has_all_its_room_from_the_begin(tmp_path: Path) -> None:
    # A count for which the disk has no room would end the process.
    counts = RequestCounts(tmp_path / "counts", SECRET)
    counts.count("ada", 1)
    counts.close()
    found = (tmp_path / "counts").stat()
    assert found.st_blocks * 512 >= found.st_size > 0


def test_on_a_full_disk_each_process_counts_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    counts = RequestCounts(tmp_path / "counts", SECRET)
    assert [counts.count("ada", 1) for _ in range(2)] == [1, 2]
    counts.close()


@pytest.mark.parametrize(
    "path", ["/api/v1/claims", "/api/v1/claims/CLM-1", "/claims.csv", "/claims/CLM-1.jsonld", "/api/v1/none"]
)
def test_other_sites_may_read_the_api_and_files(program: Program, path: str) -> None:
    first, again = (program.browser.get(path, status=None, expect_errors=True) for _ in range(2))
    known = {"If-None-Match": first.headers.get("ETag", "")}
    unchanged = program.browser.get(path, status=None, expect_errors=True, headers=known)
    for found in (first, again, unchanged):
        assert found.headers["Access-Control-Allow-Origin"] == "*", found
        assert "Access-Control-Allow-Credentials" not in found.headers


def test_a_preflight_allows_reading_and_nothing_else(app: Flask) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    found = app.test_client().options("/api/v1/claims", headers=asked)
    assert found.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Authorization" not in found.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/", "/claims", "/claims/CLM-1", "/login", "/static/style.css"])
def test_other_sites_cannot_read_pages(program: Program, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in program.browser.get(path).headers


def test_the_answer_to_a_write_is_not_shared(program: Program) -> None:
    assert "Access-Control-Allow-Origin" not in answer(program, "POST", "/claims", {}).headers
