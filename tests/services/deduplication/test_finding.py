"""Finding duplicates among stored studies, and recording decisions about them."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Proposal, Study, StudyKey, unit_of_work
from claims_app.models.matching import paper_of
from claims_app.services.core.errors import Invalid, NotAllowed
from claims_app.services.deduplication import (
    candidates,
    kept_pairs,
    merge_candidates,
    merging,
    study_matching,
)
from claims_app.services.records import studies
from claims_app.services.system import integrity
from claims_app.vocabulary import Relation, Role, Via
from tests.conftest import BY_TEST
from tests.factories import STUDY, make_study
from tests.support.commands import Terminal
from tests.support.labelled import positives

GOEBEL = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "authors": ["Goebel, A", "Krock, E"],
    "year": 2021,
}


def suspicious_pairs(session: WriteSession) -> list[study_matching.StudyPair]:
    """Return the pairs that the page shows once all changes are compared."""
    session.flush()
    while kept_pairs.complete(session, 2):
        pass
    return study_matching.suspicious_pairs(session)


def found(session: WriteSession, values: dict[str, object] | Study) -> list[tuple[int, str]]:
    """Return the matches, by number and relation."""
    return [(match.study.id, match.relation.value) for match in study_matching.matches(session, values)]


def keys_of(session: WriteSession, number: int) -> set[str]:
    """Return the stored keys of a study."""
    return set(session.scalars(select(StudyKey.key).where(StudyKey.study_id == number)))


def test_a_study_is_found_by_its_identifier_and_by_its_title(session: WriteSession) -> None:
    make_study(session, **GOEBEL, doi="10.1172/jci144201")
    make_study(session, title="Something else altogether", year=2021)
    assert found(session, {"doi": "https://doi.org/10.1172/JCI144201"}) == [(1, "same")]
    assert (
        found(session, {**GOEBEL, "title": "PASSIVE TRANSFER OF FIBROMYALGIA SYMPTOMS", "year": "2020"}) == []
    )
    assert found(session, {**GOEBEL, "title": str(GOEBEL["title"]).upper(), "year": "2020"}) == [(1, "same")]
    assert found(session, {"title": "Nothing like it"}) == []
    assert found(session, {}) == []


def test_a_study_is_not_found_as_its_own_duplicate(session: WriteSession) -> None:
    study, other = make_study(session, **GOEBEL), make_study(session, **GOEBEL)
    assert found(session, study) == [(other.id, "same")]


def test_keys_follow_the_study_and_have_no_history(session: WriteSession) -> None:
    study = make_study(session, **GOEBEL)
    assert keys_of(session, study.id) == paper_of(study).keys
    unit_of_work.finish(session)
    studies.update_study(session, study, 1, {**STUDY, "title": "Another title of it", "year": 1999})
    assert study.version == 2
    assert keys_of(session, study.id) == paper_of(study).keys
    assert "another" in keys_of(session, study.id)
    study.title = "Written past the services"
    session.flush()
    assert "services" in keys_of(session, study.id)
    studies.delete_study(session, study, study.version)
    assert keys_of(session, 1) == set()


def test_studies_without_keys_are_reported_until_they_get_keys(session: WriteSession) -> None:
    make_study(session, **GOEBEL)
    session.execute(delete(StudyKey))
    assert any("cannot be found as duplicates" in line for line in integrity.warnings(session))
    assert (study_matching.fill_missing(session), study_matching.fill_missing(session)) == (1, 0)
    assert found(session, GOEBEL) == [(1, "same")]


def test_an_upgrade_writes_missing_keys(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, **GOEBEL)
        session.execute(delete(StudyKey))
    Terminal(tmp_path, database_url).run("db", "upgrade")
    with database.reading() as session:
        assert study_matching.count_missing(session) == 0
        assert session.get_one(Study, 1).version == 1


def test_a_match_with_a_merged_study_is_the_kept_one(session: WriteSession) -> None:
    kept, other = make_study(session, title="Kept under another title"), make_study(session, **GOEBEL)
    merging.merge(session, kept, other, (1, 1), merging.MergeChoices({}, {}))
    other.doi = None
    assert (kept.id, "same") not in found(session, kept)
    assert other.id not in [number for number, _ in found(session, GOEBEL)]


def test_nearly_all_damaged_copies_are_found_in_the_database(seeded: Database) -> None:
    pairs = list(positives(each=2))
    with seeded.reading() as session:
        matched = [
            any(
                match.study.title == pair.one["title"]
                for match in study_matching.matches(session, pair.other)
            )
            for pair in pairs
        ]
    assert sum(matched) / len(matched) >= 0.97


def test_a_common_word_does_not_increase_the_number_of_candidates(session: WriteSession) -> None:
    for number in range(candidates.MAX_STUDIES_PER_KEY + 5):
        session.add(
            Study(title=f"Fibromyalgia of sort {number}x", publication_state="published", standing="current")
        )
    session.flush()
    make_study(session, title="Fibromyalgia and quokkas on Rottnest", year=2001, authors="Goebel, A")
    match = study_matching.matches(
        session, {"title": "Fibromyalgia & quokkas on Rottnest!", "authors": "Goebel A"}
    )
    assert [one.study.year for one in match] == [2001]


def test_distinct_studies_are_not_suggested_again(session: WriteSession) -> None:
    first, second = make_study(session, **GOEBEL), make_study(session, **GOEBEL)
    assert [(pair.first.id, pair.second.id) for pair in suspicious_pairs(session)] == [(1, 2)]
    assert merge_candidates.suggest(session, first) == [second]
    said = study_matching.mark_distinct(session, second, first, "One is of mice.")
    assert (said.first_id, said.second_id) == (1, 2)
    assert suspicious_pairs(session) == []
    assert found(session, first) == []
    assert merge_candidates.suggest(session, second) == []
    study_matching.mark_distinct(session, first, second, "Still.")
    assert [said.reason for said in study_matching.distinctions(session)] == ["Still."]
    study_matching.remove_distinction(session, said.id)
    assert found(session, first) == [(2, "same")]


def test_a_distinct_reference_is_not_suggested_again(session: WriteSession) -> None:
    study = make_study(session, **GOEBEL)
    study_matching.mark_distinct(session, study, GOEBEL, "Another one.")
    assert found(session, GOEBEL) == []
    assert found(session, {**GOEBEL, "doi": "10.1000/1"}) == [(1, "same")]


def test_a_decision_needs_a_reason_and_permission(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        first, second = make_study(session, **GOEBEL), make_study(session, **GOEBEL)
        with pytest.raises(Invalid, match="Enter a reason"):
            study_matching.mark_distinct(session, first, second, " ")
        with pytest.raises(Invalid, match="compared with itself"):
            study_matching.mark_distinct(session, first, first, "R")
    reader = Change(via=Via.WEB, actor_role=Role.READER)
    with database.writing(reader) as session, pytest.raises(NotAllowed):
        study_matching.mark_distinct(session, session.get_one(Study, 1), session.get_one(Study, 2), "R")


def test_a_linked_preprint_is_no_longer_suggested(session: WriteSession) -> None:
    make_study(session, **GOEBEL, doi="10.1172/jci144201")
    make_study(session, **GOEBEL, doi="10.1101/713495", publication_state="preprint")
    (pair,) = suspicious_pairs(session)
    assert pair.match.relation is Relation.PUBLISHED_AS
    assert pair.preprint is not None
    assert pair.preprint.id == 2
    assert isinstance(study_matching.link_preprint(session, pair.second, pair.first), Study)
    assert pair.second.version_of_id == 1
    assert suspicious_pairs(session) == []


def test_with_review_linking_a_preprint_is_proposed(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, **GOEBEL), make_study(session, **GOEBEL, publication_state="preprint")
    curator = Change(via=Via.COMMAND, summary="Why.", review=True)
    with database.writing(curator) as session:
        outcome = study_matching.link_preprint(session, session.get_one(Study, 2), session.get_one(Study, 1))
        assert isinstance(outcome, Proposal)
