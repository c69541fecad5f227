"""Conflicts of interest: declared by topic for a year, they prevent a user from reviewing work on it."""

import datetime
from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import (
    RECORD_MODELS,
    ConflictOfInterest,
    EvidenceItem,
    Proposal,
    Record,
    Topic,
    claim_topics,
)
from claims_app.models.revision import claim_of, study_of
from claims_app.models.types import utc_now
from claims_app.rules.fields import Text
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, NotFound
from claims_app.services.core.topics import not_a_topic, topic_names, with_broader

DURATION = datetime.timedelta(days=365)
_TEXT = Text(name="text", label="What the conflict is", required=True, max_length=500)


def declare(session: WriteSession, user_id: int, topic: str, text: str | None) -> ConflictOfInterest:
    """Declare a conflict of interest of a user for the topic with this slug, for a year. Raises Invalid."""
    errors = {}
    found = session.scalar(select(Topic).where(Topic.slug == topic))
    if found is None:
        errors["topic"] = [not_a_topic(topic, topic_names(session)) if topic else "Choose a topic."]
    try:
        valid_text = str(_TEXT.clean(text))
    except ValueError as refused:
        errors["text"] = [str(refused)]
    if errors or found is None:
        raise Invalid(errors)
    now = utc_now()
    conflict = ConflictOfInterest(
        user_id=user_id, topic_id=found.id, text=valid_text, declared_at=now, ends_at=now + DURATION
    )
    session.add(conflict)
    records.save(session)
    return conflict


def end(session: WriteSession, user_id: int, number: int) -> None:
    """End a conflict of interest of a user now, and keep the declaration.

    Raises NotFound if it does not exist or belongs to another user.
    """
    conflict = session.get(ConflictOfInterest, number)
    if conflict is None or conflict.user_id != user_id:
        raise NotFound("You have no such declaration.")
    conflict.ends_at = min(
        conflict.ends_at, max(utc_now(), conflict.declared_at + datetime.timedelta(seconds=1))
    )
    records.save(session)


def declared_by(session: Session, user_id: int) -> Sequence[ConflictOfInterest]:
    """Return the current conflicts of interest of a user, newest first."""
    return session.scalars(_present(user_id).order_by(ConflictOfInterest.id.desc())).all()


def blocking(session: Session, user_id: int, record: Record) -> ConflictOfInterest | None:
    """Return a conflict of interest that prevents a user from reviewing `record`, or None."""
    claims = _claims_of(session, record)
    if not claims:
        return None
    topics = select(claim_topics.c.topic_id).where(claim_topics.c.claim_id.in_(claims))
    return session.scalar(
        _present(user_id).where(ConflictOfInterest.topic_id.in_(with_broader(topics))).limit(1)
    )


def _present(user_id: int) -> Select[ConflictOfInterest]:
    return (
        select(ConflictOfInterest)
        .where(ConflictOfInterest.user_id == user_id, ConflictOfInterest.ends_at > utc_now())
        .options(joinedload(ConflictOfInterest.topic))
    )


def _claims_of(session: Session, record: Record) -> Collection[int]:
    """Return the numbers of the claims that `record` is about; for a study, all that it is evidence for."""
    target: Record | None = record
    if isinstance(record, Proposal):
        if record.claim_id is not None:
            return [record.claim_id]
        target = session.get(RECORD_MODELS[record.target_type], record.target_id)
    if target is None:
        return []
    claim_id, study_id = claim_of(session, target), study_of(session, target)
    if claim_id is not None:
        return [claim_id]
    evidence = select(EvidenceItem.claim_id).where(EvidenceItem.study_id == study_id)
    return session.scalars(evidence.distinct()).all()
