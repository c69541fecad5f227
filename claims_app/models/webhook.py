"""Webhooks: addresses of other programs that changes are announced to, and what was or will be sent to each.

A webhook reads the revisions one after the other, and `revision_id` is how far it got. So nothing is queued along with
a change, nothing is lost if the program stops, and a webhook that is paused goes on where it was.
"""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.rules.hooks.addresses import LONGEST_ADDRESS
from claims_app.vocabulary import DeliveryState, HookEvent

LONGEST_DESCRIPTION = 200


class Webhook(Base):
    """An address that events are sent to."""

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint(
            f"(address LIKE 'https://%' OR address LIKE 'http://%') AND length(address) <= {LONGEST_ADDRESS}",
            name="address_form",
        ),
        CheckConstraint(
            f"length(trim(description)) >= 1 AND length(description) <= {LONGEST_DESCRIPTION}",
            name="description_length",
        ),
        CheckConstraint("length(events) >= 1", name="events_chosen"),
        CheckConstraint("length(secret_salt) = 64", name="secret_salt_form"),
        CheckConstraint("length(secret_hash) = 64", name="secret_hash_form"),
        CheckConstraint("pause_reason IS NULL OR paused_at IS NOT NULL", name="pause_has_time"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str]
    description: Mapped[str | None]
    events: Mapped[str] = mapped_column(doc="The kinds of events that it wants, separated by spaces.")
    secret_salt: Mapped[str] = mapped_column(
        doc="From it and the secret key of the site follows the secret; see rules.hooks.signing."
    )
    secret_hash: Mapped[str] = mapped_column(doc="The SHA-256 of the secret.")
    revision_id: Mapped[int] = mapped_column(doc="Everything up to this revision is queued.")
    paused_at: Mapped[datetime.datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(doc="Why the program paused it; empty if an admin did.")
    failing_since: Mapped[datetime.datetime | None] = mapped_column(
        doc="The first failure since the last success."
    )
    succeeded_at: Mapped[datetime.datetime | None] = mapped_column(doc="The last success.")
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    made_by: Mapped[User | None] = relationship()

    @property
    def wants(self) -> tuple[HookEvent, ...]:
        """The kinds of events that it wants."""
        return tuple(map(HookEvent.of, self.events.split()))

    @property
    def is_active(self) -> bool:
        """Whether events are sent to it."""
        return self.paused_at is None

    def __repr__(self) -> str:
        return short_repr(self, "id", "address")


class WebhookDelivery(Base):
    """One event for one webhook, with what is sent and what became of it."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        term_check("event", HookEvent),
        term_check("state", DeliveryState),
        CheckConstraint("(state = 'pending') = (next_attempt_at IS NOT NULL)", name="pending_has_next"),
        CheckConstraint("attempts >= failures AND failures >= 0", name="attempts_range"),
        Index(None, "webhook_id", "id"),
        Index(None, "webhook_id", "state", "next_attempt_at"),
        Index(None, "queued_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(doc="The same for all attempts and all webhooks.")
    event: Mapped[HookEvent]
    subject: Mapped[str] = mapped_column(doc="The identifier of the record or the release.")
    body: Mapped[str] = mapped_column(doc="What is sent: JSON.")
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.PENDING)
    queued_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    next_attempt_at: Mapped[datetime.datetime | None] = mapped_column(default=utc_now)
    leased_until: Mapped[datetime.datetime | None] = mapped_column(
        doc="Until then, the process that made the last attempt is sending it. If it was killed, another one may try."
    )
    attempts: Mapped[int] = mapped_column(default=0, doc="Attempts so far, with those that were cut off.")
    failures: Mapped[int] = mapped_column(
        default=0, doc="Attempts that failed since it was queued, or queued again."
    )
    attempted_at: Mapped[datetime.datetime | None]
    status: Mapped[int | None] = mapped_column(doc="The HTTP status of the last answer.")
    problem: Mapped[str | None] = mapped_column(doc="Why the last attempt failed, in words.")

    webhook: Mapped[Webhook] = relationship()

    def __repr__(self) -> str:
        return short_repr(self, "id", "webhook_id", "event_id", "state")
