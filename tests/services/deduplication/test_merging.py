"""Merging duplicates: what moves, what stays, and that the merged record is no longer shown."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from claims_app.database import Change, Database
from claims_app.models import Claim, EvidenceItem, Limitation, Merge, Study, StudyText
from claims_app.services.appraisal import rounds
from claims_app.services.core import records
from claims_app.services.core.errors import InUse, Invalid, Merged, NotAllowed, Refused, StaleVersion
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.deduplication import merging, unmerging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.history import record_history
from claims_app.services.pages import page_queries
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.system import integrity
from claims_app.vocabulary import EvidenceLevel, LevelState, QuoteCheck, RecordType, Role, Stays, Via
from tests.conftest import BY_TEST
from tests.factories import (
    CLAIM,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)

TEXT = "Serum IgG from patients moved the symptoms to mice. Nothing like it was seen with healthy serum."


def merge(database: Database, kept: str, merged: str, **choices: Any) -> None:
    """Merge a record into another one, by their identifiers."""
    with database.writing(BY_TEST) as session:
        model = Claim if kept.startswith("CLM") else Study
        one, other = records.find(session, model, kept), records.find(session, model, merged)
        merging.merge(session, one, other, (one.version, other.version), MergeChoices(**choices))


def sound(database: Database) -> bool:
    """Return whether the integrity checks find no problem."""
    with database.reading() as session:
        assert list(integrity.problems(session)) == []
    return True


@pytest.fixture
def two_claims(database: Database) -> Database:
    """CLM-1 and CLM-2, each with an evidence item of its own study and a limitation."""
    with database.writing(BY_TEST) as session:
        for outcome, topic in (("levels", "Pain"), (None, "Fatigue")):
            claim = make_claim(session, outcome=outcome, topics=[topic, "Autoimmunity"])
            make_limitation(session, make_evidence(session, claim))
            make_limitation(session, claim, text="Few people.")
    return database


@pytest.fixture
def two_studies(database: Database) -> Database:
    """STU-1 and STU-2, each with evidence for a claim of its own; CLM-3 was taken from STU-2."""
    with database.writing(BY_TEST) as session:
        for values in ({"doi": "10.1000/one"}, {"doi": "10.1000/two", "pmid": "34196305", "year": 2021}):
            make_evidence(session, study=make_study(session, **values))
        make_claim(session, origin_study_id=2, origin_quote="Serum IgG from patients")
        make_study(session, publication_state="preprint", version_of_id=2)
    return database


def test_evidence_limitations_and_topics_move_to_the_kept_claim(two_claims: Database) -> None:
    merge(two_claims, "CLM-1", "CLM-2")
    with two_claims.reading() as session:
        assert {item.claim_id for item in session.scalars(select(EvidenceItem))} == {1}
        own = select(Limitation).where(Limitation.evidence_id.is_(None))
        assert {limitation.claim_id for limitation in session.scalars(own)} == {1}
        slugs = [topic.slug for topic in session.get_one(Claim, 1).topics]
        assert slugs == ["autoimmunity", "fatigue", "pain"]
    assert sound(two_claims)


def test_evidence_claims_versions_and_texts_move_to_the_kept_study(two_studies: Database) -> None:
    with two_studies.writing(BY_TEST) as session:
        studies.attach_text(session, session.get_one(Study, 2), {"label": "abstract", "content": TEXT})
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.reading() as session:
        assert {item.study_id for item in session.scalars(select(EvidenceItem))} == {1}
        claim = session.get_one(Claim, 3)
        assert (claim.origin_study_id, claim.origin_quote_check) == (1, QuoteCheck.VERIFIED)
        assert session.get_one(Study, 3).version_of_id == 1
        assert [stored.study_id for stored in session.scalars(select(StudyText))] == [1]
    assert sound(two_studies)


def test_empty_fields_are_filled_from_the_merged_record_by_default(
    two_studies: Database,
) -> None:
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.doi, study.pmid, study.year) == ("10.1000/one", "34196305", 2021)
        assert (session.get_one(Study, 2).doi, session.get_one(Study, 2).pmid) == ("10.1000/two", None)


def test_each_field_is_taken_from_the_chosen_record(two_studies: Database) -> None:
    merge(two_studies, "STU-1", "STU-2", parts={"doi": Stays.MERGED, "year": Stays.KEPT})
    with two_studies.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.doi, study.year) == ("10.1000/two", None)


def test_a_retraction_is_kept_by_default(two_studies: Database) -> None:
    with two_studies.writing(BY_TEST) as session:
        study = session.get_one(Study, 2)
        notice = {"standing": "retracted", "standing_date": "2022-01-01", "title": study.title}
        studies.update_study(session, study, study.version, {**STUDY, **notice})
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.reading() as session:
        assert session.get_one(Study, 1).standing == "retracted"


def test_a_preprint_and_its_published_version_are_merged_either_way(
    database: Database,
) -> None:
    with database.writing(BY_TEST) as session:
        for published in (1, 3):
            make_study(session)
            make_study(session, version_of_id=published)
    merge(database, "STU-1", "STU-2")
    merge(database, "STU-4", "STU-3")
    with database.reading() as session:
        assert session.get_one(Study, 4).version_of_id is None
    with database.writing(BY_TEST) as session:
        # The merged version does not prevent other links.
        study = session.get_one(Study, 1)
        studies.update_study(session, study, study.version, {**STUDY, "version_of_id": 4})
    assert sound(database)


def test_both_items_of_one_study_are_kept_by_default(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        for _ in range(2):
            make_evidence(session, make_claim(session), study)
    merge(database, "CLM-1", "CLM-2")
    with database.reading() as session:
        assert [item.claim_id for item in session.scalars(select(EvidenceItem))] == [1, 1]


@pytest.mark.parametrize(("stays", "left"), [(Stays.KEPT, [1]), (Stays.MERGED, [2])])
def test_one_item_of_a_study_is_left_out_with_its_limitations(
    database: Database, stays: Stays, left: list[int]
) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        for _ in range(2):
            make_limitation(session, make_evidence(session, make_claim(session), study))
    merge(database, "CLM-1", "CLM-2", pairs={study.id: stays})
    with database.reading() as session:
        assert list(session.scalars(select(EvidenceItem.id))) == left
        assert list(session.scalars(select(Limitation.id))) == left
    assert sound(database)


def test_one_item_of_a_claim_is_left_out(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        for _ in range(2):
            make_evidence(session, claim)
    merge(database, "STU-1", "STU-2", pairs={claim.id: Stays.MERGED})
    with database.reading() as session:
        assert [(item.id, item.study_id) for item in session.scalars(select(EvidenceItem))] == [(2, 1)]


def test_a_text_of_both_studies_does_not_move(two_studies: Database) -> None:
    with two_studies.writing(BY_TEST) as session:
        for number in (1, 2):
            study = session.get_one(Study, number)
            studies.attach_text(session, study, {"label": "abstract", "content": TEXT})
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.reading() as session:
        assert [stored.study_id for stored in session.scalars(select(StudyText))] == [1, 2]
    assert sound(two_studies)


def test_a_fingerprint_gets_the_content_from_the_merged_study(
    two_studies: Database,
) -> None:
    with two_studies.writing(BY_TEST) as session:
        print_of = {"label": "abstract", "length": len(TEXT), "sha256": studies.text_digest(TEXT)}
        studies.record_fingerprint(session, session.get_one(Study, 1), print_of)
        studies.attach_text(session, session.get_one(Study, 2), {"label": "abstract", "content": TEXT})
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.reading() as session:
        assert session.get_one(StudyText, 1).content == TEXT
        assert session.get_one(Claim, 3).origin_quote_check is QuoteCheck.VERIFIED
    assert sound(two_studies)


def test_moved_quotes_are_checked_against_the_texts_of_the_kept_study(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        studies.attach_text(session, make_study(session), {"label": "abstract", "content": TEXT})
        other = make_study(session)
        for quote in ("Serum IgG from patients", "words of another report"):
            make_evidence(session, study=other, quote=quote)
    merge(database, "STU-1", "STU-2")
    with database.reading() as session:
        checks = list(session.scalars(select(EvidenceItem.quote_check).order_by(EvidenceItem.id)))
        assert checks == [QuoteCheck.VERIFIED, QuoteCheck.NOT_FOUND]


def test_the_kept_claim_is_stale_and_the_merged_one_loses_its_level(
    database: Database,
) -> None:
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_appraisal(session)
    merge(database, "CLM-1", "CLM-2")
    with database.reading() as session:
        assert session.get_one(Claim, 1).level_state is LevelState.STALE
        assert session.get_one(Claim, 2).evidence_level is EvidenceLevel.NOT_ASSESSED
    assert sound(database)


def test_a_merged_record_leads_to_the_kept_one(two_claims: Database) -> None:
    with two_claims.writing(BY_TEST) as session:
        make_claim(session)
    merge(two_claims, "CLM-1", "CLM-2")
    merge(two_claims, "CLM-3", "CLM-1")
    with two_claims.reading() as session:
        with pytest.raises(Merged, match="CLM-2 was merged into CLM-3") as merged:
            records.find(session, Claim, "CLM-2")
        assert merged.value.kept == "CLM-3"


def test_a_link_to_a_merged_study_goes_to_the_kept_one(
    two_studies: Database,
) -> None:
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.writing(BY_TEST) as session:
        claim = make_claim(session, origin_study_id=2)
        item = evidence.create_evidence(session, claim, {**EVIDENCE, "study_id": "STU-2"})
        preprint = make_study(session, version_of_id=2)
        assert (claim.origin_study_id, item.study_id, preprint.version_of_id) == (1, 1, 1)


def test_a_merged_study_is_still_found_by_its_identifiers(two_studies: Database) -> None:
    merge(two_studies, "STU-1", "STU-2")
    with two_studies.writing(BY_TEST) as session:
        known = studies.known_study(session, {**STUDY, "title": "T", "doi": "10.1000/two"})
        assert known is not None
        assert known.id == 1
        with pytest.raises(Invalid, match="STU-1 already has it"):
            make_study(session, doi="10.1000/two")
        study = session.get_one(Study, 1)
        with pytest.raises(Invalid, match="STU-2, which was merged into this study, already has it"):
            studies.update_study(session, study, study.version, {**STUDY, "doi": "10.1000/two"})


def test_the_unit_of_work_refuses_links_to_a_merged_record(two_claims: Database) -> None:
    merge(two_claims, "CLM-1", "CLM-2")
    with two_claims.writing(BY_TEST) as session:
        with pytest.raises(StaleVersion):
            make_limitation(session, session.get_one(Claim, 2))
        session.rollback()


def test_a_merged_record_cannot_be_changed_deleted_or_merged_again(two_claims: Database) -> None:
    merge(two_claims, "CLM-1", "CLM-2")
    with two_claims.writing(BY_TEST) as session:
        gone = session.get_one(Claim, 2)
        with pytest.raises(NotAllowed, match="CLM-2 was merged into CLM-1"):
            claims.update_claim(session, gone, gone.version, CLAIM)
        with pytest.raises(NotAllowed):
            claims.delete_claim(session, gone, gone.version)
        kept = session.get_one(Claim, 1)
        with pytest.raises(NotAllowed):
            merging.merge(session, kept, gone, (kept.version, gone.version), MergeChoices())


def test_a_record_with_merged_ones_cannot_be_deleted(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_claim(session)
        make_study(session)
        make_study(session)
    merge(database, "CLM-1", "CLM-2")
    merge(database, "STU-1", "STU-2")
    with database.writing(BY_TEST) as session:
        with pytest.raises(InUse, match="claims merged into it: CLM-2"):
            claims.delete_claim(session, session.get_one(Claim, 1), 1)
        with pytest.raises(InUse, match="studies merged into it: STU-2"):
            studies.delete_study(session, session.get_one(Study, 1), session.get_one(Study, 1).version)


def test_the_history_of_both_records_has_the_merge(two_claims: Database) -> None:
    merge(two_claims, "CLM-1", "CLM-2")
    with two_claims.reading() as session:
        for name in ("CLM-1", "CLM-2"):
            page = record_history.history_of(session, RecordType.CLAIM, name, record_history.PageRequest(50))
            merges = [r for r in page.items if r.action == "merge"]
            assert [(r.record_id, r.changes, r.edit_summary) for r in merges] == [
                (2, {"merged_into_id": [None, 1]}, "a test")
            ]


def test_a_reason_is_needed(two_claims: Database) -> None:
    with two_claims.writing(Change(via=Via.COMMAND)) as session:
        kept, gone = session.get_one(Claim, 1), session.get_one(Claim, 2)
        with pytest.raises(Invalid, match="edit_summary"):
            merging.merge(session, kept, gone, (1, 1), MergeChoices())


@pytest.mark.parametrize("stale", [(2, 1), (1, 2)])
def test_an_older_version_of_either_record_is_refused(two_claims: Database, stale: tuple[int, int]) -> None:
    with two_claims.writing(BY_TEST) as session:
        for number, version in enumerate(stale, start=1):
            if version == 2:
                claim = session.get_one(Claim, number)
                claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "by another"})
    with pytest.raises(StaleVersion), two_claims.writing(BY_TEST) as session:
        merging.merge(session, session.get_one(Claim, 1), session.get_one(Claim, 2), (1, 1), MergeChoices())


def test_a_record_cannot_be_merged_into_itself(two_claims: Database) -> None:
    with two_claims.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        with pytest.raises(Refused, match="cannot be merged into itself"):
            merging.merge(session, claim, claim, (1, 1), MergeChoices())


def test_inconsistent_values_are_refused_and_nothing_is_merged(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session)
        make_study(session, version_of_id=1)
        make_study(session)
        make_study(session, version_of_id=3)
    with pytest.raises(Invalid, match="version_of_id"):
        merge(database, "STU-1", "STU-4", parts={"version_of_id": Stays.MERGED})
    with database.reading() as session:
        assert session.get_one(Study, 4).merged_into_id is None
        assert list(session.scalars(select(Merge))) == []


def test_chains_of_versions_are_resolved_first(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session)
        make_study(session, version_of_id=1)
        make_study(session)
        make_study(session, version_of_id=3)
    with pytest.raises(Refused, match="STU-4 is an earlier version of STU-3, and STU-2 is itself"):
        merge(database, "STU-2", "STU-3")


def test_an_open_appraisal_round_is_resolved_first(two_claims: Database) -> None:
    with two_claims.writing(BY_TEST) as session:
        rounds.open_round(session, session.get_one(Claim, 2), None)
    with pytest.raises(Refused, match="Two independent appraisals of CLM-2 are under way"):
        merge(two_claims, "CLM-1", "CLM-2")


@pytest.mark.parametrize(
    ("role", "review", "allowed"),
    [
        (Role.READER, False, False),
        (Role.CURATOR, False, True),
        (Role.CURATOR, True, False),
        (Role.EDITOR, True, True),
        (Role.ADMIN, True, True),
    ],
)
def test_those_who_may_merge_do_so_without_review(
    two_claims: Database, role: Role, review: bool, allowed: bool
) -> None:
    change = Change(via=Via.WEB, actor_role=role, summary="the same", review=review)
    with two_claims.writing(change) as session:
        kept, gone = session.get_one(Claim, 1), session.get_one(Claim, 2)
        if allowed:
            merging.merge(session, kept, gone, (1, 1), MergeChoices())
            assert gone.merged_into_id == 1
        else:
            with pytest.raises(NotAllowed):
                merging.merge(session, kept, gone, (1, 1), MergeChoices())


def test_open_proposals_are_decided_on_first(two_claims: Database) -> None:
    proposed = Change(via=Via.WEB, actor_role=Role.CURATOR, summary="better", review=True)
    with two_claims.writing(proposed) as session:
        claim = session.get_one(Claim, 2)
        proposals.change(session, claim, 1, {**CLAIM, "outcome": "proposed"})
        make_claim(session)
    with pytest.raises(Refused, match="Decide on them first: PRO-1"):
        merge(two_claims, "CLM-1", "CLM-2")
    with pytest.raises(NotAllowed, match="Only accepted records can be merged"):
        merge(two_claims, "CLM-1", "CLM-3")


def test_past_data_shows_the_merge_only_while_it_was_in_force(two_claims: Database) -> None:
    moments = [two_claims.clock()]
    merge(two_claims, "CLM-1", "CLM-2")
    moments.append(two_claims.clock())
    with two_claims.writing(BY_TEST) as session:
        unmerging.undo(session, RecordType.CLAIM, "CLM-2", (2, 2))
    shown = []
    for moment in (*moments, two_claims.clock()):
        with two_claims.reading(moment) as then:
            page = page_queries.show_claim(then, "CLM-1")
            listed = sorted(row.id for row in then.scalars(ClaimFilters().claims()))
            shown.append((listed, len(page.items), [merge_.merged_name for merge_ in page.merges.items]))
    assert shown == [([1, 2], 1, []), ([1], 2, ["CLM-2"]), ([1, 2], 1, [])]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE merges SET reason = 'another'",
        "UPDATE merges SET undone_at = merged_at, kept_id = 3",
        "UPDATE merges SET undone_at = merged_at, effects = '{}'",
        "DELETE FROM merges",
        "UPDATE claims SET merged_into_id = id",
        "UPDATE claims SET merged_into_id = 99 WHERE id = 1",
        "DELETE FROM claims WHERE id = 1",
    ],
)
def test_sql_cannot_change_a_merge(database: Database, statement: str) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_claim(session)
    merge(database, "CLM-1", "CLM-2")
    with database.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE claims SET merged_into_id = NULL WHERE id = 2",
            "CLM-2 and its merge disagree about the record that it was merged into.",
        ),
        (
            "UPDATE evidence_items SET claim_id = 2 WHERE id = 2",
            "EVD-2 is linked to CLM-2, which was merged into another record.",
        ),
    ],
)
def test_changes_that_bypass_the_services_are_found(
    two_claims: Database, statement: str, problem: str
) -> None:
    merge(two_claims, "CLM-1", "CLM-2")
    with two_claims.engine.begin() as connection:
        connection.execute(text(statement))
    with two_claims.reading() as session:
        assert problem in list(integrity.problems(session))
