"""Writes topics. Nothing else writes them."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from claims_app.database import WriteSession
from claims_app.models import Topic
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.many import one_of

MOST_LEVELS = 3
"""How deep the hierarchy of topics may be; triggers refuse more."""


def create_topic(session: WriteSession, raw: Mapping[str, object]) -> Topic:
    """Create a topic from `raw`. Raises Invalid."""
    topic = Topic()
    records.assign(topic, _values(session, None, raw))
    session.add(topic)
    records.save(session, schemas.TOPIC)
    return topic


def update_topic(session: WriteSession, topic: Topic, version: int, raw: Mapping[str, object]) -> Topic:
    """Update `topic`, which was read at `version`, from `raw`. Its slug stays, since addresses contain it.

    Raises NotAllowed, NeedsReview, StaleVersion and Invalid.
    """
    authorization.require_now(session, Permission.EDIT, topic)
    records.require_version(topic, version)
    records.assign(topic, _values(session, topic, {**raw, "slug": topic.slug}))
    records.save(session, schemas.TOPIC)
    return topic


def known_topics(session: Session, names: Collection[str]) -> dict[str, Topic]:
    """Return by name the topics that `topic_called` returns for those of `names` that are written as they are kept."""
    if not names:
        return {}
    listed = or_(one_of(session, Topic.slug, names), one_of(session, Topic.name, names))
    found = session.scalars(select(Topic).where(listed)).all()
    return {topic.name: topic for topic in found} | {topic.slug: topic for topic in found}


def topic_called(session: WriteSession, name: str) -> Topic:
    """Return the topic with the slug or, in any case, the name `name`; create it if there is none. Raises Invalid."""
    known = select(Topic).where(or_(Topic.slug == name, func.lower(Topic.name) == func.lower(name)))
    topic = session.scalar(known.order_by(Topic.slug != name).limit(1))
    if topic is not None:
        return topic
    slug = base = slug_of(name)[:70] or "topic"
    number = 1
    # Topics with other names may have this slug (TNF-α, TNF-β). If somebody has just created a topic with this
    # name, another slug would lead to two topics with one name.
    while (other := session.scalar(select(Topic).where(Topic.slug == slug))) is not None:
        if other.name.lower() == name.lower():
            return other
        number += 1
        slug = f"{base}-{number}"
    try:
        return create_topic(session, {"slug": slug, "name": name})
    except Invalid as refused:
        raise Invalid({"topics": [s for sentences in refused.errors.values() for s in sentences]}) from None


def slug_of(name: str) -> str:
    """Return the short name of a topic called `name`: “Passive transfer” becomes passive-transfer."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:80]


def _values(session: Session, topic: Topic | None, raw: Mapping[str, object]) -> dict[str, Any]:
    values = records.clean(schemas.TOPIC, raw)
    if values["parent_id"] is not None and (refusal := _refusal(session, topic, values["parent_id"])):
        raise Invalid({"parent_id": [refusal]})
    return values


def _refusal(session: Session, topic: Topic | None, parent_id: int) -> str | None:
    """Return why a topic, or a new one, cannot have this parent, or None."""
    above = session.get(Topic, parent_id)
    if above is None:
        return "There is no such topic. Choose one from the list."
    levels = _levels_below(session, topic)
    while above is not None and levels <= MOST_LEVELS:
        if above is topic:
            return "A topic cannot be broader than itself. Choose another one."
        levels += 1
        above = above.parent
    return (
        f"Topics have at most {MOST_LEVELS} levels. Choose a broader one." if levels > MOST_LEVELS else None
    )


def _levels_below(session: Session, topic: Topic | None) -> int:
    """Return how many levels a topic and its narrower ones have."""
    if topic is None:
        return 1
    child, grandchild = aliased(Topic), aliased(Topic)
    found = session.execute(
        select(
            exists().where(child.parent_id == topic.id),
            exists().where(child.parent_id == topic.id, grandchild.parent_id == child.id),
        )
    ).one()
    return 1 + sum(map(bool, found))
