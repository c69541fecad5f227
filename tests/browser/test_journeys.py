"""User journeys in a real browser: reading, curating, exporting."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_reader_finds_a_claim_and_the_reasons_for_its_level(open_page: OpenPage) -> None:
    page = open_page(javascript=False)
    page.goto("/")
    page.get_by_role("link", name="Dose–response").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Claims")
    page.get_by_role("link", name="The presence of the autoantibodies correlates").click()
    expect(page.locator(".verdict")).to_contain_text(re.compile(r"\d+\s+supporting"))
    expect(page.locator(".verdict")).to_contain_text(
        "The evidence is very uncertain, and mixed on whether the presence of the autoantibodies"
    )
    page.get_by_text("Why is it not higher, and what would change that?").click()
    expect(page.locator(".outlook")).to_contain_text("Inconsistency")
    expect(page.locator("#origin ~ .quotation mark")).to_contain_text(
        "correlated with the severity of symptoms"
    )
    expect(page.get_by_role("heading", name="Limitations")).to_be_visible()
    # From the claim to its source, through the evidence that was filtered and sorted by links.
    page.get_by_role("navigation", name="Filter the evidence").get_by_role("link", name="Supports").click()
    expect(page.locator(".items tbody .direction").first).to_have_text("Supports")
    page.get_by_role("columnheader", name="Year").get_by_role("link").click()
    row = page.locator(".items tbody", has=page.get_by_role("link", name="Wilson"))
    row.locator("summary").click()
    expect(row.locator(".reference")).to_contain_text("Antipolymer antibody")
    row.get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Antipolymer antibody")


def test_a_curator_adds_and_edits_a_claim_and_downloads_the_csv(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    page.goto("/claims")
    page.get_by_role("link", name="Add a claim").click()
    page.get_by_role("button", name="Save claim").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a statement.")
    statement = "Plasma exchange lessens pain in people with fibromyalgia."
    page.get_by_label("Statement").fill(statement)
    page.get_by_label("Kind").select_option(label="Treatment")
    page.get_by_label("Treatment", exact=True).check()
    page.get_by_role("button", name="Save claim").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Plasma exchange lessens pain in people with fibromyalgia."
    )
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Comparator").fill("sham exchange")
    page.get_by_label("Reason for the change").fill("Made comparable.")
    page.get_by_role("button", name="Save claim").click()
    expect(page.get_by_text("sham exchange")).to_be_visible()
    expect(page.get_by_text("Made comparable.")).to_be_visible()
    page.goto("/claims?kind=treatment&level=not_assessed")
    with page.expect_download() as download:
        page.get_by_role("link", name="↓ CSV", exact=True).click()
    text = Path(download.value.path()).read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows[-1]["comparator"] == "sham exchange"
    assert {row["kind"] for row in rows} == {"treatment"}


def test_a_curator_links_a_study_and_is_warned_about_a_duplicate(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    for attempt in range(2):
        page.goto("/claims/CLM-4")
        page.get_by_role("link", name="Add evidence").click()
        page.get_by_label("Study", exact=True).fill("STU-14")
        page.get_by_label("Finding", exact=True).select_option(label="Supports")
        page.get_by_label("Summary").fill(f"Binding to nerve tissue, {attempt}.")
        page.get_by_role("button", name="Save evidence").click()
        if attempt == 0:
            expect(page.get_by_text("Binding to nerve tissue, 0.")).to_be_visible()
    expect(page.get_by_text("already linked to this claim")).to_be_visible()
    expect(page.get_by_label("Summary")).to_have_value("Binding to nerve tissue, 1.")


def test_a_curator_appraises_a_claim_and_sees_the_level_follow(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    page.goto("/claims/CLM-2")
    page.get_by_role("link", name="Appraise", exact=True).click()
    result = page.locator("#result")
    imprecision = page.get_by_role("radiogroup", name="Imprecision")
    expect(result).to_contain_text("No level yet")
    page.get_by_role("button", name="Start from the answers").click()
    expect(result.locator(".conclusion")).to_have_text("May be so: low certainty")
    imprecision.get_by_label("0 not serious").check()
    expect(result.locator(".conclusion")).to_have_text("Probably so: moderate certainty")
    expect(result).to_contain_text("Draft saved")
    page.get_by_label("Evidence level").select_option(label="High certainty")
    expect(result).to_contain_text("Enter a reason")
    page.reload()
    expect(imprecision.get_by_label("0 not serious")).to_be_checked()
    page.get_by_label("Evidence level").select_option(label="As computed")
    imprecision.get_by_label("−2 very serious").check()
    page.get_by_label("Reason for imprecision").fill("Eight donors and no interval.")
    page.get_by_role("button", name="Save appraisal").click()
    expect(page.locator(".verdict .level")).to_have_text("very low certainty")
    expect(page.locator(".steps")).to_contain_text("Eight donors and no interval.")
    page.get_by_role("link", name="All appraisals of CLM-2").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare")).to_contain_text("differs")


def test_an_appraisal_is_made_without_any_script(open_page: OpenPage) -> None:
    page = open_page(signed_in=True, javascript=False)
    page.goto("/claims/CLM-2/appraise")
    page.get_by_role("button", name="Start from the answers").click()
    page.get_by_role("radiogroup", name="Imprecision").get_by_label("−2 very serious").check()
    page.get_by_role("button", name="Save draft and update the level").click()
    expect(page.locator("#result .level")).to_have_text("very low certainty")
    page.get_by_role("button", name="Save appraisal").click()
    expect(page.locator(".verdict .level")).to_have_text("very low certainty")


def test_two_tabs_edit_one_claim_and_nothing_is_lost(open_page: OpenPage) -> None:
    first = open_page(signed_in=True)
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto("/claims/CLM-5/edit")
    first.get_by_label("Outcome").fill("what the first typed")
    first.get_by_role("button", name="Save claim").click()
    second.get_by_label("Outcome").fill("what the second typed")
    second.get_by_role("button", name="Save claim").click()
    expect(second.get_by_role("heading", name="You have saved another version")).to_be_visible()
    expect(second.get_by_role("cell", name="what the first typed")).to_be_visible()
    expect(second.get_by_label("Outcome")).to_have_value("what the second typed")
    second.get_by_role("button", name="Save claim").click()
    expect(second.get_by_text("what the second typed")).to_be_visible()


def test_everything_can_be_done_from_the_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/login")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.get_by_label("Name").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type("a good password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are logged in as ada.")).to_be_visible()
    page.goto("/claims/CLM-1/delete")
    page.get_by_role("button", name="Delete CLM-1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Enter a reason")


def test_the_tour_of_the_readme(open_page: OpenPage, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    folder = Path(request.config.getoption("--tour") or tmp_path)
    stations = [
        ("front", "/", 1280, "light"),
        ("matrix", "/matrix", 1280, "light"),
        ("claims", "/claims", 1280, "light"),
        ("claim", "/claims/CLM-2", 1280, "light"),
        ("claim-phone-dark", "/claims/CLM-2", 390, "dark"),
        ("edit", "/claims/CLM-2/evidence/new", 1280, "light"),
    ]
    for name, address, width, scheme in stations:
        page = open_page(width, scheme, signed_in=name == "edit")
        page.goto(address)
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000


def test_input_is_saved_as_a_draft_automatically_and_offered_again(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    page.goto("/claims/new")
    page.get_by_label("Statement").fill("Sleep is wor")
    expect(page.locator("[data-drafts]")).to_contain_text("Draft saved", timeout=15000)
    page.goto("/claims/new")
    expect(page.get_by_label("Statement")).to_have_value("")
    page.get_by_role("link", name="Continue draft").click()
    expect(page.get_by_label("Statement")).to_have_value("Sleep is wor")


def test_the_commands_in_the_documentation_of_the_api_wrap_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(390)
    page.goto("/api/docs/appraisals")
    commands = page.locator("pre.code")
    assert commands.count() > 5
    right = commands.evaluate_all("all => Math.max(...all.map(one => one.getBoundingClientRect().right))")
    assert right <= 390
    assert commands.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
