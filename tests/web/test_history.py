"""The history in the browser: lists, diffs, reverting and the feed."""

import datetime
from xml.etree import ElementTree

import pytest

from claims_app.models import Claim, EvidenceItem
from claims_app.services.history import changes
from claims_app.services.records import claims
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_limitation
from tests.support.browsing import Browser

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def edited(browser: Browser) -> Browser:
    """CLM-1, created via a command and changed by ada, who is logged in."""
    with browser.database.writing(BY_TEST) as session:
        make_claim(session, outcome="levels", topics=["Pain"])
    browser.log_in()
    form = browser.form("/claims/CLM-1/edit")
    form["statement"] = "Autoantibodies may be elevated in people with fibromyalgia."
    form["outcome"] = "titres"
    form["edit_summary"] = "As the paper puts it."
    form.submit(status=303)
    return browser


def test_the_history_says_who_did_what_when_and_why(edited: Browser) -> None:
    page = edited.get("/claims/CLM-1/history")
    (changed, created) = (tag.get_text(" ", strip=True) for tag in page.html.select(".history > li"))
    assert "Changed: statement, outcome ada (curator)" in " ".join(changed.split())
    assert "As the paper puts it." in changed
    assert "Created Command" in " ".join(created.split())


def test_one_change_is_shown_word_by_word(edited: Browser) -> None:
    page = edited.get("/claims/CLM-1/history/2")
    (statement, outcome) = page.html.select(".changes tbody tr")
    assert [tag.get_text() for tag in statement.select("del")] == ["are"]
    assert [tag.get_text() for tag in statement.select("ins")] == ["may be"]
    assert [tag.get_text(strip=True) for tag in outcome.select("td")] == ["levels", "titres"]


def test_any_two_versions_are_compared(edited: Browser) -> None:
    page = edited.get("/claims/CLM-1/history?first=2&second=1")
    assert [tag.get_text() for tag in page.html.select(".changes ins")] == ["are"]


def test_input_is_escaped_in_the_history(edited: Browser) -> None:
    form = edited.form("/claims/CLM-1/edit")
    form["statement"] = "<script>alert(1)</script> and <b>bold</b> words in it."
    form["edit_summary"] = "<i>why</i>"
    form.submit(status=303)
    for address in ("/claims/CLM-1/history/3", "/claims/CLM-1/history", "/changes", "/feed.atom"):
        text = edited.get(address).text
        assert "<script>alert" not in text
        assert "<i>why" not in text


def test_a_claim_is_reverted_with_a_reason(edited: Browser) -> None:
    form = edited.form("/claims/CLM-1/history/1")
    form["edit_summary"] = "It was right."
    page = form.submit(status=303).follow()
    assert page.html.h1.get_text(strip=True) == CLAIM["statement"]
    assert "It was right." in edited.get("/claims/CLM-1/history/3").text


def test_an_appraisal_cannot_be_reverted(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_appraisal(session)
    assert edited.get("/appraisals/APR-1/history/1").html.find("form", id="record") is None
    fields = edited.form("/claims/CLM-1/history/1").fields
    sent = {name: fields[name][0].value for name in ("csrf_token", "form_token", "version")}
    page = edited.post("/appraisals/APR-1/history/1", sent | {"edit_summary": "Back."}, status=422)
    assert "APR-1 never changes" in page.text


def test_reverting_after_another_change_is_rejected(edited: Browser) -> None:
    form = edited.form("/claims/CLM-1/history/1")
    with edited.database.writing(BY_TEST) as session:
        claims.update_claim(session, session.get_one(Claim, 1), 2, {**CLAIM, "outcome": "by another"})
    page = form.submit(status=409)
    assert "Someone else changed this record" in page.text
    assert "by another" in edited.get("/claims/CLM-1").text


def test_a_deleted_record_links_to_its_history_and_is_restored_there(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_limitation(session, session.get_one(Claim, 1), text="Few people.")
    form = edited.form("/limitations/LIM-1/delete")
    form["edit_summary"] = "By mistake."
    form.submit(status=303)
    gone = edited.get("/limitations/LIM-1", status=410)
    page = gone.click("Last version")
    assert "Few people." in page.text
    form = page.forms["record"]
    form["edit_summary"] = "It belongs here."
    assert "Few people." in form.submit(status=303).follow().text
    assert "Few people." in edited.get("/claims/CLM-1").text


def test_a_reader_cannot_revert(edited: Browser) -> None:
    reader = Browser(edited.app).log_in(Role.READER, "bob")
    assert "record" not in reader.get("/claims/CLM-1/history/1").forms
    token = reader.get("/").forms["logout"]["csrf_token"].value
    for address in ("/claims/CLM-1/history/1", "/claims/CLM-1/restore"):
        reader.post(address, {"csrf_token": token, "version": "2"}, status=403)
        Browser(edited.app).post(address, {"version": "2"}, status=403)
    with edited.database.reading() as session:
        assert session.get_one(Claim, 1).version == 2


@on_one_database
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/claims/CLM-1/history/9", 404),
        ("/claims/CLM-9/history", 404),
        ("/claims/EVD-1/history", 404),
        ("/claims/CLM-1/history?first=1&second=x", 404),
        ("/claims/CLM-1/history?after=nonsense", 400),
        ("/claims/CLM-1/history?per_page=x", 400),
        ("/changes?by=nobody", 200),
        ("/changes?record=dog", 400),
        ("/changes?since=yesterday", 400),
        ("/changes?claim=STU-1", 400),
        ("/changes?unknown=1", 400),
        ("/feed.atom?topic=none", 200),
        ("/feed.atom?unknown=1", 400),
        ("/topics/TOP-1/history/1", 200),
    ],
)
def test_odd_addresses_get_a_plain_answer(edited: Browser, address: str, status: int) -> None:
    edited.get(address, status=status)


@on_both_databases
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"CLM-1", "TOP-1", "EVD-1", "CLM-2", "STU-1"}),
        ("?claim=CLM-1", {"CLM-1"}),
        ("?claim=CLM-2", {"CLM-2", "EVD-1"}),
        ("?topic=pain", {"CLM-1"}),
        ("?record=evidence&record=topic", {"EVD-1", "TOP-1"}),
        ("?action=update", {"CLM-1"}),
        ("?by=ada", {"CLM-1"}),
        ("?via=web", {"CLM-1"}),
        ("?until=2000-01-01", set()),
        (f"?since={datetime.datetime.now(datetime.UTC):%Y-%m-%d}&by=ADA", {"CLM-1"}),
    ],
)
def test_all_changes_can_be_filtered(edited: Browser, query: str, names: set[str]) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_evidence(session)
    found = edited.get(f"/changes{query}").html.select(".history .identifier")
    assert {tag.get_text() for tag in found} == names


@on_both_databases
def test_users_see_changes_by_others_that_they_have_not_seen(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_claim(session)
    edited.get("/changes").forms["seen"].submit(status=303)
    assert "seen" not in edited.get("/changes").forms
    with edited.database.writing(BY_TEST) as session:
        make_claim(session, statement="A newer claim.")
    page = edited.get("/changes?new=1")
    assert [tag.get_text() for tag in page.html.select(".history .identifier")] == ["CLM-3"]
    page.forms["seen"].submit(status=303)
    assert "You have seen all changes." in edited.get("/changes?new=1").text


def test_own_changes_do_not_count_as_new(edited: Browser) -> None:
    assert "seen" not in edited.get("/changes").forms
    form = edited.form("/claims/CLM-1/edit")
    form["outcome"] = "concentrations"
    form.submit(status=303)
    assert "seen" not in edited.get("/changes").forms


def test_the_feed_is_atom_with_an_entry_for_each_change(edited: Browser) -> None:
    response = edited.get("/feed.atom?claim=CLM-1")
    assert response.content_type == "application/atom+xml"
    feed = ElementTree.fromstring(response.body)
    titles = [tag.text for tag in feed.findall("a:entry/a:title", ATOM)]
    assert titles == ["CLM-1: Changed: statement, outcome", "CLM-1: Created"]
    ids = [tag.text or "" for tag in feed.findall("a:entry/a:id", ATOM)]
    assert ids[0].endswith("/claims/CLM-1/history/2")
    updated = feed.findtext("a:updated", namespaces=ATOM)
    assert updated == feed.findtext("a:entry/a:updated", namespaces=ATOM)
    assert updated is not None
    datetime.datetime.fromisoformat(updated)


def test_the_feed_of_a_list_has_the_changes_of_its_claims(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_claim(session, topics=["Sleep"])
    address = edited.get("/claims?topic=sleep").html.find("a", string="Feed")["href"]
    assert address == "/claims.atom?topic=sleep"
    feed = ElementTree.fromstring(edited.get(address).body)
    assert feed.findtext("a:title", namespaces=ATOM) == "Claims: changes of claims with Topic: Sleep"
    [entry] = feed.findall("a:entry/a:title", ATOM)
    assert (entry.text or "").endswith(": Created")
    edited.get("/claims.atom?colour=red", status=400)


def test_the_feed_gives_the_conclusion_of_an_appraisal_with_its_level(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        make_appraisal(session)
    feed = edited.get("/feed.atom").text
    assert "Conclusion: Supported; Evidence level: Low certainty" in feed


def test_an_unchanged_feed_is_not_sent_again(edited: Browser) -> None:
    etag = edited.get("/feed.atom").headers["ETag"]
    edited.get("/feed.atom", status=304, headers={"If-None-Match": etag})
    with edited.database.writing(BY_TEST) as session:
        make_claim(session)
    edited.get("/feed.atom", headers={"If-None-Match": etag})


def test_the_history_stays_when_its_record_is_gone(edited: Browser) -> None:
    form = edited.form("/claims/CLM-1/delete")
    form["edit_summary"] = "Not a claim."
    form.submit(status=303)
    page = edited.get("/claims/CLM-1/history")
    assert "Not a claim." in page.text
    assert "3 changes" in page.text


@on_both_databases
def test_a_long_history_is_read_page_by_page(edited: Browser) -> None:
    with edited.database.writing(BY_TEST) as session:
        item = make_evidence(session, session.get_one(Claim, 1))
        for number in range(30):
            make_limitation(session, session.get_one(EvidenceItem, item.id), text=f"Limitation {number}.")
    page = edited.get("/claims/CLM-1/history?per_page=10")
    assert len(page.html.select(".history > li")) == 10
    assert "per_page=10" in page.html.select_one(".pager__next")["href"]
    older = page.click("Next")
    assert len(older.html.select(".history > li")) == 10


def test_changes_are_counted_up_to_a_limit(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_COUNTED", 2)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
        make_claim(session)
    assert "<strong>2</strong> changes" in browser.get("/changes").text
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    assert "More than <strong>2</strong> changes" in browser.get("/changes").text
