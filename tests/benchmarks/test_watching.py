"""The judge of the cluster proof: it must see a lost, a stale and a broken answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError

from benchmarks.reliability.balanced import Balanced
from benchmarks.reliability.watching import Asked, Watch, longest_gap

LAG = 2.0
BY_READER = "reader at 8001"


@pytest.fixture
def watch() -> Watch:
    """A watch of CLM-1, whose versions 1 and 2 were acknowledged at the seconds 10 and 20."""
    watch = Watch(LAG, began=0.0)
    for version in (1, 2, 3):
        watch.sends("CLM-1", version, f"outcome-a-{version}")
    watch.owns("writer", "CLM-1")
    watch.acknowledged("CLM-1", 1, at=10)
    watch.acknowledged("CLM-1", 2, at=20)
    return watch


def reader(at: float, by: str = BY_READER) -> Asked:
    return Asked(at, by)


def writer(at: float) -> Asked:
    return Asked(at, "writer", has_account=True)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (writer(20.1), 2),
        (writer(20.1), 3),  # not acknowledged yet, but on its way
        (writer(19.9), 1),
        (reader(20.1), 1),
        (reader(22.1), 2),
    ],
)
def test_an_answer_that_is_recent_enough_is_right(watch: Watch, asked: Asked, seen: int) -> None:
    watch.sees(asked, "CLM-1", f"outcome-a-{seen}", seen)
    assert watch.wrong == []


@pytest.mark.parametrize("asked", [writer(20.1), reader(22.1)])
def test_an_answer_that_is_too_old_is_wrong(watch: Watch, asked: Asked) -> None:
    watch.sees(asked, "CLM-1", "outcome-a-1", 1)
    assert watch.wrong == [
        f"{asked.at} s, {asked.by}: CLM-1 was shown at version 1 after 2 was saved or seen."
    ]


def test_a_reader_is_not_led_back_at_a_process_but_may_be_at_another(watch: Watch) -> None:
    watch.sees(reader(20.1), "CLM-1", "outcome-a-2")
    watch.sees(reader(20.2, "reader at 8002"), "CLM-1", "outcome-a-1")
    assert watch.wrong == []
    watch.sees(reader(20.3), "CLM-1", "outcome-a-1")
    assert len(watch.wrong) == 1


@pytest.mark.parametrize(
    ("outcome", "version"), [("outcome-a-9", 2), (None, 2), ("outcome-a-2", 3), ("outcome-b-1", 2)]
)
def test_a_state_that_nobody_saved_is_wrong(watch: Watch, outcome: str | None, version: int) -> None:
    watch.sends("CLM-2", 2, "outcome-b-1")
    watch.sees(writer(20.1), "CLM-1", outcome, version)
    assert len(watch.wrong) == 1


def test_a_claim_may_be_seen_before_its_number_is_known(watch: Watch) -> None:
    watch.sends("", 1, "outcome-c-1")
    watch.sees(reader(21), "CLM-3", "outcome-c-1", 1)
    assert watch.wrong == []


@pytest.mark.parametrize(("asked", "n_wrong"), [(writer(10.1), 1), (reader(10.1), 0), (reader(12.1), 1)])
def test_a_claim_that_is_missing_is_wrong_once_it_must_be_there(
    watch: Watch, asked: Asked, n_wrong: int
) -> None:
    watch.misses(asked, "CLM-1")
    watch.counts(asked, "writer", 0, [])
    assert len(watch.wrong) == 2 * n_wrong


@pytest.mark.parametrize(
    ("total", "listed", "n_wrong"),
    [
        (1, ["CLM-1"], 0),
        (2, ["CLM-1", "CLM-9"], 0),
        (2, ["CLM-1"], 1),
        (2, ["CLM-1", "CLM-1"], 1),
    ],
)
def test_a_list_must_agree_with_its_number(watch: Watch, total: int, listed: list[str], n_wrong: int) -> None:
    watch.counts(reader(30), "writer", total, listed)
    assert len(watch.wrong) == n_wrong


@pytest.mark.parametrize(
    ("begin", "end", "gap"),
    [
        (0, 10, 5),
        (6, 7, 4),  # all of it within a gap
        (8.5, 20, 11),  # nothing up to the end
        (30, 40, 31),
    ],
)
def test_the_longest_gap_begins_before_the_event_and_lasts_to_its_end(
    begin: float, end: float, gap: float
) -> None:
    assert longest_gap([9, 8, 1, 3], begin, end) == pytest.approx(gap)


def refused() -> requests.ConnectionError:
    pool = HTTPConnectionPool("127.0.0.1")
    return requests.ConnectionError(MaxRetryError(pool, "/", NewConnectionError(pool, "refused")))  # type: ignore[arg-type]


def broken() -> requests.ConnectionError:
    return requests.ConnectionError("reset by peer")


@pytest.mark.parametrize(
    ("method", "error", "n_asked"),
    [("GET", refused, 2), ("GET", broken, 2), ("POST", refused, 2), ("POST", broken, 1)],
)
def test_another_process_is_asked_only_if_the_first_did_nothing(
    monkeypatch: pytest.MonkeyPatch, method: str, error: Callable[[], Exception], n_asked: int
) -> None:
    asked = []

    def request(_method: str, address: str, **_more: Any) -> requests.Response:
        asked.append(address)
        if len(asked) == 1:
            raise error()
        return requests.Response()

    sites = [SimpleNamespace(address=f"http://127.0.0.1:{port}", process=None) for port in (8001, 8002)]
    client = Balanced(sites)  # type: ignore[arg-type]
    monkeypatch.setattr(client.http, "request", request)
    if n_asked == 1:
        with pytest.raises(requests.ConnectionError):
            client.ask(method, "/claims?q=1")
    else:
        client.ask(method, "/claims?q=1")
    assert asked == ["http://127.0.0.1:8001/claims?q=1", "http://127.0.0.1:8002/claims?q=1"][:n_asked]
