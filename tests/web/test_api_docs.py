"""The pages that document the API, made of the OpenAPI document."""

import re
import shlex

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from claims_app.web.api import examples
from claims_app.web.api.problems import PROBLEMS
from claims_app.web.api.routes import document
from tests.support.browsing import Browser
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer

__all__ = ["program"]  # the fixture

SECTIONS = [tag["name"] for tag in document()["tags"]]
ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE")
ASKS_OTHERS = "/complete"
"""An operation that asks bibliographic services."""


def commands(browser: Browser) -> list[list[str]]:
    """Return the arguments of each command line in the documentation, those that delete last."""
    found = []
    for section in SECTIONS:
        page = browser.get(f"/api/docs/{section}").html
        found += [shlex.split(each.text.replace("\\\n", "")) for each in page.select("pre.code")]
    return sorted(found, key=lambda words: ORDER.index(words[2] if words[1] == "-X" else "GET"))


def test_each_operation_is_documented(browser: Browser) -> None:
    start = browser.get("/api/docs").html
    pages = {section: browser.get(f"/api/docs/{section}").html for section in SECTIONS}
    for path, item in document()["paths"].items():
        for operation in item.values():
            [section] = operation["tags"]
            link = start.select_one(f'a[href="/api/docs/{section}#{operation["operationId"]}"]')
            assert link is not None
            assert link.text == path
            assert pages[section].find(id=operation["operationId"])


def test_each_command_line_works(program: Program) -> None:
    statuses = {}
    for words in commands(program.browser):
        assert words[0] == "curl"
        method = words[2] if words[1] == "-X" else "GET"
        [address] = [word for word in words if word.startswith("http://")]
        if address.endswith(ASKS_OTHERS):
            continue
        headers = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
        sent = [words[index + 1] for index, word in enumerate(words) if word == "-d"]
        found = program.browser._web.request(
            address.removeprefix("http://127.0.0.1:8000"),
            method=method,
            body="".join(sent).encode(),
            headers={
                **dict(header.split(": ", 1) for header in headers),
                **(program.headers if any("Bearer" in header for header in headers) else {}),
            },
            expect_errors=True,
        )
        statuses[f"{method} {address}"] = found.status_int
    # What an example deletes may be in use or at a later version by then, and some need records that are not there.
    assert {command: status for command, status in statuses.items() if status not in _MEANT} == {}
    first = {command: status for command, status in statuses.items() if re.search(_HAS_RECORDS, command)}
    assert {status for status in first.values() if status >= 400} <= {409}


def test_the_examples_of_evidence_and_its_appraisal_work_on_the_example_data(seeded_app: Flask) -> None:
    seeded = Program(seeded_app)
    for number in (1, 2):
        made = answer(seeded, "POST", f"/claims/CLM-{number}/evidence", examples.EVIDENCE)
        assert made.status_int == 201, made.json
        appraised = answer(seeded, "POST", f"/claims/CLM-{number}/appraisals", examples.APPRAISAL)
        assert appraised.status_int == 201, appraised.json


_MEANT = {200, 201, 202, 204, 403, 404, 409}
_HAS_RECORDS = r"/api/v1/(claims|studies|evidence|limitations)(/[A-Z]+-1|/bulk)?$"


def test_each_type_of_problem_is_explained(browser: Browser) -> None:
    page = browser.get("/api/docs").html
    assert all(page.find(id=name) for name in PROBLEMS)


def test_an_unknown_section_is_a_page_that_does_not_exist(browser: Browser) -> None:
    page = browser.get("/api/docs/nonsense", status=404)
    assert "There is no page at this address" in page.text


@pytest.mark.parametrize("address", ["/", "/claims"])
def test_the_footer_leads_to_the_documentation(browser: Browser, address: str) -> None:
    soup: BeautifulSoup = browser.get(address).html
    assert soup.select_one('footer a[href="/api/docs"]')


def test_the_short_address_leads_to_the_documentation(browser: Browser) -> None:
    assert browser.get("/api", status=302).location.endswith("/api/docs")
