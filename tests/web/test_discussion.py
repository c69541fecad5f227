"""Comments, mentions, flags and reports on the pages."""

import pytest
from flask import Flask
from webtest import TestResponse

from claims_app.rules.throttling import LIMITS
from claims_app.services.discussion import comments
from claims_app.vocabulary import AttemptKind, Role
from tests.conftest import BY_TEST, OpenSite, on_both_databases
from tests.factories import make_claim, make_evidence
from tests.support.browsing import Browser, errors, listed

NASTY = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1)"


@pytest.fixture
def rea(app: Flask) -> Browser:
    """A reader with an account; CLM-1 has EVD-1."""
    browser = Browser(app)
    with browser.database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session))
    return browser.log_in(Role.READER, "rea")


@pytest.fixture
def edit(rea: Browser) -> Browser:
    """An editor in another browser."""
    return Browser(rea.app).log_in(Role.EDITOR, "edit")


def comment(browser: Browser, words: str, page: str = "/claims/CLM-1") -> TestResponse:
    """Write a comment with the form of a page, and return the page that shows it."""
    form = browser.get(page).forms["comment" if page.startswith(("/claims", "/review")) else "record"]
    form["text"] = words
    return form.submit(status=303).follow()


def flag(browser: Browser, about: str = "CLM-1", words: str = "Not in the source.") -> TestResponse:
    """Flag something, and return the page of the claim."""
    form = browser.form(f"/flags/on/{about}")
    form["kind"], form["text"] = "wrong_quote", words
    return form.submit(status=303).follow()


def press(page: TestResponse, action: str) -> TestResponse:
    """Press the button whose form goes to an address that ends so."""
    [form] = [form for form in page.forms.values() if form.action.endswith(action)]
    return form.submit(status=303).maybe_follow()


def shown(page: TestResponse) -> list[str]:
    """Return the comments on a page."""
    return [tag.get_text() for tag in page.html.select(".comment__text")]


def test_a_comment_is_shown_to_everyone_on_the_page_of_the_claim(rea: Browser) -> None:
    page = comment(rea, "First line.\nSecond line.")
    assert shown(page) == ["First line.\nSecond line."]
    public = Browser(rea.app).get("/claims/CLM-1")
    assert shown(public) == shown(page)
    assert "comment" not in public.forms
    assert public.html.select_one("#comment-1 strong").text == "rea"


def test_a_comment_on_evidence_is_shown_on_the_claim_and_names_the_item(rea: Browser) -> None:
    page = comment(rea, "Of the item.", "/comments/on/EVD-1")
    assert page.html.select_one("#comment-1 .comment__head").get_text(" ", strip=True).endswith("on EVD-1")


def test_a_comment_on_a_proposal_is_shown_on_its_page(reviewed_app: Flask) -> None:
    browser = Browser(reviewed_app)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    carl = browser.log_in(name="carl")
    form = carl.form("/claims/CLM-1/edit")
    form["outcome"], form["edit_summary"] = "Pain", "More exact."
    address = form.submit(status=303).location
    assert shown(comment(carl, "Why?", "/review/PRO-1")) == ["Why?"]
    assert shown(carl.get(address)) == ["Why?"]


def test_an_empty_comment_is_an_error(rea: Browser) -> None:
    form = rea.get("/claims/CLM-1").forms["comment"]
    assert errors(form.submit(status=422)) == {"text": "Enter a comment."}


def test_a_comment_that_is_too_long_is_an_error_and_keeps_the_input(rea: Browser) -> None:
    form = rea.get("/claims/CLM-1").forms["comment"]
    form["text"] = "x" * 4001
    page = form.submit(status=422)
    assert "at most 4,000" in errors(page)["text"]
    assert page.forms["record"]["text"].value.strip() == "x" * 4001


def test_a_comment_that_is_sent_twice_is_saved_once(rea: Browser) -> None:
    form = rea.get("/claims/CLM-1").forms["comment"]
    form["text"] = "Once."
    form.submit(status=303)
    assert shown(form.submit(status=303).follow()) == ["Once."]


@pytest.mark.parametrize("where", ["comment", "flag"])
def test_comments_are_escaped(rea: Browser, where: str) -> None:
    page = comment(rea, NASTY) if where == "comment" else flag(rea, words=NASTY)
    main = page.html.select_one("main")
    assert NASTY in main.get_text()
    assert not main.select("script, img")
    assert not [a for a in main.select("a[href]") if a["href"].startswith("javascript:")]


def test_links_in_comments_have_nofollow(rea: Browser) -> None:
    page = comment(rea, 'See https://example.org/"onmouseover=alert(1) and www.example.org')
    links = page.html.select(".comment__text a")
    assert [link["href"].split("/")[2] for link in links] == ["example.org", "www.example.org"]
    assert all({"nofollow", "noopener"} <= set(link["rel"]) for link in links)
    assert not [link for link in links if set(link.attrs) - {"href", "rel"}]


def test_a_mention_is_a_link_and_notifies_the_user(rea: Browser, edit: Browser) -> None:
    page = comment(rea, "@edit, @nobody: look.")
    [link] = page.html.select(".comment__text a")
    assert (link.text, link["href"]) == ("@edit", "/changes?by=edit")
    assert "1 new mention" in edit.get("/").html.select_one(".account").text
    assert "mention" not in rea.get("/").html.select_one(".account").text
    listed = edit.get("/mentions")
    assert shown(listed) == ["@edit, @nobody: look."]
    listed.forms["read"].submit(status=303)
    assert "mention" not in edit.get("/").html.select_one(".account").text
    assert "read" not in edit.get("/mentions").forms


def test_users_withdraw_their_own_comments(rea: Browser) -> None:
    page = press(comment(rea, "Hasty words."), "/withdraw")
    assert shown(page) == []
    assert "Withdrawn by its author" in page.text
    assert "Hasty words." not in Browser(rea.app).get("/claims/CLM-1").text


def test_users_cannot_withdraw_comments_of_others(rea: Browser) -> None:
    comment(rea, "Mine.")
    other = Browser(rea.app).log_in(Role.CURATOR, "carl")
    page = other.get("/claims/CLM-1")
    assert "Take it back" not in page.text
    token = page.forms["logout"]["csrf_token"].value
    other.post("/comments/1/withdraw", {"csrf_token": token}, 403)
    other.get("/comments/1/hide", 403)


def test_an_editor_hides_a_comment_and_says_why(rea: Browser, edit: Browser) -> None:
    comment(rea, "Rude words.")
    form = edit.form("/comments/1/hide")
    assert "hidden_reason" in errors(form.submit(status=422))
    form["hidden_reason"] = "Rude."
    form.submit(status=303)
    text = rea.get("/claims/CLM-1").text
    assert "Rude words." not in text
    assert "Hidden by edit" in text


def test_nobody_comments_without_an_account(rea: Browser) -> None:
    public = Browser(rea.app)
    assert public.get("/comments/on/CLM-1", 303).location.startswith("/login")
    assert public.get("/mentions", 303).location.startswith("/login")
    public.post("/comments/on/CLM-1", {"text": "Spam."}, 403)
    assert shown(public.get("/claims/CLM-1")) == []


def test_a_comment_without_a_form_token_is_rejected(rea: Browser) -> None:
    rea.post("/comments/on/CLM-1", {"text": "Forged."}, 400)
    assert shown(rea.get("/claims/CLM-1")) == []


@pytest.mark.parametrize("address", ["/comments/9", "/comments/on/CLM-9", "/flags/on/PRO-1", "/flags/on/x"])
def test_unknown_records_are_not_found(rea: Browser, address: str) -> None:
    rea.get(address, 404)


def test_a_huge_number_is_not_found_either(edit: Browser) -> None:
    edit.get(f"/flags/{10**30}/resolve", 404)


def test_a_comment_has_an_address_of_its_own(rea: Browser) -> None:
    comment(rea, "Of the item.", "/comments/on/EVD-1")
    assert rea.get("/comments/1", 302).location == "/claims/CLM-1#comment-1"


@on_both_databases
@pytest.mark.parametrize("about", ["CLM-1", "EVD-1"])
def test_a_flag_shows_on_the_claim_until_an_editor_resolves_it(
    rea: Browser, edit: Browser, about: str
) -> None:
    assert "Flagged: wrong quote." in flag(rea, about).text
    public = Browser(rea.app)
    assert "Not in the source." in public.get("/claims/CLM-1").html.select_one("[aria-label=Flags]").text
    assert listed(public.get("/claims?needs=attention")) == ["CLM-1"]
    assert "1 claim has an open flag" in " ".join(public.get("/").html.get_text().split())
    form = edit.form("/flags/1/resolve")
    form["resolution"] = "It is on page 3."
    page = form.submit(status=303).maybe_follow()
    assert not page.html.select("[aria-label=Flags]")
    assert "It is on page 3." in page.html.select_one("#flag-1").text
    assert listed(public.get("/claims?needs=attention")) == []


@pytest.mark.parametrize("address", ["/claims", "/claims.csv"])
def test_flags_are_shown_for_today_only(rea: Browser, address: str) -> None:
    assert "only known for the present" in rea.get(f"{address}?needs=attention&as_of=2020-01-01", 400).text


def test_a_flag_needs_a_kind_and_an_explanation(rea: Browser) -> None:
    page = rea.form("/flags/on/CLM-1").submit(status=422)
    assert errors(page) == {"kind": "Choose the problem.", "text": "Enter an explanation."}


def test_authors_withdraw_their_flags(rea: Browser) -> None:
    page = press(flag(rea), "/take-back")
    assert "Not in the source." not in page.text


def test_a_curator_cannot_resolve_and_is_not_offered_it(rea: Browser) -> None:
    flag(rea)
    carl = Browser(rea.app).log_in(Role.CURATOR, "carl")
    page = carl.get("/claims/CLM-1")
    assert not page.html.select("a[href='/flags/1/resolve']")
    assert "Take it back" not in page.text
    carl.get("/flags/1/resolve", 403)


def test_the_same_flag_again_is_rejected(rea: Browser) -> None:
    flag(rea)
    form = rea.form("/flags/on/CLM-1")
    form["kind"], form["text"] = "wrong_quote", "Again."
    assert "already" in form.submit(status=409).text


@on_both_databases
def test_a_page_with_many_comments_shows_the_newest(rea: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comments, "SHOWN", 2)
    for number in range(3):
        page = comment(rea, f"No. {number}")
    assert shown(page) == ["No. 1", "No. 2"]
    assert "1 older comment" in page.text


@pytest.fixture
def reporter(open_site: OpenSite) -> Browser:
    """A reader without an account, where readers may report."""
    browser = open_site(reports=True)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    return browser


def send_report(browser: Browser, words: str, status: int = 303, **more: str) -> TestResponse:
    """Report something."""
    form = browser.form("/claims/CLM-1/report")
    form["text"] = words
    for name, value in more.items():
        form[name] = value
    return form.submit(status=status)


def test_readers_can_report_only_if_this_is_switched_on(rea: Browser) -> None:
    public = Browser(rea.app)
    assert "Report a problem" not in public.get("/claims/CLM-1").text
    public.get("/claims/CLM-1/report", 404)


def test_a_report_is_held_until_an_editor_accepts_it(reporter: Browser) -> None:
    assert "/claims/CLM-1/report" in reporter.get("/claims/CLM-1").text
    page = send_report(reporter, "The link is dead.", contact="reader@example.org").follow()
    assert "Thank you" in page.text
    assert "The link is dead." not in reporter.get("/claims/CLM-1").text
    assert reporter.get("/reports", 303).location.startswith("/login")
    Browser(reporter.app).log_in(Role.CURATOR, "carl").get("/reports", 403)
    edit = Browser(reporter.app).log_in(Role.EDITOR, "edit")
    assert "1 reader report is waiting" in " ".join(edit.get("/").html.get_text().split())
    page = edit.get("/reports")
    assert "reader@example.org" in page.text
    form = page.forms["accept-1"]
    assert "kind-1" in errors(form.submit(status=422))
    form["kind"] = "other"
    form.submit(status=303)
    text = reporter.get("/claims/CLM-1").text
    assert "The link is dead." in text
    assert "By a reader" in " ".join(reporter.get("/claims/CLM-1").html.get_text().split())
    assert "reader@example.org" not in text


def test_a_report_is_dismissed_with_a_reason_that_editors_see(reporter: Browser) -> None:
    send_report(reporter, "Buy this.")
    edit = Browser(reporter.app).log_in(Role.EDITOR, "edit")
    form = edit.get("/reports").forms["dismiss-1"]
    assert "dismissal-1" in errors(form.submit(status=422))
    form["dismissal"] = "Spam."
    page = form.submit(status=303).follow()
    assert "Spam." in page.html.select_one("[aria-labelledby=decided]").text
    assert "Buy this." not in reporter.get("/claims/CLM-1").text


def test_a_report_is_escaped(reporter: Browser) -> None:
    send_report(reporter, NASTY, contact="<script>alert(2)</script>")
    main = Browser(reporter.app).log_in(Role.EDITOR, "edit").get("/reports").html.select_one("main")
    assert NASTY in main.get_text()
    assert not main.select("script, img")


def test_a_bot_that_fills_in_the_honeypot_is_ignored(reporter: Browser) -> None:
    assert "Thank you" in send_report(reporter, "Buy this.", website="https://spam.example").follow().text
    edit = Browser(reporter.app).log_in(Role.EDITOR, "edit")
    assert "No reports waiting." in edit.get("/reports").text


def test_an_empty_report_is_an_error(reporter: Browser) -> None:
    assert errors(send_report(reporter, "", 422)) == {"text": "Enter a description of the problem."}


def test_too_many_reports_from_one_place_have_to_wait(reporter: Browser) -> None:
    for number in range(LIMITS[AttemptKind.REPORT][0].free):
        send_report(reporter, f"Problem {number}")
    page = send_report(reporter, "One more", 429)
    assert int(page.headers["Retry-After"]) > 60
    assert "One more" in page.text
    send_report(Browser(reporter.app, "192.0.2.7"), "From elsewhere")


def test_a_report_without_a_form_token_is_rejected(reporter: Browser) -> None:
    page = reporter.post("/claims/CLM-1/report", {"text": "Forged."}, 400)
    assert "Open the form again" in page.text


def test_signed_in_users_flag_instead(reporter: Browser) -> None:
    reporter.log_in(Role.READER, "rea")
    assert reporter.get("/claims/CLM-1/report", 303).location == "/flags/on/CLM-1"
