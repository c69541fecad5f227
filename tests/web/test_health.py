"""Addresses for monitors: /healthz, /readyz and /metrics."""

from unittest.mock import patch

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from claims_app.database import Database
from claims_app.models import Job
from claims_app.security_log import SecurityEvent
from claims_app.services.system import condition
from claims_app.vocabulary import Role
from claims_app.watched_servers import NodeState
from tests.conftest import BY_TEST, OpenSite, on_both_databases
from tests.support.browsing import Browser
from tests.support.statements import counted
from tests.web.test_outage import refusing

TOKEN = "a-token-for-the-monitor"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def monitor(open_site: OpenSite) -> Browser:
    """A browser on a site with a token for monitors."""
    return open_site(metrics_token=TOKEN)


def numbers(monitor: Browser) -> dict[tuple[str, ...], float]:
    """Return the metrics: by name, and the values of the labels in the order of their names."""
    answer = monitor.get("/metrics", headers=WITH_TOKEN)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _pairs(found: dict[tuple[str, ...], float]) -> list[tuple[str, ...]]:
    """Return the keys of the counts of security events."""
    return [key for key in found if key[0] == "claims_security_events_total"]


class TestHealthz:
    def test_it_asks_the_database_nothing(self, browser: Browser) -> None:
        with counted(browser.database) as run, patch.object(Database, "scalar") as scalar:
            answer = browser.get("/healthz")
        assert answer.json == {"status": "alive"}
        assert answer.headers["Cache-Control"] == "no-store"
        assert run == []
        scalar.assert_not_called()


class TestReadyz:
    @on_both_databases
    def test_it_says_what_works(self, browser: Browser) -> None:
        answer = browser.get("/readyz")
        assert answer.json == {
            "status": "ready",
            "checks": {"database": "ok", "schema": "ok", "writes": "ok"},
        }
        assert answer.headers["Cache-Control"] == "no-store"

    def test_a_database_that_is_away_is_not_ready(self, app: Flask) -> None:
        with refusing("") as away:
            app.extensions["claims_database"] = away
            answer = Browser(app).get("/readyz", status=503)
        assert answer.json["status"] == "not ready"
        assert answer.json["checks"] == {"database": "failed", "schema": "unknown", "writes": "unknown"}

    def test_a_schema_of_another_program_is_not_ready(self, browser: Browser) -> None:
        with browser.database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'of the future'"))
            connection.execute(text("UPDATE schema_support SET oldest_revision = 'of the future'"))
        answer = browser.get("/readyz", status=503)
        assert answer.json["checks"]["schema"] == "failed"
        assert "of the future" not in answer.text

    def test_a_database_that_takes_no_writes_still_serves_readers(self, browser: Browser) -> None:
        with patch.object(condition.os, "access", lambda *_: False):
            assert browser.get("/readyz").json["checks"]["writes"] == "failed"

    def test_replicas_are_named_for_operators_only(
        self, monitor: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node = NodeState("db-2.internal:5432", "replica", False, "It does not answer.", lag_seconds=1.234)
        monkeypatch.setattr(condition, "replicas", lambda _: [node])
        answer = monitor.get("/readyz")
        assert answer.json["checks"]["replicas"] == [{"status": "failed", "lag_seconds": 1.23}]
        assert "db-2" not in answer.text
        assert "db-2" in monitor.get("/readyz", headers=WITH_TOKEN).text
        found = numbers(monitor)
        assert found["claims_replica_up", node.name] == 0
        assert found["claims_replica_lag_seconds", node.name] == 1.234

    def test_the_revision_is_for_operators(self, monitor: Browser) -> None:
        assert len(monitor.get("/readyz", headers=WITH_TOKEN).json["revision"]) == 12
        assert "revision" not in monitor.get("/readyz").json


class TestAccess:
    def test_the_metrics_are_not_open_to_the_world(self, open_site: OpenSite) -> None:
        answer = open_site().get("/metrics", status=401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("sent", ["", "another-token-for-the-monitor", TOKEN[:-1]])
    def test_another_token_is_refused(self, monitor: Browser, sent: str) -> None:
        monitor.get("/metrics", 401, headers={"Authorization": f"Bearer {sent}"})

    def test_without_a_setting_no_token_is_right(self, browser: Browser) -> None:
        browser.get("/metrics", 401, headers={"Authorization": "Bearer "})
        browser.get("/metrics", 401, headers={"Authorization": "Bearer None"})

    @pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.EDITOR, 403), (Role.READER, 403)])
    def test_admins_may_read_them(self, browser: Browser, role: Role, status: int) -> None:
        browser.log_in(role).get("/metrics", status)


class TestMetrics:
    def test_requests_are_counted_by_template_method_and_status(self, monitor: Browser) -> None:
        before = numbers(monitor)
        monitor.get("/claims/CLM-4711", 404)
        monitor.get("/claims/CLM-4712", 404)
        monitor.get("/no/such/page", 404)
        after = numbers(monitor)

        def more(*key: str) -> float:
            return after.get(key, 0) - before.get(key, 0)

        assert more("claims_requests_total", "GET", "/claims/<identifier>", "404") == 2
        assert more("claims_requests_total", "GET", "none", "404") == 1
        assert more("claims_request_seconds_count", "/claims/<identifier>") == 2
        assert not any("4711" in label for key in after for label in key)

    def test_an_invented_method_makes_no_label_of_its_own(self, monitor: Browser) -> None:
        for method in ("BREW", "FROB"):
            monitor.app.test_client().open("/claims", method=method)
        assert not any({"BREW", "FROB"} & set(key) for key in numbers(monitor))

    def test_answers_from_memory_count_as_requests_of_their_page(self, monitor: Browser) -> None:
        before = numbers(monitor)
        tag = monitor.get("/claims").headers["ETag"]
        monitor.get("/claims")
        monitor.get("/claims", 304, headers={"If-None-Match": tag})
        after = numbers(monitor)
        for key, n in (
            (("claims_answers_total", "memory"), 1),
            (("claims_answers_total", "unchanged"), 1),
            (("claims_requests_total", "GET", "/claims", "200"), 2),
        ):
            assert after.get(key, 0) - before.get(key, 0) == n, key

    def test_security_events_are_counted_by_their_name(self, monitor: Browser) -> None:
        before = numbers(monitor)
        assert {event for name, event in _pairs(before)} == set(SecurityEvent)
        monitor.post("/login", {"csrf_token": "of another site"}, 400)
        after = numbers(monitor)
        more = {event: after[name, event] - before[name, event] for name, event in _pairs(after)}
        assert {event for event, number in more.items() if number} == {SecurityEvent.CSRF_REFUSED}

    @on_both_databases
    def test_jobs_are_counted_by_state(self, monitor: Browser) -> None:
        now = monitor.database.clock()
        with monitor.database.writing(BY_TEST) as session:
            for number, more in enumerate(({}, {}, {"problem": "It failed."})):
                job = Job(kind="import", subject=number + 1, arguments={}, due_at=now, queued_at=now, **more)
                session.add(job)
        found = numbers(monitor)
        assert found["claims_jobs", "import", "waiting"] == 2
        assert found["claims_jobs", "import", "failed"] == 1
        assert found["claims_jobs_oldest_seconds", "import", "waiting"] >= 0
        assert found["claims_database_bytes",] > 100_000
        assert found["claims_database_up",] == 1

    def test_they_can_be_read_while_the_database_is_away(self, monitor: Browser) -> None:
        with refusing("") as away:
            monitor.app.extensions["claims_database"] = away
            found = numbers(monitor)
        assert found["claims_database_up",] == 0
        assert found["claims_page_memory_limit_bytes",] == 32_000_000

    def test_a_scrape_costs_a_few_statements_and_no_scan_of_records(self, monitor: Browser) -> None:
        with counted(monitor.database) as run:
            numbers(monitor)
        assert len(run) <= 7
        assert not any(
            table in query for query in run for table in ("FROM claims", "FROM studies", "FROM revisions")
        )
