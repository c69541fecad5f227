"""Saved views on the pages: saved from a list, opened, renamed and deleted."""

from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_claim
from tests.support.browsing import Browser


def test_a_view_is_saved_opened_renamed_and_deleted(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    browser.log_in(Role.READER, "rita")
    link = browser.get("/matrix?topic=pain&sort=newest").html.find("a", string="Save this view")
    form = browser.get(link["href"]).forms["record"]
    form["name"] = ""
    form = form.submit(status=422).forms["record"]
    form["name"] = "About pain"
    page = form.submit(status=303).follow()
    assert "Matrix: Topic: Pain" in page.html.text
    assert page.html.find("a", string="About pain")["href"] == "/matrix?topic=pain&sort=newest"
    form = browser.get("/views/1/edit").forms["record"]
    form["name"] = "Pain"
    page = form.submit(status=303).follow()
    assert page.html.find("a", string="Pain") is not None
    delete = next(form for form in page.forms.values() if form.action == "/views/1/delete")
    assert "No saved views yet" in delete.submit(status=303).follow().html.text


def test_readers_without_an_account_are_not_offered_to_save(browser: Browser) -> None:
    assert browser.get("/claims").html.find("a", string="Save this view") is None
