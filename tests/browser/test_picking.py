"""The evidence form in a real browser: picking its study by keyboard, and a refused save."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_a_study_is_picked_by_its_author_with_the_keyboard(open_page: OpenPage) -> None:
    page = open_page(390, signed_in=True)
    page.goto("/claims/CLM-1/evidence/new")
    field = page.get_by_role("combobox", name="Study")
    field.press_sequentially("passive transfer 2021")
    option = page.get_by_role("option", name="STU-14")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    field.press("Enter")
    expect(field).to_have_value("STU-14")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#study_id-picked")).to_contain_text("Goebel et al. 2021")
    expect(page.locator("#texts")).to_contain_text("STU-14")


def test_a_refused_save_is_shown_from_its_errors_on(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    page.goto("/claims/CLM-1/evidence/new?study=STU-14#texts")
    page.get_by_role("button", name="Save evidence").last.click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_url("/claims/CLM-1/evidence/new?study=STU-14")
    assert page.evaluate("window.scrollY") == 0


def test_the_text_to_quote_from_is_beside_the_fields_on_a_wide_screen_only(open_page: OpenPage) -> None:
    page = open_page(signed_in=True)
    page.goto("/claims/CLM-1/evidence/new?study=STU-14")
    beside, fields = page.locator(".form__beside"), page.locator(".form__part").first
    box, other = beside.bounding_box(), fields.bounding_box()
    assert box is not None
    assert other is not None
    assert box["x"] >= other["x"] + other["width"]
    assert abs(box["y"] - other["y"]) < 50
    page.set_viewport_size({"width": 390, "height": 800})
    box, other = beside.bounding_box(), fields.bounding_box()
    assert box is not None
    assert other is not None
    assert box["y"] >= other["y"] + other["height"]
