"""Metrics of this process and of its database, in the text format of Prometheus.

Labels are bounded: routes are templates of paths, never paths; methods that no view takes are one label. What the
database says is asked for at each scrape, by a few statements that cost the same for any number of records. With
several processes, each counts what it did itself, and all say the same about the database.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import cast

from flask import Flask, current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from claims_app import logs
from claims_app.database import Database
from claims_app.models import WatchRun
from claims_app.security_log import event_counts
from claims_app.services.browsing.index import bitmap_bytes
from claims_app.services.hooks import webhooks
from claims_app.services.intake import retractions
from claims_app.services.releases.store import program_version
from claims_app.services.system import condition
from claims_app.web.kept_pages import KEPT, KeptPages

EXTENSION = "claims_metrics"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_ROUTE = "none"

_log = logging.getLogger(__name__)


class Metrics:
    """What one process counts."""

    def __init__(self, app: Flask) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        labels = ("route", "method", "status")
        self._requests = Counter("claims_requests", "Requests that were answered.", labels, registry=registry)
        self._seconds = Histogram(
            "claims_request_seconds",
            "Time until a request was answered.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._by = Counter(
            "claims_answers",
            "Answers by their origin: made by a view, sent again from memory, or unchanged (304).",
            ("origin",),
            registry=registry,
        )
        self.in_flight = Gauge("claims_requests_in_flight", "Requests being answered.", registry=registry)
        self._statements = Counter(
            "claims_statements", "Statements sent to the database for requests.", registry=registry
        )
        self._statement_seconds = Counter(
            "claims_statement_seconds", "Time that these statements took.", registry=registry
        )
        self._throttled = Counter(
            "claims_throttled", "Requests refused since there were too many attempts.", registry=registry
        )
        registry.register(_Asked(app))
        self._of: dict[tuple[str, str | None, int, str], tuple[Counter, Histogram, Counter]] = {}

    def answered(self, task: logs.Task, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        key = (task.route or _NO_ROUTE, task.method, status, task.answered_by)
        requests, took, by = self._of.get(key) or self._found(*key)
        requests.inc()
        took.observe(seconds)
        by.inc()
        if task.statements:
            self._statements.inc(task.statements)
            self._statement_seconds.inc(task.database_seconds)
        if status == 429:
            self._throttled.inc()

    def _found(
        self, route: str, method: str | None, status: int, answered_by: str
    ) -> tuple[Counter, Histogram, Counter]:
        """Return the metrics of such requests. They are found once, since that takes longer than counting."""
        known = method in _METHODS
        found = (
            self._requests.labels(route, method if known else "other", status),
            self._seconds.labels(route),
            self._by.labels(answered_by),
        )
        if known:
            self._of[route, method, status, answered_by] = found
        return found

    def text(self) -> bytes:
        """Return all metrics as text."""
        return generate_latest(self.registry)


def metrics() -> Metrics:
    """Return the metrics of the application of this request."""
    return cast(Metrics, current_app.extensions[EXTENSION])


class _Asked(Collector):
    """What is asked for at the moment of a scrape."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        """Return nothing: no name of these is used by another metric."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what is known of this process, then what the database says."""
        database: Database = self._app.extensions["claims_database"]
        yield from self._of_process(database)
        found: list[Metric] = []
        up = GaugeMetricFamily("claims_database_up", "Whether the database responds: 1 or 0.")
        try:
            with database.reading() as session:
                found += self._of_database(session, database)
        except SQLAlchemyError as error:
            _log.warning("the database did not respond to a scrape: %s", type(error).__name__)
            found = []
        up.add_metric((), 1 if found else 0)
        yield up
        yield from found

    def _of_process(self, database: Database) -> Iterator[Metric]:
        kept: KeptPages = self._app.extensions[KEPT]
        used, opened = condition.connections_in_use(database)
        yield _gauge("claims_connections_in_use", "Connections to the database in use.", used)
        yield _gauge("claims_connections_open", "Connections to the database in the pool or in use.", opened)
        yield _gauge("claims_page_memory_bytes", "Memory of kept pages, about.", kept.used)
        yield _gauge("claims_page_memory_limit_bytes", "Most memory of kept pages.", kept.limit)
        yield _count("claims_page_memory_hits", "Kept pages that were found.", kept.hits)
        yield _count("claims_page_memory_misses", "Pages that were not in memory.", kept.misses)
        up = GaugeMetricFamily(
            "claims_replica_up", "Whether readers are sent to a replica.", labels=("replica",)
        )
        lag = GaugeMetricFamily(
            "claims_replica_lag_seconds", "How old what a replica shows is at most.", labels=("replica",)
        )
        for node in condition.replicas(database):
            up.add_metric((node.name,), node.is_in)
            if node.lag_seconds is not None:
                lag.add_metric((node.name,), node.lag_seconds)
        yield from (up, lag)
        yield _gauge("claims_bitmap_bytes", "Memory of the sets of claims.", bitmap_bytes(database))
        events = CounterMetricFamily(
            "claims_security_events", "Events in the log of security events.", labels=("event",)
        )
        for event, number in event_counts().items():
            events.add_metric((event.value,), number)
        yield events

    def _of_database(self, session: Session, database: Database) -> Iterator[Metric]:
        now = database.clock()
        built = GaugeMetricFamily("claims_build", "The program and its schema.", labels=("version", "schema"))
        built.add_metric((program_version(), condition.readiness(session).revision or ""), 1)
        yield built
        jobs = GaugeMetricFamily("claims_jobs", "Jobs in the background.", labels=("kind", "state"))
        ages = GaugeMetricFamily(
            "claims_jobs_oldest_seconds", "How long the oldest job is queued.", labels=("kind", "state")
        )
        for count in condition.count_jobs(session, now):
            jobs.add_metric((count.kind, count.state), count.number)
            ages.add_metric((count.kind, count.state), (now - count.oldest).total_seconds())
        yield from (jobs, ages)
        yield _gauge(
            "claims_webhooks_failing", "Webhooks that fail or are paused.", webhooks.count_failing(session)
        )
        yield _gauge(
            "claims_webhooks_waiting", "Queued deliveries.", condition.count_waiting_deliveries(session)
        )
        if (run := session.scalar(select(WatchRun).order_by(WatchRun.id.desc()).limit(1))) is not None:
            age = (now - run.began_at).total_seconds()
            yield _gauge("claims_watch_run_age_seconds", "Time since the last run of a watch began.", age)
        if (load := retractions.last_load(session)) is not None and load.ended_at is not None:
            age = (now - load.ended_at).total_seconds()
            yield _gauge("claims_retraction_data_age_seconds", "Time since retraction data was loaded.", age)
        yield _gauge("claims_database_bytes", "Size of the database.", condition.database_bytes(session))
        instance = self._app.extensions["claims_settings"].instance
        free = condition.free_bytes(instance)
        yield _gauge("claims_disk_free_bytes", "Free space where the program keeps its files.", free)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _count(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(name, words, value=value)
