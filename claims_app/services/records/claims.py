"""Claims and their topics: the one door through which they are written."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from claims_app.models import (
    Appraisal,
    AppraisalDraft,
    AppraisalRound,
    Claim,
    Study,
    Topic,
)
from claims_app.permissions import Permission
from claims_app.rules import records as schemas
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid
from claims_app.services.records.record_kind import RecordKind, Writing


def create_claim(session: Session, raw: Mapping[str, object], claim: Claim | None = None) -> Claim:
    """Make a claim of the values in `raw`; `claim` is the empty one of a deleted claim. Raises Invalid."""
    authorization.require(session, Permission.CREATE)
    claim = claim or Claim()
    records.assign(claim, _values(session, claim, raw))
    session.add(claim)
    records.save(session, schemas.CLAIM)
    return claim


def update_claim(session: Session, claim: Claim, version: int, raw: Mapping[str, object]) -> Claim:
    """Give `claim`, which was read at `version`, the values in `raw`. Raises StaleVersion and Invalid."""
    authorization.require_now(session, Permission.EDIT, claim)
    records.require_version(claim, version)
    moved = claim.origin_study_id
    records.assign(claim, _values(session, claim, raw))
    records.save(session, schemas.CLAIM)
    if claim.origin_study_id != moved:
        # The limitations of the claim quote its origin, too.
        quotes.recheck_limitations(session, claim)
        records.save(session)
    return claim


def delete_claim(session: Session, claim: Claim, version: int) -> None:
    """Delete `claim`. Raises StaleVersion, and InUse while evidence, limitations, appraisals or watches hang on
    it, or others were merged into it.

    Appraisals are kept for ever, so a claim that was appraised stays; its status can be withdrawn.
    """
    authorization.require_now(session, Permission.DELETE, claim)
    records.require_version(claim, version)
    session.execute(delete(AppraisalDraft).where(AppraisalDraft.claim_id == claim.id))
    session.execute(
        delete(AppraisalRound).where(AppraisalRound.claim_id == claim.id, ~AppraisalRound.appraisals.any())
    )
    kept = session.scalars(
        select(Appraisal).where(Appraisal.claim_id == claim.id).order_by(Appraisal.id)
    ).all()
    records.delete(session, claim, version, {"appraisals": kept} if kept else None)


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


def _values(session: Session, claim: Claim, raw: Mapping[str, object]) -> dict[str, Any]:
    values = records.clean(schemas.CLAIM, raw)
    study_id = values["origin_study_id"]
    if study_id is not None:
        study = records.look_up(session, Study, study_id)
        if study is None:
            raise Invalid({"origin_study_id": ["There is no such study; choose one from the list."]})
        values["origin_study_id"] = study_id = study.id
    topics = {topic.id: topic for topic in (_topic(session, name) for name in values["topics"])}
    values["topics"] = sorted(topics.values(), key=lambda topic: topic.name)
    same_study = study_id == claim.origin_study_id
    quotes.check_quote(session, study_id, values, schemas.ORIGIN_QUOTE, claim if same_study else None)
    return values


def _topic(session: Session, name: str) -> Topic:
    """Return the topic that `name` (a slug, or a name in any case) means; make it when it is new."""
    known = select(Topic).where(or_(Topic.slug == name, func.lower(Topic.name) == func.lower(name)))
    topic = session.scalar(known.order_by(Topic.slug != name).limit(1))
    if topic is not None:
        return topic
    slug = base = slug_of(name)[:70] or "topic"
    number = 1
    # Topics of other names may have this slug (TNF-α, TNF-β). And somebody may have made this very topic since
    # we looked: taking another slug then would give two topics of one name.
    while (other := session.scalar(select(Topic).where(Topic.slug == slug))) is not None:
        if other.name.lower() == name.lower():
            return other
        number += 1
        slug = f"{base}-{number}"
    try:
        return create_topic(session, {"slug": slug, "name": name})
    except Invalid as refused:
        raise Invalid({"topics": [s for sentences in refused.errors.values() for s in sentences]}) from None


KIND = RecordKind(
    Claim,
    schemas.CLAIM,
    Writing(
        create=lambda session, _state, raw, empty: create_claim(session, raw, empty),
        update=update_claim,
        delete=delete_claim,
    ),
)
