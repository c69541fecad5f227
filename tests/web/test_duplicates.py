"""The page of possible duplicate studies."""

import pytest

from claims_app.models import Study
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_study
from tests.services.deduplication.test_finding import GOEBEL
from tests.support.browsing import Browser


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator, and three studies: a paper, its preprint, and the paper again."""
    with browser.database.writing(BY_TEST) as session:
        make_study(session, **GOEBEL, doi="10.1172/jci144201")
        make_study(session, **GOEBEL, doi="10.1101/713495", publication_state="preprint")
        make_study(session, **GOEBEL)
    return browser.log_in()


def form_with(page: object, button: str) -> object:
    """Return the first form whose button says `button`."""
    forms = dict.fromkeys(page.forms.values())  # type: ignore[attr-defined]
    return next(form for form in forms if button in form.text)


def test_each_pair_is_explained_and_offers_actions(curator: Browser) -> None:
    page = curator.get("/studies/duplicates")
    assert "STU-2 looks like a preprint." in " ".join(page.html.get_text().split())
    assert "Authors in common: Goebel A and 1 other." in page.text
    assert page.click("STU-3 into STU-1").request.path == "/studies/STU-1/merge"


def test_a_pair_is_kept_separate_and_this_can_be_undone(curator: Browser) -> None:
    form = form_with(curator.get("/studies/duplicates"), "Keep separate")
    assert "Enter a reason." in form.submit(status=303).follow().text
    form["reason"] = "The second one is a translation."
    page = form.submit(status=303).follow()
    assert "The second one is a translation." in page.text
    assert "will not be suggested again" in page.text
    page = form_with(page, "Reconsider").submit(status=303).follow()
    assert "The second one is a translation." not in page.text


def test_a_preprint_is_linked_by_a_button(curator: Browser) -> None:
    form_with(curator.get("/studies/duplicates"), "is the preprint of").submit(status=303)
    with curator.database.reading() as session:
        assert session.get_one(Study, 2).version_of_id == 1


def test_a_reader_gets_a_reason(curator: Browser) -> None:
    Browser(curator.app).log_in(Role.READER, "rita").get("/studies/duplicates", status=403)
