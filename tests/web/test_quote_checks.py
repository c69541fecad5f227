"""The page on which curators check quotes against a text that is not kept."""

import re

import pytest
from sqlalchemy import text
from webtest import Upload

from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser

SECRET = "Words that belong to somebody else."
TEXT = f"The animals felt pain after transfer. {SECRET}"
PAGE = "/studies/STU-1/quotes"


@pytest.fixture
def quoted(browser: Browser) -> Browser:
    """A curator, and STU-1, from which CLM-1 and EVD-1 quote."""
    with browser.database.writing(BY_TEST) as session:
        study = make_study(session)
        claim = make_claim(session, origin_study_id=study.id, origin_quote="pain after transfer")
        make_evidence(session, claim, study, quote="no pain at all")
    browser.log_in(Role.CURATOR)
    return browser


def words_of(page: object) -> str:
    return " ".join(page.html.select_one("main").text.split())  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["pasted", "uploaded"])
def test_a_text_is_compared_and_not_stored(quoted: Browser, way: str) -> None:
    form = quoted.form(PAGE)
    if way == "pasted":
        form["content"] = TEXT
    else:
        form["file"] = Upload("article.txt", TEXT.encode("utf-16"))
    page = form.submit(status=303).follow()
    assert f"1 of 2 quotes were found in the text of {len(TEXT)} characters." in page.text
    assert "Not found: EVD-1." in page.text
    shown = words_of(quoted.get("/claims/CLM-1"))
    assert re.search(
        rf"Checked against the full text \({len(TEXT)} characters, SHA-256 [0-9a-f]{{12}}…\)", shown
    )
    with quoted.database.engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        for table in tables.all():
            assert SECRET not in str(connection.execute(text(f"SELECT * FROM {table}")).all()), table


def test_after_an_edit_the_page_says_that_other_words_were_checked(quoted: Browser) -> None:
    form = quoted.form(PAGE)
    form["content"] = TEXT
    form.submit(status=303)
    form = quoted.form("/claims/CLM-1/edit")
    form["origin_quote"] = "pain after a transfer"
    shown = words_of(form.submit(status=303).follow())
    assert "Edited since it was checked. Its earlier words were found. Checked against the full text" in shown


@pytest.mark.parametrize(
    ("pasted", "file", "field"),
    [("", b"", "content"), ("A text.", b"Another one.", "file"), ("", b"%PDF-1.7 \x00\x01", "file")],
)
def test_a_text_that_cannot_be_used_is_refused_at_its_field(
    quoted: Browser, pasted: str, file: bytes, field: str
) -> None:
    form = quoted.form(PAGE)
    form["content"] = pasted
    if file:
        form["file"] = Upload("article.pdf", file)
    page = form.submit(status=422)
    assert page.html.select_one(f"#{field}-error")


def test_readers_may_neither_see_nor_send_the_form(quoted: Browser) -> None:
    quoted.log_out()
    quoted.log_in(Role.READER, "bob")
    quoted.get(PAGE, status=403)
    token = quoted.get("/").html.select_one("[name=csrf_token]")["value"]
    quoted.post(PAGE, {"content": TEXT, "csrf_token": token}, status=403)
