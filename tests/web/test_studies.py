"""Studies in the browser."""

import pytest

from claims_app.web.studies import overlap_routes
from tests.conftest import BY_TEST, on_both_databases, on_one_database
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser, errors


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator who is logged in."""
    return browser.log_in()


@on_one_database
def test_a_study_like_another_one_is_added_after_a_confirmation(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title="A trial of pacing in people", authors="Doe, A", year=2020)
    form = curator.form("/studies/new")
    form["title"], form["authors"], form["year"] = "A trial of pacing in people", "Doe, Anna", "2020"
    form["abstract"] = "Pain rose."
    page = form.submit(status=422)
    assert page.html.select_one(".notice a[href='/studies/STU-1']")
    again = page.forms["record"]
    assert again["abstract"].value == "Pain rose."
    again["duplicate_is_meant"] = True
    assert again.submit(status=303).location.endswith("/studies/STU-2")


def test_a_study_is_added_with_its_identifiers_in_their_normal_form(curator: Browser) -> None:
    form = curator.form("/studies/new")
    form["title"] = "Passive transfer of fibromyalgia pain from patients to mice"
    form["authors"] = "Goebel, A\r\nKrock, E"
    form["doi"], form["pmid"], form["pmcid"] = (
        "https://doi.org/10.1172/JCI144201",
        "PMID 34196305",
        "pmc8245181",
    )
    form["design"], form["year"], form["journal"] = (
        "animal_experiment",
        "2021",
        "Journal of Clinical Investigation",
    )
    form["species"] = ["mouse", "human"]
    form["group"] = "Liverpool and Stockholm"
    page = form.submit(status=303).follow()
    for text in (
        "10.1172/jci144201",
        "34196305",
        "PMC8245181",
        "Goebel A, Krock E",
        "Human, Mouse",
        "Liverpool",
    ):
        assert text in page.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("doi", "JCI144201", "Enter a DOI such as"),
        ("pmid", "three", "Enter a PubMed number"),
        ("pmcid", "12", "Enter a PubMed Central number"),
        ("registry_id", "a trial", "Enter a registry number"),
        ("year", "nineteen ninety", "Enter a whole number in digits, such as 2021."),
        ("url", "javascript:alert(1)", "Enter a web address"),
        ("standing_date", "yesterday", "Enter a date"),
        ("title", "", "Enter a title."),
    ],
)
def test_bad_input_is_an_error_at_its_field(curator: Browser, field: str, value: str, sentence: str) -> None:
    form = curator.form("/studies/new")
    form["title"] = "T"
    form[field] = value
    page = form.submit(status=422)
    assert sentence in errors(page)[field]
    assert page.forms["record"][field].value == value


def test_a_known_doi_is_rejected_with_a_link_to_its_study(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title="The first", doi="10.1000/one")
    form = curator.form("/studies/new")
    form["title"], form["doi"] = "The second", "10.1000/ONE"
    assert "STU-1 already has it: The first" in errors(form.submit(status=422))["doi"]


def test_a_study_that_other_records_depend_on_is_not_deleted(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        study = make_study(session)
        make_claim(session, origin_study_id=study.id)
        make_evidence(session, study=study)
    form = curator.form(f"/studies/{study.public_id}/delete")
    form["edit_summary"] = "why not"
    page = form.submit(status=409)
    assert "EVD-1" in page.text
    assert "CLM-1" in page.text


def test_the_doi_of_a_deleted_study_is_free_again(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, doi="10.1000/one")
    form = curator.form("/studies/STU-1/delete")
    form["edit_summary"] = "Entered by mistake."
    form.submit(status=303)
    assert "Entered by mistake." in curator.get("/studies/STU-1", status=410).text
    form = curator.form("/studies/new")
    form["title"], form["doi"] = "Again", "10.1000/one"
    assert form.submit(status=303).location.endswith("/studies/STU-2")


def test_a_preprint_and_its_paper_point_at_each_other(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        paper = make_study(session, authors="Goebel, A", year=2021)
        make_study(
            session, authors="Goebel, A", year=2019, version_of_id=paper.id, publication_state="preprint"
        )
    assert "Goebel 2019" in curator.get("/studies/STU-1").text
    assert "Goebel 2021" in curator.get("/studies/STU-2").text


@on_both_databases
def test_two_edits_of_a_study_are_a_conflict(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session)
    first, second = (curator.form("/studies/STU-1/edit") for _ in range(2))
    first["species"] = ["mouse"]
    first.submit(status=303)
    second["note"] = "typed at the same time"
    page = second.submit(status=409)
    form = page.forms["record"]
    assert form["note"].value == "typed at the same time"
    assert "has the values of the other version: Species" in " ".join(page.html.get_text().split())
    form.submit(status=303)
    study = curator.get("/studies/STU-1").text
    assert "Mouse" in study
    assert "typed at the same time" in study


def test_an_abstract_is_typed_with_the_study_and_shown_on_its_page(curator: Browser) -> None:
    form = curator.form("/studies/new")
    form["title"], form["abstract"] = "Typed by hand", "IgG from each of the patients caused pain."
    page = form.submit(status=303).follow()
    assert "IgG from each" in page.html.select_one("details.abstract").text
    assert "IgG from each" in Browser(curator.app).get("/studies/STU-1").text
    with curator.database.writing(BY_TEST) as session:
        make_claim(session)
    form = curator.get("/claims/CLM-1/evidence/new?study=STU-1")
    assert "IgG from each" in form.html.select_one("#texts").text


def test_evidence_for_a_claim_begins_on_the_page_of_the_study(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title="Autoantibodies cause pain")
        make_claim(session, statement="Autoantibodies cause pain in mice.")
        make_claim(session, statement="Autoantibodies are raised.")
    page = curator.get("/studies/STU-1").click("Add evidence for a claim", index=0)
    assert page.html.select_one("a[href='/claims/CLM-1/evidence/new?study=STU-1']")
    form = page.forms["record"]
    form["claim"] = "autoantibodies"
    page = form.submit(status=422)
    assert len(page.html.select("input[name=claim-choice]")) == 2
    form = page.forms["record"]
    form["claim-choice"] = "CLM-2"
    assert form.submit(status=303).location.endswith("/claims/CLM-2/evidence/new?study=STU-1")


class TestOverlaps:
    @pytest.fixture
    def curator(self, browser: Browser) -> Browser:
        """Ada, and two studies of the same authors."""
        with browser.database.writing(BY_TEST) as session:
            for _ in range(2):
                make_study(session, authors="Goebel, A 0000-0002-1825-0097\nKrock, E")
        return browser.log_in()

    def test_a_suggestion_has_reasons_and_can_be_decided(self, curator: Browser) -> None:
        page = curator.get("/studies/overlaps")
        assert "2 authors in common (of 2 and 2): Goebel A, Krock E." in page.text
        form = next(f for f in page.forms.values() if f.action == "/studies/overlaps/group")
        form["group"] = "Passive transfer"
        page = form.submit(status=303).follow()
        assert "now one line of evidence" in page.text
        assert "Passive transfer" in curator.get("/studies/STU-2").text

    def test_keeping_studies_separate_needs_a_reason_that_is_shown(self, curator: Browser) -> None:
        form = next(
            f
            for f in curator.get("/studies/overlaps").forms.values()
            if f.action == "/studies/overlaps/dismiss"
        )
        assert "Enter a reason." in form.submit(status=303).follow().text
        form["reason"] = "Other patients."
        page = form.submit(status=303).follow()
        assert "No overlaps waiting for a decision" in page.text
        assert "Other patients." in page.text

    @pytest.mark.parametrize(
        ("back", "address"),
        [
            ("study=STU-1", "/studies/overlaps?study=STU-1"),
            ("", "/studies/overlaps"),
            ("claim=CLM-1\r\nSet-Cookie: x=1", "/studies/overlaps?claim=CLM-1%0D%0ASet-Cookie:+x%3D1"),
            ("next=//elsewhere.example", "/studies/overlaps"),
        ],
    )
    def test_login_with_orcid_returns_to_the_requested_page_only(
        self, curator: Browser, back: str, address: str
    ) -> None:
        page = curator.get("/studies/overlaps")
        form = next(f for f in page.forms.values() if f.action == "/studies/overlaps/group")
        form["back"].force_value(back)
        assert form.submit(status=303).headers["Location"] == address

    def test_the_strongest_overlaps_are_shown_and_all_are_counted(
        self, curator: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(overlap_routes, "MOST_SHOWN", 2)
        with curator.database.writing(BY_TEST) as session:
            make_study(session, authors="Goebel, A\nKrock, E")
        page = curator.get("/studies/overlaps")
        assert len(page.html.select(".overlap")) == 2
        assert "Showing the 2 strongest of 3 suggestions" in page.html.select_one(".result-count").get_text()

    def test_a_reader_sees_overlaps_but_cannot_decide(self, curator: Browser) -> None:
        reader = Browser(curator.app)
        assert "2 authors in common" in reader.get("/studies/overlaps").text
        assert not [f for f in reader.get("/studies/overlaps").forms.values() if "overlaps" in f.action]

    def test_a_name_is_shown_without_its_orcid(self, curator: Browser) -> None:
        page = curator.get("/studies/STU-1")
        assert "Goebel A, Krock E" in page.text
        assert "0000-0002" not in page.html.select_one(".authors").text


def test_the_evidence_of_a_study_is_shown_a_page_at_a_time(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        study = make_study(session)
        for _ in range(51):
            make_evidence(session, make_claim(session, origin_study_id=study.id), study)
    page = curator.get("/studies/STU-1")
    assert "51 evidence items" in page.text
    assert "#EVD-50" in page.text
    assert "#EVD-51" not in page.text
    assert "The first 50." in page.text
    last = page.click("Next")
    assert "#EVD-51" in last.text
    assert "#EVD-50" not in last.text
    assert "#EVD-50" in last.click("Previous").text


def test_a_long_study_group_is_listed_in_part(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        first = make_study(session, group="One registry")
        for _ in range(22):
            make_study(session, group="One registry")
            make_study(session, version_of_id=first.id, publication_state="preprint")
    facts = browser.get("/studies/STU-1").html.select_one("dl.facts")
    assert facts
    by_name = {dt.text: dt.find_next_sibling("dd") for dt in facts.select("dt")}
    for name, column in (("Study group", "group"), ("Earlier version", "version_of_id")):
        listed = by_name[name]
        assert len(listed.select("a[href^='/studies/STU-']")) == 20
        assert f"and 2 more: the CSV file of studies has all of them, by {column}" in " ".join(
            listed.text.split()
        )
