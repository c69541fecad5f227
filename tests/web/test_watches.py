"""The pages of watches: forms, list, and the search note on a claim."""

import datetime
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask

from claims_app.database import Database
from claims_app.lookup.errors import Unavailable
from claims_app.models import Proposal, Watch
from claims_app.rules.reference import Reference
from claims_app.services.intake import watch_runner
from claims_app.vocabulary import RecordType, ReviewState, Role, WatchService, WatchState
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_watch
from tests.support.browsing import Browser, errors

NASTY = '<script>alert(1)</script>"fibromyalgia"[tiab] AND IgG & mice'


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """A curator; WCH-1 is for CLM-1, which has a topic."""
    with browser.database.writing(BY_TEST) as session:
        make_watch(session, make_claim(session, topics=["Pain"]))
    return browser.log_in()


def run(database: Database, *pages: Sequence[Reference] | Exception) -> str:
    """Run the first watch, and return the date."""

    def search(service: WatchService, query: str, since: datetime.date) -> Iterator[Sequence[Reference]]:
        for page in pages:
            if isinstance(page, Exception):
                raise page
            yield page

    watch_runner.run(database, 1, search, BY_TEST)
    return database.clock().date().isoformat()


def papers(count: int) -> list[Reference]:
    """Return the response of a service about some papers."""
    return [
        Reference(values={"title": f"Paper {number}", "pmid": str(number)}) for number in range(1, count + 1)
    ]


def watch(browser: Browser, number: int) -> Watch:
    """Return the current version of a watch."""
    with browser.database.reading() as session:
        return session.get_one(Watch, number)


def text_of(browser: Browser, address: str) -> str:
    """Return the text of a page."""
    return " ".join(browser.get(address).html.select_one("main").get_text(" ").split())


def test_a_claim_links_to_the_form_for_a_watch(ada: Browser) -> None:
    form = ada.get("/claims/CLM-1").click("Add a watch").forms["record"]
    assert form["claim_id"].value == "CLM-1"
    form["query"] = NASTY
    form["service"] = "europe_pmc"
    form["note"] = "Titles and abstracts alone."
    page = form.submit(status=303).follow()
    assert page.request.path == "/watches/WCH-2"
    made = watch(ada, 2)
    assert (made.query, made.claim_id, made.service) == (NASTY, 1, WatchService.EUROPE_PMC)
    assert made.state is WatchState.ACTIVE
    assert "<script>alert" not in page.text
    assert "<script>alert" not in ada.get("/watches").text
    assert "2 watches" in ada.get("/claims/CLM-1").text


def test_a_watch_for_a_topic_is_chosen_from_the_list(ada: Browser) -> None:
    form = ada.form("/watches/new")
    form["query"] = "pain"
    form["topic_id"].select(text="Pain")
    form.submit(status=303)
    assert (watch(ada, 2).claim_id, watch(ada, 2).topic_id) == (None, 1)
    assert "the topic Pain" in text_of(ada, "/watches")
    assert ada.form("/watches/WCH-2/edit")["topic_id"].value == "TOP-1"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"query": ""}, "query"),
        ({"claim_id": ""}, "claim_id"),
        ({"topic_id": "TOP-1"}, "claim_id"),
        ({"claim_id": "CLM-99"}, "claim_id"),
        ({"claim_id": "the first"}, "claim_id"),
    ],
)
def test_invalid_input_is_reported_at_its_field(ada: Browser, typed: dict[str, str], field: str) -> None:
    form = ada.form("/watches/new?claim=CLM-1")
    form["query"] = "pain"
    for name, value in typed.items():
        form[name] = value
    assert list(errors(form.submit(status=422))) == [field]


def test_the_second_of_two_edits_sees_both_versions(ada: Browser) -> None:
    mine, other = ada.form("/watches/WCH-1/edit"), ada.form("/watches/WCH-1/edit")
    other["query"] = "fibromyalgia AND IgM"
    other.submit(status=303)
    mine["query"] = "fibromyalgia AND IgA"
    page = mine.submit(status=409)
    assert "fibromyalgia AND IgM" in page.html.select_one(".conflict").text
    page.forms["record"].submit(status=303)
    assert watch(ada, 1).query == "fibromyalgia AND IgA"


def test_a_deleted_watch_keeps_its_history_and_can_be_restored(ada: Browser) -> None:
    form = ada.form("/watches/WCH-1/delete")
    form["edit_summary"] = "Too wide."
    form.submit(status=303)
    assert "Too wide." in ada.get("/watches/WCH-1", status=410).text
    page = ada.get("/watches/WCH-1/history/2")
    page.forms["record"].submit(status=303)
    assert "fibromyalgia AND IgG" in ada.get("/watches/WCH-1").text


@on_both_databases
def test_the_history_shows_the_query_word_by_word_and_can_revert(ada: Browser) -> None:
    form = ada.form("/watches/WCH-1/edit")
    form["query"] = "fibromyalgia AND IgM"
    form["edit_summary"] = "IgG is done."
    form.submit(status=303)
    page = ada.get("/watches/WCH-1/history/2")
    assert page.html.select_one("ins").text.strip() == "IgM"
    assert "Changed: search" in ada.get("/watches/WCH-1/history").text
    assert "IgG is done." in ada.get("/claims/CLM-1/history").text
    form = ada.get("/watches/WCH-1/history/1").forms["record"]
    form["edit_summary"] = "Not yet."
    form.submit(status=303)
    assert watch(ada, 1).query == "fibromyalgia AND IgG"


@on_both_databases
def test_the_list_shows_the_last_search_candidates_and_errors(ada: Browser) -> None:
    assert "Never searched." in text_of(ada, "/watches")
    day = run(ada.database, papers(2))
    assert f"Last searched {day} , 2 candidates since." in text_of(ada, "/watches")
    run(ada.database, papers(1), Unavailable("PubMed is down."))
    words = text_of(ada, "/watches/WCH-1")
    assert "Incomplete: PubMed is down." in words
    assert "2 new, 0 already known" in words
    assert "The last run failed: PubMed is down." in text_of(ada, "/watches")


def test_the_claim_shows_everyone_when_it_was_searched(ada: Browser) -> None:
    assert "Literature not searched yet" in text_of(Browser(ada.app), "/claims/CLM-1")
    day = datetime.date.fromisoformat(run(ada.database, papers(7)))
    reader = Browser(ada.app)
    words = text_of(reader, "/claims/CLM-1")
    assert f"Literature last searched {day.day} {day:%B %Y} , 7 candidates since." in words
    assert "last searched" in words
    assert "literature search not documented" not in words
    assert "Add a watch" not in words
    assert reader.get("/claims.csv").text.count(f"{day}T") >= 1
    assert "Last searched" in text_of(reader, "/watches/WCH-1")


def test_a_claim_without_watches_does_not_mention_searches(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_claim(session)
    assert "earched" not in text_of(ada, "/claims/CLM-2").replace("literature search not documented", "")


@pytest.mark.parametrize("address", ["/watches/new", "/watches/WCH-1/edit", "/watches/WCH-1/delete"])
def test_readers_do_not_write_watches(ada: Browser, address: str) -> None:
    assert "/login" in Browser(ada.app).get(address, status=303).location
    Browser(ada.app).log_in(Role.READER, "eve").get(address, status=403)


def test_a_watch_of_the_past_is_shown_without_its_runs(ada: Browser) -> None:
    ada.get("/watches/WCH-1?as_of=2020-01-01", status=404)


@on_both_databases
def test_with_review_a_watch_waits_and_a_change_is_proposed(reviewed_app: Flask) -> None:
    browser = Browser(reviewed_app)
    with browser.database.writing(BY_TEST) as session:
        make_watch(session)
    curator = browser.log_in()
    form = curator.form("/watches/new?claim=CLM-1")
    form["query"] = "pain"
    form.submit(status=303)
    assert watch(curator, 2).review_state is ReviewState.SUBMITTED
    form = curator.form("/watches/WCH-1/edit")
    form["query"], form["edit_summary"] = "fibromyalgia", "Wider."
    form.submit(status=303)
    assert watch(curator, 1).query == "fibromyalgia AND IgG"
    with curator.database.reading() as session:
        proposal = session.get_one(Proposal, 1)
        assert (proposal.target_type, proposal.claim_id) == (RecordType.WATCH, 1)
    editor = Browser(reviewed_app).log_in(Role.EDITOR, "bob")
    assert "New watch" in editor.get("/review").text
    for name in ("WCH-2", "PRO-1"):
        editor.get(f"/review/{name}").forms["decision"].submit("decision", value="accept", status=303)
    assert watch(editor, 2).is_accepted
    assert watch(editor, 1).query == "fibromyalgia"
