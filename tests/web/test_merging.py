"""Merging in the browser: choosing a duplicate, comparison, redirects and undoing."""

import pytest

from claims_app.models import Claim, EvidenceItem, Study
from claims_app.services.core import records
from claims_app.services.deduplication import merging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.records import claims
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser, errors


@pytest.fixture
def duplicates(browser: Browser) -> Browser:
    """CLM-1 and CLM-2, near duplicates based on one study; ada is logged in."""
    with browser.database.writing(BY_TEST) as session:
        study = make_study(session)
        for outcome, topic in ((None, "Pain"), ("levels", "Fatigue")):
            claim = make_claim(session, outcome=outcome, topics=[topic], statement=f"Serum {topic} moves.")
            make_limitation(session, make_evidence(session, claim, study))
    return browser.log_in()


@pytest.fixture
def merged(duplicates: Browser) -> Browser:
    """CLM-2, merged into CLM-1 by ada."""
    form = duplicates.form("/claims/CLM-1/merge?with=CLM-2")
    form["edit_summary"] = "They say the same."
    form.submit(status=303)
    return duplicates


def merge(browser: Browser, kept: str, other: str) -> None:
    """Merge two records without the pages."""
    with browser.database.writing(BY_TEST) as session:
        model = Claim if kept.startswith("CLM") else Study
        one, duplicate = records.find(session, model, kept), records.find(session, model, other)
        merging.merge(session, one, duplicate, (one.version, duplicate.version), MergeChoices())


def test_both_are_shown_side_by_side_where_they_differ(duplicates: Browser) -> None:
    page = duplicates.get("/claims/CLM-1/merge?with=CLM-2")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in page.html.select("tbody tr")
    ]
    assert [row[0] for row in rows] == ["Statement", "Outcome"]
    assert "levels" in rows[1][2]
    form = page.forms["record"]
    assert (form["part-statement"].value, form["part-outcome"].value) == ("kept", "merged")
    assert "CLM-1 also gets the topic Fatigue" in " ".join(page.html.get_text().split())
    assert "STU-1" in page.html.select_one(".merge-pair legend").get_text()


def test_a_claim_is_merged_with_the_chosen_values(duplicates: Browser) -> None:
    form = duplicates.form("/claims/CLM-1/merge?with=CLM-2")
    form["part-statement"], form["part-outcome"], form["pair-1"] = "merged", "kept", "kept"
    form["edit_summary"] = "They say the same."
    page = form.submit(status=303).follow()
    assert "CLM-2 was merged into CLM-1" in page.html.select_one(".flash--success").get_text()
    with duplicates.database.reading() as session:
        claim = session.get_one(Claim, 1)
        assert (claim.statement, claim.outcome) == ("Serum Fatigue moves.", None)
        assert session.get(EvidenceItem, 2) is None


def test_a_form_without_a_reason_is_shown_again_with_its_input(duplicates: Browser) -> None:
    form = duplicates.form("/claims/CLM-1/merge?with=CLM-2")
    form["part-statement"], form["pair-1"] = "merged", "kept"
    page = form.submit(status=422)
    assert errors(page) == {"edit_summary": "Enter a reason."}
    assert (page.forms["record"]["part-statement"].value, page.forms["record"]["pair-1"].value) == (
        "merged",
        "kept",
    )


def test_inconsistent_values_are_reported_with_their_field(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_study(session)
        make_study(session, version_of_id=1)
        make_study(session)
        make_study(session, version_of_id=3)
    form = browser.log_in().form("/studies/STU-1/merge?with=STU-4")
    form["part-version_of_id"], form["edit_summary"] = "merged", "The same."
    page = form.submit(status=422)
    assert (
        "Published version: Another study has this one" in page.html.select_one("#error-summary").get_text()
    )


def test_a_change_by_someone_else_is_shown_first(duplicates: Browser) -> None:
    form = duplicates.form("/claims/CLM-1/merge?with=CLM-2")
    with duplicates.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 2)
        claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "by another"})
    form["edit_summary"] = "They say the same."
    page = form.submit(status=409)
    assert "Nothing was merged" in page.text
    assert "by another" in page.text
    page.forms["record"].submit(status=303)


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/claims/CLM-2", "/claims/CLM-1"),
        ("/claims/clm-2", "/claims/CLM-1"),
        ("/claims/CLM-2/edit", "/claims/CLM-1/edit"),
        ("/claims/CLM-2/appraisals", "/claims/CLM-1/appraisals"),
    ],
)
def test_the_old_address_redirects_to_the_kept_claim_with_a_notice(
    merged: Browser, address: str, leads_to: str
) -> None:
    response = merged.get(address, status=301)
    assert response.headers["Cache-Control"] == "no-cache"
    page = response.follow()
    assert page.request.path == leads_to
    notice = " ".join(page.html.select_one("main .notice").get_text(" ", strip=True).split())
    assert notice.startswith("You followed a link to CLM-2 , which was merged into CLM-1 on")
    assert "They say the same." in notice


def test_the_old_address_redirects_through_several_merges(merged: Browser) -> None:
    with merged.database.writing(BY_TEST) as session:
        make_claim(session)
    merge(merged, "CLM-3", "CLM-1")
    page = merged.get("/claims/CLM-2", status=301).follow()
    assert page.request.path == "/claims/CLM-3"
    assert "You followed a link to" in page.text


def test_the_old_address_of_a_study_redirects_with_its_query(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_study(session)
        make_study(session)
    merge(browser, "STU-1", "STU-2")
    assert browser.get("/studies/STU-2", status=301).follow().request.path == "/studies/STU-1"
    page = browser.get("/studies/overlaps?study=STU-2", status=301)
    assert "study=STU-1" in page.location


@pytest.mark.parametrize("query", ["?from=CLM-9", "?from=CLM-1", "?from=STU-1", "?from=x", "?from="])
def test_no_redirect_notice_is_shown_for_other_addresses(merged: Browser, query: str) -> None:
    assert "You followed a link to" not in merged.get(f"/claims/CLM-1{query}").text


def test_a_form_sent_to_the_old_address_is_not_lost(merged: Browser) -> None:
    token = merged.form("/claims/CLM-1/edit")["csrf_token"].value
    page = merged.post("/claims/CLM-2/edit", {"csrf_token": token, "statement": "typed words"}, status=409)
    assert "CLM-2 was merged into CLM-1. Nothing was saved." in page.text
    assert "typed words" in page.text


@on_both_databases
def test_a_merged_record_appears_in_no_list_count_or_file(merged: Browser) -> None:
    with merged.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), make_study(session, title="The other one"))
        make_claim(session, origin_study_id=2, topics=["Fatigue"])
        make_claim(session, origin_study_id=2, statement="Another one.")
    merge(merged, "STU-1", "STU-2")
    merge(merged, "CLM-3", "CLM-4")
    for address in (
        "/",
        "/claims",
        "/claims?topic=fatigue",
        "/claims?needs=evidence",
        "/claims?review=accepted",
        "/studies",
        "/studies?q=other",
        "/studies/STU-1",
        "/studies/overlaps",
        "/claims/new",
        "/claims/CLM-1/evidence/new",
        "/claims.csv",
        "/studies.csv",
        "/evidence.csv",
        "/limitations.csv",
        "/appraisals.csv",
        "/appraisals",
        "/review",
    ):
        page = merged.get(address)
        content = page.html.select_one("main, datalist") if "html" in page.content_type else page.text
        text = str(content)
        # The changes and the merge itself mention them.
        for part in page.html.select(".history, p.muted") if "html" in page.content_type else ():
            text = text.replace(str(part), "")
        for name in ("CLM-2", "CLM-4", "STU-2"):
            assert name not in text, address


def test_appraisals_of_a_merged_claim_can_still_be_read(duplicates: Browser) -> None:
    with duplicates.database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 2))
    merge(duplicates, "CLM-1", "CLM-2")
    page = duplicates.get("/appraisals/APR-1")
    assert "Serum Fatigue moves." in page.text
    assert page.click("Serum Fatigue", href="/claims/CLM-2").status_code == 301


def test_both_histories_show_the_merge_and_how_to_undo_it(merged: Browser) -> None:
    for name in ("CLM-1", "CLM-2"):
        page = merged.get(f"/claims/{name}/history")
        assert "Merged into CLM-1" in page.text
        assert "They say the same." in page.text
        assert page.html.select_one("a[href='/claims/CLM-2/unmerge']") is not None
    page = merged.get("/claims/CLM-2/history/2")
    assert page.html.h1.get_text() == "Merged into CLM-1"
    assert "record" not in page.forms
    assert "record" not in merged.get("/claims/CLM-2/history/1").forms
    assert "CLM-2: Merged into CLM-1" in merged.get("/feed.atom?claim=CLM-1").text


def test_a_merge_is_undone_with_a_reason(merged: Browser) -> None:
    page = merged.get("/claims/CLM-2/history").click("Undo merge")
    assert "EVD-2, LIM-" not in page.text
    assert "EVD-2" in page.html.select_one(".facts").get_text()
    form = page.forms["record"]
    assert errors(form.submit(status=422)) == {"edit_summary": "Enter a reason."}
    form["edit_summary"] = "They are two, after all."
    page = form.submit(status=303).follow()
    assert page.request.path == "/claims/CLM-2"
    assert "EVD-2" in page.text
    assert "They are two, after all." in merged.get("/claims/CLM-2/history").text
    merged.get("/claims/CLM-2/unmerge", status=409)


def test_effects_that_are_not_undone_are_reported(merged: Browser) -> None:
    with merged.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1))
    page = merged.get("/claims/CLM-2/unmerge")
    assert "EVD-3 was added after the merge and stays with CLM-1." in page.text
    form = page.forms["record"]
    form["edit_summary"] = "Two."
    assert "EVD-3 was added after the merge and stays with CLM-1." in form.submit(status=303).follow().text


def test_undoing_after_another_change_shows_its_current_effect(merged: Browser) -> None:
    form = merged.form("/claims/CLM-2/unmerge")
    with merged.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        changed = {**CLAIM, "outcome": "by another", "topics": ["Pain", "Fatigue"]}
        claims.update_claim(session, claim, claim.version, changed)
    form["edit_summary"] = "Two."
    page = form.submit(status=409)
    assert "“Outcome” of CLM-1 was changed after the merge" in page.text
    page.forms["record"].submit(status=303)


@on_both_databases
def test_a_duplicate_is_found_by_search_and_suggested_if_similar(duplicates: Browser) -> None:
    page = duplicates.get("/claims/CLM-1/merge")
    assert "CLM-2" not in page.html.select_one("main").get_text().replace("CLM-7", "")
    with duplicates.database.writing(BY_TEST) as session:
        make_claim(session, statement="Serum of pain moves.", topics=["Pain"])
    page = duplicates.get("/claims/CLM-1/merge")
    assert "Possible duplicates" in page.text
    assert page.click("Compare").request.params["with"] == "CLM-3"
    form = page.forms["choose"]
    form["with"] = "fatigue serum"
    assert form.submit().click("Compare").request.params["with"] == "CLM-2"


@on_both_databases
@pytest.mark.parametrize(
    ("wanted", "status", "told"),
    [
        ("CLM-9", 404, "There is no claim CLM-9."),
        ("CLM-1", 422, "This is CLM-1 itself"),
        ("nothing like it", 200, "No other claim matches."),
        ("x" * 300, 400, "Search for at most"),
    ],
)
def test_invalid_choices_are_reported(duplicates: Browser, wanted: str, status: int, told: str) -> None:
    assert told in duplicates.get("/claims/CLM-1/merge", status=status, params={"with": wanted}).text


def test_a_record_that_was_merged_already_is_not_chosen(merged: Browser) -> None:
    with merged.database.writing(BY_TEST) as session:
        make_claim(session)
    page = merged.get("/claims/CLM-3/merge?with=CLM-2")
    assert "CLM-2 was merged into CLM-1. Choose that one." in page.text


def test_a_reader_sees_the_merge_and_is_offered_nothing(merged: Browser) -> None:
    reader = Browser(merged.app).log_in(Role.READER, "rita")
    assert "Undo merge" not in reader.get("/claims/CLM-2/history").text
    assert "Merge a duplicate" not in reader.get("/claims/CLM-1").text
    for address in ("/claims/CLM-1/merge", "/claims/CLM-2/unmerge"):
        reader.get(address, status=403)
