"""Hosts of one database: one with another secret key is noticed."""

import datetime
import socket

import pytest

from claims_app.database import Database
from claims_app.services.system import hosts
from tests.conftest import on_one_database

pytestmark = pytest.mark.databases("postgresql")

TODAY = datetime.date(2026, 11, 28)
KEY, OTHER = "one key " * 4, "another key " * 4


def _others(database: Database, key: str, today: datetime.date = TODAY) -> list[str]:
    with database.reading() as session:
        return hosts.with_another_key(session, key, today)


def test_a_host_with_another_key_is_named_until_it_starts_with_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.clock = lambda: datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
    for name, key in (("one", KEY), ("two", OTHER), ("three", KEY)):
        monkeypatch.setattr(socket, "gethostname", lambda name=name: name)
        hosts.note(database, key)
    assert _others(database, KEY) == ["two (2026-11-27)"]
    monkeypatch.setattr(socket, "gethostname", lambda: "two")
    hosts.note(database, KEY)
    assert _others(database, KEY) == []


def test_a_host_that_was_not_started_for_a_year_is_forgotten(database: Database) -> None:
    database.clock = lambda: datetime.datetime(2025, 11, 1, tzinfo=datetime.UTC)
    hosts.note(database, OTHER)
    assert _others(database, KEY) == []


@on_one_database
def test_a_file_has_one_host(database: Database) -> None:
    hosts.note(database, OTHER)
    assert _others(database, KEY) == []
