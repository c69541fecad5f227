"""Files in the browser: upload, preview, and import of the selected rows."""

from datetime import timedelta
from typing import Any

import pytest
from webtest import Upload

from claims_app.models import Claim, Import, Revision, Study
from claims_app.services.core.record_states import read_changes
from claims_app.services.jobs import queue
from claims_app.services.records import claims, studies
from claims_app.services.records.kinds import form_values
from claims_app.vocabulary import ImportState, Role
from claims_app.web.background_jobs import EXTENSION
from claims_app.web.importing import routes
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser

RIS = (
    b"TY  - JOUR\r\nTI  - A new study\r\nAU  - Doe, J.\r\nPY  - 2024\r\nDO  - 10.1000/new\r\n"
    b"AB  - Pain rose.\r\nER  - \r\n"
    b"TY  - JOUR\r\nTI  - Known study\r\nDO  - 10.1000/known\r\nPY  - 2020\r\nJO  - Pain\r\nER  - \r\n"
)
TWICE = "TY  - JOUR\nTI  - Twice in one file of titles\nAU  - Doe, A\nPY  - 2021\nER  - \n"


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator, with a claim and a study."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(
            session, statement="=Antibodies, “raised”.", topics=["Pain"], outcome="titres, and more"
        )
        study = make_study(session, title="Known study", doi="10.1000/known", pages="1-10")
        make_limitation(
            session,
            make_evidence(session, claim, study, p_value="<0.001", effect_measure="OR", effect_value="3.5"),
        )
    return browser.log_in()


def upload(curator: Browser, data: bytes, name: str = "file", encoding: str = "") -> Any:
    """Upload a file, and return the preview."""
    page = curator.get("/studies/import")
    form = next(form for form in page.forms.values() if "file" in form.fields)
    form["file"] = Upload(name, data)
    form["encoding"] = encoding
    answer = form.submit()
    assert answer.status_int == 303, answer.html.select_one(".field__error")
    return when_done(curator, answer.follow())


def when_done(curator: Browser, page: Any) -> Any:
    """Return a page of an upload once nothing is done in the background any more, if its request took too long."""
    if page.html.select_one("progress") is None:
        return page
    curator.app.extensions[EXTENSION].runner().run_due()
    return curator.get(page.request.path)


def states(page: Any) -> list[str]:
    """Return the state of each row."""
    return [tag.get_text() for tag in page.html.select(".queue__item .entry__meta strong")]


def take(curator: Browser, page: Any, intent: str = "import") -> Any:
    """Press a button of the preview."""
    return when_done(curator, press(page.forms["rows"], intent))


def press(form: Any, intent: str) -> Any:
    """Press a button of a form, and return the page to which it leads."""
    index = [field._value for field in form.fields["intent"]].index(intent)
    return form.submit("intent", index=index, status=303).follow()


def progress_form(page: Any) -> Any:
    """Return the form of a page that shows progress."""
    return next(form for form in page.forms.values() if "intent" in form.fields)


def reword(curator: Browser, **values: object) -> None:
    """Let another user change the claim."""
    with curator.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**form_values(session, claim), **values})


def revisions(curator: Browser) -> int:
    """Return the number of records."""
    with curator.database.reading() as session:
        return session.query(Revision).count()


def test_nothing_is_written_before_it_is_confirmed(curator: Browser) -> None:
    before = revisions(curator)
    page = upload(curator, RIS, "library.ris")
    assert "RIS. Encoding: UTF-8." in page.html.select_one(".lead").get_text()
    assert states(page) == ["New", "Already here, different values"]
    assert revisions(curator) == before


def test_the_preview_begins_with_the_way_to_its_end(curator: Browser) -> None:
    page = upload(curator, RIS)
    link = page.html.select_one(".page-header a")
    assert page.html.select_one(f"{link['href']} button[value=import]")


def test_the_encoding_is_guessed_or_chosen(curator: Browser) -> None:
    polish = "title,doi\nŁódzkie studium,10.1000/a\n".encode("cp1250")
    guessed = upload(curator, polish)
    assert "Encoding: Windows-1250, which is a guess." in guessed.html.select_one(".lead").get_text()
    chosen = upload(curator, polish, encoding="windows-1252")
    assert "£ódzkie studium" in chosen.text


@on_both_databases
def test_new_studies_are_added_with_abstract_and_empty_fields_filled_in(curator: Browser) -> None:
    page = take(curator, upload(curator, RIS, "library.ris"))
    assert "Added" in page.text
    with curator.database.reading() as session:
        study = session.get_one(Study, 2)
        assert (study.title, study.doi, study.year, study.authors) == (
            "A new study",
            "10.1000/new",
            2024,
            "Doe, J.",
        )
        assert [text.label for text in study.texts] == ["abstract"]
        known = session.get_one(Study, 1)
        assert (known.year, known.journal) == (2020, "Pain")
        newest = session.query(Revision).order_by(Revision.id.desc()).first()
        assert newest is not None
        assert newest.edit_summary == "Import of library.ris"


@on_both_databases
def test_a_row_that_is_not_selected_is_skipped(curator: Browser) -> None:
    page = upload(curator, RIS)
    form = page.forms["rows"]
    form["row"].checked = False
    for field in form.fields["field"]:
        field.checked = field._value.endswith(":year")
    take(curator, page)
    with curator.database.reading() as session:
        assert session.get(Study, 2) is None
        assert (session.get_one(Study, 1).year, session.get_one(Study, 1).journal) == (2020, None)


def test_importing_a_file_again_changes_nothing(curator: Browser) -> None:
    take(curator, upload(curator, RIS))
    before = revisions(curator)
    page = upload(curator, RIS)
    assert states(page) == ["Already here", "Already here"]
    take(curator, page)
    assert revisions(curator) == before


@pytest.mark.parametrize("name", ["claims", "studies", "evidence", "limitations"])
@pytest.mark.parametrize("query", ["", "?profile=raw", "?excel=1"])
def test_an_unchanged_exported_file_makes_no_revision(curator: Browser, name: str, query: str) -> None:
    before = revisions(curator)
    page = upload(curator, curator.get(f"/{name}.csv{query}").body)
    assert set(states(page)) == {"Unchanged"}
    take(curator, page)
    assert revisions(curator) == before


def test_an_edited_cell_becomes_a_revision(curator: Browser) -> None:
    text = curator.get("/claims.csv").text.replace('"titres', '"other titres')
    page = upload(curator, text.encode())
    assert states(page) == ["Changed"]
    assert [cell.get_text() for cell in page.html.select("table td")] == [
        "titres, and more",
        "other titres, and more",
    ]
    form = page.forms["rows"]
    form["edit_summary"] = "after the meeting"
    take(curator, page)
    with curator.database.reading() as session:
        assert session.get_one(Claim, 1).outcome == "other titres, and more"
        newest = session.query(Revision).order_by(Revision.id.desc()).first()
        assert newest is not None
        read_changes(session, [newest])
        assert (newest.edit_summary, list(newest.changes)) == ("after the meeting", ["outcome"])


def test_an_outdated_file_is_a_conflict_and_shows_all_three_values(curator: Browser) -> None:
    text = curator.get("/claims.csv").text.replace('"titres', '"other titres')
    reword(curator, outcome="new")
    page = upload(curator, text.encode())
    assert states(page) == ["Conflict"]
    assert [cell.get_text() for cell in page.html.select("table td")] == [
        "titres, and more",
        "new",
        "other titres, and more",
    ]
    take(curator, page)
    with curator.database.reading() as session:
        assert session.get_one(Claim, 1).outcome == "new"


def test_unchanged_cells_of_an_old_file_undo_nothing(curator: Browser) -> None:
    data = curator.get("/claims.csv").body
    reword(curator, statement="New words.")
    assert states(upload(curator, data)) == ["Unchanged"]


def test_changes_between_preview_and_import_are_rejected_and_reported(curator: Browser) -> None:
    text = curator.get("/claims.csv").text.replace('"titres', '"other titres')
    page = upload(curator, text.encode())
    reword(curator, statement="New words.")
    assert "changed meanwhile" in take(curator, page).text
    with curator.database.reading() as session:
        assert session.get_one(Claim, 1).statement == "New words."


def test_a_row_without_an_identifier_is_a_new_record(curator: Browser) -> None:
    data = b"statement,kind,claim_id,topics\r\nA claim from a sheet.,mechanism,,Pain|Fatigue\r\n"
    page = upload(curator, data)
    assert states(page) == ["New"]
    take(curator, page)
    with curator.database.reading() as session:
        claim = session.get_one(Claim, 2)
        assert (claim.statement, [topic.slug for topic in claim.topics]) == (
            "A claim from a sheet.",
            ["fatigue", "pain"],
        )


def test_new_evidence_names_its_claim(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        studies.create_study(session, {"title": "T", "publication_state": "published", "standing": "current"})
    data = (
        "evidence_id,claim_id,study_id,direction,summary,n_cases\r\n,CLM-1,STU-2,null,No difference.,40\r\n"
        ",,STU-2,null,No difference.,40\r\n,CLM-1,STU-1,null,No difference.,40\r\n"
        ",CLM-1,STU-2,supports,,\r\n"
    )
    page = upload(curator, data.encode())
    assert states(page) == ["New", "Rejected", "Rejected", "Rejected"]
    assert "Enter a summary, a quote or a number" in page.text
    assert "enter the record that the new one belongs to" in page.text
    assert "already linked to this claim" in page.text
    take(curator, page)
    with curator.database.reading() as session:
        assert session.get_one(Claim, 1).id == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("CLM-1,=x,nonsense,1", "Column kind:"),
        ("CLM-9,x,mechanism,1", "there is no claim CLM-9"),
        ("CLM-1,x,mechanism,7", "CLM-1 is at version"),
        ("CLM-1,x,mechanism", "The header has 4 columns, but this row has 3 cells."),
        ("STU-1,x,mechanism,1", "there is no claim"),
    ],
)
def test_an_invalid_row_is_rejected_with_its_column_and_can_be_downloaded(
    curator: Browser, row: str, sentence: str
) -> None:
    page = upload(curator, f"claim_id,statement,kind,version\r\n{row}\r\n".encode())
    assert states(page) == ["Rejected"]
    assert sentence.lower() in page.text.lower()
    handed = curator.get("/imports/1/refused").text
    assert handed.splitlines() == ["claim_id,statement,kind,version", row]


def test_computed_columns_are_not_imported(curator: Browser) -> None:
    text = curator.get("/claims.csv").text.replace(",not_assessed,not_assessed,", ",high,not_assessed,")
    page = upload(curator, text.encode())
    assert states(page) == ["Unchanged"]
    assert "evidence_level is computed" in page.text


@pytest.mark.parametrize(
    "data", [b"", b"nothing that is known", b"\xff\xd8\xff\xe0 a picture", b"PK\x03\x04 zip"]
)
def test_an_unsupported_file_is_explained(curator: Browser, data: bytes) -> None:
    page = curator.get("/studies/import")
    form = next(form for form in page.forms.values() if "file" in form.fields)
    form["file"] = Upload("x", data)
    answer = form.submit(status=422)
    assert answer.html.select_one(".field__error").get_text(strip=True)


def test_with_review_changes_become_proposals_and_new_records_wait(open_site: Any) -> None:
    curator = open_site(review_required=True)
    with curator.database.writing(BY_TEST) as session:
        make_claim(session, statement="One.")
    curator.log_in()
    data = "claim_id,statement,kind,version\r\nCLM-1,Two.,association,1\r\n,Three.,mechanism,\r\n"
    page = take(curator, upload(curator, data.encode()))
    assert [badge.get_text() for badge in page.html.select(".queue__item .badge")] == [
        "Proposed",
        "Submitted",
    ]
    with curator.database.reading() as session:
        assert session.get_one(Claim, 1).statement == "One."
        assert not session.get_one(Claim, 2).is_accepted


def test_an_upload_is_visible_to_its_user_only(curator: Browser) -> None:
    upload(curator, RIS)
    other = Browser(curator.app).log_in(name="other")
    for address in ("/imports/1", "/imports/1/refused"):
        other.get(address, status=404)
    other.get("/imports/99999999999", status=404)


def test_a_long_file_is_shown_page_by_page_and_imported_completely(curator: Browser) -> None:
    rows = "".join(f",Claim {number}.,mechanism\r\n" for number in range(90))
    page = upload(curator, f"claim_id,statement,kind\r\n{rows}".encode())
    assert len(states(page)) == 40
    page.forms["rows"].fields["row"][0].checked = False
    page = take(curator, page, "next")
    assert len(states(page)) == 40
    take(curator, page)
    with curator.database.reading() as session:
        assert session.query(Claim).count() == 1 + 89
        assert session.get_one(Import, 1).state is ImportState.DONE


def test_readers_import_nothing(browser: Browser) -> None:
    browser.get("/studies/import", status=303)
    Browser(browser.app).log_in(Role.READER, "lena").get("/studies/import", status=403)


def test_a_possibly_known_study_is_explained_and_added_only_individually(curator: Browser) -> None:
    title = "Passive transfer of fibromyalgia symptoms from patients to mice"
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title=title, authors="Goebel, A", year=2021)
    ris = f"TY  - JOUR\nTI  - {title.upper()}.\nAU  - Goebel, Andreas\nPY  - 2021\nER  - \n"
    page = upload(curator, ris.encode())
    assert states(page) == ["Possible duplicate"]
    assert "STU-2, Goebel 2021" in page.text
    take(curator, page)
    with curator.database.reading() as session:
        assert session.get(Study, 3) is None


def test_a_record_that_is_twice_in_a_file_is_reported(curator: Browser) -> None:
    page = upload(curator, (TWICE * 2 + TWICE.replace("Doe, A", "Poe, B")).encode())
    assert states(page) == ["New", "Already here", "Possible duplicate"]
    assert "The same report as in line 1 of this file" in page.text
    assert "Possibly the same: the record in line 1 of this file" in page.text


def test_a_matching_study_gets_its_empty_fields_filled_in(curator: Browser) -> None:
    title = "Passive transfer of fibromyalgia symptoms from patients to mice"
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title=title, authors="Goebel, A", year=2021)
    ris = (
        f"TY  - JOUR\nTI  - {title}\nAU  - Goebel, Andreas\nPY  - 2021\nJO  - JCI\nAB  - Pain rose.\nER  - \n"
    )
    page = upload(curator, ris.encode())
    page.forms["rows"]["as-1"] = "STU-2"
    take(curator, page)
    with curator.database.reading() as session:
        study = session.get_one(Study, 2)
        assert (study.authors, study.journal) == ("Goebel, A", "JCI")
        assert [text.content for text in study.texts] == ["Pain rose."]
        assert session.get(Study, 3) is None


def test_an_unsure_row_is_never_matched_to_a_study_that_was_not_shown(curator: Browser) -> None:
    page = upload(curator, (TWICE + TWICE.replace("Doe, A", "Poe, B")).encode())
    form = page.forms["rows"]
    form["as-2"].force_value("STU-1")
    assert "Skipped" not in take(curator, page).text
    with curator.database.reading() as session:
        assert session.get_one(Study, 1).title == "Known study"
        assert session.get(Study, 3) is None


def test_an_abstract_is_filled_in_where_a_study_has_no_text(curator: Browser) -> None:
    ris = b"TY  - JOUR\nTI  - Known study\nDO  - 10.1000/known\nAB  - Pain rose.\nER  - \n"
    assert states(upload(curator, ris)) == ["Already here, different values"]
    take(curator, upload(curator, ris))
    with curator.database.reading() as session:
        assert [text.content for text in session.get_one(Study, 1).texts] == ["Pain rose."]
    assert states(upload(curator, ris)) == ["Already here"]


class TestInTheBackground:
    """A file that takes longer than a request is read and imported by jobs."""

    @pytest.fixture(autouse=True)
    def _slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let no request do a job itself."""
        monkeypatch.setattr(routes, "SMALL_FILE", 0)
        monkeypatch.setattr(routes, "FEW_ROWS", 0)

    def waiting(self, curator: Browser, data: bytes = RIS) -> Any:
        """Upload a file, and return the page before anything is read."""
        page = curator.get("/studies/import")
        form = next(form for form in page.forms.values() if "file" in form.fields)
        form["file"] = Upload("library.ris", data)
        return form.submit(status=303).follow()

    def work(self, curator: Browser) -> None:
        """Do the jobs that are due."""
        curator.app.extensions[EXTENSION].runner().run_due()

    def reloads(self, page: Any) -> bool:
        """Return whether a page reloads in a browser without scripts."""
        return page.html.select_one("noscript meta[http-equiv=refresh]") is not None

    def test_the_upload_answers_at_once_with_a_page_that_loads_itself_until_it_is_read(
        self, curator: Browser
    ) -> None:
        page = self.waiting(curator)
        assert page.request.path == "/imports/1"
        assert (page.html.select_one("#how-far").get_text(), self.reloads(page)) == (
            "Waiting to be read.",
            True,
        )
        assert page.html.select_one("progress").get("value") is None
        assert not self.reloads(curator.get("/imports/1?reload=off"))
        assert "waiting to be read" in curator.get("/studies/import").html.select_one(".history").get_text()
        self.work(curator)
        done = curator.get("/imports/1")
        assert states(done) == ["New", "Already here, different values"]
        assert (done.html.select_one("progress"), self.reloads(done)) == (None, False)

    def test_it_shows_how_many_rows_are_read(self, curator: Browser) -> None:
        self.waiting(curator)
        with curator.database.writing(BY_TEST) as session:
            job = queue.take(session, "import", "me", most_tries=3)
            assert job is not None
            job.done, job.total = 12_500, 20_000
        page = curator.get("/imports/1")
        assert page.html.select_one("#how-far").get_text() == "12,500 of 20,000 rows read."
        assert page.html.select_one("progress").attrs.items() >= {"max": "20000", "value": "12500"}.items()
        assert page.html.title.get_text().startswith("62 %: library.ris")
        listed = curator.get("/studies/import").html.select_one(".history").get_text()
        assert "12,500 of 20,000 rows read" in listed

    def test_the_selected_rows_are_imported_with_the_reason(self, curator: Browser) -> None:
        self.waiting(curator)
        self.work(curator)
        form = curator.get("/imports/1").forms["rows"]
        form["edit_summary"] = "for the review"
        page = press(form, "import")
        assert page.html.select_one("#how-far").get_text() == "Waiting to be imported."
        assert self.reloads(page)
        with curator.database.writing(BY_TEST) as session:
            job = queue.take(session, "import", "me", most_tries=3)
            assert job is not None
        page = curator.get("/imports/1")
        assert page.html.select_one("#how-far").get_text() == "Starting the import."
        assert "This page reloads every 5 seconds." in page.text
        with curator.database.writing(BY_TEST) as session:
            queue.release(session, job.id, "me", timedelta())
        self.work(curator)
        assert "Imported on" in curator.get("/imports/1").text
        with curator.database.reading() as session:
            newest = session.query(Revision).order_by(Revision.id.desc()).first()
            assert newest is not None
            assert newest.edit_summary == "for the review"

    def test_an_upload_can_be_cancelled(self, curator: Browser) -> None:
        page = self.waiting(curator)
        after = press(progress_form(page), "cancel")
        assert after.request.path == "/studies/import"
        assert "The upload was cancelled" in after.text
        curator.get("/imports/1", status=404)

    def test_an_import_can_be_cancelled_and_asked_for_again(self, curator: Browser) -> None:
        self.waiting(curator)
        self.work(curator)
        page = press(curator.get("/imports/1").forms["rows"], "import")
        after = press(progress_form(page), "cancel")
        assert states(after) == ["New", "Already here, different values"]
        press(after.forms["rows"], "import")
        self.work(curator)
        assert "Imported on" in curator.get("/imports/1").text

    def test_a_selection_that_comes_while_rows_are_imported_changes_nothing(self, curator: Browser) -> None:
        self.waiting(curator)
        self.work(curator)
        form = curator.get("/imports/1").forms["rows"]
        press(form, "import")
        form["row"].checked = False
        press(form, "save")
        self.work(curator)
        assert "Added" in curator.get("/imports/1").text

    def test_a_file_that_cannot_be_read_says_why_and_can_be_tried_again(self, curator: Browser) -> None:
        self.waiting(curator, b"nothing that is known")
        self.work(curator)
        page = curator.get("/imports/1")
        assert page.html.select_one("[role=alert]").get_text(strip=True)
        assert not self.reloads(page)
        assert "failed" in curator.get("/studies/import").html.select_one(".history").get_text()
        assert press(progress_form(page), "again").html.select_one("progress") is not None
        self.work(curator)
        press(progress_form(curator.get("/imports/1")), "cancel")
        curator.get("/imports/1", status=404)

    def test_only_its_user_sees_or_cancels_it(self, curator: Browser) -> None:
        form = progress_form(self.waiting(curator))
        other = Browser(curator.app).log_in(name="other")
        other.get("/imports/1", status=404)
        other.post("/imports/1", {"intent": "cancel", "csrf_token": form["csrf_token"].value}, status="4*")
        self.work(curator)
        assert len(states(curator.get("/imports/1"))) == 2
