"""The front page: what is known, the map and the work to be done, never older than the data."""

from claims_app.database import Database
from claims_app.models import Claim, EvidenceItem
from claims_app.services.pages import overview
from claims_app.services.pages.topic_pages import Verdicts
from claims_app.services.records import topics
from claims_app.vocabulary import ClaimKind, Conclusion, EvidenceLevel
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_appraisal, make_claim, make_evidence, make_study


def test_claims_are_counted_by_level_kind_and_conclusion(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_claim(session, kind="mechanism", topics=["Pain"])
        make_evidence(
            session, make_claim(session, topics=["Pain", "Fatigue"]), make_study(session, year=2019)
        )
    with database.reading() as session:
        page = overview.overview(session)
        level = session.get_one(Claim, 1).evidence_level
    assert page.map.verdicts == {
        (level, ClaimKind.ASSOCIATION): {Conclusion.SUPPORTED: 1},
        (EvidenceLevel.NOT_ASSESSED, ClaimKind.MECHANISM): {None: 1},
        (EvidenceLevel.NOT_ASSESSED, ClaimKind.ASSOCIATION): {None: 1},
    }
    assert page.map.findings[2019, "supports"] >= 1
    assert (page.n_claims, page.n_with_evidence) == (3, 2)
    assert (page.n_without_evidence, page.n_without_appraisal, page.n_stale) == (1, 1, 0)
    assert [(line.name, line.verdicts.n_claims) for line, _ in page.topics] == [("Pain", 2), ("Fatigue", 1)]


def test_the_page_after_a_change_counts_it(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_evidence(session, study=make_study(session, year=2019))
    with database.reading() as session:
        assert overview.overview(session).map.findings == {(2019, "supports"): 1}
    with database.writing(BY_TEST) as session:
        session.get_one(EvidenceItem, 1).study.year = 2020
        make_claim(session)
    with database.reading() as session:
        page = overview.overview(session)
    assert (page.map.findings, page.n_claims) == ({(2020, "supports"): 1}, 2)


@on_one_database
def test_under_one_subject_its_narrower_topics_are_shown_each_with_what_is_known_best(
    database: Database,
) -> None:
    with database.writing(BY_TEST) as session:
        top = topics.create_topic(session, {"slug": "disease", "name": "Disease"})
        for name in ("Pain", "Fatigue"):
            topics.create_topic(session, {"slug": name.lower(), "name": name, "parent_id": top.id})
        make_claim(session, topics=["Pain"])
        make_evidence(session, make_claim(session, topics=["Pain"]))
        appraised = make_claim(session, topics=["Pain", "Fatigue"])
        make_evidence(session, appraised)
        make_appraisal(session, appraised)
    with database.reading() as session:
        page = overview.overview(session)
    assert page.subject is not None
    assert page.subject.name == "Disease"
    assert [(line.name, [row.public_id for row in best]) for line, best in page.topics] == [
        ("Pain", ["CLM-3", "CLM-2"]),
        ("Fatigue", ["CLM-3"]),
    ]


def test_of_many_verdicts_the_most_certain_and_the_missing_ones_are_shown() -> None:
    verdicts = Verdicts(
        {(level, conclusion): 2 for level in list(EvidenceLevel)[:4] for conclusion in Conclusion}
        | {(EvidenceLevel.NOT_ASSESSED, None): 5}
    )
    shown, others = verdicts.in_short(4)
    assert [one.words for one in shown] == [
        "2 supported (high certainty)",
        "2 contradicted (high certainty)",
        "2 without effect (high certainty)",
        "5 not assessed",
    ]
    assert others == verdicts.n_claims - 11
