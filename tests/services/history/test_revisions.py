"""Every change leaves a revision in the same transaction, through any interface."""

import datetime

import pytest
from sqlalchemy import select, update

from claims_app.database import Change, Database
from claims_app.models import Claim, Revision, Study, UnrecordedChange
from claims_app.services.core.record_states import read_changes
from claims_app.services.records import claims, studies
from claims_app.services.system import integrity
from claims_app.vocabulary import Role, Via
from tests.conftest import BY_TEST
from tests.factories import CLAIM, STUDY, make_claim, make_evidence, make_limitation, make_study

BEGINNING = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def revisions(database: Database, record_type: str = "claim") -> list[Revision]:
    """Return the revisions of one record type, oldest first."""
    with database.reading() as session:
        of_type = select(Revision).where(Revision.record_type == record_type)
        return read_changes(session, session.scalars(of_type.order_by(Revision.id)))


def test_creating_a_record_leaves_who_when_why_and_what(database: Database) -> None:
    change = Change(via=Via.COMMAND, actor_role=Role.EDITOR, summary="First entry.")
    with database.writing(change) as session:
        make_claim(session, outcome="levels")
    (revision,) = revisions(database)
    assert (revision.version, revision.action, revision.via, revision.actor_role) == (
        1,
        "create",
        "command",
        "editor",
    )
    assert revision.edit_summary == "First entry."
    assert revision.changes["outcome"] == [None, "levels"]


def test_a_change_leaves_each_field_before_and_after(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, outcome="levels", topics=["Pain"])
    with database.writing(BY_TEST) as session:
        values = {**CLAIM, "outcome": "titres", "topics": ["Pain", "Fatigue"]}
        claims.update_claim(session, session.get_one(Claim, 1), 1, values)
    assert revisions(database)[-1].changes == {
        "outcome": ["levels", "titres"],
        "topics": [["pain"], ["fatigue", "pain"]],
    }
    assert revisions(database)[-1].version == 2


def test_changing_only_a_list_increments_the_version(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session, species=["mouse"])
        title = study.title
    with database.writing(BY_TEST) as session:
        values = {**STUDY, "title": title, "species": ["human", "mouse"]}
        studies.update_study(session, session.get_one(Study, 1), 1, values)
    with database.reading() as session:
        assert session.get_one(Study, 1).version == 2
    assert revisions(database, "study")[-1].changes == {"species": [["mouse"], ["human", "mouse"]]}


def test_one_edit_of_everything_is_one_revision(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
        make_study(session, title="One", species=["mouse"], group="A")
    with database.writing(BY_TEST) as session:
        edited = {**CLAIM, "statement": "Another one.", "outcome": "titres", "topics": ["Fatigue"]}
        claims.update_claim(session, session.get_one(Claim, 1), 1, edited)
    with database.writing(BY_TEST) as session:
        values = {**STUDY, "title": "Two", "species": ["human"], "group": "B", "note": "Seen."}
        studies.update_study(session, session.get_one(Study, 1), 1, values)
    assert [set(revision.changes) for revision in revisions(database)[1:]] == [
        {"statement", "outcome", "topics"}
    ]
    assert [set(revision.changes) for revision in revisions(database, "study")[1:]] == [
        {"title", "species", "group_id", "note"}
    ]


def test_no_change_leaves_no_revision(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    with database.writing(BY_TEST) as session:
        claims.update_claim(session, session.get_one(Claim, 1), 1, {**CLAIM, "topics": ["Pain"]})
    assert [revision.version for revision in revisions(database)] == [1]


def test_a_deletion_leaves_all_last_values(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, outcome="levels", topics=["Pain"])
    with database.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, 1), 1)
    last = revisions(database)[-1]
    assert (last.action, last.version) == ("delete", 2)
    assert last.changes["outcome"] == ["levels", None]
    assert last.changes["topics"] == [["pain"], []]


def test_a_refused_transaction_leaves_neither_record_nor_revision(database: Database) -> None:
    def fail_half_way() -> None:
        with database.writing(BY_TEST) as session:
            make_claim(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert revisions(database) == []
    with database.reading() as session:
        assert session.get(Claim, 1) is None


def test_a_bulk_change_is_refused(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        change_all = update(Claim).values(outcome="unseen")
        with pytest.raises(UnrecordedChange):
            session.execute(change_all)


def test_a_stored_text_is_not_repeated_in_the_history(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        studies.attach_text(
            session, make_study(session), {"label": "abstract", "content": "Somebody else's words."}
        )
    (revision,) = revisions(database, "study_text")
    assert "content" not in revision.changes
    assert len(revision.changes["sha256"][1]) == 64


def test_records_of_all_types_are_recorded(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        item = make_evidence(session, make_claim(session, topics=["Pain"]), make_study(session, group="Lab"))
        make_limitation(session, item)
    with database.reading() as session:
        kinds = set(session.scalars(select(Revision.record_type)))
        assert kinds == {"claim", "topic", "study", "study_group", "evidence", "limitation"}
        assert list(integrity.problems(session)) == []


def test_a_record_changed_without_a_revision_is_found(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE claims SET version = 7")
    with database.reading() as session:
        assert any("CLM-1 is at version 7" in problem for problem in integrity.problems(session))


def test_several_edits_in_one_transaction_are_one_revision(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "levels"})
        claims.update_claim(session, claim, claim.version, {**CLAIM, "exposure": "IgG"})
    made, edited = revisions(database)
    assert (made.version, edited.version) == (1, 2)
    assert edited.changes == {"exposure": [None, "IgG"]}


def test_a_record_created_and_deleted_in_one_transaction_leaves_no_revision(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        claims.delete_claim(session, claim, claim.version)
    assert revisions(database) == []


def test_changes_rolled_back_to_a_savepoint_leave_no_revision_or_version(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        savepoint = session.begin_nested()
        claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "levels"})
        savepoint.rollback()
        make_study(session)
    assert [revision.version for revision in revisions(database)] == [1]
    with database.writing(BY_TEST) as session:
        claims.update_claim(session, session.get_one(Claim, 1), 1, {**CLAIM, "outcome": "titres"})
    assert [revision.version for revision in revisions(database)] == [1, 2]
    assert revisions(database)[-1].changes == {"outcome": [None, "titres"]}


def test_a_rollback_to_a_savepoint_keeps_the_revisions_of_changes_before_it(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        before = make_study(session)
        savepoint = session.begin_nested()
        make_study(session)
        savepoint.rollback()
    with database.reading() as session:
        assert session.scalars(select(Revision.record_id)).all() == [before.id]


def test_a_change_after_a_rollback_to_a_savepoint_counts(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        savepoint = session.begin_nested()
        claims.update_claim(session, claim, 1, {**CLAIM, "outcome": "levels"})
        savepoint.rollback()
        claims.update_claim(session, claim, 1, {**CLAIM, "exposure": "IgG"})
    assert [(r.version, r.changes) for r in revisions(database)[1:]] == [(2, {"exposure": [None, "IgG"]})]


def test_no_version_is_lost_if_the_clock_goes_back(database: Database) -> None:
    moments = iter([BEGINNING + DAY, BEGINNING, BEGINNING])
    database.clock = lambda: next(moments)
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    for outcome, topics in (("levels", ["Pain", "Fatigue"]), ("titres", ["Fatigue"])):
        with database.writing(BY_TEST) as session:
            claim = session.get_one(Claim, 1)
            claims.update_claim(
                session, claim, claim.version, {**CLAIM, "outcome": outcome, "topics": topics}
            )
    assert [revision.changes for revision in revisions(database)[1:]] == [
        {"outcome": [None, "levels"], "topics": [["pain"], ["fatigue", "pain"]]},
        {"outcome": ["levels", "titres"], "topics": [["fatigue", "pain"], ["fatigue"]]},
    ]
