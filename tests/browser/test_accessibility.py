"""Every page in a real browser: axe-core finds no fault (WCAG 2.2 A and AA), and none scrolls sideways."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import APIRequestContext, Page

from claims_app import create_app
from claims_app.config import Settings
from claims_app.services.hooks import queueing, webhooks
from tests.browser.conftest import OpenPage, database_of
from tests.conftest import BY_TEST
from tests.factories import make_webhook
from tests.support.addresses import address
from tests.support.databases import opened
from tests.support.uploads import in_each_state

pytestmark = pytest.mark.browser

RULES = {
    "reporter": "no-passes",
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
FAULTS = """
async (options) => (await axe.run(options)).violations.map((fault) => `${fault.id} at ${fault.nodes[0].html}`)
"""
"""Returns a text for each rule that a page breaks."""

STATES = (
    "/claims?topic=autoantibodies&direction=supports",
    "/claims?kind=mechanism&direction=null&level=high",
    "/claims?q=nothing-like-this",
    "/nowhere",
)


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An address for each page, from the map of the application."""
    folder: Path = tmp_path_factory.mktemp("map")
    settings = Settings(
        instance=folder, database_url="sqlite://", secret_key="7f3aQ9zLm2Xv8RkT5bNw1YcD6hJs4GpE"
    )
    rules = (rule for rule in create_app(settings).url_map.iter_rules() if "GET" in (rule.methods or ()))
    return [
        *(address(rule) for rule in rules if rule.endpoint.split(".")[0] not in ("static", "api")),
        *STATES,
    ]


def is_page(requests: APIRequestContext, where: str) -> bool:
    """Return whether there is a page at an address, and not a file or another place."""
    answer = requests.get(where, max_redirects=0)
    return answer.status in (200, 404) and answer.headers["content-type"].startswith("text/html")


def faults_of(page: Page, where: str) -> list[str]:
    """Return a sentence for each fault of a page."""
    page.goto(where)
    found = [f"{where}: {fault}" for fault in page.evaluate(FAULTS, RULES)]
    size = page.viewport_size
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where} scrolls sideways at {width} pixels")
    if size is not None:
        page.set_viewport_size(size)
    return found


def test_no_page_for_readers_has_a_fault(open_page: OpenPage, addresses: list[str]) -> None:
    page = open_page(1280, "light")
    page.add_init_script(Axe().axe_script)
    pages = [where for where in addresses if is_page(page.request, where)]
    assert len(pages) > 25
    assert [fault for where in pages for fault in faults_of(page, where)] == []


def test_no_page_for_curators_or_admins_has_a_fault_on_a_small_phone_in_the_dark(
    open_page: OpenPage, addresses: list[str], site_folder: Path
) -> None:
    with opened(database_of(site_folder)) as database:
        imports = in_each_state(database, "ada")
        with database.writing(BY_TEST) as session:
            # It is paused, so that the server sends nothing.
            queueing.queue_ping(session, webhooks.pause(session, make_webhook(session).id).id, "")
    reader = open_page()
    hidden = [where for where in addresses if not is_page(reader.request, where)]
    page, pages = audited(open_page, "ada", hidden)
    assert len(pages) > 25
    common = ["/", "/claims", "/claims/CLM-1", "/studies/STU-14"]
    assert [fault for where in (*common, *imports, *pages) for fault in faults_of(page, where)] == []
    page, pages = audited(open_page, "grace", [where for where in hidden if where not in pages])
    assert {"/users", "/users/ada", "/webhooks", "/webhooks/new", "/webhooks/1"} <= {*pages}
    assert [fault for where in ("/", *pages) for fault in faults_of(page, where)] == []


def audited(open_page: OpenPage, name: str, addresses: Iterable[str]) -> tuple[Page, list[str]]:
    """Return a small phone in the dark on which a user is logged in, and those addresses at which it has a page."""
    page = open_page(320, "dark", signed_in=True, name=name)
    page.add_init_script(Axe().axe_script)
    return page, [where for where in addresses if is_page(page.request, where)]
