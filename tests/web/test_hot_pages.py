"""What the pages that most readers see ask of the database: few statements, and none that reads a whole table."""

import pytest

from claims_app.models import Claim, Study
from claims_app.web.kept_pages import KeptPages
from claims_app.web.reader_pages import KEPT
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser
from tests.support.plans import recorded, whole_reads

LISTS = (
    "/claims",
    "/claims?level=low&sort=newest",
    "/claims?sort=level&per_page=1",
    "/claims?topic=pain&direction=supports&year_from=2010&state=not_assessed",
    "/claims?kind=mechanism&direction=null",
    "/studies",
    "/studies?design=cohort&sort=year",
)


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """A few claims with everything that pages show; one is stale."""
    with browser.database.writing(BY_TEST) as session:
        study = make_study(session, species=["human"], year=2015, group="Liverpool")
        for number in range(4):
            claim = make_claim(session, topics=["Pain"] if number else ["Fatigue"], origin_study_id=study.id)
            make_evidence(session, claim, study)
            make_limitation(session, claim)
        make_appraisal(session, session.get_one(Claim, 1))
    with browser.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), make_study(session), direction="contradicts")
    browser.app.extensions[KEPT] = KeptPages(0)  # each page is made anew
    return browser


@on_both_databases
def test_a_list_asks_little_and_reads_no_table_as_a_whole(filled: Browser) -> None:
    deep = filled.get("/claims?sort=newest&per_page=1").html.find("a", rel="next")["href"]
    for address in (*LISTS, deep):
        filled.get(address)
        with recorded(filled.database) as statements:
            filled.get(address)
        assert len(statements) <= 6, (address, [statement.in_short for statement in statements])
        assert whole_reads(filled.database, statements) == [], address


@on_both_databases
@pytest.mark.parametrize("query", ["", "?design=cohort&year_from=2010", "?standing=current&species=human"])
def test_after_a_write_the_list_of_studies_counts_in_two_statements(filled: Browser, query: str) -> None:
    filled.get("/studies")
    with filled.database.writing(BY_TEST) as session:
        make_study(session)
    with recorded(filled.database) as statements:
        filled.get(f"/studies{query}")
    counting = [one for one in statements if "count(*)" in one.sql]
    assert len(counting) == 2, [one.in_short for one in counting]


@on_both_databases
def test_pages_into_the_subject_read_no_table_as_a_whole(filled: Browser) -> None:
    for address in ("/", "/topics", "/topics/pain", "/matrix?topic=pain"):
        filled.get(address)
        with filled.database.writing(BY_TEST) as session:  # so that nothing is remembered
            make_claim(session)
        with recorded(filled.database) as statements:
            filled.get(address)
        assert whole_reads(filled.database, statements) == [], address


@on_both_databases
@pytest.mark.parametrize("address", ["/claims/CLM-1", "/claims/CLM-1/history", "/claims?needs=review"])
def test_the_pages_of_a_claim_and_the_work_on_claims_read_no_table_as_a_whole(
    filled: Browser, address: str
) -> None:
    with filled.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Another outcome"
    filled.get(address)
    with recorded(filled.database) as statements:
        filled.get(address)
    assert whole_reads(filled.database, statements) == []


@on_both_databases
@pytest.mark.parametrize(
    "address", ["/", "/topics/pain", "/matrix", "/claims", "/studies", "/claims/CLM-1", "/studies/STU-1"]
)
def test_a_page_asks_as_often_for_many_rows_as_for_few(filled: Browser, address: str) -> None:
    filled.get(address)
    with recorded(filled.database) as few:
        filled.get(address)
    with filled.database.writing(BY_TEST) as session:
        claim, study = session.get_one(Claim, 1), session.get_one(Study, 1)
        for number in range(30):
            other = make_study(session, species=["human"], group=f"Group {number}")
            make_limitation(session, make_evidence(session, claim, other))
            make_evidence(
                session, make_claim(session, topics=[f"Topic {number}"], origin_study_id=study.id), study
            )
    filled.get(address)  # the index of the facets catches up
    with recorded(filled.database) as many:
        filled.get(address)
    assert len(many) == len(few)
