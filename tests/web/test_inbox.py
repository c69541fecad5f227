"""The pages of the inbox: access, information for decisions, and their effects."""

import pytest
from flask import Flask
from sqlalchemy import select
from webtest import TestResponse

from claims_app.models import Candidate, CandidateDecision, Claim, EvidenceItem, Study, StudyText
from claims_app.rules.reference import Reference
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.vocabulary import CandidateState, OriginKind, QuoteCheck, Role
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser, errors

NASTY = '<script>alert(1)</script><img src=x onerror="alert(1)"> autoantibodies & mice'
ABSTRACT = "IgG was transferred. Mice that got autoantibodies of patients felt more pain, P < 0.001."


def put(browser: Browser, claim_id: int | None = None, abstract: str = ABSTRACT, **values: object) -> int:
    """Add a candidate to the inbox, and return its number."""
    with browser.database.writing(BY_TEST) as session:
        origin = Origin(kind=OriginKind.FILE, detail="library.ris", line=12, claim_id=claim_id)
        found = inbox.put(session, Reference(values=values, abstract=abstract), origin)
        assert found.candidate is not None
        return found.candidate.id


def candidate(browser: Browser, number: int) -> Candidate:
    """Return the current version of a candidate."""
    with browser.database.reading() as session:
        return session.get_one(Candidate, number)


def actions(browser: Browser, number: int) -> list[str]:
    """Return the decisions about a candidate and who made them."""
    with browser.database.reading() as session:
        rows = session.scalars(
            select(CandidateDecision).where(CandidateDecision.candidate_id == number).order_by("id")
        )
        return [f"{row.by.username}: {row.action.value}" if row.by else row.action.value for row in rows]


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """A curator; CLM-1 is about autoantibodies, CLM-2 about sleep, and one paper about CLM-1 is waiting."""
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
        make_claim(session, statement="People with fibromyalgia sleep badly.")
    put(browser, 1, title="Passive transfer of autoantibodies to mice", year=2021, doi="10.1172/jci144201")
    return browser.log_in()


@pytest.fixture
def bob(ada: Browser) -> Browser:
    """Another curator."""
    return Browser(ada.app).log_in(name="bob")


def send(page: TestResponse, form: str, status: int = 303, **fields: str) -> TestResponse:
    """Fill in a form of a page, and submit it."""
    sent = page.forms[form]
    for name, value in fields.items():
        if name in sent.fields:
            sent[name] = value
    return sent.submit(status=status)


def link_to(page: TestResponse, claim: str, status: int = 303) -> TestResponse:
    """Press the button of a likely claim."""
    form = page.forms["link"]
    return form.submit("claim", value=claim, status=status)


def test_the_list_shows_the_source_of_each_candidate(ada: Browser) -> None:
    put(ada, title="Another one")
    page = ada.get("/inbox")
    rows = page.html.select("[data-item]")
    assert [row.select_one("[data-open]").text for row in rows] == [
        "Passive transfer of autoantibodies to mice",
        "Another one",
    ]
    assert "library.ris, line 12" in rows[0].text
    assert "for CLM-1" in " ".join(rows[0].text.split())


def test_readers_do_not_see_the_inbox(ada: Browser) -> None:
    nobody = Browser(ada.app)
    assert nobody.get("/inbox", status=303).location.startswith("/login")
    assert "Inbox" not in nobody.get("/").text
    reader = Browser(ada.app).log_in(Role.READER, "rea")
    for address in ("/inbox", "/inbox/1"):
        reader.get(address, status=403)
    assert "/inbox" not in reader.get("/").text
    assert "/inbox" not in reader.get("/claims/CLM-1").text


def test_the_pages_show_the_number_of_waiting_candidates(ada: Browser) -> None:
    assert "1 candidate is waiting in the inbox." in " ".join(ada.get("/").html.text.split())
    assert ada.get("/claims/CLM-1").html.select_one("a[href='/inbox?claim=CLM-1']").text == "1 candidate"
    assert not ada.get("/claims/CLM-2").html.select("a[href^='/inbox?']")
    assert ada.get("/claims").html.select_one(".site-nav a[href='/inbox']").text == "Inbox 1"


@on_both_databases
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("claim=CLM-1", 1),
        ("claim=CLM-2", 0),
        ("origin=file", 2),
        ("origin=watch", 0),
        ("state=later", 0),
        ("state=later&state=waiting", 2),
        ("assigned=me", 0),
    ],
)
def test_the_list_is_filtered(ada: Browser, query: str, shown: int) -> None:
    put(ada, title="Another one")
    assert len(ada.get(f"/inbox?{query}").html.select("[data-item]")) == shown


@pytest.mark.parametrize("query", ["claim=1", "assigned=bob", "topic=none", "state=gone", "colour=red"])
def test_an_unknown_filter_is_rejected(ada: Browser, query: str) -> None:
    ada.get(f"/inbox?{query}", status=400)


def test_the_list_has_pages(ada: Browser) -> None:
    for number in range(3):
        put(ada, title=f"Paper {number}")
    page = ada.get("/inbox?per_page=3")
    page = page.click(href="after=")
    assert [row.text for row in page.html.select("[data-open]")] == ["Paper 2"]


def test_the_likely_claim_is_first_and_its_words_are_highlighted(ada: Browser) -> None:
    page = ada.get("/inbox/1")
    assert page.html.select_one("#likely .identifier").text == "CLM-1"
    assert {mark.text for mark in page.html.select("mark")} >= {"autoantibodies"}
    assert "Ranked by the words" in page.text


def test_a_hostile_abstract_and_title_are_text(ada: Browser) -> None:
    page = ada.get(f"/inbox/{put(ada, abstract=NASTY, title=NASTY)}")
    main = page.html.select_one("main")
    assert not main.select("script, img")
    assert main.text.count("<script>alert(1)</script>") == 2
    assert "<mark>autoantibodies</mark> &amp; mice" in page.text
    assert not ada.get("/inbox").html.select("main script, main img")


@on_both_databases
def test_linking_adds_the_study_and_continues_to_the_evidence_form(ada: Browser) -> None:
    answer = link_to(ada.get("/inbox/1"), "CLM-1")
    assert answer.location == "/claims/CLM-1/evidence/new?study=STU-1&candidate=1"
    assert candidate(ada, 1).state is CandidateState.WAITING
    form = answer.follow().forms["record"]
    assert form["study_id"].value == "STU-1"
    form["direction"], form["quote"] = "supports", "Mice that got autoantibodies of patients felt more pain"
    form.submit(status=303)
    with ada.database.reading() as session:
        assert session.scalars(select(StudyText.label)).all() == ["abstract"]
        assert session.get_one(EvidenceItem, 1).quote_check is QuoteCheck.VERIFIED
        assert session.get_one(Study, 1).doi == "10.1172/jci144201"
    assert candidate(ada, 1).state is CandidateState.LINKED
    assert actions(ada, 1) == ["ada: study_made", "ada: linked"]


def test_linking_uses_an_existing_study(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_study(session, title=candidate(ada, 1).title, doi="10.1172/jci144201")
    assert "The database has it already" in ada.get("/inbox/1").text
    assert ada.get("/inbox").html.select_one("[data-item] a[href='/studies/STU-1']")
    assert "study=STU-1&" in link_to(ada.get("/inbox/1"), "CLM-1").location


def test_a_study_with_its_identifier_and_another_title_is_asked_about(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_study(session, title="About something else", doi="10.1172/jci144201")
    assert not ada.get("/inbox").html.select_one("[data-item] a[href='/studies/STU-1']")
    page = ada.get("/inbox/1")
    assert "Has the DOI of STU-1, and another title" in page.text
    assert send(page, "study").location == "/studies/STU-2"
    with ada.database.reading() as session:
        assert (session.get_one(Study, 1).title, session.get_one(Study, 2).doi) == (
            "About something else",
            None,
        )


def test_a_candidate_that_is_a_notice_names_the_study(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_study(session, title="A trial of pacing in people with fatigue", year=2012)
    number = put(ada, 1, title="Retraction notice to: A trial of pacing in people with fatigue", year=2020)
    text = ada.get(f"/inbox/{number}").html.select_one(".notice--warning").text
    assert "This looks like the notice of a retraction, not a study." in text
    assert "It seems to be about STU-1" in text


def test_a_person_can_say_which_study_a_candidate_is(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_study(session, title="About something else", doi="10.1172/jci144201")
    form = next(f for f in ada.get("/inbox/1").forms.values() if "same_as" in f.fields)
    assert form.submit("same_as", status=303).location == "/studies/STU-1"
    assert (candidate(ada, 1).state, candidate(ada, 1).study_id) == (CandidateState.LINKED, 1)


def test_a_claim_is_found_by_its_words_or_its_identifier(ada: Browser) -> None:
    assert "CLM-2" in send(ada.get("/inbox/1"), "link-other", claim="sleep").location
    assert "CLM-2" in send(ada.get("/inbox/1"), "link-other", claim="clm-2").location
    refused = send(ada.get("/inbox/1"), "link-other", status=422, claim="CLM-99")
    assert "CLM-99" in errors(refused)["claim-link"]


def test_a_candidate_becomes_a_study_without_evidence(ada: Browser) -> None:
    assert send(ada.get("/inbox/1"), "study").location == "/studies/STU-1"
    assert candidate(ada, 1).state is CandidateState.LINKED
    assert "STU-1" in ada.get("/inbox/1").html.select_one("[aria-labelledby=decide]").text


def test_after_the_evidence_the_next_candidate_is_offered(ada: Browser) -> None:
    following = put(ada, 1, title="Another one")
    form = link_to(ada.get("/inbox/1?claim=CLM-1"), "CLM-1").follow().forms["record"]
    form["direction"], form["summary"] = "supports", "More pain."
    answer = form.submit(status=303)
    assert answer.location == "/claims/CLM-1"
    page = answer.follow()
    assert page.html.select_one(f".flash a[href='/inbox/{following}?claim=CLM-1']").text.endswith(
        "Another one"
    )
    page = send(ada.get(f"/inbox/{following}"), "study").follow()
    assert "No more candidates are waiting" in page.html.select_one(".flashes").text


def test_the_most_likely_claim_is_the_one_primary_action(ada: Browser) -> None:
    [primary] = ada.get("/inbox/1").html.select("main .button--primary")
    assert primary["value"] == "CLM-1"


@on_both_databases
def test_not_relevant_needs_a_reason_and_continues_to_the_next_candidate(ada: Browser) -> None:
    following = put(ada, 1, title="Another one")
    page = ada.get("/inbox/1?claim=CLM-1")
    refused = send(page, "not-relevant", status=422)
    assert "reason-notrelevant" in errors(refused)
    answer = send(refused, "not-relevant", reason="On rats.")
    assert answer.location == f"/inbox/{following}?claim=CLM-1"
    assert (candidate(ada, 1).state, candidate(ada, 1).reason) == (CandidateState.NOT_RELEVANT, "On rats.")


def test_not_relevant_papers_do_not_return_on_their_own(ada: Browser) -> None:
    send(ada.get("/inbox/1"), "not-relevant", reason="On rats.")
    with ada.database.writing(BY_TEST) as session:
        again = inbox.put(
            session,
            Reference(values={"doi": "10.1172/JCI144201"}),
            Origin(kind=OriginKind.WATCH, detail="W", watch_id=1),
        )
        assert again.outcome == "not_relevant"
        assert "On rats." in again.sentence
    assert candidate(ada, 1).state is CandidateState.NOT_RELEVANT
    send(ada.get("/inbox/1"), "bring-back")
    assert candidate(ada, 1).state is CandidateState.WAITING
    assert actions(ada, 1) == ["ada: not_relevant", "ada: brought_back"]
    assert "On rats." in ada.get("/inbox/1").text


def test_a_postponed_candidate_is_listed_under_later(ada: Browser) -> None:
    assert send(ada.get("/inbox/1"), "later").location == "/inbox"
    assert not ada.get("/inbox").html.select("[data-item]")
    assert len(ada.get("/inbox?state=later").html.select("[data-item]")) == 1


@on_both_databases
def test_a_candidate_is_assigned_to_another_curator(ada: Browser, bob: Browser) -> None:
    Browser(ada.app).log_in(Role.READER, "rea")
    page = ada.get("/inbox/1")
    assert [value for value, *_ in page.forms["hand-on"]["username"].options] == ["", "ada", "bob"]
    send(page, "hand-on", username="bob")
    assert len(bob.get("/inbox?assigned=me").html.select("[data-item]")) == 1
    assert not ada.get("/inbox?assigned=me").html.select("[data-item]")


def test_users_without_rights_get_no_proposal(ada: Browser) -> None:
    Browser(ada.app).log_in(Role.READER, "rea")
    form = ada.get("/inbox/1").forms["hand-on"]
    form["username"].force_value("rea")
    assert "username-handon" in errors(form.submit(status=422))


@pytest.mark.parametrize("second", ["later", "study", "not-relevant", "hand-on", "link"])
def test_the_second_of_two_decisions_is_rejected(ada: Browser, bob: Browser, second: str) -> None:
    open_page = bob.get("/inbox/1")
    link_to(ada.get("/inbox/1"), "CLM-1")
    if second == "link":
        told = link_to(open_page, "CLM-1", status=409)
    else:
        told = send(open_page, second, status=409, reason="Not about people.", username="ada")
    alert = " ".join(told.html.select_one("[role=alert]").text.split())
    assert "Study chosen by ada" in alert
    assert ("You entered: Not about people." in alert) is (second == "not-relevant")
    assert actions(ada, 1) == ["ada: study_made"]


def test_a_decided_proposal_cannot_be_decided_again(ada: Browser) -> None:
    send(ada.get("/inbox/1"), "study")
    page = ada.get("/inbox/1")
    assert "later" not in page.forms
    token = page.forms["logout"]["csrf_token"].value
    version = str(candidate(ada, 1).version)
    ada.post("/inbox/1/later", {"csrf_token": token, "version": version}, status=409)


def test_an_identifier_alone_says_what_is_missing(ada: Browser) -> None:
    number = put(ada, abstract="", doi="10.1000/unknown")
    page = ada.get(f"/inbox/{number}")
    assert "Only the identifier is known" in page.text
    assert page.html.select_one("a[href^='/studies/new?doi=10.1000/unknown']")
    send(page, "study", status=409)


def test_evidence_from_another_study_does_not_decide_the_candidate(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_study(session)
    form = ada.form("/claims/CLM-1/evidence/new?study=STU-1&candidate=1")
    form["direction"], form["summary"] = "supports", "More pain."
    form.submit(status=303)
    assert candidate(ada, 1).state is CandidateState.WAITING


def test_with_review_a_new_study_waits(reviewed_app: Flask) -> None:
    browser = Browser(reviewed_app)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    number = put(browser, title="A paper on autoantibodies")
    browser.log_in()
    form = link_to(browser.get(f"/inbox/{number}"), "CLM-1").follow().forms["record"]
    form["direction"], form["summary"] = "supports", "More pain."
    form.submit(status=303)
    with browser.database.reading() as session:
        assert session.get_one(Study, 1).review_state == "submitted"
        assert session.get_one(EvidenceItem, 1).review_state == "submitted"
    assert candidate(browser, number).state is CandidateState.LINKED


def test_the_search_words_of_a_claim_follow_its_statement(ada: Browser) -> None:
    form = ada.form("/claims/CLM-2/edit")
    form["statement"] = "Zebrafish larvae avoid light."
    form.submit(status=303)
    number = put(ada, abstract="", title="Zebrafish")
    assert ada.get(f"/inbox/{number}").html.select_one("#likely .identifier").text == "CLM-2"
    with ada.database.reading() as session:
        assert session.get_one(Claim, 2).statement.startswith("Zebrafish")


def test_a_study_that_looks_the_same_is_shown_with_the_reason(ada: Browser) -> None:
    values = {"title": "A long title about autoantibodies in mice", "year": 2020, "authors": "Goebel, A"}
    with ada.database.writing(BY_TEST) as session:
        make_study(session, **values)
    number = put(ada, **{**values, "title": "A long title about auto-antibodies in mice."})
    notice = ada.get(f"/inbox/{number}").html.select_one(".notice--info")
    assert notice.select_one("a[href='/studies/STU-1']")
    assert "title" in notice.text.lower()
