"""How many statements the pages of a record run: few, and not more for a record with much on its page."""

import pytest

from claims_app.models import Claim
from claims_app.services.records import claims
from tests.conftest import BY_TEST
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser
from tests.support.statements import counted

MOST = 8
"""Statements of the page of a claim or a study without edits and discussion."""


def _statements(browser: Browser, address: str) -> int:
    with counted(browser.database) as run:
        browser.get(address)
    return len(run)


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """CLM-1 and STU-1 with one evidence item, and CLM-2 and STU-2 with nine, each with limitations."""
    with browser.database.writing(BY_TEST) as session:
        for n_items in (1, 9):
            claim = make_claim(session, topics=["Pain", "Sleep"][: 1 + n_items // 9], outcome=f"{n_items}")
            study = make_study(session, species=["human", "mouse"][: 1 + n_items // 9], design="cohort")
            make_limitation(session, claim)
            for number in range(n_items):
                other = make_study(session, design="cohort") if number else study
                make_limitation(session, make_evidence(session, claim, other))
            for _ in range(n_items - 1):
                make_evidence(session, make_claim(session), study)
            make_appraisal(session, claim)
    return browser


def test_the_pages_of_a_record_run_few_statements(filled: Browser) -> None:
    for few, many in (("/claims/CLM-1", "/claims/CLM-2"), ("/studies/STU-1", "/studies/STU-2")):
        assert _statements(filled, few) == _statements(filled, many) <= MOST, few


def test_more_edits_run_no_more_statements(filled: Browser) -> None:
    def edited(times: int) -> int:
        for time in range(times):
            with filled.database.writing(BY_TEST) as session:
                claim = session.get_one(Claim, 1)
                raw = {**CLAIM, "population": f"{times} {time}"}
                claims.update_claim(session, claim, claim.version, raw)
        return _statements(filled, "/claims/CLM-1")

    assert edited(1) == edited(9) <= MOST + 4
