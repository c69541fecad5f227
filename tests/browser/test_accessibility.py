"""The pages in a real browser, judged by axe-core: WCAG 2.2 A and AA, and its best practices."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
READ = (
    "/",
    "/claims?topic=autoantibodies&direction=supports",
    "/studies",
    "/claims/CLM-1",
    "/studies/STU-1",
    "/method",
    "/nowhere",
)
WRITTEN = (
    "/claims",
    "/claims?kind=mechanism&direction=null&level=high",
    "/claims/CLM-1/evidence/new?study=STU-14",
    "/claims/CLM-1/appraise",
    "/studies/add",
    "/studies/STU-14/evidence/new",
    "/inbox",
)


@pytest.mark.parametrize(
    ("width", "scheme", "signed_in", "addresses"),
    [(1280, "light", False, READ), (390, "dark", True, WRITTEN)],
    ids=["readers", "curators on a phone in the dark"],
)
def test_axe_finds_no_fault(
    open_page: OpenPage, width: int, scheme: str, signed_in: bool, addresses: tuple[str, ...]
) -> None:
    page = open_page(width, scheme, signed_in=signed_in)
    for address in addresses:
        page.goto(address)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
