"""Serves webhooks: queues what changed, and sends what is due. Any number of processes may do it at once."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from claims_app.config import Settings
from claims_app.database import Database
from claims_app.models import Revision, Webhook
from claims_app.services.hooks import webhooks
from claims_app.services.hooks.delivering import Send, deliver_next, forget_old, is_due, sender
from claims_app.services.hooks.queueing import MOST_WAITING, count_waiting, queue_next
from claims_app.services.hooks.settled import Settled
from claims_app.services.jobs.work import Kind, Work

AT_ONCE = 4
"""How many webhooks one process serves at the same time: one whose receiver is slow does not delay the others."""


_WAIT = 0.25
_MOST_WAITS = 40


@dataclass
class Served:
    """What was done for a webhook: how many messages were delivered, and how many attempts failed."""

    delivered: int = 0
    failed: int = 0


def serve(
    database: Database,
    settings: Settings,
    send: Send,
    settled: Settled,
    number: int,
    go_on: Callable[[], object] = lambda: None,
) -> Served:
    """Queue and send for one webhook until nothing is due; `go_on` is called in between, and raises to stop that.

    It also ends after an attempt without an answer, since the next one would have none either.
    """
    done = Served()
    is_reachable, more = True, True
    while is_reachable and more:
        go_on()
        more = queue_next(database, settled, number, settings.base_url)
        while is_reachable and (outcome := deliver_next(database, settings, send, number)) is not None:
            if outcome.problem is None:
                done.delivered += 1
                more = True  # there is room for the next
            else:
                done.failed += 1
                is_reachable = not outcome.unreachable
            go_on()
    return done


def serve_all(
    database: Database, settings: Settings, send: Send, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[Webhook, Served]]:
    """Serve each active webhook once, and yield it with what was done.

    Waits a few seconds for transactions that began earlier than others and end later; see `settled`.
    """
    settled = Settled()
    with database.reading() as session:
        hooks = webhooks.active(session)
        newest = session.scalar(select(func.max(Revision.id))) or 0
    for _ in range(_MOST_WAITS if hooks else 0):
        if settled.newest(database) >= newest:
            break
        sleep(_WAIT)
    for hook in hooks:
        yield hook, serve(database, settings, send, settled, hook.id)
    forget_old(database)


def find_work(database: Database) -> Sequence[int]:
    """Return the active webhooks that can be queued more changes, or that have something to send now."""
    newest = select(func.max(Revision.id)).scalar_subquery()
    due = is_due(database.clock()).correlate(Webhook).exists()
    n_waiting = count_waiting(Webhook.id).correlate(Webhook).scalar_subquery()
    has_more = and_(Webhook.revision_id < newest, n_waiting < MOST_WAITING)
    query = select(Webhook.id).where(Webhook.paused_at.is_(None), or_(has_more, due))
    with database.reading() as session:
        return session.scalars(query.order_by(Webhook.id)).all()


def job_kind(settings: Settings, send: Send | None = None) -> Kind:
    """Return the kind of job that serves a webhook, whenever there is something to do for it."""
    settled = Settled()

    def run(work: Work) -> None:
        serve(work.database, settings, send or sender(settings), settled, work.subject, work.go_on_if_held)
        forget_old(work.database)

    return Kind("webhook", run, at_once=AT_ONCE, find=find_work)
