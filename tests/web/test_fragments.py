"""Parts of pages in memory: what they show is their key, so that they are never out of date."""

from markupsafe import Markup

from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser


@on_one_database
def test_a_fragment_is_made_once_for_what_it_shows(browser: Browser) -> None:
    made: list[str] = []

    def macro(text: str) -> Markup:
        made.append(text)
        return Markup("<i>{}</i>").format(text)

    kept = browser.app.jinja_env.globals["from_memory"]
    assert [kept(macro, "a"), kept(macro, "b"), kept(macro, "a")] == ["<i>a</i>", "<i>b</i>", "<i>a</i>"]
    assert made == ["a", "b"]


@on_one_database
def test_the_entries_of_lists_are_fragments(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain", "Sleep"])
        make_study(session)
    kept = browser.app.jinja_env.globals["from_memory"]
    for address in ("/claims", "/claims?q=fibromyalgia", "/studies"):
        browser.app.extensions["claims_kept_pages"].limit = 0
        first = browser.get(address).text
        before = kept.cache_info().hits
        assert browser.get(address).text == first
        assert kept.cache_info().hits == before + 1, address
