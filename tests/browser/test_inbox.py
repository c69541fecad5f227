"""From a paper in the inbox to evidence with a checked quote, by keyboard only."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from claims_app.database import Change, Database
from claims_app.rules.reference import Reference
from claims_app.services.intake import inbox
from claims_app.vocabulary import OriginKind, QuoteCheck, Via
from tests.browser.conftest import OpenPage, database_of

pytestmark = pytest.mark.browser

SENTENCE = "Dorsal root ganglia of mice that got the IgG of patients bound autoantibodies (P < 0.001)."
PAPER = Reference(
    values={
        "title": "IgG autoantibodies of people with fibromyalgia, given to animals, cause pain",
        "authors": ["Kraus, B"],
        "year": "2026",
        "doi": "10.5555/inbox.journey",
    },
    abstract=f"We transferred serum. {SENTENCE} Sleep was not measured.",
)
OTHER = Reference(values={"title": "Soil bacteria of the tundra", "doi": "10.5555/inbox.soil"})


def test_a_curator_takes_a_paper_from_the_inbox_to_evidence_by_keyboard(
    open_page: OpenPage, site_folder: Path
) -> None:
    page = open_page(390, signed_in=True)
    database = Database(database_of(site_folder))
    with database.writing(Change(via=Via.COMMAND)) as session:
        for line, reference in ((1, OTHER), (9, PAPER)):
            origin = inbox.Origin(kind=OriginKind.FILE, detail="library.ris", line=line)
            inbox.put(session, reference, origin)
    database.close()
    page.goto("/inbox")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    _wait_for_shortcuts(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Soil bacteria of the tundra")
    _wait_for_shortcuts(page)
    page.keyboard.press("n")
    page.keyboard.type("On soil.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("IgG autoantibodies")
    expect(page.locator("mark").filter(has_text="autoantibodies").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    claim = page.locator("#likely .identifier").first.inner_text()
    _wait_for_shortcuts(page)
    page.keyboard.press("1")
    expect(page).to_have_url(re.compile(rf"/claims/{claim}/evidence/new\?study=STU-\d+&candidate=2$"))
    expect(page.get_by_label("Study", exact=True)).to_have_value(re.compile("STU-"))
    page.get_by_label("Finding", exact=True).focus()
    page.keyboard.type("Supports")
    page.get_by_role("button", name="Use as quote").nth(1).press("Enter")
    expect(page.get_by_label("Quote", exact=True)).to_have_value(SENTENCE)
    page.get_by_role("button", name="Check quote").press("Enter")
    expect(page.locator("strong[role=status]")).to_contain_text(QuoteCheck.VERIFIED.label)
    page.get_by_role("button", name="Save evidence").last.press("Enter")
    expect(page.get_by_text("The evidence was added.")).to_be_visible()
    page.locator("details", has=page.get_by_text(SENTENCE)).locator("summary").first.press("Enter")
    expect(page.get_by_text(SENTENCE).first).to_be_visible()
    page.goto("/inbox?state=linked")
    expect(page.get_by_role("link", name="IgG autoantibodies")).to_be_visible()
    page.goto("/inbox/2")
    expect(page.get_by_text("Linked for " + claim)).to_be_visible()


def _wait_for_shortcuts(page: Page) -> None:
    """Wait until the script of the page has run: it shows the hints about the shortcuts then."""
    expect(page.locator("[data-keys]").first).to_be_visible()
