"""The style page: every colour of the style sheet, and components from the macros of all pages."""

from claims_app.vocabulary import Direction, EvidenceLevel, Standing
from claims_app.web.charts.picture import palette
from tests.support.browsing import Browser


def test_the_style_page_shows_each_token_and_component(browser: Browser) -> None:
    page = browser.get("/style").html
    assert [row.th.text for row in page.select("#colours ~ .table-scroll tbody tr")] == [
        f"--{name}" for name in palette()[0]
    ]
    for term in (*EvidenceLevel, *Direction, *Standing):
        assert page.find(string=lambda text, label=term.label: text.strip() == label) is not None, term
    assert page.select_one(".field--wrong") is not None
