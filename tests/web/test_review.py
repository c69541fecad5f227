"""The review pages: the queue, decisions, and marks on public pages."""

import pytest
from flask import Flask

from claims_app.models import Claim
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser, errors, listed


@pytest.fixture
def carl(reviewed_app: Flask) -> Browser:
    """A curator, with review required; CLM-1 and EVD-1 are accepted."""
    browser = Browser(reviewed_app)
    with browser.database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session, topics=["pain"]), make_study(session, design="cohort"))
    return browser.log_in(name="carl")


@pytest.fixture
def edit(carl: Browser) -> Browser:
    """An editor in another browser."""
    return Browser(carl.app).log_in(Role.EDITOR, "edit")


def propose(browser: Browser, why: str = "More exact.", **values: str) -> str:
    """Propose other values for CLM-1, and return the address of the proposal."""
    form = browser.form("/claims/CLM-1/edit")
    for name, value in values.items():
        form[name] = value
    form["edit_summary"] = why
    return str(form.submit(status=303).location)


def add_claim(browser: Browser, statement: str = "Sleep is worse.") -> None:
    """Add a claim."""
    form = browser.form("/claims/new")
    form["statement"], form["kind"] = statement, "association"
    form.submit(status=303)


def decide(browser: Browser, address: str, decision: str, reason: str = "", status: int = 303) -> str:
    """Accept or reject at an address, and return the text of the response."""
    form = browser.get(address).forms["decision"]
    form["decision_reason"] = reason
    return str(form.submit("decision", value=decision, status=status).maybe_follow().text)


def test_what_a_curator_adds_is_public_and_marked(carl: Browser) -> None:
    add_claim(carl)
    reader = Browser(carl.app)
    assert "Waiting for review." in reader.get("/claims/CLM-2").text
    [entry] = [e for e in reader.get("/claims").html.select(".entry") if "CLM-2" in e.text]
    assert "Submitted" in entry.text


def test_files_contain_accepted_records_unless_others_are_requested(carl: Browser) -> None:
    add_claim(carl)
    assert "CLM-2" not in carl.get("/claims.csv").text
    assert "CLM-2" in carl.get("/claims.csv?review=submitted").text


def test_the_form_of_an_accepted_record_says_that_it_proposes(carl: Browser) -> None:
    assert "Propose a change" in carl.get("/claims/CLM-1").text
    page = carl.get("/claims/CLM-1/edit")
    assert "Propose change" in page.text
    assert page.html.select_one("#edit_summary").has_attr("required")


def test_a_proposal_is_shown_word_by_word_and_on_the_claim(carl: Browser) -> None:
    address = propose(carl, statement="Autoantibodies are elevated in adults with fibromyalgia.")
    page = Browser(carl.app).get(address)
    assert [tag.text for tag in page.html.select("del")] == ["people"]
    assert [tag.text for tag in page.html.select("ins")] == ["adults"]
    assert "1 proposed change is waiting for review" in carl.get("/claims/CLM-1").text
    assert "elevated in people" in carl.get("/claims/CLM-1").text


def test_a_proposal_without_a_reason_is_rejected(carl: Browser) -> None:
    form = carl.form("/claims/CLM-1/edit")
    form["outcome"] = "Pain"
    assert "Enter a reason for the change." in errors(form.submit(status=422))["edit_summary"]


def test_an_editor_accepts_and_the_claim_changes(carl: Browser, edit: Browser) -> None:
    text = decide(edit, propose(carl, outcome="Pain at rest"), "accept")
    assert "Accepted." in text
    page = carl.get("/claims/CLM-1")
    assert "Pain at rest" in page.text
    assert "More exact." in page.text


def test_a_rejection_needs_a_reason(carl: Browser, edit: Browser) -> None:
    address = propose(carl, outcome="Pain")
    assert "Enter a reason" in decide(edit, address, "reject", status=422)
    decide(edit, address, "reject", "Too vague.")
    assert "Too vague." in carl.get("/review?view=mine").text


def test_the_author_sees_why_they_cannot_decide(carl: Browser, edit: Browser) -> None:
    address = propose(edit, outcome="Pain")
    page = edit.get(address)
    assert "You cannot review your own work" in page.text
    assert "decision" not in page.forms


def test_a_conflicting_field_shows_three_values_and_has_to_be_decided(carl: Browser, edit: Browser) -> None:
    first = propose(carl, outcome="Pain")
    cleo = Browser(carl.app).log_in(name="cleo")
    form = cleo.form("/claims/CLM-1/edit")
    form["population"], form["edit_summary"] = "Adults", "Who."
    second = form.submit(status=303).location
    with carl.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Fatigue"
    assert "Choose the value of each field" in decide(edit, first, "accept", status=409)
    page = edit.get(first)
    shown = page.html.select_one("#choice-outcome").get_text(" ", strip=True)
    assert "Value when proposed: nothing" in shown
    assert "Keep the current value: Fatigue" in shown
    assert "Use the proposed value: Pain" in shown
    form = page.forms["decision"]
    form["choice-outcome"] = "proposed"
    form.submit("decision", value="accept", status=303)
    assert "Pain" in carl.get("/claims/CLM-1").text
    decide(edit, second, "accept")
    assert "Adults" in carl.get("/claims/CLM-1").text


def test_several_items_are_decided_at_once_but_independently(carl: Browser, edit: Browser) -> None:
    add_claim(carl)
    add_claim(carl, "Pain is worse.")
    form = edit.get("/review").forms["queue"]
    for box in form.fields["item"]:
        box.checked = True
    with carl.database.writing(BY_TEST) as session:
        session.get_one(Claim, 3).outcome = "Pain"
    page = form.submit("decision", value="accept", status=303).follow()
    assert "Accepted: CLM-2." in page.text
    assert "CLM-3 was changed" in page.text


def test_a_reason_for_several_is_kept_if_none_is_decided(carl: Browser, edit: Browser) -> None:
    add_claim(carl)
    form = edit.get("/review").forms["queue"]
    form["decision_reason"] = "Too vague."
    page = form.submit("decision", value="reject", status=422)
    assert "Select the items" in page.text
    assert page.forms["queue"]["decision_reason"].value == "Too vague."


def test_the_queue_is_oldest_first_and_shows_own_submissions_separately(carl: Browser, edit: Browser) -> None:
    add_claim(carl)
    propose(carl, outcome="Pain")
    listed = [tag.text for tag in edit.get("/review").html.select("[data-open]")]
    assert listed == ["CLM-2", "PRO-1"]
    assert edit.get("/review?view=mine").html.select("[data-open]") == []
    assert [tag.text for tag in carl.get("/review?view=mine").html.select("[data-open]")] == listed


@on_both_databases
def test_waiting_claims_can_be_filtered(carl: Browser) -> None:
    assert listed(carl.get("/claims?needs=review")) == []
    propose(carl, outcome="Pain")
    assert listed(carl.get("/claims?needs=review")) == ["CLM-1"]


def test_a_rejected_claim_is_in_no_list_and_its_page_says_so(carl: Browser, edit: Browser) -> None:
    add_claim(carl)
    decide(edit, "/review/CLM-2", "reject", "A duplicate.")
    assert "CLM-2" not in carl.get("/claims").html.select_one("main").text
    assert "Rejected in review." in carl.get("/claims/CLM-2").text
    assert "Edit and resubmit" in carl.get("/review/CLM-2").text
    assert "Mend it" not in edit.get("/review/CLM-2").text


def test_an_author_withdraws_a_proposal(carl: Browser) -> None:
    address = propose(carl, outcome="Pain")
    page = carl.get(address).forms["withdraw"].submit(status=303).follow()
    assert "Withdrawn" in page.text
    assert "withdraw" not in page.forms


@on_both_databases
def test_a_declared_conflict_of_interest_prevents_review(carl: Browser, edit: Browser) -> None:
    form = edit.get("/review/conflicts").forms["conflict"]
    assert "Choose a topic" in errors(form.submit(status=422))["topic"]
    form["topic"], form["text"] = "pain", "I own shares."
    assert "I own shares." in form.submit(status=303).follow().text
    address = propose(carl, outcome="Pain")
    page = edit.get(address)
    assert "declared a conflict of interest on “pain”" in page.text
    assert "decision" not in page.forms


def test_submissions_of_others_cannot_be_edited_and_say_why(carl: Browser, edit: Browser) -> None:
    add_claim(carl)
    page = edit.get("/claims/CLM-2")
    assert "/claims/CLM-2/edit" not in page.text
    assert "only its author can change it" in page.text
    assert "only its author can change it" in edit.get("/claims/CLM-2/edit", status=403).text


@on_both_databases
@pytest.mark.parametrize("name", ["Goebel, Andreas", "Goebel A"])
def test_authors_of_the_study_are_warned(carl: Browser, edit: Browser, name: str) -> None:
    with carl.database.writing(BY_TEST) as session:
        make_study(session, authors="Krock, E\nGoebel, A")
    form = edit.get("/account/name").forms["record"]
    form["full_name"] = name
    assert name in form.submit(status=303).follow().text
    assert "appear to be an author" in edit.get("/studies/STU-2").text
    assert "appear to be an author" not in carl.get("/studies/STU-2").text
    form = carl.form("/studies/STU-2/edit")
    form["journal"], form["edit_summary"] = "JCI", "Add the journal."
    address = form.submit(status=303).location
    assert "appear to be an author" in edit.get(address).text
    form = edit.form("/claims/CLM-1/evidence/new")
    form["study_id"], form["direction"], form["n_cases"] = "STU-2", "supports", "8"
    assert "seem to be an author" in form.submit(status=303).follow().text


@pytest.mark.parametrize("address", ["/review/CLM-99", "/review/XYZ-1", "/review/PRO-1", "/proposals/PRO-9"])
def test_unknown_records_are_not_found(carl: Browser, address: str) -> None:
    answer = carl._web.get(address, expect_errors=True).maybe_follow(expect_errors=True)
    assert answer.status_int == 404


def test_without_review_nothing_mentions_it(app: Flask) -> None:
    browser = Browser(app).log_in()
    add_claim(browser)
    page = browser.get("/claims/CLM-1")
    assert "review" not in page.html.select_one("main").text.lower()
    assert "Edit" in page.text


def test_what_another_change_overtook_is_shown_and_proposed_again(carl: Browser, edit: Browser) -> None:
    cleo = Browser(carl.app).log_in(name="cleo")
    first, second = propose(carl, outcome="Pain"), propose(cleo, outcome="Fatigue", population="Adults")
    decide(edit, first, "accept")
    assert "1 new decision" in cleo.get("/claims").text
    page = cleo.get("/claims").click("1 new decision")
    assert "PRO-1 was accepted first and changed: Outcome. new" in " ".join(page.html.text.split())
    page = cleo.get(second)
    assert "new decision" not in page.text
    row = page.html.find("th", string="Outcome").parent
    assert [cell.text for cell in row("td")] == ["empty", "Pain", "Fatigue"]
    again = page.forms["again"].submit(status=303).follow()
    assert "Submitted for review as PRO-3" in again.text
    assert "Proposed again as PRO-3" in cleo.get(second).text
    text = decide(edit, "/review/PRO-3", "accept")
    assert "Accepted." in text
    claim = cleo.get("/claims/CLM-1").text
    assert "Fatigue" in claim
    assert "Adults" in claim
