"""`as_of` on pages and files: the past at the same addresses, read-only."""

import datetime
import json
import re

import pytest

from claims_app.models import Claim, EvidenceItem
from claims_app.rules.identifiers import public_id
from claims_app.services.records import claims, evidence
from claims_app.vocabulary import RecordType, Role
from tests.conftest import BY_TEST, on_one_database
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser

FILES = ("claims", "studies", "evidence", "limitations", "appraisals")


def _utc(*parts: int) -> datetime.datetime:
    return datetime.datetime(*parts, tzinfo=datetime.UTC)  # type: ignore[misc,arg-type]


def _set_clock(browser: Browser, *parts: int) -> None:
    moment = _utc(*parts)
    browser.database.clock = lambda: moment


@pytest.fixture
def old(browser: Browser) -> Browser:
    """A claim of 10 January 2024 with related records, changed on 1 March; the date is 1 April."""
    _set_clock(browser, 2024, 1, 10, 12)
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session, statement="Antibodies are raised.", topics=["Pain"])
        make_limitation(session, claim)
        make_evidence(session, claim, make_study(session, title="The study", design="cohort"))
        make_appraisal(session, claim)
    _set_clock(browser, 2024, 3, 1, 12, 30, 15)
    _reword(browser, "Antibodies may be raised.")
    _set_clock(browser, 2024, 4, 1, 8)
    return browser


def _reword(browser: Browser, statement: str) -> None:
    with browser.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": statement})


def _change_everything(browser: Browser) -> None:
    """Change, add and delete records of all types."""
    with browser.database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_limitation(session, session.get_one(Claim, 1))
        item = session.get_one(EvidenceItem, 1)
        evidence.delete_evidence(session, item, item.version)
    _reword(browser, "Antibodies are what they are.")


def _told(browser: Browser, address: str, status: int) -> str:
    return " ".join(browser.get(address, status=status).html.select_one("main").get_text(" ").split())


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_past_has_the_same_bytes_on_every_day(old: Browser, name: str) -> None:
    address = f"/{name}.csv?as_of=2024-02-29"
    first = old.get(address)
    described = old.get(f"/{name}.csv-metadata.json?as_of=2024-02-29")
    _change_everything(old)
    _set_clock(old, 2026, 7, 31, 23)
    again = old.get(address)
    assert again.body == first.body
    assert again.body != old.get(f"/{name}.csv").body
    for header in ("ETag", "Content-Disposition", "X-Row-Count", "Link"):
        assert again.headers[header] == first.headers[header]
    assert old.get(f"/{name}.csv-metadata.json?as_of=2024-02-29").body == described.body
    assert old.get(address, headers={"If-None-Match": first.headers["ETag"]}, status=304).body == b""


def test_a_file_of_the_past_is_dated_as_of_its_day(old: Browser) -> None:
    assert (
        'filename="claims-2024-02-29.csv"'
        in old.get("/claims.csv?as_of=2024-02-29").headers["Content-Disposition"]
    )
    described = json.loads(old.get("/claims.csv-metadata.json?as_of=2024-02-29").text)
    assert described["url"] == "/claims.csv?as_of=2024-02-29"
    assert described["dc:created"] == "2024-02-29T23:59:59.999999Z"


def test_two_times_have_two_etags(old: Browser) -> None:
    tags = {
        old.get(f"/claims.csv?as_of={day}").headers["ETag"]
        for day in ("2024-01-09", "2024-01-10", "2024-01-11")
    }
    assert len(tags) == 3


def test_a_date_means_its_end_and_a_time_is_exact_to_the_microsecond(old: Browser) -> None:
    assert "may be raised" in old.get("/claims?as_of=2024-03-01").text
    assert "are raised" in old.get("/claims?as_of=2024-02-29").text
    assert "may be raised" in old.get("/claims?as_of=2024-03-01T12:30:15Z").text
    assert "are raised" in old.get("/claims?as_of=2024-03-01T12:30:14.999999Z").text
    assert "may be raised" in old.get("/claims?as_of=2024-03-01T13:30:15%2B01:00").text
    assert "may be raised" in old.get("/claims?as_of=2024-03-01T13:30:15+01:00").text


def test_a_banner_shows_the_date_and_links_back_to_today(old: Browser) -> None:
    banner = old.get("/claims?level=low&as_of=2024-02-29").html.select_one("#as-of")
    assert "This is the database as it was at the end of 29 February 2024 (UTC)." in banner.get_text()
    assert banner.select_one("a")["href"] == "/claims?level=low"
    banner = old.get("/claims/CLM-1?as_of=2024-03-01T12:30:14.5Z").html.select_one("#as-of")
    assert "as it was on 1 March 2024, 12:30:14.5 UTC." in banner.get_text()
    assert old.get("/claims").html.select_one("#as-of") is None


def test_as_of_is_kept_in_filters_pages_exports_and_links(old: Browser) -> None:
    with old.database.writing(BY_TEST) as session:
        for _ in range(3):
            make_claim(session)
    _set_clock(old, 2024, 5, 1)
    page = old.get("/claims?per_page=1&as_of=2024-04-15").html
    links = [tag["href"] for tag in page.select("main a[href]") if "Back to today" not in tag.get_text()]
    assert links
    assert all("as_of=2024-04-15" in link for link in links), links
    assert page.select_one("form.filters [name=as_of]")["value"] == "2024-04-15"
    following = old.get(page.select_one("a.pager__next")["href"])
    assert following.html.select_one("#as-of")
    first = page.select_one(".entry h3 a")["href"]
    assert old.get(first).html.select_one("#as-of")
    assert "as_of=2024-04-15" in page.select_one(".download")["href"]


def test_a_page_of_the_past_links_to_pages_of_the_same_time(old: Browser) -> None:
    for address in ("/claims/CLM-1", "/studies/STU-1", "/appraisals/APR-1", "/claims/CLM-1/appraisals"):
        page = old.get(f"{address}?as_of=2024-02-29")
        for tag in page.html.select("main a[href^='/']"):
            path = tag["href"].partition("?")[0]
            if re.fullmatch(r"/(claims|studies|evidence|appraisals)(/[A-Z]+-\d+(/appraisals)?)?", path) and (
                "Back to today" not in tag.get_text() and path != "/appraisals"
            ):
                assert "as_of=2024-02-29" in tag["href"], (address, tag)


def test_an_evidence_item_leads_to_its_claim_of_the_same_moment(old: Browser) -> None:
    found = old.get("/evidence/EVD-1?as_of=2024-02-29", status=302)
    assert found.headers["Location"].endswith("/claims/CLM-1?as_of=2024-02-29#EVD-1")


def test_nothing_is_offered_that_would_change_the_past(old: Browser) -> None:
    old.log_in(Role.ADMIN)
    for address in ("/claims", "/claims/CLM-1", "/studies", "/studies/STU-1", "/claims/CLM-1/appraisals"):
        today = {tag["href"] for tag in old.get(address).html.select("main a[href]")}
        page = old.get(f"{address}?as_of=2024-02-29").html
        then = {tag["href"].partition("?")[0] for tag in page.select("main a[href]")}
        changing = re.compile(r"/(new|add|import|edit|delete|appraise|overlaps)\b")
        assert any(changing.search(link) for link in today), address
        assert not any(changing.search(link) for link in then), address
        assert not page.select("main form[method=post]")


def test_a_record_that_did_not_exist_yet_says_when_it_was_added(old: Browser) -> None:
    told = _told(old, "/claims/CLM-1?as_of=2024-01-09", 404)
    assert (
        "CLM-1 did not exist at the end of 9 January 2024 (UTC). It was added on 10 January 2024, 12:00 UTC."
        in told
    )
    assert "There is no claim CLM-99" in _told(old, "/claims/CLM-99?as_of=2024-01-09", 404)


def test_a_record_that_was_already_deleted_at_that_time_says_so(old: Browser) -> None:
    with old.database.writing(BY_TEST) as session:
        number = make_claim(session).id
    name = public_id(RecordType.CLAIM, number)
    _set_clock(old, 2024, 5, 1)
    with old.database.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, number), 1)
    _set_clock(old, 2024, 6, 1)
    assert "1 May 2024, 00:00 UTC" in _told(old, f"/claims/{name}?as_of=2024-05-20", 410)
    old.get(f"/claims/{name}?as_of=2024-04-30", status=200)


def test_the_history_on_a_page_ends_at_the_requested_time(old: Browser) -> None:
    page = old.get("/claims/CLM-1?as_of=2024-02-29").html
    (only,) = page.select("#changes ~ .history > li")
    assert "Created" in only.get_text()
    assert "last changed 10 January 2024" in page.get_text(" ")


@on_one_database
@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("yesterday", "is not a date or time"),
        ("2024-13-01", "is not a date or time"),
        ("2024-1-1", "is not a date or time"),
        ("20240101", "is not a date or time"),
        ("2024-01-01T10:00", "a time with its zone"),
        ("2024-01-01T10:00:00.1234567Z", "is not a date or time"),
        ("0001-01-01T00:00%2B10:00", "is not a date or time"),
        ("2024-04-01", "It is available from 2024-04-02, 00:01 UTC."),
        ("2030-01-01", "It is available from 2030-01-02, 00:01 UTC."),
        ("9999-12-31", "never over"),
        ("2024-04-01T08:00:00Z", "has not passed yet"),
        ("2024-04-01T07:59:30Z", "has not passed yet"),
        ("2024-01-01&as_of=2024-01-02", "only once"),
    ],
)
def test_an_invalid_date_is_rejected(old: Browser, moment: str, sentence: str) -> None:
    for address in ("/claims", "/studies/STU-1"):
        assert sentence in _told(old, f"{address}?as_of={moment}", 400), address
    assert sentence in old.get(f"/claims.csv?as_of={moment}", 400).text


def test_a_day_can_be_requested_a_minute_after_its_end(old: Browser) -> None:
    old.get("/claims?as_of=2024-03-31", status=200)
    _set_clock(old, 2024, 4, 2, 0, 0, 30)
    old.get("/claims?as_of=2024-04-01", status=400)
    _set_clock(old, 2024, 4, 2, 0, 1)
    old.get("/claims?as_of=2024-04-01", status=200)


def test_an_empty_date_is_the_present(old: Browser) -> None:
    assert old.get("/claims?as_of=&q=").html.select_one("#as-of") is None


@pytest.mark.parametrize("address", ["/", "/changes", "/claims/CLM-1/history", "/method", "/login"])
def test_a_page_without_a_past_says_so(old: Browser, address: str) -> None:
    assert "only shows current data" in _told(old, f"{address}?as_of=2024-02-29", 400)


def test_a_topic_that_did_not_exist_yet_is_an_unknown_filter(old: Browser) -> None:
    assert "There are no topics yet." in _told(old, "/claims?topic=pain&as_of=2023-12-31", 400)


def test_the_history_of_a_record_links_to_past_versions(old: Browser) -> None:
    page = old.get("/claims/CLM-1/history").html
    links = [tag["href"] for tag in page.select(".history a") if "at that time" in tag.get_text()]
    assert links[0] == "/claims/CLM-1?as_of=2024-03-01T12:30:15Z"
    assert "may be raised" in old.get(links[0]).text
    assert "are raised" in old.get(links[-1]).text
    assert links[0] in [tag["href"] for tag in old.get("/claims/CLM-1/history/2").html.select("main a")]


def test_very_recent_changes_have_no_link_to_the_past_yet(old: Browser) -> None:
    _reword(old, "Antibodies are what they are.")
    page = old.get("/claims/CLM-1/history").html
    (newest, *_) = page.select(".history > li")
    assert "at that time" not in newest.get_text()


def test_crawlers_are_kept_out_of_the_past(old: Browser) -> None:
    assert (
        old.get("/claims?as_of=2024-02-29").html.select_one("meta[name=robots]")["content"]
        == "noindex, nofollow"
    )
    assert old.get("/claims").html.select_one("meta[name=robots]") is None
