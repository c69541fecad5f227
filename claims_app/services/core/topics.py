"""The hierarchy of topics, as SQL conditions. It has at most three levels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, select, union
from sqlalchemy.orm import Session

from claims_app.models import Topic, claim_topics


def with_narrower(topics: Select[Any]) -> CompoundSelect[Any]:
    """Return the query for these numbers of topics and those of all narrower ones."""
    narrower = select(Topic.id).where(Topic.parent_id.in_(topics))
    return union(topics, narrower, select(Topic.id).where(Topic.parent_id.in_(narrower)))


def with_broader(topics: Select[Any]) -> CompoundSelect[Any]:
    """Return the query for these numbers of topics and those of all broader ones; NULL may be among them."""
    broader = select(Topic.parent_id).where(Topic.id.in_(topics))
    return union(topics, broader, select(Topic.parent_id).where(Topic.id.in_(broader)))


def called(slugs: Sequence[str]) -> CompoundSelect[Any]:
    """Return the query for the numbers of the topics with these slugs and of all narrower ones."""
    return with_narrower(select(Topic.id).where(Topic.slug.in_(slugs)))


def claims_on(slugs: Sequence[str]) -> Select[Any]:
    """Return the query for the numbers of the claims on these topics or on narrower ones."""
    return select(claim_topics.c.claim_id).where(claim_topics.c.topic_id.in_(called(slugs)))


def topic_names(session: Session) -> list[str]:
    """Return the short names of the topics."""
    return list(session.scalars(select(Topic.slug).order_by(Topic.slug)))


def not_a_topic(name: str, known: Sequence[str]) -> str:
    """Return the sentence about a name that is not among those of the topics, which it lists."""
    choice = f"Choose from: {', '.join(known)}." if known else "There are no topics yet."
    return f"“{name}” is not a topic. {choice}"
