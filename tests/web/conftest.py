"""Fixtures for tests of pages."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Engine, event

from claims_app import web
from tests.support.bibliography import CSL, Services, recorded, serving
from tests.support.browsing import Browser

TEMPLATES = f"{Path(web.__file__).parent.parent / 'templates'}/"


@pytest.fixture
def services(browser: Browser) -> Iterator[Services]:
    """Bibliographic services that know the paper 10.1172/jci144201."""
    with serving() as services:
        services.say("/doi/10.1172/jci144201", recorded("doi.json", CSL))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        before = browser.app.extensions["claims_lookup"]
        lookup = services.lookup()
        browser.app.extensions["claims_lookup"] = lambda: lookup
        yield services
        browser.app.extensions["claims_lookup"] = before


@pytest.fixture(scope="package")
def _queries_of_templates() -> Iterator[list[str]]:
    """The queries that templates run."""
    found: list[str] = []

    def check(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.startswith(TEMPLATES):
                found.append(f"{frame.f_code.co_filename.removeprefix(TEMPLATES)}: {statement}")
                return
            frame = frame.f_back

    event.listen(Engine, "before_cursor_execute", check)
    yield found
    event.remove(Engine, "before_cursor_execute", check)


@pytest.fixture(autouse=True)
def _no_queries_while_rendering(_queries_of_templates: list[str]) -> Iterator[None]:
    """Fail the test if a template runs a query: view functions pass all data to their templates.

    This includes queries by template globals and filters, and lazy loading of related records.
    """
    _queries_of_templates.clear()
    yield
    assert _queries_of_templates == []
