"""Changes of records, and what webhooks announce of them."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Claim, WebhookDelivery
from claims_app.services.hooks import queueing
from claims_app.services.hooks.settled import Settled
from claims_app.services.records import claims
from claims_app.services.records.kinds import form_values
from claims_app.vocabulary import Via

SITE = "https://claims.example.org"


def change(database: Database, *steps: Callable[[WriteSession], object]) -> None:
    """Make each of the changes in a transaction of its own."""
    for step in steps:
        with database.writing(Change(via=Via.COMMAND, summary="a test")) as session:
            step(session)


def edit(number: int = 2, **values: object) -> Callable[[WriteSession], object]:
    """Return the change of some fields of a claim."""

    def step(session: WriteSession) -> object:
        claim = session.get_one(Claim, number)
        return claims.update_claim(session, claim, claim.version, {**form_values(session, claim), **values})

    return step


def queue(database: Database, number: int = 1) -> None:
    """Queue all that changed."""
    settled = Settled()
    while queueing.queue_next(database, settled, number, SITE):
        pass


def announced(database: Database, number: int = 1) -> list[dict[str, Any]]:
    """Queue all that changed, and return the content of everything that is queued, in order."""
    queue(database, number)
    with database.reading() as session:
        bodies = select(WebhookDelivery.body).where(WebhookDelivery.webhook_id == number)
        return [json.loads(body) for body in session.scalars(bodies.order_by(WebhookDelivery.id))]
