"""`claims watch`, run as cron runs it, against services on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database
from claims_app.models import Candidate, Claim, WatchRun
from claims_app.rules.reference import Reference
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.vocabulary import OriginKind, Via
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_watch
from tests.support.bibliography import Said, Services, esearch, recorded, serving
from tests.support.commands import Terminal


@pytest.fixture
def services() -> Iterator[Services]:
    """Services that return one paper."""
    with serving() as services:
        services.say("/pubmed/esearch.fcgi", esearch(1))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        yield services


@pytest.fixture
def terminal(tmp_path: Path, database: Database, database_url: str, services: Services) -> Terminal:
    """A terminal that uses the test services, with three watches, one of them paused."""
    with database.writing(BY_TEST) as session:
        claim = make_claim(session, topics=["Pain"])
        make_watch(session, claim)
        make_watch(session, None, service="europe_pmc", claim_id=None, topic_id=claim.topics[0].id)
        make_watch(session, claim, state="paused")
    terminal = Terminal(tmp_path, database_url)
    terminal.environment["CLAIMS_PUBMED_URL"] = services.addresses["pubmed"]
    terminal.environment["CLAIMS_EUROPE_PMC_URL"] = services.addresses["europe_pmc"]
    return terminal


def test_all_active_watches_are_run_with_one_line_each(terminal: Terminal, database: Database) -> None:
    lines = terminal.run("watch", "run").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "WCH-1, PubMed for CLM-1",
        "WCH-2, Europe PMC for “Pain”",
    ]
    assert lines[0].endswith(": 1 new, 0 known, 0 not relevant.")
    assert lines[1].endswith(": 0 new, 1 known, 0 not relevant.")
    with database.reading() as session:
        assert session.scalar(select(func.count(Candidate.id))) == 1
        assert session.get_one(Claim, 1).last_searched_at is not None
    listed = terminal.run("watch", "list").stdout.splitlines()
    assert len(listed) == 3
    assert "active  searched 20" in listed[0]
    assert "1 candidate  fibromyalgia AND IgG" in listed[0]
    assert "paused  never searched  0 candidates" in listed[2]
    again = terminal.run("watch", "run", "wch-1").stdout
    assert ": 0 new, 1 known, 0 not relevant." in again


def test_a_failing_watch_does_not_stop_the_others(
    terminal: Terminal, services: Services, database: Database
) -> None:
    services.say("/pubmed/esearch.fcgi", Said("<html>", 400))
    done = terminal.run("watch", "run", status=1)
    assert (
        "WCH-1, PubMed for CLM-1: failed: PubMed returned an unexpected status (400); before that 0"
        in done.stderr
    )
    assert "WCH-2" in done.stdout
    assert "last error: PubMed returned an unexpected status (400)" in terminal.run("watch", "list").stdout
    with database.reading() as session:
        assert session.get_one(Claim, 1).last_searched_at is None


def test_a_dry_run_saves_nothing_and_uses_the_given_date(
    terminal: Terminal, services: Services, database: Database
) -> None:
    output = terminal.run("watch", "run", "--dry-run", "--since", "2020-01-31", "WCH-1").stdout
    assert "1 since 2020-01-31: 1 new, 0 known, 0 not relevant; nothing was saved." in output
    assert services.asked[0].query["mindate"] == "2020/01/31"
    with database.reading() as session:
        assert session.scalar(select(func.count(Candidate.id))) == 0
        assert session.scalar(select(func.count(WatchRun.id))) == 0


def test_an_unknown_watch_is_refused_before_any_is_run(terminal: Terminal, services: Services) -> None:
    assert "There is no watch “CLM-1”." in terminal.run("watch", "run", "WCH-1", "CLM-1", status=1).stderr
    assert services.asked == []


def test_a_watch_that_waits_for_review_is_skipped(terminal: Terminal, database: Database) -> None:
    with database.writing(Change(via=Via.COMMAND, review=True)) as session:
        make_watch(session, session.get_one(Claim, 1))
    assert "WCH-4" not in terminal.run("watch", "run").stdout
    assert " for review" in terminal.run("watch", "run", "WCH-4", status=1).stderr
    assert "WCH-4  PubMed for CLM-1  waiting for review" in terminal.run("watch", "list").stdout


def test_candidates_with_only_an_identifier_are_looked_up_again(
    terminal: Terminal, database: Database, services: Services
) -> None:
    services.say("/pubmed/esearch.fcgi", esearch(0))
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    with database.writing(BY_TEST) as session:
        for pmid in ("34196305", "1"):
            origin = Origin(kind=OriginKind.IDENTIFIER, detail=pmid)
            inbox.put(session, Reference(values={"pmid": pmid}), origin)
    lines = terminal.run("watch", "run").stdout.splitlines()
    assert lines[-1] == "Inbox: completed 1 of 2 candidates that had only an identifier."
    with database.reading() as session:
        assert [session.get_one(Candidate, number).is_complete for number in (1, 2)] == [True, False]
    assert "Inbox" not in terminal.run("watch", "run", "--dry-run").stdout
