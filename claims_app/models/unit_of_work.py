"""The unit of work: what happens to a change between a service and the commit, in this order.

A service changes records and flushes. The steps below run before and after each flush, and before the commit, and
nowhere else. The triggers of the database then enforce their own rules (`claims_app.triggers`).

Before a flush writes rows:

1. `lock_touched_claims`: locks the claims whose evidence it changes, so that others wait.
2. `submit_for_review`: new records wait for a second person if review is required.
3. `count_versions`: each changed record gets its next version and the time of the transaction.

After it:

4. `refuse_links_to_merged`: no new link may point to a merged record.
5. `note_changes`: notes who did what to which record.
6. `note_touched_claims`: notes the claims whose evidence changed.
7. `update_keys`, `update_words`: update the indexes that find duplicate studies, and the claims of a paper.

Before the commit, once for all flushes (`finish` runs them earlier for a response that shows the result):

8. `mark_stale`: marks the levels of claims whose evidence changed since their appraisal.
9. `write_revisions`: writes one revision for each record.
10. `index_pending`: writes the documents that a search finds the changed records by.

A rollback, to a savepoint or of everything, also discards the notes about records of step 5 and releases locks.
"""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction

from claims_app.database import WriteSession
from claims_app.models.claim_words import update_words
from claims_app.models.levels import forget_locks, lock_touched_claims, mark_stale, note_touched_claims
from claims_app.models.matching import update_keys
from claims_app.models.merge import refuse_links_to_merged
from claims_app.models.review import submit_for_review
from claims_app.models.revision import (
    count_versions,
    note_changes,
    refuse_unrecorded_changes,
    write_revisions,
)
from claims_app.models.search_index import index_pending

Step = Callable[[WriteSession], None]

BEFORE_FLUSH: tuple[Step, ...] = (lock_touched_claims, submit_for_review, count_versions)
AFTER_FLUSH: tuple[Step, ...] = (
    refuse_links_to_merged,
    note_changes,
    note_touched_claims,
    update_keys,
    update_words,
)
BEFORE_COMMIT: tuple[Step, ...] = (mark_stale, write_revisions, index_pending)


def finish(session: WriteSession) -> None:
    """Run the steps before the commit now, so that later queries see what will be committed."""
    session.flush()
    for step in BEFORE_COMMIT:
        step(session)


@event.listens_for(WriteSession, "before_flush")
def _before_flush(session: WriteSession, _context: UOWTransaction, _instances: object) -> None:
    if session.only_judges:
        raise RuntimeError("This session only judges changes. It cannot flush them.")
    for step in BEFORE_FLUSH:
        step(session)


@event.listens_for(WriteSession, "after_flush")
def _after_flush(session: WriteSession, _context: UOWTransaction) -> None:
    for step in AFTER_FLUSH:
        step(session)


@event.listens_for(WriteSession, "before_commit")
def _before_commit(session: WriteSession) -> None:
    if not session.in_nested_transaction():
        finish(session)


@event.listens_for(WriteSession, "after_transaction_create")
def _begin_notes(session: WriteSession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.pending = session.pending.new_child()
    elif transaction.parent is None:
        forget_locks(session)


@event.listens_for(WriteSession, "after_soft_rollback")
def _drop_notes(session: WriteSession, transaction: SessionTransaction) -> None:
    forget_locks(session)
    if transaction.nested:
        # SQLAlchemy ends the savepoint first, so its notes were kept already.
        session.pending.maps[0].clear()
        session.pending.update(session.noted_before.pop(transaction, {}))
    elif transaction.parent is None:
        session.pending.maps[0].clear()


@event.listens_for(WriteSession, "after_transaction_end")
def _keep_notes(session: WriteSession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        of_savepoint, session.pending = session.pending.maps[0], session.pending.parents
        session.noted_before = {transaction: dict(session.pending.maps[0])}
        session.pending.update(of_savepoint)


@event.listens_for(Session, "do_orm_execute")
def _before_statement(state: ORMExecuteState) -> None:
    refuse_unrecorded_changes(state)
