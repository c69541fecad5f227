"""Adding, changing, pausing and deleting webhooks, and their secrets."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import Revision, Webhook, WebhookDelivery
from claims_app.models.webhook import LONGEST_DESCRIPTION
from claims_app.rules.fields import Text
from claims_app.rules.hooks import signing
from claims_app.rules.hooks.addresses import clean_address
from claims_app.security_log import SecurityEvent
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.vocabulary import DeliveryState, HookEvent

MOST = 50
"""How many webhooks a site can have: each reads the changes for itself."""

KEY_CHANGED = "The secret key of the site (SECRET_KEY) was replaced. Create a new secret for this webhook."

_DESCRIPTION = Text(name="description", label="Description", max_length=LONGEST_DESCRIPTION)


@dataclass(frozen=True)
class Wanted:
    """What somebody entered about a webhook."""

    address: str
    events: Collection[str]
    description: str = ""


def add(
    session: WriteSession, wanted: Wanted, site_key: str, *, private_allowed: bool
) -> tuple[Webhook, str]:
    """Add a webhook for what changes from now on; return it with its secret, which is shown once.

    Raises Invalid, and Refused if there are too many.
    """
    if (session.scalar(select(func.count(Webhook.id))) or 0) >= MOST:
        raise Refused(f"There are {MOST} webhooks already. Delete one that is no longer needed.")
    salt, secret = _new_secret(site_key)
    hook = Webhook(
        secret_salt=salt,
        secret_hash=signing.fingerprint(secret),
        revision_id=session.scalar(select(func.max(Revision.id))) or 0,
        made_at=session.clock(),
        made_by_id=session.change.actor_id,
    )
    _fill(hook, wanted, private_allowed=private_allowed)
    session.add(hook)
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_ADDED, hook)
    return hook, signing.text_of(secret)


def change(session: WriteSession, number: int, wanted: Wanted, *, private_allowed: bool) -> Webhook:
    """Change what somebody entered about a webhook, and return it. Raises NotFound and Invalid."""
    hook = find(session, number)
    _fill(hook, wanted, private_allowed=private_allowed)
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_CHANGED, hook)
    return hook


def new_secret(session: WriteSession, number: int, site_key: str) -> tuple[Webhook, str]:
    """Replace the secret of a webhook; return it with the new one, which is shown once. Raises NotFound."""
    hook = find(session, number)
    hook.secret_salt, secret = _new_secret(site_key)
    hook.secret_hash = signing.fingerprint(secret)
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_SECRET, hook)
    return hook, signing.text_of(secret)


def pause(session: WriteSession, number: int) -> Webhook:
    """Pause a webhook, and return it: nothing is sent to it until it is resumed. Raises NotFound."""
    hook = find(session, number)
    if hook.is_active:
        stop(session, hook, None)
    return hook


def stop(session: WriteSession, hook: Webhook, reason: str | None) -> None:
    """Pause a webhook for a reason that admins see."""
    hook.paused_at, hook.pause_reason = session.clock(), reason
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_PAUSED, hook)


def resume(session: WriteSession, number: int, *, skip: bool = False) -> Webhook:
    """Resume a webhook, and return it. What happened since is sent, unless it is to `skip` that. Raises NotFound."""
    hook = find(session, number)
    hook.paused_at = hook.pause_reason = hook.failing_since = None
    waiting = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == number, WebhookDelivery.state == DeliveryState.PENDING
    )
    if skip:
        hook.revision_id = session.scalar(select(func.max(Revision.id))) or 0
        waiting = waiting.values(
            state=DeliveryState.FAILED, next_attempt_at=None, problem="skipped by an admin"
        )
    else:
        waiting = waiting.values(next_attempt_at=session.clock(), failures=0)
    session.execute(waiting.execution_options(synchronize_session=False))
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_RESUMED, hook)
    return hook


def delete(session: WriteSession, number: int) -> Webhook:
    """Delete a webhook with its deliveries, and return it. Raises NotFound."""
    hook = find(session, number)
    session.delete(hook)
    session.flush()
    _log_change(session, SecurityEvent.WEBHOOK_DELETED, hook)
    return hook


def find(session: Session, number: int) -> Webhook:
    """Return a webhook with the account that added it. Raises NotFound."""
    query = select(Webhook).where(Webhook.id == number).options(joinedload(Webhook.made_by))
    hook = session.scalar(query)
    if hook is None:
        raise NotFound(f"There is no webhook {number}.")
    return hook


def active(session: Session) -> Sequence[Webhook]:
    """Return the webhooks that are not paused."""
    return session.scalars(select(Webhook).where(Webhook.paused_at.is_(None)).order_by(Webhook.id)).all()


@dataclass(frozen=True)
class Listed:
    """A webhook in the list, with the number of its deliveries in each state."""

    hook: Webhook
    waiting: int
    failed: int


def list_all(session: Session) -> list[Listed]:
    """Return all webhooks in the order in which they were added."""
    counts = {
        (number, state): count
        for number, state, count in session.execute(
            select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
            .where(WebhookDelivery.state != DeliveryState.DELIVERED)
            .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
        )
    }
    return [
        Listed(
            hook,
            counts.get((hook.id, DeliveryState.PENDING), 0),
            counts.get((hook.id, DeliveryState.FAILED), 0),
        )
        for hook in session.scalars(select(Webhook).order_by(Webhook.id))
    ]


_IS_FAILING = Webhook.failing_since.is_not(None) | Webhook.pause_reason.is_not(None)


def count_failing(session: Session) -> int:
    """Return how many webhooks the program has paused, or that have failed since their last success."""
    return session.scalar(select(func.count(Webhook.id)).where(_IS_FAILING)) or 0


def list_failing(session: Session) -> Sequence[Webhook]:
    """Return the webhooks that `count_failing` counts."""
    return session.scalars(select(Webhook).where(_IS_FAILING).order_by(Webhook.id)).all()


def secret_of(hook: Webhook, site_key: str) -> bytes | None:
    """Return the secret of a webhook, or None if the secret key of the site is another one now."""
    secret = signing.derive_secret(site_key, hook.secret_salt)
    return secret if signing.fingerprint(secret) == hook.secret_hash else None


def _log_change(session: WriteSession, event: SecurityEvent, hook: Webhook) -> None:
    """Log what happened to a webhook with its host; the rest of its address may be a secret of the receiver."""
    session.log_when_saved(event, webhook=hook.id, host=urlsplit(hook.address).hostname)


def _new_secret(site_key: str) -> tuple[str, bytes]:
    salt = secrets.token_hex(32)
    return salt, signing.derive_secret(site_key, salt)


def _fill(hook: Webhook, wanted: Wanted, *, private_allowed: bool) -> None:
    """Set what somebody entered. Raises Invalid."""
    errors: dict[str, list[str]] = {}
    try:
        hook.address = clean_address(wanted.address, private_allowed=private_allowed)
    except ValueError as refused:
        errors["address"] = [str(refused)]
    try:
        text = _DESCRIPTION.clean(wanted.description)
        hook.description = None if text is None else str(text)
    except ValueError as refused:
        errors["description"] = [str(refused)]
    events = [event.value for event in HookEvent if event.is_optional and event.value in wanted.events]
    if not events or len(events) < len(set(wanted.events)):
        errors["events"] = ["Choose at least one kind of event."]
    hook.events = " ".join(events)
    if errors:
        raise Invalid(errors)
