"""Downloading, editing and re-importing a file in a browser."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

RIS = "TY  - JOUR\nN1  - Plasma exchange in fibromyalgia\nAU  - Doe, J.\nPY  - 2025\nER  - \n"


def test_a_claim_is_edited_in_its_exported_file_and_imported(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(390, signed_in=True)
    page.goto("/claims?topic=autoantibodies")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV$")).click()
    text = Path(download.value.path()).read_bytes().decode()
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    rows[0][names.index("comparator")] = "people without pain"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([names, *rows])
    file = tmp_path / "edited.csv"
    file.write_text("\ufeff" + out.getvalue(), encoding="utf-8")
    page.goto("/studies/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Preview import").click()
    expect(page.locator(".queue__item strong").filter(has_text=re.compile("^Changed$"))).to_be_visible()
    expect(page.get_by_text("people without pain")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_label("Reason").fill("Said more exactly.")
    page.get_by_role("button", name="Import selected rows").click()
    expect(page.get_by_text("The selected rows were imported.")).to_be_visible()
    page.goto(f"/claims/{rows[0][0]}")
    expect(page.get_by_text("people without pain")).to_be_visible()
    expect(page.get_by_text("Said more exactly.")).to_be_visible()


def test_a_rejected_record_is_downloaded_corrected_and_uploaded_again(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(signed_in=True)
    file = tmp_path / "library.ris"
    file.write_text(RIS, encoding="utf-8")
    page.goto("/studies/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Preview import").click()
    expect(page.locator(".queue__item strong").filter(has_text="Rejected")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download rejected rows").click()
    corrected = Path(download.value.path()).read_text(encoding="utf-8").replace("N1  -", "TI  -")
    file.write_text(corrected, encoding="utf-8")
    page.goto("/studies/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Preview import").click()
    page.get_by_role("button", name="Import selected rows").click()
    page.goto("/studies?q=Plasma+exchange")
    expect(page.get_by_role("link", name="Plasma exchange in fibromyalgia")).to_be_visible()
