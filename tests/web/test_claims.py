"""The pages and forms of claims, used as in a browser."""

import re

import pytest

from claims_app.models import Claim
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.factories import CLAIM, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser, errors


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator who is logged in."""
    return browser.log_in()


@pytest.fixture
def claim(browser: Browser) -> str:
    """The identifier of a claim."""
    with browser.database.writing(BY_TEST) as session:
        return make_claim(session).public_id


def test_a_claim_is_added_with_all_its_parts(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        study = make_study(session, title="The article")
    form = curator.form("/claims/new")
    form["statement"] = "Autoantibodies are elevated."
    form["kind"] = "association"
    form["population"] = "people with fibromyalgia"
    form["new_topics"] = "Auto-antibodies, Fibromyalgia"
    form["origin_study_id"] = study.public_id
    form["origin_section"] = "Key findings"
    form["origin_quote"] = "elevated levels of specific autoantibodies"
    form["edit_summary"] = "Read in the paper."
    page = form.submit(status=303).follow()
    assert page.html.h1.get_text(strip=True) == "Autoantibodies are elevated."
    for text in (
        "people with fibromyalgia",
        "Auto-antibodies",
        "Key findings",
        "elevated levels",
        "Not assessed",
    ):
        assert text in page.text
    assert "Read in the paper." in page.text


@on_both_databases
def test_topics_are_distinguished_by_name_and_added_once(curator: Browser) -> None:
    for number, topics in enumerate(["TNF-α", "TNF-β, TNF-α, tnf", "ожирение"], start=1):
        form = curator.form("/claims/new")
        form["statement"], form["kind"], form["new_topics"] = f"Claim {number}", "mechanism", topics
        form.submit(status=303)
    pages = [curator.get(f"/claims/CLM-{number}").html for number in (1, 2, 3)]
    shown = [[tag.get_text() for tag in page.select_one(".topics").select("a")] for page in pages]
    assert shown == [["TNF-α"], ["TNF-α", "TNF-β"], ["ожирение"]]


@on_one_database
def test_a_claim_in_the_same_words_is_added_after_a_confirmation(curator: Browser, claim: str) -> None:
    form = curator.form("/claims/new")
    form["statement"], form["kind"] = str(CLAIM["statement"]).upper(), "mechanism"
    page = form.submit(status=422)
    assert "This looks like" in page.text
    assert page.html.select_one(f".notice a[href='/claims/{claim}']")
    again = page.forms["record"]
    again["duplicate_is_meant"] = True
    again.submit(status=303)


def test_a_claim_needs_a_statement_and_a_kind(curator: Browser) -> None:
    page = curator.form("/claims/new").submit(status=422)
    assert errors(page) == {"statement": "Enter a statement.", "kind": "Choose the kind."}


def test_input_is_kept_after_an_error(curator: Browser) -> None:
    form = curator.form("/claims/new")
    form["statement"] = "Typed with care"
    form["new_topics"] = "a new topic"
    again = form.submit(status=422).forms["record"]
    assert again["statement"].value == "Typed with care"
    assert again["new_topics"].value == "a new topic"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("statement", "x" * 501, "Use at most 500 characters"),
        ("statement", "   ", "Enter a statement."),
        ("statement", "a\x07b", "Remove the control character U+0007"),
        ("origin_study_id", "STU-99", "There is no such study"),
        ("origin_study_id", "somewhere", "such as STU-14"),
        ("origin_section", "Results", "Enter the study"),
    ],
)
def test_bad_input_is_an_error_at_its_field(curator: Browser, field: str, value: str, sentence: str) -> None:
    form = curator.form("/claims/new")
    form["statement"], form["kind"] = "A statement", "mechanism"
    form[field] = value
    page = form.submit(status=422)
    assert any(sentence in text for text in errors(page).values()), errors(page)
    with curator.database.reading() as session:
        assert session.get(Claim, 1) is None


def test_an_edit_is_saved_with_its_reason_in_the_history(curator: Browser, claim: str) -> None:
    form = curator.form(f"/claims/{claim}/edit")
    form["comparator"] = "healthy controls"
    form["edit_summary"] = "The paper says so."
    page = form.submit(status=303).follow()
    assert "healthy controls" in page.text
    assert "The paper says so." in page.text
    assert "Version 2" in page.text


def test_saving_without_a_change_makes_no_new_version(curator: Browser, claim: str) -> None:
    page = curator.form(f"/claims/{claim}/edit").submit(status=303).follow()
    assert "Version 1" in page.text


@on_both_databases
def test_the_second_of_two_editors_is_shown_both_versions_and_loses_nothing(
    curator: Browser, claim: str
) -> None:
    first, second = (curator.form(f"/claims/{claim}/edit") for _ in range(2))
    first["outcome"] = "antibody levels"
    first.submit(status=303)
    second["outcome"] = "titres"
    page = second.submit(status=409)
    row = page.html.find("th", string="Outcome").parent
    assert [cell.get_text() for cell in row("td")] == ["antibody levels", "titres"]
    page.forms["record"].submit(status=303)
    assert "titres" in curator.get(f"/claims/{claim}").text


def test_a_conflict_names_who_changed_what_when_and_why(curator: Browser, claim: str) -> None:
    bob = Browser(curator.app).log_in(name="bob")
    first, second = bob.form(f"/claims/{claim}/edit"), curator.form(f"/claims/{claim}/edit")
    first["outcome"], first["edit_summary"] = "antibody levels", "As in the paper."
    first.submit(status=303)
    second["outcome"], second["comparator"] = "titres", "healthy controls"
    page = second.submit(status=409)
    notice = page.html.select_one(".conflict")
    assert re.search(r"bob, .* UTC: As in the paper\.", " ".join(notice.text.split()))
    assert [row.th.text for row in notice.select("tbody tr")] == ["Outcome"]
    saved = page.forms["record"].submit(status=303).follow().text
    assert "titres" in saved
    assert "healthy controls" in saved


def test_a_conflict_with_oneself_says_so(curator: Browser, claim: str) -> None:
    form = curator.form(f"/claims/{claim}/edit")
    for outcome, status in (("levels", 303), ("titres", 409)):
        form["outcome"] = outcome
        page = form.submit(status=status)
    assert "You have saved another version" in page.text


def test_changes_of_the_other_user_are_kept(curator: Browser, claim: str) -> None:
    first, second = (curator.form(f"/claims/{claim}/edit") for _ in range(2))
    first["outcome"], first["kind"], first["new_topics"] = "antibody levels", "mechanism", "Pain"
    first.submit(status=303)
    second["comparator"] = "healthy controls"
    page = second.submit(status=409)
    assert "has the values of the other version: Kind, Topics, Outcome" in " ".join(
        page.html.get_text(" ").split()
    )
    assert page.html.select(".compare") == []
    assert "the form keeps your values: Comparator." in " ".join(page.html.text.split())
    saved = page.forms["record"].submit(status=303).follow()
    for text in ("antibody levels", "healthy controls", "Mechanism", "Pain"):
        assert text in saved.text


def test_a_form_sent_twice_is_saved_once(curator: Browser) -> None:
    form = curator.form("/claims/new")
    form["statement"], form["kind"] = "Only once", "mechanism"
    first = form.submit(status=303)
    second = form.submit(status=303)
    assert first.location == second.location
    assert "already saved" in second.follow().text
    assert "1</strong> claim" in curator.get("/claims").text


def test_an_edit_sent_twice_is_no_conflict_with_itself(curator: Browser, claim: str) -> None:
    form = curator.form(f"/claims/{claim}/edit")
    form["outcome"] = "levels"
    form.submit(status=303)
    form.submit(status=303)
    assert "Version 2" in curator.get(f"/claims/{claim}").text


def test_a_form_sent_after_logout_saves_nothing_and_shows_the_input(curator: Browser, claim: str) -> None:
    form = curator.form(f"/claims/{claim}/edit")
    form["outcome"] = "typed before I was logged out"
    curator.log_out()
    page = form.submit(status=403)
    assert "nothing was saved" in page.text
    assert "typed before I was logged out" in page.text
    assert "Version 1" in curator.get(f"/claims/{claim}").text


def test_a_deleted_claim_says_when_and_why_and_keeps_its_identifier(curator: Browser, claim: str) -> None:
    form = curator.form(f"/claims/{claim}/delete")
    form["edit_summary"] = "Entered twice."
    form.submit(status=303)
    page = curator.get(f"/claims/{claim}", status=410)
    assert "Entered twice." in page.text
    assert "ada" in page.text
    new = curator.form("/claims/new")
    new["statement"], new["kind"] = "The next one", "mechanism"
    assert new.submit(status=303).location.endswith("/claims/CLM-2")


def test_deleting_needs_a_reason(curator: Browser, claim: str) -> None:
    page = curator.form(f"/claims/{claim}/delete").submit(status=422)
    assert "Enter a reason" in errors(page)["edit_summary"]
    curator.get(f"/claims/{claim}")


def test_a_claim_with_evidence_or_limitations_is_not_deleted(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim)
        make_limitation(session, claim)
    form = curator.form(f"/claims/{claim.public_id}/delete")
    form["edit_summary"] = "no reason"
    page = form.submit(status=409)
    assert "EVD-1" in page.text
    assert "LIM-1" in page.text
    curator.get(f"/claims/{claim.public_id}")


def test_a_claim_that_someone_else_changed_is_not_deleted(curator: Browser, claim: str) -> None:
    delete, edit = curator.form(f"/claims/{claim}/delete"), curator.form(f"/claims/{claim}/edit")
    edit["outcome"] = "something better"
    edit.submit(status=303)
    delete["edit_summary"] = "Nothing in it."
    assert "Nothing was deleted" in delete.submit(status=409).text


def test_an_edit_of_a_deleted_claim_keeps_what_was_typed(curator: Browser, claim: str) -> None:
    edit, delete = curator.form(f"/claims/{claim}/edit"), curator.form(f"/claims/{claim}/delete")
    delete["edit_summary"] = "Gone."
    delete.submit(status=303)
    edit["outcome"] = "typed in vain"
    assert "typed in vain" in edit.submit(status=410).text


@pytest.mark.parametrize("identifier", ["CLM-99", "CLM-0", "CLM-x", "STU-1", "CLM-99999999999999999999"])
def test_an_unknown_claim_is_not_found(browser: Browser, identifier: str) -> None:
    assert "There is no claim" in browser.get(f"/claims/{identifier}", status=404).text


def test_a_reader_is_offered_no_editing_and_gets_a_reason(browser: Browser, claim: str) -> None:
    browser.log_in(Role.READER, "rita")
    assert "/edit" not in browser.get(f"/claims/{claim}").text
    assert "A reader cannot" in browser.get(f"/claims/{claim}/edit", status=403).text
