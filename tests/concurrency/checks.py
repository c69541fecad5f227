"""Checks that the history and the records of a database agree, version by version."""

from collections import defaultdict

from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import Revision
from claims_app.services.core.record_states import read_changes
from claims_app.services.system import integrity
from claims_app.vocabulary import Action


def assert_whole(database: Database) -> None:
    """Assert that every record matches its history, and that no revision skips or overwrites another."""
    with database.reading() as session:
        assert list(integrity.problems(session)) == []
        histories: dict[tuple[str, int], list[Revision]] = defaultdict(list)
        for revision in read_changes(session, session.scalars(select(Revision).order_by(Revision.version))):
            histories[revision.record_type, revision.record_id].append(revision)
        for history in histories.values():
            assert [revision.version for revision in history] == list(range(1, len(history) + 1))
            state: dict[str, object] = {}
            for revision in history:
                for name, (before, after) in revision.changes.items():
                    if revision.action is Action.UPDATE:
                        assert before == state.get(name), (revision, name)
                    state[name] = after
