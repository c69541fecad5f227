"""Keeps the pairs of studies that may be duplicates, so that no page compares all studies.

Studies that share a title, or a first author and a year, are compared. Triggers note the keys of what changes
(`triggers.v8`), however a row is written. `complete` compares the studies with noted keys; a key that very many
studies have, such as the title “Editorial”, says nothing.
"""

from collections import defaultdict
from collections.abc import Collection
from itertools import combinations
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import Subquery, and_, delete, func, insert, select, union
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Study, StudyDistinction, StudyKey, StudyPair, StudyPairQueue
from claims_app.models.matching import paper_of
from claims_app.rules import matching as rules
from claims_app.rules.papers import Paper
from claims_app.services.core.filters import is_listed
from claims_app.services.core.many import one_of
from claims_app.services.deduplication.candidates import numbers_by_key

MAX_STUDIES_PER_GROUP = 40
"""The most studies with one key that are compared with each other."""
AT_ONCE = 1_000
"""How many notes one transaction takes."""

_OF_PAIRS = func.substr(StudyKey.key, 1, 1).in_(("=", "@"))


def waiting(session: Session) -> bool:
    """Return whether something changed that was not compared yet."""
    return session.scalar(select(StudyPairQueue.id).limit(1)) is not None


def complete(session: WriteSession, limit: int = AT_ONCE) -> bool:
    """Compare the studies with the keys that were noted first; return whether there may be more notes."""
    notes = select(StudyPairQueue.id, StudyPairQueue.key).order_by(StudyPairQueue.id).limit(limit)
    taken = session.execute(notes.with_for_update(skip_locked=True)).all()
    if taken:
        _compare(session, {note.key for note in taken})
        session.execute(
            delete(StudyPairQueue).where(one_of(session, StudyPairQueue.id, [note.id for note in taken])),
            execution_options={"synchronize_session": False},
        )
    return len(taken) == limit


def undecided(session: Session, limit: int) -> list[tuple[int, int]]:
    """Return the numbers of the kept pairs that nobody has decided on, highest confidence first."""
    decided = select(StudyDistinction.id).where(
        and_(
            StudyDistinction.first_id == StudyPair.first_id, StudyDistinction.second_id == StudyPair.second_id
        )
    )
    # A pair can share several keys.
    pairs = (
        select(StudyPair.first_id, StudyPair.second_id, StudyPair.score)
        .where(~decided.exists())
        .group_by(StudyPair.score, StudyPair.first_id, StudyPair.second_id)
        .order_by(StudyPair.score.desc(), StudyPair.first_id, StudyPair.second_id)
        .limit(limit)
    )
    return [(first, second) for first, second, _ in session.execute(pairs)]


def wrong_keys(session: Session, after: str, limit: int) -> tuple[list[str], list[str]]:
    """Return up to `limit` keys after the key `after`, in order, and those of them whose pairs are not kept as found.

    These are the keys that several studies have, and those of kept pairs; what waits to be compared is not wrong.
    """
    every = _keys_of_pairs()
    keys = session.scalars(
        select(every.c.key).where(every.c.key > after).order_by(every.c.key).limit(limit)
    ).all()
    noted = set(session.scalars(select(StudyPairQueue.key).where(one_of(session, StudyPairQueue.key, keys))))
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for row in _matching(session, keys):
        found[str(row["key"])].add((int(row["first_id"]), int(row["second_id"])))
    kept: dict[str, set[tuple[int, int]]] = defaultdict(set)
    rows = select(StudyPair.key, StudyPair.first_id, StudyPair.second_id)
    for key, first, second in session.execute(rows.where(one_of(session, StudyPair.key, keys))):
        kept[key].add((first, second))
    return list(keys), [key for key in keys if key not in noted and found[key] != kept[key]]


def count_keys(session: Session) -> int:
    """Return the number of keys that `wrong_keys` goes through."""
    return session.scalar(select(func.count()).select_from(_keys_of_pairs())) or 0


def note_all(session: WriteSession) -> None:
    """Note all keys that several studies have, so that all pairs are compared again."""
    session.execute(insert(StudyPairQueue).from_select(["key"], select(_keys_of_pairs().c.key)))


def _keys_of_pairs() -> Subquery:
    """Return the query for the keys that several studies have, and those of kept pairs."""
    shared = select(StudyKey.key).where(_OF_PAIRS).group_by(StudyKey.key).having(func.count() > 1)
    return union(shared, select(StudyPair.key)).subquery()


def _compare(session: WriteSession, keys: Collection[str]) -> None:
    """Compare the studies that share one of `keys`, and keep the pairs that match."""
    rows = _matching(session, keys)
    session.execute(
        delete(StudyPair).where(one_of(session, StudyPair.key, keys)),
        execution_options={"synchronize_session": False},
    )
    if rows:
        session.execute(insert(StudyPair), rows)


def _matching(session: Session, keys: Collection[str]) -> list[dict[str, Any]]:
    """Return the pairs that share one of `keys` and match, as rows of `study_pairs`."""
    shared = numbers_by_key(session, keys, MAX_STUDIES_PER_GROUP + 1)
    groups = {
        key: sorted(numbers) for key, numbers in shared.items() if 1 < len(numbers) <= MAX_STUDIES_PER_GROUP
    }
    wanted = {number for numbers in groups.values() for number in numbers}
    studies = _by_number(session, wanted)
    papers = {number: paper_of(study) for number, study in studies.items()}
    scores: dict[tuple[int, int], float | None] = {}
    rows = []
    for key, numbers in groups.items():
        for pair in combinations([number for number in numbers if number in studies], 2):
            if pair not in scores:
                one, other = (studies[number] for number in pair)
                related = one.id == other.version_of_id or other.id == one.version_of_id
                scores[pair] = None if related else _score(papers[pair[0]], papers[pair[1]])
            if (score := scores[pair]) is not None:
                rows.append({"key": key, "first_id": pair[0], "second_id": pair[1], "score": score})
    return rows


def _by_number(session: Session, numbers: Collection[int]) -> dict[int, Study]:
    if not numbers:
        return {}
    listed = select(Study).where(one_of(session, Study.id, numbers), is_listed(Study))
    # What others have committed since is newer than what this session has read.
    found = session.scalars(listed.execution_options(populate_existing=True))
    return {study.id: study for study in found}


def _score(one: Paper, other: Paper) -> float | None:
    match = rules.compare(one, other) if _may_be(one, other) else None
    return None if match is None else match.score


def _may_be(one: Paper, other: Paper) -> bool:
    """Return whether two papers of one author are similar enough to compare: a fast filter, as most are not."""
    ours, theirs = one.title.letters, other.title.letters
    begins = min(ours, theirs, key=len)[:25]
    if ours.startswith(begins) and theirs.startswith(begins):
        return True
    return fuzz.ratio(ours, theirs, score_cutoff=60) > 0
