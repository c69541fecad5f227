"""Running watches with a search service that returns pages, fails, repeats itself or is killed."""

import datetime
import multiprocessing
import os
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import event, func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.lookup.errors import Unavailable
from claims_app.models import Candidate, CandidateOrigin, Claim, Revision, Watch, WatchRun
from claims_app.rules.reference import Reference
from claims_app.services.core import records
from claims_app.services.core.errors import InUse, Invalid, Refused
from claims_app.services.deduplication import merging
from claims_app.services.history import restore
from claims_app.services.intake import inbox, triage, watch_queries, watch_runner
from claims_app.services.intake.watch_runner import FIRST, LEASE, OVERLAP, Busy, Outcome
from claims_app.services.records import claims, watches
from claims_app.services.system import integrity
from claims_app.vocabulary import CandidateState, RecordType, Via, WatchService
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study, make_watch
from tests.support.databases import opened
from tests.support.life import set_clock

NOW = datetime.datetime(2026, 8, 1, 4, 30, tzinfo=datetime.UTC)
TODAY = NOW.date()
BY_CRON = Change(via=Via.COMMAND, summary="A watch.")


def paper(number: int, **values: object) -> Reference:
    """Return the reference of a paper as a service gives it."""
    return Reference(values={"title": f"Paper {number}", "year": 2026, "pmid": str(1000 + number), **values})


class Service:
    """A search service that yields the given pages, or raises a given exception in place of one."""

    def __init__(self, *pages: Sequence[Reference] | BaseException) -> None:
        self.pages = pages
        self.searches: list[tuple[WatchService, str, datetime.date]] = []

    def __call__(
        self, service: WatchService, query: str, since: datetime.date
    ) -> Iterator[Sequence[Reference]]:
        """Answer a search."""
        self.searches.append((service, query, since))
        for page in self.pages:
            if isinstance(page, BaseException):
                raise page
            yield page


@pytest.fixture
def watched(database: Database) -> Database:
    """A database with a watch for a claim, and a fixed date."""
    set_clock(database, NOW)
    with database.writing(BY_TEST) as session:
        make_watch(session)
    return database


def run(database: Database, service: Service, since: datetime.date | None = None, **more: bool) -> Outcome:
    """Run the first watch."""
    return watch_runner.run(database, 1, service, BY_CRON, since=since, **more)


def later(database: Database, days: float) -> datetime.datetime:
    """Set the clock forward by some days, and return the new time."""
    moment = database.clock() + datetime.timedelta(days=days)
    set_clock(database, moment)
    return moment


def names(database: Database) -> list[str]:
    """Return the names of the candidates in the inbox."""
    with database.reading() as session:
        return [candidate.name for candidate in session.scalars(select(Candidate).order_by(Candidate.id))]


def runs(database: Database) -> list[WatchRun]:
    """Return the runs, oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(WatchRun).order_by(WatchRun.id)))


def searched(database: Database) -> datetime.datetime | None:
    """Return when the claim was last searched for."""
    with database.reading() as session:
        return session.get_one(Claim, 1).last_searched_at


def test_new_results_are_added_to_the_inbox_for_the_claim(watched: Database) -> None:
    outcome = run(watched, Service([paper(1), paper(2)], [paper(3)]))
    assert outcome.error is None
    assert (outcome.counts["n_found"], outcome.counts["n_new"]) == (3, 3)
    assert names(watched) == ["Paper 1", "Paper 2", "Paper 3"]
    with watched.reading() as session:
        origins = session.scalars(select(CandidateOrigin)).all()
        assert {(o.watch_id, o.claim_id, o.detail) for o in origins} == {(1, 1, "WCH-1")}
    (noted,) = runs(watched)
    assert (noted.n_found, noted.n_new, noted.since, noted.until) == (3, 3, TODAY - FIRST, TODAY)
    assert noted.is_complete


def test_a_complete_run_sets_the_search_date_without_a_revision(watched: Database) -> None:
    with watched.reading() as session:
        before = (session.get_one(Claim, 1).version, session.scalar(select(func.count(Revision.id))))
    run(watched, Service([paper(1)]))
    assert searched(watched) == NOW
    with watched.reading() as session:
        assert (session.get_one(Claim, 1).version, session.scalar(select(func.count(Revision.id)))) == before
        assert list(integrity.problems(session)) == []
    later(watched, 1)
    with watched.reading(NOW - datetime.timedelta(seconds=1)) as past:
        assert past.get(Claim, 1) is None or past.get_one(Claim, 1).last_searched_at is None
    with watched.reading(NOW + datetime.timedelta(hours=1)) as past:
        assert past.get_one(Claim, 1).last_searched_at == NOW


def test_the_next_run_searches_with_an_overlap_and_adds_nothing_twice(watched: Database) -> None:
    service = Service([paper(1), paper(2)])
    run(watched, service)
    later(watched, 30)
    outcome = run(watched, service)
    assert [since for _, _, since in service.searches] == [TODAY - FIRST, TODAY - OVERLAP]
    assert (outcome.counts["n_new"], outcome.counts["n_known"]) == (0, 2)
    assert len(names(watched)) == 2
    with watched.reading() as session:
        assert session.scalar(select(func.count(CandidateOrigin.id))) == 2


def test_studies_and_irrelevant_candidates_are_not_added_again(watched: Database) -> None:
    run(watched, Service([paper(1)]))
    with watched.writing(BY_TEST) as session:
        make_study(session, title="Paper 2", pmid="1002")
        candidate = inbox.find(session, 1)
        triage.judge_not_relevant(session, 1, candidate.version, {"reason": "Another disease."})
    outcome = run(watched, Service([paper(1), paper(2), paper(3)]))
    assert dict(outcome.counts) == {"n_found": 3, "n_not_relevant": 1, "n_known": 1, "n_new": 1}
    assert names(watched) == ["Paper 1", "Paper 3"]
    with watched.reading() as session:
        assert session.get_one(Candidate, 1).state is CandidateState.NOT_RELEVANT


def test_a_failed_run_keeps_its_results_but_sets_no_search_date(watched: Database) -> None:
    outcome = run(watched, Service([paper(1)], Unavailable("PubMed is down."), [paper(2)]))
    assert outcome.error == "PubMed is down."
    assert names(watched) == ["Paper 1"]
    assert searched(watched) is None
    assert [r.error for r in runs(watched)] == ["PubMed is down."]
    service = Service([paper(1)], [paper(2)])
    run(watched, service)
    assert service.searches[0][2] == TODAY - FIRST
    assert names(watched) == ["Paper 1", "Paper 2"]
    assert searched(watched) == NOW


@pytest.mark.parametrize("broken", [KeyboardInterrupt(), RuntimeError("a mistake")])
def test_other_exceptions_are_recorded_and_raised(watched: Database, broken: BaseException) -> None:
    with pytest.raises(type(broken)):
        run(watched, Service([paper(1)], broken))
    (noted,) = runs(watched)
    assert noted.error
    assert not noted.is_complete
    assert run(watched, Service([paper(1)])).error is None


def test_a_killed_run_can_be_repeated_after_its_lease(watched: Database) -> None:
    url = watched.engine.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("forkserver").Process(target=_be_killed, args=(url,))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert names(watched) == ["Paper 1"]
    (killed,) = runs(watched)
    assert killed.ended_at is None
    with pytest.raises(Busy, match="has been running since"):
        run(watched, Service([paper(1)]))
    later(watched, LEASE / datetime.timedelta(days=1) + 0.001)
    assert run(watched, Service([paper(1)], [paper(2)])).error is None
    assert names(watched) == ["Paper 1", "Paper 2"]
    assert [r.error for r in runs(watched)] == ["The run was cut off.", None]


def _be_killed(url: str) -> None:
    """Run the watch, and exit the process abruptly after its first page."""
    with opened(url) as database:
        set_clock(database, NOW)
        pages = Service([paper(1)])

        def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
            yield from pages(service, query, since)
            os._exit(9)

        watch_runner.run(database, 1, search, BY_CRON)


def test_a_second_run_at_the_same_time_is_refused(watched: Database) -> None:
    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        yield [paper(1)]
        with pytest.raises(Busy):
            run(watched, Service([paper(2)]))
        yield [paper(3)]

    assert watch_runner.run(watched, 1, search, BY_CRON).error is None
    assert names(watched) == ["Paper 1", "Paper 3"]


def test_a_slow_run_is_not_taken_over_while_pages_arrive(watched: Database) -> None:
    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        for number in range(3):
            yield [paper(number)]
            later(watched, 0.7 * (LEASE / datetime.timedelta(days=1)))
            with pytest.raises(Busy):
                run(watched, Service())

    assert watch_runner.run(watched, 1, search, BY_CRON).error is None


def test_the_run_that_began_last_sets_the_search_date(watched: Database) -> None:
    with watched.writing(BY_TEST) as session:
        other = make_watch(session, session.get_one(Claim, 1)).id

    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        later(watched, 0.001)
        watch_runner.run(watched, other, Service(), BY_CRON)
        yield []

    began = watched.clock()
    watch_runner.run(watched, 1, search, BY_CRON)
    assert searched(watched) == watched.clock() > began


def test_a_merge_during_the_run_moves_the_search_date_to_the_kept_claim(watched: Database) -> None:
    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        with watched.writing(Change(via=Via.COMMAND, summary="The same.")) as session:
            kept, merged = make_claim(session), session.get_one(Claim, 1)
            merging.merge(session, kept, merged, (kept.version, merged.version), merging.MergeChoices())
        yield [paper(1)]

    watch_runner.run(watched, 1, search, BY_CRON)
    with watched.reading() as session:
        assert [session.get_one(Claim, n).last_searched_at for n in (1, 2)] == [None, NOW]


def test_a_run_that_was_taken_over_saves_nothing_more(watched: Database) -> None:
    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        yield [paper(1)]
        later(watched, 1)
        run(watched, Service([paper(2)]))
        yield [paper(3)]

    outcome = watch_runner.run(watched, 1, search, BY_CRON)
    assert "took over" in (outcome.error or "")
    assert names(watched) == ["Paper 1", "Paper 2"]
    assert [r.error for r in runs(watched)] == ["The run was cut off.", None]


def test_no_transaction_is_open_while_waiting_for_the_service(watched: Database) -> None:
    open_now: set[int] = set()
    engine = watched.engine
    event.listen(
        engine, "begin", lambda connection: open_now.add(id(connection.connection.driver_connection))
    )
    for end in ("commit", "rollback"):
        event.listen(
            engine, end, lambda connection: open_now.discard(id(connection.connection.driver_connection))
        )

    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        assert not open_now
        yield [paper(1)]
        assert not open_now
        yield [paper(2)]
        assert not open_now

    assert watch_runner.run(watched, 1, search, BY_CRON).error is None
    assert not open_now


def test_repeated_results_are_counted_once(watched: Database) -> None:
    again = [paper(1, doi="10.1000/1"), paper(2), paper(2)]
    outcome = run(
        watched, Service(again, again, [paper(1, pmid="", doi="https://doi.org/10.1000/1"), paper(3)])
    )
    assert outcome.error is None
    assert dict(outcome.counts) == {"n_found": 3, "n_new": 3}


def test_a_service_that_repeats_itself_endlessly_is_stopped(watched: Database) -> None:
    outcome = run(watched, Service(*([[paper(1)]] * 1000)))
    assert "same results" in (outcome.error or "")
    assert searched(watched) is None


def test_a_dry_run_counts_the_results_and_saves_nothing(watched: Database) -> None:
    outcome = run(watched, Service([paper(1)], [paper(1), paper(2)]), dry_run=True)
    assert dict(outcome.counts) == {"n_found": 2, "n_new": 2}
    assert names(watched) == []
    assert runs(watched) == []
    assert searched(watched) is None


def test_a_given_start_date_that_leaves_a_gap_sets_no_search_date(watched: Database) -> None:
    service = Service([paper(1)])
    run(watched, service)
    later(watched, 60)
    recent = database_day(watched) - datetime.timedelta(days=10)
    outcome = run(watched, service, since=recent)
    assert outcome.gap_from == TODAY
    assert searched(watched) == NOW
    older = datetime.date(2020, 1, 1)
    assert run(watched, service, since=older).gap_from is None
    assert searched(watched) == watched.clock()
    run(watched, service)
    assert [since for _, _, since in service.searches] == [
        TODAY - FIRST,
        recent,
        older,
        database_day(watched) - OVERLAP,
    ]


def database_day(database: Database) -> datetime.date:
    """Return the current date."""
    return database.clock().date()


def test_a_date_in_the_future_is_refused(watched: Database) -> None:
    with pytest.raises(Refused, match="in the future"):
        run(watched, Service(), since=TODAY + datetime.timedelta(days=1))


def test_a_changed_query_is_searched_from_the_beginning(watched: Database) -> None:
    service = Service([paper(1)])
    run(watched, service)
    with watched.writing(BY_TEST) as session:
        watch = session.get_one(Watch, 1)
        values = {"service": "pubmed", "query": "small fibre", "claim_id": 1, "state": "active"}
        watches.update_watch(session, watch, watch.version, values)
    later(watched, 1)
    run(watched, service)
    assert service.searches[1][1:] == ("small fibre", database_day(watched) - FIRST)


def test_a_paper_without_title_and_identifier_is_skipped(watched: Database) -> None:
    outcome = run(watched, Service([Reference(values={"year": 2020}), paper(1)]))
    assert dict(outcome.counts) == {"n_found": 2, "n_new": 1}


def test_a_watch_waiting_for_review_is_not_run(watched: Database) -> None:
    under_review = Change(via=Via.COMMAND, review=True)
    with watched.writing(under_review) as session:
        number = make_watch(session, session.get_one(Claim, 1)).id
    with pytest.raises(Refused, match="waiting for review"):
        watch_runner.run(watched, number, Service(), BY_CRON)


def test_a_watch_of_a_topic_sets_no_search_dates(watched: Database) -> None:
    with watched.writing(BY_TEST) as session:
        claim = make_claim(session, topics=["Pain"])
        number = make_watch(session, None, claim_id=None, topic_id=claim.topics[0].id).id
    watch_runner.run(watched, number, Service([paper(1)]), BY_CRON)
    with watched.reading() as session:
        assert session.scalars(select(Claim.last_searched_at)).all() == [None, None]
        assert session.scalars(select(CandidateOrigin.topic_id)).all() == [1]


@pytest.mark.parametrize(
    "wrong", [{"claim_id": None}, {"topic_id": 1}, {"claim_id": "CLM-99"}, {"query": " "}]
)
def test_a_watch_needs_a_query_and_one_existing_claim_or_topic(
    session: WriteSession, wrong: dict[str, object]
) -> None:
    claim = make_claim(session, topics=["Pain"])
    with pytest.raises(Invalid):
        make_watch(session, claim, **wrong)


def test_a_claim_with_a_watch_cannot_be_deleted(session: WriteSession) -> None:
    watch = make_watch(session)
    claim = watch.claim
    assert claim is not None
    with pytest.raises(InUse, match="WCH-1"):
        claims.delete_claim(session, claim, claim.version)


def test_watches_move_with_their_claim_when_it_is_merged(watched: Database) -> None:
    with watched.writing(Change(via=Via.COMMAND, summary="The same.")) as session:
        kept = make_claim(session)
        merged = session.get_one(Claim, 1)
        merging.merge(session, kept, merged, (kept.version, merged.version), merging.MergeChoices())
    run(watched, Service([paper(1)]))
    with watched.reading() as session:
        assert session.get_one(Claim, 2).last_searched_at == NOW
        assert list(integrity.problems(session)) == []


def test_the_list_shows_the_last_runs_the_candidates_and_the_error(watched: Database) -> None:
    run(watched, Service([paper(1), paper(2)]))
    later(watched, 1)
    run(watched, Service(Unavailable("PubMed is down.")))
    with watched.reading() as session:
        (row,) = watch_queries.list_watches(session)
        assert row.last_complete is not None
        assert (row.last_complete.began_at, row.n_candidates, row.error) == (NOW, 2, "PubMed is down.")
        note = watch_queries.note_of(session, session.get_one(Claim, 1))
        assert (note.searched, note.n_watches, note.n_candidates) == (TODAY, 1, 2)


def test_a_deleted_watch_can_be_restored(watched: Database) -> None:
    with watched.writing(BY_TEST) as session:
        watch = session.get_one(Watch, 1)
        watches.delete_watch(session, watch, watch.version)
    with watched.writing(BY_TEST) as session:
        restore.restore(session, RecordType.WATCH, "WCH-1")
    with watched.reading() as session:
        assert records.find(session, Watch, "WCH-1").query == "fibromyalgia AND IgG"
        assert list(integrity.problems(session)) == []
