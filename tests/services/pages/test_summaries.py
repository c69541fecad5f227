"""Summaries of claims: what triggers keep is what counting gives, however a row was written."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from claims_app.database import Change, Database
from claims_app.models import Claim, Study, StudyGroup, claim_summaries
from claims_app.services.pages import summaries
from claims_app.services.records import claims
from claims_app.services.system import repair, summary_checks
from claims_app.vocabulary import Standing, Via
from tests.factories import make_claim, make_evidence, make_limitation, make_study

CHANGE = Change(via=Via.COMMAND, summary="a test")

claim = st.integers(0, 1)
study = st.sampled_from([0, 0, 1, 2, 3])
direction = st.sampled_from(["supports", "contradicts", "null", "inconclusive"])
OF_ITEMS = "UPDATE evidence_items SET {} = :value WHERE study_id = :study"
OF_STUDY = "UPDATE studies SET {} = :value WHERE id = :study"
CHANGES = {
    OF_STUDY.format("standing"): st.sampled_from(["current", "corrected", "retracted", "withdrawn"]),
    OF_STUDY.format("year"): st.integers(1990, 2020),
    OF_STUDY.format("group_id"): st.sampled_from([1, 2, None]),
    # A version of a later study only, so that there are no circles.
    "UPDATE studies SET version_of_id = :first + :value WHERE id = :study AND id < :first + :value": study,
    OF_ITEMS.format("review_state"): st.sampled_from(["submitted", "accepted", "rejected"]),
    OF_ITEMS.format("direction"): st.sampled_from(["supports", "contradicts", "inconclusive"]),
    "UPDATE evidence_items SET claim_id = :claim + :value WHERE study_id = :study": claim,
    "DELETE FROM evidence_items WHERE study_id = :study": st.none(),
    "UPDATE limitations SET review_state = :value": st.sampled_from(["accepted", "rejected"]),
    "UPDATE limitations SET claim_id = :claim + :value": claim,
    "DELETE FROM limitations": st.none(),
}
change = st.one_of(st.tuples(st.just(sql), study, values) for sql, values in CHANGES.items())


def kept(session: Session) -> Any:
    """Return the summaries of all claims, after comparing them with what counting gives."""
    numbers = session.scalars(select(Claim.id)).all()
    found = summaries.kept(session, numbers)
    assert found == summaries.counted(session, numbers)
    return found


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=st.lists(st.tuples(claim, study, direction), min_size=2, max_size=8),
    groups=st.lists(st.sampled_from([1, 1, 2, None]), min_size=4, max_size=4),
    version_of=st.sampled_from([1, 2, 3, None]),
    standings=st.lists(st.sampled_from(["current", "current", "retracted"]), min_size=4, max_size=4),
    limited=st.lists(claim, max_size=2),
    changes=st.lists(change, max_size=6),
)
def test_summaries_are_what_counting_gives(
    database: Database,
    items: list[tuple[int, int, str]],
    groups: list[int | None],
    version_of: int | None,
    standings: list[str],
    limited: list[int],
    changes: list[tuple[str, int, Any]],
) -> None:
    with database.writing(CHANGE) as session:
        session.add_all([StudyGroup(id=number, name=f"Group {number}") for number in (1, 2)])
        of_claim = [make_claim(session) for _ in range(2)]
        of_study = [make_study(session) for _ in range(4)]
        for one, group, standing in zip(of_study, groups, standings, strict=True):
            one.group_id, one.standing = group, Standing.of(standing)
        of_study[0].version_of_id = version_of and of_study[version_of].id
        for in_claim, by_study, says in items:
            make_evidence(session, of_claim[in_claim], of_study[by_study], direction=says)
        for in_claim in limited:
            make_limitation(session, of_claim[in_claim])
        session.flush()
        kept(session)
        first = {"first": of_study[0].id, "claim": of_claim[0].id}
        for sql, by_study, value in changes:
            given = first | {"study": of_study[by_study].id, "value": value}
            named = text(sql)
            session.execute(named, {name: given[name] for name in named.compile().params})
            kept(session)
        session.rollback()


def changed(session: Session, number: int) -> int:
    """Return the number of the last change of a claim."""
    query = select(claim_summaries.c.changed).where(claim_summaries.c.claim_id == number)
    return session.execute(query).scalar_one()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE claims SET statement = 'Another statement.'",
        "UPDATE studies SET design = 'cohort'",
        "UPDATE studies SET title = 'Another title'",
        "INSERT INTO study_species (study_id, species) SELECT id, 'human' FROM studies",
        "UPDATE study_species SET species = 'rat'",
        "DELETE FROM study_species",
        "UPDATE topics SET name = 'Another name'",
        "UPDATE claim_topics SET topic_id = (SELECT max(id) FROM topics)",
        "DELETE FROM claim_topics",
        "UPDATE limitations SET text = 'Another limitation.'",
        "DELETE FROM limitations",
        "DELETE FROM evidence_items",
    ],
)
def test_what_lists_show_of_a_claim_moves_its_number(database: Database, sql: str) -> None:
    with database.writing(CHANGE) as session:
        one = make_claim(session, topics=["Pain"])
        item = make_evidence(session, one, make_study(session, species=["mouse"]))
        if "evidence_items" not in sql:
            make_limitation(session, item)
    with database.reading() as session:
        before = changed(session, one.id)
    with database.writing(CHANGE) as session:
        session.execute(text(sql))
    with database.reading() as session:
        assert changed(session, one.id) > before


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE studies SET standing = 'retracted' WHERE id = :published",
        "INSERT INTO study_species (study_id, species) VALUES (:preprint, 'human')",
    ],
)
def test_a_change_of_a_study_waits_for_new_evidence_of_it(database: Database, sql: str) -> None:
    with database.writing(CHANGE) as session:
        published = make_study(session)
        preprint = make_study(session, version_of_id=published.id)
        numbers = {"published": published.id, "preprint": preprint.id}
    with database.writing(CHANGE) as session:
        make_evidence(session, make_claim(session), session.get_one(Study, numbers["preprint"]))
        session.flush()
        with database.writing(CHANGE) as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            named = text(sql)
            given = {name: numbers[name] for name in named.compile().params}
            with pytest.raises(OperationalError, match="lock timeout"):
                other.execute(named, given)
            other.rollback()


def test_the_summary_of_a_deleted_claim_stays_and_moves(database: Database) -> None:
    with database.writing(CHANGE) as session:
        one = make_claim(session)
    with database.reading() as session:
        before = changed(session, one.id)
    with database.writing(CHANGE) as session:
        claims.delete_claim(session, session.get_one(Claim, one.id), version=1)
    with database.reading() as session:
        assert changed(session, one.id) > before


def test_a_check_names_wrong_and_missing_summaries_and_a_repair_mends_them(database: Database) -> None:
    with database.writing(CHANGE) as session:
        wrong, missing, right = (make_evidence(session).claim_id for _ in range(3))
    with database.writing(CHANGE) as session:
        session.execute(text("UPDATE claim_summaries SET n_studies = 7 WHERE claim_id = :id"), {"id": wrong})
        session.execute(text("DELETE FROM claim_summaries WHERE claim_id = :id"), {"id": missing})
    with database.reading() as session:
        problems = [problem for part in summary_checks.CHECK.parts(session) for problem in part.problems]
        assert problems == [
            f"The summary of CLM-{wrong} differs from its evidence. Run “claims db repair”.",
            f"The summary of CLM-{missing} is missing. Run “claims db repair”.",
        ]
    repair.run(database)
    with database.reading() as session:
        assert not [part for part in summary_checks.CHECK.parts(session) if part.problems]
        assert kept(session).keys() == {wrong, missing, right}
