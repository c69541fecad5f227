"""Keeping the pairs of studies that may be duplicates: the same as comparing all studies again."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import Study, StudyKey, StudyPair
from claims_app.models.matching import paper_of
from claims_app.rules.matching import compare
from claims_app.services.core.errors import ServiceError
from claims_app.services.core.filters import is_listed
from claims_app.services.deduplication import kept_pairs, merging, study_matching
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.records import studies
from claims_app.services.records.kinds import form_values
from claims_app.services.system import integrity, repair
from tests.conftest import BY_TEST
from tests.factories import make_study

TITLES = (
    "A trial of pacing in people with fatigue",
    "A trial of pacing in peolpe with fatigue",
    "Trial of pacing in people with fatigue: a randomised study",
    "Serum antibodies in fibromyalgia syndrome and pain",
    "Editorial",
)
values = st.fixed_dictionaries(
    {
        "title": st.sampled_from(TITLES),
        "authors": st.sampled_from([[], ["Doe, Anna"], ["Roe, Ben"]]),
        "year": st.sampled_from([None, 2020, 2021]),
        "journal": st.sampled_from([None, "medRxiv", "Pain"]),
    }
)
numbers = st.integers(0, 7)
changes = st.one_of(
    st.tuples(st.just("update"), numbers, values),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.just("distinct"), numbers, numbers),
    st.tuples(st.just("complete"), st.just(3)),
)


def searched(session: Session) -> set[tuple[int, int]]:
    """Return the pairs that are found by comparing all studies which share a title, or an author and a year."""
    by_key: dict[str, set[int]] = defaultdict(set)
    for key, number in session.execute(select(StudyKey.key, StudyKey.study_id)):
        if key[0] in "=@":
            by_key[key].add(number)
    few = [one for one in by_key.values() if len(one) <= kept_pairs.MAX_STUDIES_PER_GROUP]
    found = {study.id: study for study in session.scalars(select(Study).where(is_listed(Study)))}
    return {
        (first, second)
        for group in few
        for first, second in combinations(sorted(group & found.keys()), 2)
        if first != found[second].version_of_id and second != found[first].version_of_id
        if compare(paper_of(found[first]), paper_of(found[second]))
    } - {
        (one.first_id, one.second_id)
        for one in study_matching.distinctions(session)
        if one.second_id is not None
    }


def completed(session: WriteSession) -> set[tuple[int, int]]:
    """Return the kept pairs once all changes are compared."""
    session.flush()
    while kept_pairs.complete(session, 5):
        pass
    return set(kept_pairs.undecided(session, 1_000))


def change(session: WriteSession, made: Sequence[Study], what: str, *arguments: object) -> None:
    """Make one change, unless it is about a study that is gone."""
    named = [made[number % len(made)] for number in arguments if isinstance(number, int)]
    if any(study not in session or study.merged_into_id for study in named):
        return
    match what, named, arguments:
        case "update", [study], (_, dict() as new):
            studies.update_study(session, study, study.version, {**form_values(session, study), **new})
        case "delete", [study], _ if not any(other.merged_into_id == study.id for other in made):
            studies.delete_study(session, study, study.version)
        case "merge", [study, other], _ if study is not other:
            with suppress(ServiceError):  # they may contradict each other
                merging.merge(session, study, other, (study.version, other.version), MergeChoices())
        case "distinct", [study, other], _ if study is not other:
            study_matching.mark_distinct(session, study, other, "Another one.")
        case "complete", _, (limit,):
            kept_pairs.complete(session, int(str(limit)))


@settings(
    max_examples=settings().max_examples // 4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(values, min_size=2, max_size=8), st.lists(changes, max_size=6))
def test_kept_pairs_are_those_of_a_full_search(
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    several: list[dict[str, object]],
    made_later: list[tuple[str, object]],
) -> None:
    # So few that some keys belong to too many studies for a while.
    monkeypatch.setattr(kept_pairs, "MAX_STUDIES_PER_GROUP", 4)
    with database.writing(BY_TEST) as session:
        made = [make_study(session, **one) for one in several]
        for what, *arguments in made_later:
            change(session, made, what, *arguments)
        assert completed(session) == searched(session)
        session.rollback()


def test_a_change_by_another_program_is_compared(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, title=TITLES[0], year=2020, authors=["Doe, Anna"])
        make_study(session, title=TITLES[0], year=2010, authors=["Doe, Anna"])
        assert completed(session) == set()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE studies SET year = 2020 WHERE id = 2"))
    with database.writing(BY_TEST) as session:
        assert completed(session) == {(1, 2)}


def test_missing_pairs_are_reported_until_they_are_repaired(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(2):
            make_study(session, title=TITLES[0], year=2020, authors=["Doe, Anna"])
        assert completed(session) == {(1, 2)}
        session.execute(delete(StudyPair))
    with database.reading() as session:
        assert any("possible duplicates" in problem for problem in integrity.problems(session))
    repair.run(database)
    with database.reading() as session:
        assert kept_pairs.undecided(session, 10) == [(1, 2)]
        assert list(integrity.problems(session)) == []
