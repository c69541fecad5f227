"""Adding papers to the inbox by identifier and by file, and completing them later."""

import pytest
from sqlalchemy import select
from webtest import TestResponse, Upload

from claims_app.models import Candidate, Import, ImportRow, Study
from claims_app.rules.throttling import LIMITS, Limit
from claims_app.vocabulary import AttemptKind, CandidateState, RowOutcome
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_study
from tests.support.bibliography import Said, Services, recorded
from tests.support.browsing import Browser

DOI = "10.1172/jci144201"
RIS = (
    b"TY  - JOUR\nTI  - A new study\nPY  - 2024\nDO  - 10.1000/new\nAB  - Pain rose.\nER  - \n"
    b"TY  - JOUR\nTI  - Known study\nDO  - 10.1000/known\nPY  - 2020\nER  - \n"
)


@pytest.fixture
def curator(services: Services, browser: Browser) -> Browser:
    """A curator, with CLM-1."""
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    return browser.log_in()


def candidates(browser: Browser) -> list[Candidate]:
    """Return all current candidates with their origins."""
    with browser.database.reading() as session:
        found = list(session.scalars(select(Candidate).order_by(Candidate.id)))
        for candidate in found:
            assert candidate.origins
        return found


def put(curator: Browser, text: str, does: str, address: str = "/studies/add") -> TestResponse:
    """Look up a text, and press a button."""
    form = curator.get(address).forms["add"]
    form["identifiers"] = text
    form = form.submit().forms["add"]
    index = [button._value for button in form.fields["do"]].index(does)
    return form.submit("do", index=index)


def upload(curator: Browser, data: bytes, claim: str = "") -> TestResponse:
    """Upload a file, and send the selected rows to the inbox."""
    form = next(form for form in curator.get("/studies/import").forms.values() if "file" in form.fields)
    form["file"] = Upload("library.ris", data)
    rows = form.submit().follow().forms["rows"]
    rows["claim"] = claim
    index = [field._value for field in rows.fields["intent"]].index("inbox")
    return rows.submit("intent", index=index, expect_errors=True)


def test_a_looked_up_paper_waits_with_its_identifier(curator: Browser) -> None:
    page = put(curator, f"https://doi.org/{DOI.upper()}", f"inbox {DOI}").follow()
    assert "Passive transfer of fibromyalgia symptoms" in page.html.h1.get_text()
    [candidate] = candidates(curator)
    assert candidate.doi == DOI
    assert candidate.abstract is not None
    assert DOI in candidate.origins[0].detail.lower()
    assert "In the inbox" in put(curator, f"{DOI} 10.1000/none", f"inbox {DOI}").text


def test_a_candidate_for_a_claim_waits_for_that_claim(curator: Browser) -> None:
    put(curator, DOI, f"inbox {DOI}", "/studies/add?claim=CLM-1")
    [candidate] = candidates(curator)
    assert candidate.origins[0].claim_id == 1


def test_several_papers_are_sent_to_the_inbox_at_once(curator: Browser) -> None:
    page = put(curator, f"{DOI} 10.1000/none", "inbox")
    assert "2 × new" in page.text
    assert [candidate.is_complete for candidate in candidates(curator)] == [True, False]


@on_both_databases
def test_if_a_service_is_down_the_identifier_waits_and_is_completed_later(
    curator: Browser, services: Services
) -> None:
    services.say("/pubmed/efetch.fcgi", Said("", 503))
    page = put(curator, "PMID 34196305", "inbox 34196305").follow()
    assert "Only the identifier is known so far" in page.text
    refused = page.forms["complete"].submit(status=422)
    assert "Could not reach PubMed" in refused.html.select_one("#error-summary").get_text()
    services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
    page = refused.forms["complete"].submit(status=303).follow()
    assert "Passive transfer of fibromyalgia symptoms" in page.html.h1.get_text()
    assert "Completed" in page.text
    assert candidates(curator)[0].abstract is not None


def test_too_many_lookups_are_explained_on_the_page(
    curator: Browser, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.say("/pubmed/efetch.fcgi", Said("", 503))
    page = put(curator, "PMID 34196305", "inbox 34196305").follow()
    monkeypatch.setitem(LIMITS, AttemptKind.LOOKUP, (Limit(subject=True, source=False, free=1),))
    assert "Too many attempts" in page.forms["complete"].submit(status=429).text


def test_new_papers_of_a_file_are_sent_to_the_inbox_with_their_line(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, doi="10.1000/known", title="Known study")
    page = upload(curator, RIS, "clm-1").follow()
    assert "added to inbox 1" in page.text
    [candidate] = candidates(curator)
    origin = candidate.origins[0]
    assert (candidate.doi, candidate.abstract) == ("10.1000/new", "Pain rose.")
    assert (origin.detail, origin.line, origin.claim_id) == ("library.ris", 1, 1)
    with curator.database.reading() as session:
        known = session.query(Study).one()
        assert known.year is None, "what is here is left as it is"


@on_both_databases
def test_not_relevant_papers_do_not_return_with_a_file(curator: Browser) -> None:
    upload(curator, RIS)
    form = curator.get("/inbox/1").forms["not-relevant"]
    form["reason"] = "In rats."
    form.submit(status=303)
    upload(curator, RIS)
    assert [one.state for one in candidates(curator)] == [CandidateState.NOT_RELEVANT, CandidateState.WAITING]
    with curator.database.reading() as session:
        last = session.query(Import).count()
        row = session.get_one(ImportRow, (last, 1))
        assert (row.outcome, row.reason) == (
            RowOutcome.SKIPPED,
            "Judged not relevant before, so it was not added again. Reason: In rats.",
        )


def test_an_unknown_claim_is_rejected_and_nothing_is_sent_to_the_inbox(curator: Browser) -> None:
    answer = upload(curator, RIS, "CLM-9")
    assert answer.status_int == 422
    assert "There is no claim CLM-9" in answer.html.select_one(".field__error").get_text()
    assert candidates(curator) == []


def test_exported_files_cannot_be_sent_to_the_inbox(curator: Browser) -> None:
    form = next(form for form in curator.get("/studies/import").forms.values() if "file" in form.fields)
    form["file"] = Upload("claims.csv", b"claim_id,statement\r\nCLM-1,Another one.\r\n")
    page = form.submit().follow()
    assert page.html.select("button[value=inbox]") == []
