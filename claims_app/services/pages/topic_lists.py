"""Topics and study groups as plain lists, with how much belongs to each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, StudyGroup, Topic, claim_topics
from claims_app.rules.identifiers import parse_public_id, public_id
from claims_app.services.core.errors import NotFound
from claims_app.services.core.filters import is_listed
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.core.records import find
from claims_app.vocabulary import RecordType

TOPICS = Order("Identifier", ((Topic.id, False),))
GROUPS = Order("Identifier", ((StudyGroup.id, False),))


def list_topics(session: Session, request: PageRequest) -> Page[Topic]:
    """Return a page of the topics. Raises BadFilter for a broken cursor."""
    return fetch_page(session, select(Topic), TOPICS, request)


def topic_named(session: Session, name: str) -> Topic:
    """Return the topic with this identifier, such as TOP-1, or with this short name. Raises NotFound and Gone."""
    if parse_public_id(RecordType.TOPIC, name) is not None:
        return find(session, Topic, name)
    topic = session.scalar(select(Topic).where(Topic.slug == name))
    if topic is None:
        raise NotFound(f"There is no topic “{name}”.")
    return topic


def claims_of_topics(session: Session, topics: Sequence[Topic]) -> Mapping[int, int]:
    """Return how many claims are listed directly under each topic."""
    query: Select[Any] = (
        select(claim_topics.c.topic_id, func.count())
        .join(Claim, Claim.id == claim_topics.c.claim_id)
        .where(claim_topics.c.topic_id.in_([topic.id for topic in topics]), is_listed(Claim))
        .group_by(claim_topics.c.topic_id)
    )
    return dict(session.execute(query).all())


def list_groups(session: Session, request: PageRequest) -> Page[StudyGroup]:
    """Return a page of the study groups. Raises BadFilter for a broken cursor."""
    return fetch_page(session, select(StudyGroup), GROUPS, request)


def studies_of_groups(session: Session, groups: Sequence[StudyGroup]) -> Mapping[int, list[str]]:
    """Return the identifiers of the studies of each group."""
    query = (
        select(Study.group_id, Study.id)
        .where(Study.group_id.in_([group.id for group in groups]), is_listed(Study))
        .order_by(Study.id)
    )
    found: dict[int, list[str]] = {group.id: [] for group in groups}
    for group, number in session.execute(query):
        found[group or 0].append(public_id(RecordType.STUDY, number))
    return found
