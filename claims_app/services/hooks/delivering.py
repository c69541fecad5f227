"""Delivers what is queued: takes one delivery at a time, sends it, and notes what became of it.

A delivery is taken in a transaction of its own, under a lease, so that two processes never send the same one at the
same time. No transaction is open while it is sent. If the process is killed, the lease ends, and it is sent again: a
receiver may get an event twice, and knows it by its identifier.
"""

import datetime
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.config import Settings
from claims_app.database import Database, WriteSession
from claims_app.lookup import hooks as lookup
from claims_app.lookup.hooks import NotSent, Reply
from claims_app.models import Webhook, WebhookDelivery
from claims_app.rules.hooks.retries import PATIENCE, TRIES, pause_after
from claims_app.rules.hooks.signing import signed_headers
from claims_app.services.core.errors import NotFound, Refused
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.hooks import webhooks
from claims_app.services.hooks.queueing import BY_PROGRAM
from claims_app.vocabulary import DeliveryState, HookEvent

LEASE = datetime.timedelta(minutes=5)
"""How long sending may take at most, with the look-up of the host; another process may try afterwards."""

KEPT = datetime.timedelta(days=30)
"""How long deliveries that are done are kept."""

_GONE = 410

NEWEST_FIRST = Order("Newest first", ((WebhookDelivery.id, True),))

Send = Callable[[str, bytes, Mapping[str, str]], Reply]
"""Sends a body with headers to an address, and returns the reply. Raises NotSent."""


def sender(settings: Settings) -> Send:
    """Return the function that sends messages over the network, to private addresses only if the settings allow it."""

    def send(address: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        return lookup.post(address, body, headers, private_allowed=settings.webhooks_private)

    return send


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `problem` says why it failed."""

    webhook_id: int
    event_id: str
    status: int | None
    problem: str | None
    unreachable: bool = False
    """Whether there was no answer at all."""


def deliver_next(database: Database, settings: Settings, send: Send, webhook_id: int) -> Outcome | None:
    """Send the delivery of a webhook that is due for longest, and return what became of it; None if none is due."""
    with database.reading() as session:
        if session.scalar(_due(database.clock(), webhook_id).with_only_columns(WebhookDelivery.id)) is None:
            return None
    return _deliver(database, settings, send, lambda: _due(database.clock(), webhook_id))


def deliver_one(database: Database, settings: Settings, send: Send, number: int) -> Outcome | None:
    """Send one delivery now, also if its webhook is paused; None if it is done, or another process is sending it."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.id == number, WebhookDelivery.state == DeliveryState.PENDING
    )
    return _deliver(database, settings, send, lambda: query.where(_is_free(database.clock())))


def deliver_again(session: WriteSession, webhook_id: int, number: int) -> WebhookDelivery:
    """Queue a delivery again, or send a waiting one earlier, and return it. Raises NotFound, and Refused if paused."""
    hook = webhooks.find(session, webhook_id)
    delivery = session.get(WebhookDelivery, number)
    if delivery is None or delivery.webhook_id != hook.id:
        raise NotFound(f"There is no delivery {number} of webhook {webhook_id}.")
    if not hook.is_active:
        raise Refused("This webhook is paused. Resume it first.")
    delivery.state, delivery.next_attempt_at, delivery.failures = DeliveryState.PENDING, session.clock(), 0
    session.flush()
    return delivery


def list_deliveries(session: Session, webhook_id: int, request: PageRequest) -> Page[WebhookDelivery]:
    """Return a page of the deliveries of a webhook, newest first. Raises BadFilter for a broken cursor."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    return fetch_page(session, query, NEWEST_FIRST, request)


def forget_old(database: Database) -> None:
    """Delete deliveries that were done KEPT ago or earlier."""
    is_old = (
        WebhookDelivery.queued_at < database.clock() - KEPT,
        WebhookDelivery.state != DeliveryState.PENDING,
    )
    with database.reading() as session:
        if session.scalar(select(WebhookDelivery.id).where(*is_old).limit(1)) is None:
            return
    with database.writing(BY_PROGRAM) as session:
        session.execute(delete(WebhookDelivery).where(*is_old).execution_options(synchronize_session=False))


def _is_free(now: datetime.datetime) -> ColumnElement[bool]:
    return or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= now)


def is_due(now: datetime.datetime) -> Select[WebhookDelivery]:
    """Return the query for the deliveries of a webhook (the one in the query around it) that are due."""
    return select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == Webhook.id,
        WebhookDelivery.state == DeliveryState.PENDING,
        WebhookDelivery.next_attempt_at <= now,
        _is_free(now),
    )


def _due(now: datetime.datetime, webhook_id: int) -> Select[WebhookDelivery]:
    """Return the query for the delivery of a webhook that is due for longest."""
    of_webhook = is_due(now).where(Webhook.id == webhook_id, Webhook.paused_at.is_(None))
    return of_webhook.order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(1)


@dataclass(frozen=True)
class _Taken:
    """A delivery that this process has taken."""

    number: int
    webhook_id: int
    event_id: str
    attempt: int
    address: str
    body: bytes
    secret: bytes


def _deliver(
    database: Database, settings: Settings, send: Send, query: Callable[[], Select[WebhookDelivery]]
) -> Outcome | None:
    taken = _take(database, settings.secret_key, query())
    if isinstance(taken, _Taken):
        outcome, pause = _sent(taken, send, database.clock())
        _note(database, taken, outcome, pause)
        return outcome
    return taken


def _take(database: Database, site_key: str, query: Select[WebhookDelivery]) -> "_Taken | Outcome | None":
    """Take the delivery that `query` finds. Without the secret of its webhook, pause that instead."""
    with database.writing(BY_PROGRAM) as session:
        locked = query.with_for_update(skip_locked=True, of=WebhookDelivery)
        delivery = session.scalar(locked.options(joinedload(WebhookDelivery.webhook, innerjoin=True)))
        if delivery is None:
            return None
        hook = delivery.webhook
        secret = webhooks.secret_of(hook, site_key)
        if secret is None:
            webhooks.stop(session, hook, webhooks.KEY_CHANGED)
            return Outcome(hook.id, delivery.event_id, None, webhooks.KEY_CHANGED)
        delivery.attempts += 1
        delivery.attempted_at = session.clock()
        delivery.leased_until = session.clock() + LEASE
        return _Taken(
            delivery.id,
            hook.id,
            delivery.event_id,
            delivery.attempts,
            hook.address,
            delivery.body.encode(),
            secret,
        )


def _sent(taken: _Taken, send: Send, now: datetime.datetime) -> tuple[Outcome, datetime.timedelta | None]:
    """Send a delivery, and return what became of it, with the pause that the receiver asked for."""
    headers = signed_headers(taken.secret, taken.event_id, int(now.timestamp()), taken.body)
    try:
        reply = send(taken.address, taken.body, headers)
    except NotSent as error:
        return Outcome(taken.webhook_id, taken.event_id, None, str(error), unreachable=True), None
    problem = None
    if 300 <= reply.status < 400:
        problem = f"it redirects (status {reply.status}), which is not followed"
    elif not 200 <= reply.status < 300:
        problem = f"it answered with status {reply.status}"
    return Outcome(taken.webhook_id, taken.event_id, reply.status, problem), reply.pause


def _note(database: Database, taken: _Taken, outcome: Outcome, pause: datetime.timedelta | None) -> None:
    """Save what became of an attempt, unless the delivery was deleted or another process has tried since."""
    with database.writing(BY_PROGRAM) as session:
        delivery = session.get(WebhookDelivery, taken.number, with_for_update=True)
        if delivery is None or delivery.attempts != taken.attempt:
            return
        hook = webhooks.find(session, taken.webhook_id)
        now = session.clock()
        delivery.leased_until = None
        delivery.status, delivery.problem = outcome.status, outcome.problem
        if outcome.problem is None:
            delivery.state, delivery.next_attempt_at = DeliveryState.DELIVERED, None
            hook.succeeded_at, hook.failing_since = now, None
            return
        delivery.failures += 1
        if delivery.event is HookEvent.PING:
            delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
            return
        hook.failing_since = hook.failing_since or now
        if outcome.status == _GONE:
            delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
            webhooks.stop(session, hook, "The receiver answered that it is gone (status 410).")
        elif now - hook.failing_since >= PATIENCE:
            # It stays in the queue, so that it is sent when the webhook is resumed.
            delivery.next_attempt_at = now
            webhooks.stop(
                session, hook, f"Nothing was delivered for three days; the last time, {outcome.problem}."
            )
        elif delivery.failures >= TRIES:
            delivery.state, delivery.next_attempt_at = DeliveryState.FAILED, None
        else:
            delivery.next_attempt_at = now + pause_after(delivery.failures, random.random(), pause)  # nosec B311 - spreads the load, guards nothing
