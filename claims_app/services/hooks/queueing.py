"""Queues deliveries: each webhook reads the revisions since it last did, and gets those that it wants to know of.

That happens after the change was committed, in parts, and no faster than the receiver accepts them. So a change costs
nothing more, however many records it has, and whichever way it was made. Where a webhook got to moves along with what
is queued, in one transaction: if the program is killed, nothing is lost and nothing is queued twice.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, insert, literal, select, update

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Revision, Webhook, WebhookDelivery
from claims_app.services.hooks import webhooks
from claims_app.services.hooks.events import ANNOUNCED, Event, events_of, ping_event, release_event
from claims_app.services.hooks.settled import Settled
from claims_app.vocabulary import DeliveryState, Via

BY_PROGRAM = Change(via=Via.COMMAND, summary="Webhooks.")

MOST_WAITING = 200
"""How many deliveries of a webhook wait at once; further events are queued when some are done."""

AT_ONCE = 200
"""How many revisions are read at once."""


def queue_next(database: Database, settled: Settled, number: int, base_url: str) -> bool:
    """Queue the next events of a webhook, and return whether there may be more. One that is paused gets none."""
    newest = settled.newest(database)
    with database.reading() as session:
        hook = session.get(Webhook, number)
        if hook is None or not hook.is_active or hook.revision_id >= newest:
            return False
        room = min(MOST_WAITING - session.scalars(count_waiting(literal(number))).one(), AT_ONCE)
        if room <= 0:
            return False
        revisions = session.scalars(
            select(Revision)
            .where(Revision.id > hook.revision_id, Revision.id <= newest)
            .where(Revision.record_type.in_(ANNOUNCED))
            .order_by(Revision.id)
            .limit(room)
        ).all()
        events = [event for event in events_of(session, revisions, base_url) if event.event in hook.wants]
    reached = revisions[-1].id if len(revisions) == room else newest
    with database.writing(BY_PROGRAM) as session:
        moved = session.scalar(
            update(Webhook)
            .where(Webhook.id == number, Webhook.revision_id == hook.revision_id)
            .where(Webhook.paused_at.is_(None))
            .values(revision_id=reached)
            .returning(Webhook.id)
            .execution_options(synchronize_session=False)
        )
        if moved is not None:  # otherwise another process was faster
            _insert(session, [number], events)
    return reached < newest


def announce_release(
    session: WriteSession, version: str, at: datetime.datetime, base_url: str, about: Mapping[str, Any]
) -> None:
    """Queue the event of a release for all webhooks that want it, in the transaction that publishes it.

    `about` is what the event says of the release besides its version and address, as JSON values.
    """
    event = release_event(version, at, base_url, about)
    hooks = session.scalars(select(Webhook).order_by(Webhook.id)).all()
    _insert(session, [hook.id for hook in hooks if event.event in hook.wants], [event])


def queue_ping(session: WriteSession, number: int, base_url: str) -> WebhookDelivery:
    """Queue a test of a webhook, which may be paused, and return its delivery. Raises NotFound."""
    hook = webhooks.find(session, number)
    _insert(session, [hook.id], [event := ping_event(hook.id, session.clock(), base_url)])
    return session.scalars(
        select(WebhookDelivery).where(
            WebhookDelivery.webhook_id == hook.id, WebhookDelivery.event_id == event.id
        )
    ).one()


def _insert(session: WriteSession, hooks: Sequence[int], events: Sequence[Event]) -> None:
    rows = [
        {
            "webhook_id": hook,
            "event_id": event.id,
            "event": event.event,
            "subject": event.subject,
            "body": event.body,
            "state": DeliveryState.PENDING,
            "queued_at": session.clock(),
            "next_attempt_at": session.clock(),
            "attempts": 0,
            "failures": 0,
        }
        for hook in hooks
        for event in events
    ]
    if rows:
        session.execute(insert(WebhookDelivery), rows)


def count_waiting(webhook: SQLColumnExpression[int]) -> Select[int]:
    """Return the query for how many deliveries of a webhook wait."""
    is_waiting = WebhookDelivery.state == DeliveryState.PENDING
    return (
        select(func.count())
        .select_from(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook, is_waiting)
    )
