"""A form that is sent again after “Back”: the same content is saved once, other content is never lost."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from claims_app.models import Comment, Draft, FormSubmission
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_limitation, make_study, make_watch
from tests.support.browsing import Browser

NEW = {
    "/claims/new": {"statement": "", "kind": "mechanism"},
    "/studies/new": {"title": ""},
    "/claims/CLM-1/evidence/new": {"summary": "", "study_id": "STU-2", "direction": "supports"},
    "/claims/CLM-1/limitations/new": {"text": "", "kind": "small_sample"},
    "/evidence/EVD-1/limitations/new": {"text": "", "kind": "small_sample"},
    "/watches/new": {"query": "", "claim_id": "CLM-1"},
    "/comments/on/CLM-1": {"text": ""},
    "/flags/on/CLM-1": {"text": "", "kind": "unclear"},
    "/studies/STU-1/texts/new": {"label": "", "content": "A text."},
}
"""The forms for new records, with valid values; what is typed goes into the first field."""

EDITS = {
    "/claims/CLM-1/edit": "statement",
    "/studies/STU-1/edit": "title",
    "/evidence/EVD-1/edit": "summary",
    "/limitations/LIM-1/edit": "text",
    "/watches/WCH-1/edit": "query",
}


@pytest.fixture
def ada(app: Flask) -> Browser:
    """A curator; CLM-1 has EVD-1 of STU-1, with LIM-1, and WCH-1; there is also STU-2."""
    browser = Browser(app)
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_limitation(session, make_evidence(session, claim))
        make_watch(session, claim)
        make_study(session)
    return browser.log_in()


def fill_in(browser: Browser, address: str, words: str) -> Any:
    """Return the form for a new record with `words` typed into it."""
    form = browser.form(address)
    for name, value in NEW[address].items():
        form[name] = value or words
    return form


@pytest.mark.parametrize("address", NEW)
def test_other_words_are_another_record_or_shown_again(ada: Browser, address: str) -> None:
    form = fill_in(ada, address, "The first words.")
    form.submit(status=303)
    form[next(iter(NEW[address]))] = "Quite other words."
    page = form.submit(status="*")
    assert page.status_int in (303, 409, 422)
    assert "Quite other words." in (page.follow() if page.status_int == 303 else page).text


@pytest.mark.parametrize(("address", "field"), EDITS.items())
def test_another_edit_is_compared_with_the_one_that_was_saved(ada: Browser, address: str, field: str) -> None:
    form = ada.form(address)
    form[field] = "The first words."
    form.submit(status=303)
    form[field] = "Quite other words."
    page = form.submit(status=409)
    cells = [cell.text for cell in page.html.select(".compare td")]
    assert cells == ["The first words.", "Quite other words."]
    page.forms["record"].submit(status=303)
    assert ada.form(address)[field].value == "Quite other words."


@pytest.mark.parametrize("address", NEW)
def test_the_same_words_are_saved_once(ada: Browser, address: str) -> None:
    form = fill_in(ada, address, "Only once.")
    first, second = (form.submit(status=303) for _ in range(2))
    assert second.location == first.location
    assert "already saved" in second.follow().text
    with ada.database.reading() as session:
        assert session.scalar(select(func.count(FormSubmission.key))) == 1


def test_a_token_of_another_form_or_record_or_person_does_not_answer(ada: Browser) -> None:
    form = ada.form("/comments/on/CLM-1")
    form["text"] = "The same words."
    form.submit(status=303)
    with ada.database.writing(BY_TEST) as session:
        make_claim(session)
    bob = Browser(ada.app).log_in(Role.CURATOR, "bob")
    for browser, address in (
        (ada, "/comments/on/CLM-2"),
        (ada, "/flags/on/CLM-1"),
        (bob, "/comments/on/CLM-1"),
    ):
        other = browser.form(address)
        if "kind" in other.fields:
            other["kind"] = "unclear"
        other["text"], other["form_token"] = "The same words.", form["form_token"].value
        assert "already saved" not in other.submit(status=303).follow().text
    with ada.database.reading() as session:
        assert session.scalar(select(func.count(Comment.id))) == 3


def test_what_is_typed_after_going_back_is_kept_as_a_draft(ada: Browser) -> None:
    form = fill_in(ada, "/claims/new", "The first words.")
    form.submit(status=303)
    fields = dict(form.submit_fields())
    typed = {**fields, "statement": "Quite other words.", "intent": "draft"}
    assert ada.post("/claims/new", typed, 204, headers={"X-Part": "draft"}).headers["X-Draft-State"]
    assert ada.form("/claims/new?draft=1")["statement"].value == "Quite other words."


def test_saving_a_form_keeps_the_draft_of_another_window(ada: Browser) -> None:
    fields = dict(fill_in(ada, "/claims/new", "In the other window.").submit_fields())
    form = fill_in(ada, "/claims/new", "In this window.")
    ada.post("/claims/new", {**fields, "intent": "draft"}, 204, headers={"X-Part": "draft"})
    form.submit(status=303)
    with ada.database.reading() as session:
        assert session.scalars(select(Draft)).one().content["statement"] == ["In the other window."]
