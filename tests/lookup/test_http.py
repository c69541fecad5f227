"""The HTTP client: what it keeps in its cache, when it tries again, and how fast it sends requests."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claims_app.lookup import http, public_hosts
from claims_app.lookup.errors import NotThere, Unavailable, Unexpected
from claims_app.lookup.http import Client, Service
from tests.support.bibliography import Said, Services, serving

JSON = "application/json"


@pytest.fixture
def services() -> Iterator[Services]:
    """Services with one record."""
    with serving() as services:
        services.say("/api/record", Said('{"title": "A"}'))
        yield services


def client(services: Services, cache: Path | None = None) -> Client:
    """Return a client that does not really wait."""
    return Client("ada@example.org", cache, sleep=services.slept.append, timeout=(2, 1))


def service(services: Services, per_second: float = 1000.0) -> Service:
    """Return the service."""
    return Service("Example", f"{services.address}/api", per_second)


class TestCache:
    def test_a_response_is_used_again(self, services: Services, tmp_path: Path) -> None:
        ours = client(services, tmp_path)
        first, second = (ours.get(service(services), "/record", {"a": "1"}, accept=JSON) for _ in range(2))
        assert first == second
        assert first.json() == {"title": "A"}
        assert first.content_type == JSON
        assert len(services.asked) == 1

    def test_without_a_folder_nothing_is_kept(self, services: Services) -> None:
        ours = client(services)
        for _ in range(2):
            ours.get(service(services), "/record", accept=JSON)
        assert len(services.asked) == 2

    def test_it_survives_a_restart(self, services: Services, tmp_path: Path) -> None:
        for _ in range(2):
            client(services, tmp_path / "new" / "cache").get(service(services), "/record", accept=JSON)
        assert len(services.asked) == 1

    def test_a_response_is_kept_for_a_day(
        self, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours, began = client(services, tmp_path), time.time()
        for hours, asked in ((0, 1), (23.9, 1), (24.1, 2), (48, 2)):
            monkeypatch.setattr(time, "time", lambda hours=hours: began + hours * 3600)
            ours.get(service(services), "/record", accept=JSON)
            assert len(services.asked) == asked

    def test_caching_headers_of_the_service_do_not_matter(self, services: Services, tmp_path: Path) -> None:
        services.say("/api/record", Said("{}", headers={"Cache-Control": "no-store", "Vary": "*"}))
        ours = client(services, tmp_path)
        for _ in range(2):
            ours.get(service(services), "/record", accept=JSON)
        assert len(services.asked) == 1

    def test_the_content_type_and_the_parameters_make_a_difference(
        self, services: Services, tmp_path: Path
    ) -> None:
        ours = client(services, tmp_path)
        for accept in (JSON, "text/xml"):
            for number in "12":
                ours.get(service(services), "/record", {"a": number}, accept=accept)
        assert len(services.asked) == 4

    def test_a_fresh_response_comes_from_the_service(self, services: Services, tmp_path: Path) -> None:
        ours = client(services, tmp_path)
        for fresh in (False, True, True):
            ours.get(service(services), "/record", accept=JSON, fresh=fresh)
        assert len(services.asked) == 3

    def test_a_redirect_is_not_followed_again(self, services: Services, tmp_path: Path) -> None:
        services.say("/api/old", Said("", 302, headers={"Location": f"{services.address}/api/record"}))
        ours = client(services, tmp_path)
        for _ in range(2):
            assert ours.get(service(services), "/old", accept=JSON).json() == {"title": "A"}
        assert [asked.path for asked in services.asked] == ["/api/old", "/api/record"]

    @pytest.mark.parametrize(
        ("response", "error"),
        [
            (Said("", 404), NotThere),
            (Said("", 410), NotThere),
            (Said("", 400), Unexpected),
            (Said("", 204), Unexpected),
            (Said("", 503), Unavailable),
            (Said('{"title": "A', breaks_off=True), Unavailable),
        ],
        ids=["404", "410", "400", "204", "503", "breaks off"],
    )
    def test_a_failure_is_not_kept(
        self, services: Services, tmp_path: Path, response: Said, error: type[Exception]
    ) -> None:
        services.say(
            "/api/record", *[response] * (http.TRIES if error is Unavailable else 1), Said('{"title": "B"}')
        )
        ours = client(services, tmp_path)
        with pytest.raises(error):
            ours.get(service(services), "/record", accept=JSON)
        assert ours.get(service(services), "/record", accept=JSON).json() == {"title": "B"}

    @pytest.mark.parametrize("kept", [True, False])
    def test_a_response_that_is_too_large_is_refused_and_not_kept(
        self, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool
    ) -> None:
        monkeypatch.setattr(http, "LARGEST_ANSWER", 2 * 1024 * 1024)
        services.say("/api/record", Said(b" " * (2 * 1024 * 1024 + 1)), Said("{}"))
        ours = client(services, tmp_path if kept else None)
        with pytest.raises(Unexpected, match="Example sent more than 2 MB"):
            ours.get(service(services), "/record", accept=JSON)
        assert ours.get(service(services), "/record", accept=JSON).text == "{}"

    def test_several_threads_share_it(self, services: Services, tmp_path: Path) -> None:
        ours = client(services, tmp_path)
        services.say("/api/", lambda asked: Said(json.dumps(asked.path)))

        def ask(number: int) -> object:
            return ours.get(service(services), f"/{number % 20}", accept=JSON).json()

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, range(200)))
        assert found == [f"/api/{number % 20}" for number in range(200)]
        asked = len(services.asked)
        assert [ask(number) for number in range(20)] == found[:20]
        assert len(services.asked) == asked

    @pytest.mark.parametrize("broken", ["folder", "file"])
    def test_a_cache_that_cannot_be_used_changes_nothing_else(
        self, services: Services, tmp_path: Path, broken: str
    ) -> None:
        folder = tmp_path / "cache"
        if broken == "folder":
            folder.write_text("a file in the place of the folder")
        else:
            folder.mkdir()
            (folder / "responses.sqlite3").write_bytes(b"no database " * 1000)
        ours = client(services, folder)
        for _ in range(2):
            assert ours.get(service(services), "/record", accept=JSON).json() == {"title": "A"}
        assert len(services.asked) == 2

    def test_it_is_one_database_in_its_folder(self, services: Services, tmp_path: Path) -> None:
        ours = client(services, tmp_path)
        ours.get(service(services), "/record", accept=JSON)
        with sqlite3.connect(tmp_path / "responses.sqlite3") as connection:
            assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        connection.close()

    def test_its_key_is_not_sent(self, services: Services, tmp_path: Path) -> None:
        for folder in (tmp_path, None):
            client(services, folder).get(service(services), "/record", accept=JSON, fresh=folder is None)
        for asked in services.asked:
            assert not [name for name in asked.headers if "hishel" in name.lower()]
            assert asked.headers["Accept"] == JSON


class TestPace:
    def test_requests_to_a_service_are_spread_over_time(self, services: Services) -> None:
        ours = Client(sleep=services.slept.append, clock=lambda: 100.0)
        for _ in range(4):
            ours.get(service(services, per_second=4), "/record", accept=JSON)
        assert services.slept == [0.25, 0.5, 0.75]

    def test_each_service_has_its_own_pace(self, services: Services) -> None:
        services.say("/other/record", Said("{}"))
        ours = Client(sleep=services.slept.append, clock=lambda: 100.0)
        other = Service("Other", f"{services.address}/other", 1)
        for one in (service(services, per_second=1), other):
            ours.get(one, "/record", accept=JSON)
        assert services.slept == []

    def test_redirects_within_a_service_count(self, services: Services) -> None:
        services.say("/api/old", Said("", 302, headers={"Location": f"{services.address}/api/record"}))
        ours = Client(sleep=services.slept.append, clock=lambda: 100.0)
        ours.get(service(services, per_second=4), "/old", accept=JSON)
        assert services.slept == [0.25]

    def test_a_response_from_the_cache_does_not_wait(self, services: Services, tmp_path: Path) -> None:
        ours = Client(None, tmp_path, sleep=services.slept.append, clock=lambda: 100.0)
        for _ in range(5):
            ours.get(service(services, per_second=1), "/record", accept=JSON)
        assert services.slept == []

    def test_an_address_in_another_spelling_is_the_same_service(self, services: Services) -> None:
        address = services.address.replace("http://127.0.0.1", "HTTP://LOCALHOST")
        ours = Client(sleep=services.slept.append, clock=lambda: 100.0)
        for _ in range(2):
            ours.get(Service("Example", f"{address}/api/", 4), "/record", accept=JSON)
        assert services.slept == [0.25]


class TestRetries:
    def test_pauses_grow_and_end_after_four_tries(self, services: Services) -> None:
        services.say("/api/record", Said("", 503))
        with pytest.raises(
            Unavailable, match=r"^Could not reach Example \(status 503\)\. Try again later\.$"
        ):
            client(services).get(service(services), "/record", accept=JSON)
        assert [pause for pause in services.slept if pause >= 1] == [1, 2, 4]
        assert len(services.asked) == 4

    @pytest.mark.parametrize(
        ("value", "pauses"),
        [
            ("7", [7]),
            ("30", [30]),
            ("0", []),
            ("soon", [1]),
            ("Mon, 01 Jan 2024 00:00:00 GMT", []),
            ("-5", [1]),
        ],
    )
    def test_a_pause_is_as_long_as_the_service_says(
        self, services: Services, value: str, pauses: list[float]
    ) -> None:
        services.say("/api/record", Said("", 429, headers={"Retry-After": value}), Said("{}"))
        assert client(services).get(service(services), "/record", accept=JSON).text == "{}"
        assert [pause for pause in services.slept if pause >= 1] == pauses

    @pytest.mark.parametrize("value", ["31", "Mon, 01 Jan 2990 00:00:00 GMT"])
    def test_a_pause_that_is_too_long_ends_the_tries(self, services: Services, value: str) -> None:
        services.say("/api/record", Said("", 503, headers={"Retry-After": value}))
        with pytest.raises(Unavailable):
            client(services).get(service(services), "/record", accept=JSON)
        assert len(services.asked) == 1
        assert [pause for pause in services.slept if pause >= 1] == []

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 501])
    def test_only_failures_that_may_pass_are_tried_again(self, services: Services, status: int) -> None:
        services.say("/api/record", Said("", status))
        with pytest.raises((NotThere, Unexpected, Unavailable)):
            client(services).get(service(services), "/record", accept=JSON)
        assert len(services.asked) == (4 if status == 500 else 1)

    def test_a_service_that_is_silent_is_tried_again(self, services: Services) -> None:
        given_up = threading.Event()

        def late(_asked: object) -> Said:
            given_up.wait(10)
            return Said("{}")

        def pause(seconds: float) -> None:
            given_up.set()
            services.slept.append(seconds)

        services.say("/api/record", late, Said("{}"))
        ours = Client(sleep=pause, timeout=(2, 0.1))
        assert ours.get(service(services), "/record", accept=JSON).text == "{}"
        assert 1 in services.slept


class TestRedirects:
    """A DOI leads to any address that its owner chose."""

    @pytest.mark.parametrize("is_cached", [True, False])
    def test_none_leads_to_a_private_address(
        self, services: Services, tmp_path: Path, is_cached: bool
    ) -> None:
        with serving() as inside:
            inside.say("/api/record", Said('{"title": "A secret"}'))
            services.say("/api/old", Said("", 302, headers={"Location": f"{inside.address}/api/record"}))
            ours = client(services, tmp_path if is_cached else None)
            with pytest.raises(Unexpected, match="private address"):
                ours.get(service(services), "/old", accept=JSON)
            assert inside.asked == []

    def test_one_to_a_public_address_is_followed(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(public_hosts, "is_public", lambda address: address == "127.0.0.1")
        with serving() as elsewhere:
            elsewhere.say("/api/record", Said('{"title": "B"}'))
            services.say("/api/old", Said("", 302, headers={"Location": f"{elsewhere.address}/api/record"}))
            assert client(services).get(service(services), "/old", accept=JSON).json() == {"title": "B"}
