"""Drafts of forms: saved, private, offered again, and deleted when the form is saved."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from webtest import TestResponse

from claims_app.models import Claim, Draft, Revision
from claims_app.rules.drafts import CONTENT_LENGTH, MOST
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_evidence, make_limitation, make_watch
from tests.support.browsing import Browser

SCRIPT = {"X-Part": "draft"}


@pytest.fixture
def ada(app: Flask) -> Browser:
    """A curator; CLM-1 has EVD-1 of STU-1, with LIM-1, and WCH-1."""
    browser = Browser(app)
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_limitation(session, make_evidence(session, claim))
        make_watch(session, claim)
    return browser.log_in()


def keep(browser: Browser, address: str = "/claims/new", status: int = 303, **values: str) -> TestResponse:
    """Fill in a form and save it as a draft."""
    form = browser.form(address)
    for name, value in values.items():
        form[name] = value
    return form.submit("intent", value="draft", status=status)


def by_script(form: object, **values: str) -> dict[str, str]:
    """Return the data that the script sends for a form, with other values."""
    fields = {name: value for name, value in form.submit_fields() if name}  # type: ignore[attr-defined]
    return {**fields, **values, "intent": "draft"}


def n_drafts(browser: Browser) -> int:
    """Return the number of drafts."""
    with browser.database.reading() as session:
        return session.scalar(select(func.count(Draft.id))) or 0


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/claims/new", "statement"),
        ("/claims/CLM-1/edit", "statement"),
        ("/studies/new", "title"),
        ("/studies/STU-1/edit", "title"),
        ("/claims/CLM-1/evidence/new", "summary"),
        ("/evidence/EVD-1/edit", "summary"),
        ("/claims/CLM-1/limitations/new", "text"),
        ("/evidence/EVD-1/limitations/new", "text"),
        ("/limitations/LIM-1/edit", "text"),
        ("/watches/new", "query"),
        ("/watches/WCH-1/edit", "query"),
    ],
)
def test_every_form_of_a_record_is_saved_as_a_draft_and_restored(
    ada: Browser, address: str, field: str
) -> None:
    page = keep(ada, address, **{field: "Half a sent"}).follow()
    assert "draft was saved" in page.text
    assert page.forms["record"][field].value == "Half a sent"
    later = ada.get(address)
    assert "You have a draft of this form" in later.text
    assert later.forms["record"][field].value != "Half a sent"
    assert later.click("Continue draft").forms["record"][field].value == "Half a sent"


def test_a_draft_may_be_invalid_and_changes_no_record(ada: Browser) -> None:
    with ada.database.reading() as session:
        before = session.scalar(select(func.count(Revision.id)))
    form = (
        keep(ada, statement="", new_topics="a, b", kind="mechanism", population="x" * 3000)
        .follow()
        .forms["record"]
    )
    assert form["new_topics"].value == "a, b"
    assert form["kind"].value == "mechanism"
    assert len(form["population"].value) == 3000
    with ada.database.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == before
        assert session.scalar(select(func.count(Claim.id))) == 1


def test_unselected_checkboxes_stay_unselected(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_claim(session, topics=["pain", "sleep"])
    form = ada.form("/claims/CLM-2/edit")
    form.fields["topics"][0].checked = False
    page = form.submit("intent", value="draft", status=303).follow()
    assert [box.checked for box in page.forms["record"].fields["topics"]] == [False, True]


def test_saving_the_record_deletes_its_draft(ada: Browser) -> None:
    form = keep(ada, statement="Sleep is worse.").follow().forms["record"]
    form["kind"] = "association"
    form.submit(status=303)
    assert n_drafts(ada) == 0
    assert "You began this" not in ada.get("/claims/new").text


def test_a_form_with_errors_keeps_its_draft(ada: Browser) -> None:
    form = keep(ada, statement="Sleep is worse.").follow().forms["record"]
    page = form.submit(status=422)
    assert n_drafts(ada) == 1
    page.forms["record"].submit("intent", value="draft", status=303)
    assert n_drafts(ada) == 1


@on_both_databases
def test_a_draft_is_visible_to_its_author_only(ada: Browser) -> None:
    keep(ada, statement="A secret thought.")
    other = Browser(ada.app).log_in(Role.ADMIN, "root")
    for address in ("/claims/new", "/claims/new?draft=1", "/drafts", "/changes", "/claims", "/claims.csv"):
        assert "A secret thought." not in other.get(address).text
    token = other.get("/").forms["logout"]["csrf_token"].value
    other.post("/drafts/1/discard", {"csrf_token": token}, 303)
    assert n_drafts(ada) == 1
    assert Browser(ada.app).get("/drafts", 303).location.startswith("/login")


def test_a_draft_is_discarded_on_its_form(ada: Browser) -> None:
    keep(ada, statement="Sleep")
    page = ada.get("/claims/new")
    [form] = [form for form in page.forms.values() if form.action.endswith("/discard")]
    page = form.submit(status=303).follow()
    assert page.request.path == "/claims/new"
    assert n_drafts(ada) == 0


def test_drafts_are_listed_with_their_input(ada: Browser) -> None:
    assert "No drafts." in ada.get("/drafts").text
    keep(ada, statement="<script>alert(1)</script>")
    keep(ada, "/claims/CLM-1/edit", outcome="Pain")
    page = ada.get("/drafts")
    assert [tag.text for tag in page.html.select(".history strong")] == ["Edit of CLM-1", "New claim"]
    assert "<script>alert(1)</script>" in page.html.select_one("main").get_text()
    assert not page.html.select("main script")
    assert page.click("New claim").forms["record"]["statement"].value == "<script>alert(1)</script>"
    assert "/drafts" in ada.get("/account").text


def test_a_draft_of_an_older_version_is_compared_when_it_is_submitted(ada: Browser) -> None:
    keep(ada, "/claims/CLM-1/edit", outcome="Pain")
    with ada.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Fatigue"
    form = ada.form("/claims/CLM-1/edit?draft=1")
    form["edit_summary"] = "More exact."
    page = form.submit(status=409)
    assert "Someone changed this" in page.text
    assert [cell.text for cell in page.html.select(".compare td")] == ["Fatigue", "Pain"]


@on_both_databases
def test_the_script_saves_a_draft_without_a_page(ada: Browser) -> None:
    form = ada.form("/claims/new")
    answer = ada.post("/claims/new", by_script(form, statement="Sle"), 204, headers=SCRIPT)
    state = answer.headers["X-Draft-State"]
    answer = ada.post(
        "/claims/new", by_script(form, statement="Sleep", draft_state=state), 204, headers=SCRIPT
    )
    assert answer.headers["X-Draft-State"] != state
    assert ada.form("/claims/new?draft=1")["statement"].value == "Sleep"


def test_another_window_does_not_overwrite_a_draft(ada: Browser) -> None:
    form = ada.form("/claims/new")
    keep(ada, statement="From the first window")
    answer = ada.post("/claims/new", by_script(form, statement="Other"), 409, headers=SCRIPT)
    assert "Another window" in answer.text
    form["statement"] = "Other"
    page = form.submit("intent", value="draft", status=409)
    assert "Other" in page.html.select_one("main").text
    assert ada.form("/claims/new?draft=1")["statement"].value == "From the first window"


def test_an_older_draft_is_replaced_on_request(ada: Browser) -> None:
    keep(ada, statement="Older")
    page = ada.get("/claims/new")
    assert not page.html.select("[data-drafts]")
    button = page.html.select_one("button[name=intent]")
    assert "replace the older one" in button.text
    fields = by_script(page.forms["record"], statement="Newer")
    ada.post(f"/claims/new{button['formaction']}", fields, 303)
    assert ada.form("/claims/new?draft=1")["statement"].value == "Newer"


def test_an_autosave_after_submission_makes_no_draft(ada: Browser) -> None:
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = "Sleep is worse.", "association"
    late = by_script(form)
    form.submit(status=303)
    ada.post("/claims/new", late, 204, headers=SCRIPT)
    assert n_drafts(ada) == 0


def test_a_draft_that_is_too_long_is_rejected_with_its_input(ada: Browser) -> None:
    page = keep(ada, status=422, statement="x" * CONTENT_LENGTH)
    assert "too long to save as a draft" in page.text
    assert "x" * CONTENT_LENGTH in page.text
    assert n_drafts(ada) == 0


@on_both_databases
def test_an_account_keeps_a_limited_number_of_drafts(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        for number in range(MOST):
            session.add(Draft(author_id=1, address=f"/{number}", label="L", content={}, state=1))
    assert "which is the maximum" in keep(ada, status=422, statement="One more").text


def test_a_draft_needs_a_csrf_token(ada: Browser) -> None:
    ada.post("/claims/new", {"intent": "draft", "statement": "Forged"}, 400)
    assert n_drafts(ada) == 0


def test_a_reader_cannot_save_drafts(ada: Browser) -> None:
    reader = Browser(ada.app).log_in(Role.READER, "rea")
    token = reader.get("/").forms["logout"]["csrf_token"].value
    reader.post("/claims/new", {"csrf_token": token, "intent": "draft", "statement": "No"}, 403)
    assert n_drafts(ada) == 0


def test_characters_that_nothing_can_hold_are_no_draft_and_lose_no_words(ada: Browser) -> None:
    page = keep(ada, status=422, statement="Sleep\0 is worse.")
    assert "is worse." in page.html.select_one(".typed").text
    assert n_drafts(ada) == 0


@pytest.mark.parametrize("address", ["claims", "//elsewhere.example", ""])
def test_a_draft_never_redirects_to_another_site(ada: Browser, address: str) -> None:
    with pytest.raises(IntegrityError), ada.database.writing(BY_TEST) as session:
        session.add(Draft(author_id=1, address=address, label="L", content={}, state=1))
