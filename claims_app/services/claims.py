"""Claims and their topics: the one door through which they are written."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Limitation, Study, Topic
from claims_app.rules import records as schemas
from claims_app.services import quotes, records
from claims_app.services.errors import Invalid


def create_claim(session: Session, raw: Mapping[str, object]) -> Claim:
    """Make a claim of the values in `raw`. Raises Invalid."""
    claim = Claim()
    records.assign(claim, _values(session, raw))
    session.add(claim)
    records.save(session, schemas.CLAIM)
    return claim


def update_claim(session: Session, claim: Claim, version: int, raw: Mapping[str, object]) -> Claim:
    """Give `claim`, which was read at `version`, the values in `raw`. Raises StaleVersion and Invalid."""
    records.require_version(claim, version)
    moved = claim.origin_study_id
    records.assign(claim, _values(session, raw))
    records.save(session, schemas.CLAIM)
    if claim.origin_study_id != moved and claim.origin_study_id is not None:
        # The limitations of the claim quote its origin, too.
        quotes.recheck(session, claim.origin_study_id)
        records.save(session)
    return claim


def delete_claim(session: Session, claim: Claim, version: int) -> None:
    """Delete `claim`. Raises StaleVersion, and InUse while evidence or limitations hang on it."""
    records.delete(
        session,
        claim,
        version,
        {
            "evidence": session.scalars(
                select(EvidenceItem).where(EvidenceItem.claim_id == claim.id).order_by(EvidenceItem.id)
            ).all(),
            "limitations": session.scalars(
                select(Limitation).where(Limitation.claim_id == claim.id).order_by(Limitation.id)
            ).all(),
        },
    )


def create_topic(session: Session, raw: Mapping[str, object]) -> Topic:
    """Make a topic. Raises Invalid."""
    topic = Topic()
    records.assign(topic, records.clean(schemas.TOPIC, raw))
    session.add(topic)
    records.save(session, schemas.TOPIC)
    return topic


def slug_of(name: str) -> str:
    """Return the short name of a topic called `name`: “Passive transfer” becomes passive-transfer."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:80]


def _values(session: Session, raw: Mapping[str, object]) -> dict[str, Any]:
    values = records.clean(schemas.CLAIM, raw)
    study_id = values["origin_study_id"]
    if study_id is not None and session.get(Study, study_id) is None:
        raise Invalid({"origin_study_id": ["There is no such study; choose one from the list."]})
    values["topics"] = [_topic(session, name) for name in values["topics"]]
    values["topics"].sort(key=lambda topic: topic.name)
    quotes.check_quote(session, study_id, values, schemas.ORIGIN_QUOTE)
    return values


def _topic(session: Session, name: str) -> Topic:
    """Return the topic that `name` (a name or a slug) means; make it when it is new."""
    slug = slug_of(name)
    if not slug:
        raise Invalid({"topics": [f"“{name}” has no letters or digits; write a topic in words."]})
    topic = session.scalar(select(Topic).where(Topic.slug == slug))
    if topic is None:
        try:
            topic = create_topic(session, {"slug": slug, "name": name})
        except Invalid as refused:
            raise Invalid(
                {"topics": [s for sentences in refused.errors.values() for s in sentences]}
            ) from None
    return topic
