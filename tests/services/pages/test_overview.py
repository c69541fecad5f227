"""The front page: its counts come from the index and from memory, and must not be older than the data."""

from claims_app.database import Database
from claims_app.models import Claim, Study
from claims_app.services.core.filters import StudyFilters
from claims_app.services.pages import overview
from claims_app.services.pages.selections import select_studies
from claims_app.vocabulary import ClaimKind, Conclusion, EvidenceLevel
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study


def test_claims_are_counted_by_level_kind_and_conclusion(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_claim(session, kind="mechanism", topics=["Pain"])
        make_evidence(session, make_claim(session, topics=["Pain", "Fatigue"]))
    with database.reading() as session:
        page = overview.overview(session)
        level = session.get_one(Claim, 1).evidence_level
    assert page.verdicts == {
        (level, ClaimKind.ASSOCIATION): {Conclusion.SUPPORTED: 1},
        (EvidenceLevel.NOT_ASSESSED, ClaimKind.MECHANISM): {None: 1},
        (EvidenceLevel.NOT_ASSESSED, ClaimKind.ASSOCIATION): {None: 1},
    }
    assert (page.n_claims, page.n_studies, page.n_with_evidence, page.n_appraised) == (3, 2, 2, 1)
    assert (page.n_without_evidence, page.n_without_appraisal, page.n_stale) == (1, 1, 0)
    assert [(topic.name, topic.n_claims) for topic in page.topics] == [("Fatigue", 1), ("Pain", 2)]


def test_the_page_after_a_change_counts_it(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, design="cohort")
    with database.reading() as session:
        assert overview.overview(session).n_studies == 1
    with database.writing(BY_TEST) as session:
        make_evidence(session, study=make_study(session, design="cohort"))
        session.delete(session.get_one(Study, 1))
        make_study(session, design="case_control")
    with database.reading() as session:
        page = overview.overview(session)
        studies = select_studies(session, StudyFilters())
        assert studies.counts()["design"] == {"cohort": 1, "case_control": 1}
    assert (page.n_studies, page.n_claims, page.n_with_evidence) == (2, 1, 1)
