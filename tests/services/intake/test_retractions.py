"""Retraction Watch notices: which studies they change, and which they leave unchanged."""

import io

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.formats import retraction_watch
from claims_app.models import Claim, Proposal, RetractionNotice, Revision, Study, User
from claims_app.rules.retractions import Notice
from claims_app.services.intake import retractions
from claims_app.services.intake.retractions import Applied
from claims_app.services.pages import page_queries
from claims_app.services.records import studies
from claims_app.services.records.kinds import form_values
from claims_app.services.system import integrity
from claims_app.vocabulary import LevelState, NoticeNature, RecordType, Role, Standing, Via
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.support.retraction_watch import file_of, real_file, row

PAPER, NOTICE = "10.1000/paper", "10.1000/notice"
NATURES = {
    "Retraction": Standing.RETRACTED,
    "Correction": Standing.CORRECTED,
    "Expression of concern": Standing.EXPRESSION_OF_CONCERN,
    "Reinstatement": Standing.REINSTATED,
}


def keep(session: WriteSession, content: bytes) -> None:
    """Load the notices of a file."""
    load = retractions.begin(session, "retraction_watch.csv", "0" * 64)
    rows = list(retraction_watch.read(io.BytesIO(content)))
    retractions.keep(session, load.id, [found for found in rows if isinstance(found, Notice)])
    retractions.finish(session, load.id, 0, 0)


def load(database: Database, *rows: bytes, review: bool = False) -> tuple[Applied, list[str]]:
    """Load a file with these rows as the command does; return the result, and why studies were left unchanged."""
    with database.writing(Change(via=Via.COMMAND, summary="Notices.", review=review)) as session:
        keep(session, file_of(*rows))
        done = retractions.apply(session)
        return done, [left.why for left in done.left_alone]


def revisions(database: Database) -> int:
    """Return the number of revisions of studies."""
    with database.reading() as session:
        count = select(func.count()).where(Revision.record_type == RecordType.STUDY)
        return session.scalar(count.select_from(Revision)) or 0


def standing_of(database: Database, number: int = 1) -> Standing:
    """Return the standing of a study."""
    with database.reading() as session:
        return session.get_one(Study, number).standing


@pytest.fixture
def paper(database: Database) -> Database:
    """A database with STU-1, a paper; STU-2, the notice about it; and CLM-1 with evidence of STU-1, appraised."""
    with database.writing(BY_TEST) as session:
        original = make_study(session, doi=PAPER, pmid="100", design="cohort")
        make_study(session, doi=NOTICE, pmid="200", design="expert_opinion")
        claim = make_claim(session)
        make_evidence(session, claim, original)
        make_evidence(session, claim, make_study(session, design="cohort"))
        make_appraisal(session, claim)
    return database


@pytest.mark.parametrize("nature", NATURES)
@pytest.mark.parametrize(
    "identifiers",
    [{"original_doi": PAPER.upper()}, {"original_doi": "unavailable", "original_pmid": "100"}],
    ids=["doi", "pmid"],
)
def test_every_kind_of_notice_is_matched_to_the_original(
    paper: Database, nature: str, identifiers: dict[str, str]
) -> None:
    done, _ = load(paper, row(nature=nature, notice_doi=NOTICE, notice_pmid="200", **identifiers))
    assert (done.matched, len(done.changed)) == (1, 1)
    assert standing_of(paper, 2) is Standing.CURRENT
    with paper.reading() as session:
        study = session.get_one(Study, 1)
        assert study.standing is NATURES[nature]
        assert str(study.standing_date) == "2026-03-09"
        assert (study.standing_notice_doi, study.standing_reason) == (NOTICE, "Rogue Editor")
        revision = session.scalars(select(Revision).order_by(Revision.id.desc()).limit(1)).one()
        assert revision.edit_summary == f"{nature} of 2026-03-09: Retraction Watch, record 1."
        assert revision.via is Via.COMMAND
        assert session.get_one(Claim, 1).level_state is LevelState.STALE


@pytest.mark.parametrize("nature", NATURES)
def test_a_study_that_is_the_notice_itself_is_not_changed(paper: Database, nature: str) -> None:
    done, _ = load(
        paper, row(nature=nature, notice_doi=NOTICE, notice_pmid="200", original_doi="10.1000/elsewhere")
    )
    assert done.matched == 0
    assert standing_of(paper, 2) is Standing.CURRENT


def test_the_same_pubmed_number_with_another_doi_does_not_match(paper: Database) -> None:
    done, _ = load(paper, row(original_doi="10.1000/other", original_pmid="100"))
    assert done.matched == 0
    with paper.reading() as session:
        assert retractions.retraction_for(session, PAPER, "100") is None
        assert retractions.retraction_for(session, None, "100") is not None


def test_loading_twice_changes_nothing(paper: Database) -> None:
    load(paper, row())
    before = revisions(paper)
    done, why = load(paper, row())
    assert (done.matched, done.changed, why) == (1, [], [])
    assert revisions(paper) == before


def test_a_reinstated_study_counts_again(paper: Database) -> None:
    load(paper, row())
    with paper.reading() as session:
        assert page_queries.show_claim(session, "CLM-1").balance.items == 1
    load(paper, row(), row("2", nature="Reinstatement", on="5/1/2026 0:00"))
    assert standing_of(paper) is Standing.REINSTATED
    with paper.reading() as session:
        assert page_queries.show_claim(session, "CLM-1").balance.items == 2


def test_a_standing_set_by_a_curator_after_the_notice_is_kept(paper: Database) -> None:
    with paper.writing(BY_TEST) as session:
        session.add(User(username="ada", role=Role.CURATOR, password_hash="x"))
    ada = Change(via=Via.WEB, actor_id=1, actor_role=Role.CURATOR)
    with paper.writing(ada) as session:
        study = session.get_one(Study, 1)
        studies.update_study(session, study, 1, {**form_values(session, study), "standing": "corrected"})
    done, why = load(paper, row(on="1/1/2020 0:00"))
    assert standing_of(paper) is Standing.CORRECTED
    assert done.changed == []
    assert "A curator set “Corrected” on" in why[0]
    with paper.reading() as session:
        assert retractions.offered(session, session.get_one(Study, 1)) is None
    _, why = load(paper, row(on="1/1/2099 0:00"))
    assert why == []
    assert standing_of(paper) is Standing.RETRACTED


def test_a_standing_with_a_newer_notice_is_kept(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, doi=PAPER, standing="corrected", standing_date="2026-04-01")
    _, why = load(database, row(on="3/9/2026 0:00"))
    assert why == ["The study already has a notice of 2026-04-01, which is not older."]
    assert standing_of(database) is Standing.CORRECTED


@pytest.mark.parametrize("standing", ["retracted", "withdrawn", "retracted_and_replaced"])
def test_a_study_that_is_already_retracted_or_withdrawn_is_not_changed(
    database: Database, standing: str
) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, doi=PAPER, standing=standing)
    done, why = load(database, row())
    assert (done.matched, done.changed, why) == (1, [], [])
    assert standing_of(database).value == standing


def test_a_notice_with_the_doi_of_the_paper_itself_is_accepted(paper: Database) -> None:
    load(paper, row(notice_doi=PAPER))
    with paper.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.standing, study.standing_notice_doi) == (Standing.RETRACTED, None)


def test_with_review_the_change_is_proposed_only_once(paper: Database) -> None:
    done, _ = load(paper, row(), review=True)
    assert (len(done.proposed), done.changed) == (1, [])
    done, why = load(paper, row(), review=True)
    assert why == ["PRO-1 already proposes another standing and is waiting for review."]
    assert standing_of(paper) is Standing.CURRENT
    with paper.reading() as session:
        assert session.scalar(select(func.count()).select_from(Proposal)) == 1


def test_claims_based_on_it_are_listed_until_they_are_appraised_again(paper: Database) -> None:
    load(paper, row())
    with paper.reading() as session:
        (rests,) = retractions.newly_retracted(session)
        assert (rests.claim.id, [study.id for study in rests.studies]) == (1, [1])
        assert "CLM-1 is based on STU-1, retracted or withdrawn since its appraisal." in list(
            integrity.warnings(session)
        )
    with paper.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))
    with paper.reading() as session:
        assert retractions.newly_retracted(session) == []


def test_for_a_study_added_later_the_standing_is_only_suggested(database: Database) -> None:
    load(database, row())
    with database.writing(BY_TEST) as session:
        study = make_study(session, doi=PAPER)
        found = retractions.offered(session, study)
        assert found is not None
        assert found.standing is Standing.RETRACTED
        assert study.standing is Standing.CURRENT
        retractions.take_over(session, study, study.version, found)
        assert retractions.offered(session, study) is None


def test_an_interrupted_load_is_completed_by_the_next_one(paper: Database) -> None:
    with paper.writing(BY_TEST) as session:
        keep(session, file_of(row("1"), row("2", original_doi="10.1000/2")))
    with paper.writing(BY_TEST) as session:
        broken = retractions.begin(session, "f", "1" * 64)
        retractions.keep(session, broken.id, [Notice(3, NoticeNature.RETRACTION, original_doi="10.1000/3")])
    with paper.reading() as session:
        assert retractions.last_load(session).id == 1  # type: ignore[union-attr]
    with paper.writing(BY_TEST) as session:
        keep(session, file_of(row("3", original_doi="10.1000/3"), row("4", original_doi="10.1000/4")))
        assert session.scalars(select(RetractionNotice.number).order_by(RetractionNotice.number)).all() == [
            3,
            4,
        ]
        assert retractions.last_load(session).n_loaded == 2  # type: ignore[union-attr]


def test_a_truncated_file_deletes_no_notices(session: WriteSession) -> None:
    keep(session, file_of(*[row(str(number)) for number in range(1, 11)]))
    keep(session, file_of(row("11")))
    assert session.scalar(select(func.count()).select_from(RetractionNotice)) == 11


def test_real_notices_match_their_papers(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        keep(session, real_file())
        make_study(session, doi="10.1016/j.micpro.2020.103053")
        make_study(session, pmid="33926210")
        make_study(session, doi="10.2147/ijn.s97476")
        make_study(session, doi="10.1177/17588359211061903")
        retractions.apply(session)
        standings = session.scalars(select(Study.standing).order_by(Study.id)).all()
    assert standings == [Standing.RETRACTED, Standing.REINSTATED, Standing.CORRECTED, Standing.CURRENT]


def test_two_files_loaded_at_the_same_time_lose_no_notice(session: WriteSession) -> None:
    notices = [Notice(n, NoticeNature.RETRACTION, original_doi=f"10.1000/{n}") for n in (1, 2, 3)]
    first, second = (retractions.begin(session, name, "0" * 64) for name in ("one.csv", "two.csv"))
    retractions.keep(session, first.id, notices[:2])
    retractions.keep(session, second.id, notices)
    retractions.keep(session, first.id, notices[2:])
    for load in (first, second):
        retractions.finish(session, load.id, 0, 0)
    assert session.scalars(select(RetractionNotice.number).order_by(RetractionNotice.number)).all() == [
        1,
        2,
        3,
    ]
