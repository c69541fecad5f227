"""What several tests of pages need."""

from collections.abc import Iterator

import pytest

from tests.support.bibliography import CSL, Services, recorded, serving
from tests.support.browsing import Browser


@pytest.fixture
def services(browser: Browser) -> Iterator[Services]:
    """The services that the pages ask: they know the paper 10.1172/jci144201."""
    with serving() as services:
        services.say("/doi/10.1172/jci144201", recorded("doi.json", CSL))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        before = browser.app.extensions["claims_lookup"]
        browser.app.extensions["claims_lookup"] = services.lookup()
        yield services
        browser.app.extensions["claims_lookup"] = before
