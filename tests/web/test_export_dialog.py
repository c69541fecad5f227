"""The page on which a list is taken away."""

import shlex

import pytest
from webtest import Checkbox, Form

from claims_app.formats.columns import EXPORTS
from claims_app.services.transfer.sources import SOURCES
from claims_app.web.export import dialog
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """Three claims, two of them about mechanisms."""
    with browser.database.writing(BY_TEST) as session:
        for kind in ("mechanism", "mechanism", "association"):
            claim = make_claim(session, kind=kind, topics=["Pain"])
            make_evidence(session, claim, make_study(session))
    return browser


def choices(browser: Browser, address: str) -> Form:
    return next(form for form in browser.get(address).forms.values() if "format" in form.fields)


def boxes(form: Form) -> list[Checkbox]:
    return [field for field in form.fields["columns"] if isinstance(field, Checkbox)]


def words(browser: Browser, address: str) -> str:
    return " ".join(browser.get(address).html.main.get_text(" ", strip=True).split())


@pytest.mark.parametrize("name", SOURCES)
def test_every_list_says_how_many_rows_it_will_be(filled: Browser, name: str) -> None:
    count = filled.get(f"/{name}.csv").headers["X-Row-Count"]
    assert f"has {count} row" in words(filled, f"/export/{name}")


def test_the_list_leads_there_with_its_filters(filled: Browser) -> None:
    link = filled.get("/claims?kind=mechanism&sort=newest").html.find("a", string="Download…")
    assert link["href"] == "/export/claims?kind=mechanism&sort=newest"
    page = words(filled, link["href"])
    assert "2 claims with these filters: Kind: Mechanism." in page
    assert "/claims.csv?kind=mechanism&sort=newest" in page


def test_the_choices_lead_to_a_plain_address(filled: Browser) -> None:
    form = choices(filled, "/export/claims?topic=pain&kind=mechanism")
    form["format"] = "tsv"
    for box in boxes(form):
        box.checked = box._value in ("claim_id", "kind")
    form["profile"] = "raw"
    address = "/export/claims/file?" + "&".join(f"{name}={value}" for name, value in form.submit_fields())
    answer = filled.get(address, status=302)
    assert answer.location.endswith("/claims.tsv?kind=mechanism&topic=pain&columns=claim_id,kind&profile=raw")
    assert (
        filled.get(answer.location.removeprefix("http://localhost")).text.split("\n")[0] == "claim_id\tkind"
    )


def test_without_a_choice_it_is_the_whole_csv(filled: Browser) -> None:
    form = choices(filled, "/export/claims")
    assert [box._value for box in boxes(form)] == [column.name for column in EXPORTS["claims"]]
    query = "&".join(f"{name}={value}" for name, value in form.submit_fields())
    assert filled.get(f"/export/claims/file?{query}", status=302).location.endswith("/claims.csv")


def test_the_address_is_shown_with_the_commands_that_write_the_same_file(filled: Browser) -> None:
    page = filled.get("/export/claims?kind=mechanism&format=parquet&columns=kind&columns=claim_id")
    address, curl, command = (code.text for code in page.html.select("pre code"))
    assert address == "http://127.0.0.1:8000/claims.parquet?kind=mechanism&columns=kind,claim_id"
    assert shlex.split(curl) == ["curl", "--fail-with-body", "--output", "claims.parquet", address]
    assert command == (
        "claims export claims --format parquet --kind mechanism --columns kind,claim_id -o claims.parquet"
    )


def test_a_list_is_taken_away_with_its_header(filled: Browser) -> None:
    """A file without one is a part, and no command writes it."""
    page = filled.get("/export/claims?header=0")
    address, _, command = (code.text for code in page.html.select("pre code"))
    assert address == "http://127.0.0.1:8000/claims.csv"
    assert command == "claims export claims -o claims.csv"


def test_studies_can_be_cited(filled: Browser) -> None:
    address = "/export/studies/file?format=bibtex&columns=title&profile=raw"
    assert filled.get(address, status=302).location.endswith("/studies.bib")
    assert "“ris” is not a format of claims" in words_of_refusal(filled, "/export/claims?format=ris")


def words_of_refusal(browser: Browser, address: str) -> str:
    return browser.get(address, status=400).html.main.get_text(" ", strip=True)


@pytest.mark.parametrize("query", ["columns=colour", "level=huge", "format=doc", "topic=none", "profile=x"])
def test_what_does_not_exist_is_refused(filled: Browser, query: str) -> None:
    assert query.partition("=")[2] in words_of_refusal(filled, f"/export/claims?{query}")


def test_the_past_can_be_chosen(filled: Browser) -> None:
    page = filled.get("/export/claims?as_of=2024-02-29")
    assert page.html.select_one("#moment")["value"] == "2024-02-29"
    assert "has 0 rows" in words(filled, "/export/claims?as_of=2024-02-29")
    location = filled.get("/export/claims/file?as_of=2024-02-29", status=302).location
    assert location.endswith("/claims.csv?as_of=2024-02-29")
    assert filled.get("/export/claims/file?as_of=&format=csv", status=302).location.endswith("/claims.csv")


def test_without_a_column_no_file_is_given(filled: Browser) -> None:
    form = choices(filled, "/export/claims?format=tsv")
    for box in boxes(form):
        box.checked = False
    address = "/export/claims/file?" + "&".join(f"{name}={value}" for name, value in form.submit_fields())
    page = filled.get(address, status=400)
    assert "Choose at least one column." in page.html.select_one("details[open] .field__error").get_text()
    assert page.html.select("pre") == []
    assert page.html.select_one('[name="format"][checked]')["value"] == "tsv"


def test_columns_are_ticked_from_none_or_from_all(filled: Browser) -> None:
    page = filled.get("/export/claims?kind=mechanism&format=tsv&columns=kind")
    for link, ticked in (("Tick none", 0), ("Tick all", len(EXPORTS["claims"]))):
        page = filled.get(page.html.find("a", string=link)["href"])
        assert len(page.html.select('[name="columns"][checked]')) == ticked
        assert page.html.select_one('[name="format"][checked]')["value"] == "tsv"
    assert "/claims.tsv?kind=mechanism" in page.html.select_one("pre").get_text()


@pytest.mark.parametrize(("form", "label"), [("ris", "RIS"), ("bibtex", "BibTeX"), ("csl-json", "CSL-JSON")])
def test_citations_say_that_columns_and_text_are_for_tables(filled: Browser, form: str, label: str) -> None:
    page = filled.get(f"/export/studies?format={form}&columns=title&profile=raw").html
    said = [
        part.get_text() for part in page.select("summary, legend") if "for tables only" in part.get_text()
    ]
    assert len(said) == 3
    assert all(f"not for {label})" in each for each in said)
    assert all("title" not in code.text and "raw" not in code.text for code in page.select("pre code"))
    assert "for tables only" not in filled.get("/export/studies?format=tsv").text


def test_citations_need_no_column(filled: Browser) -> None:
    address = "/export/studies/file?format=ris&columns="
    assert filled.get(address, status=302).location.endswith("/studies.ris")


@pytest.mark.parametrize("address", ["/export/claims", "/export/claims/file"])
def test_a_wrong_moment_is_asked_for_again_with_all_choices(filled: Browser, address: str) -> None:
    page = filled.get(f"{address}?kind=mechanism&format=tsv&columns=kind&as_of=24.11.2026", status=400)
    form = next(form for form in page.forms.values() if "format" in form.fields)
    assert (form["as_of"].value, form["format"].value, form["kind"].value) == (
        "24.11.2026",
        "tsv",
        "mechanism",
    )
    assert [box["value"] for box in page.html.select('[name="columns"][checked]')] == ["kind"]
    field = page.html.select_one("#moment")
    said = page.html.select_one(f"#{field['aria-describedby'].split()[0]}").get_text()
    assert "“24.11.2026” is not a date or time. Enter year-month-day" in said
    assert page.html.select("pre") == []


def test_a_format_that_is_not_installed_cannot_be_chosen(
    filled: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    page = filled.get("/export/claims")
    disabled = [box["value"] for box in page.html.select('input[name="format"][disabled]')]
    assert disabled == ["parquet", "xlsx"]
    assert 'pip install "claims-app[parquet]"' in page.html.main.get_text()


def test_too_many_rows_for_a_sheet_are_said_before(filled: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialog, "total_of", lambda *_: 1_048_576)
    page = filled.get("/export/claims?format=xlsx").html
    assert [box["value"] for box in page.select('input[name="format"][disabled]')] == ["xlsx"]
    assert page.select("pre") == []
    assert "A sheet has at most 1,048,575 rows." in page.main.get_text()
