"""Writes claims. Nothing else writes them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import (
    Appraisal,
    AppraisalDraft,
    AppraisalRound,
    Claim,
    Study,
    Topic,
)
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid, LooksLike
from claims_app.services.core.many import one_of
from claims_app.services.records import look_alikes, topics
from claims_app.services.records.record_kind import RecordKind, Writing


def create_claim(
    session: WriteSession,
    raw: Mapping[str, object],
    claim: Claim | None = None,
    *,
    duplicate_is_meant: bool = False,
) -> Claim:
    """Create a claim from `raw`; `claim` is the empty record when a deleted claim is restored.

    Raises NotAllowed, Invalid, and LooksLike if there is a claim in the same words, unless `duplicate_is_meant`.
    """
    authorization.require(session, Permission.CREATE)
    claim = claim or Claim()
    values = _values(session, claim, raw)
    if not duplicate_is_meant and (existing := look_alikes.claims_like(session, values["statement"])):
        raise LooksLike(existing)
    records.assign(claim, values)
    session.add(claim)
    records.save(session, schemas.CLAIM)
    return claim


def prepare_claims(session: Session, raws: Sequence[Mapping[str, object]]) -> list[dict[str, Any] | None]:
    """Return what `create_claims` adds for the values of each new claim, None for values that are not valid."""
    numbers = [number for raw in raws if (number := _origin_of(raw)) is not None]
    # Kept, so that the session finds each of them without a statement of its own.
    studies = (
        session.scalars(select(Study).where(one_of(session, Study.id, numbers))).all() if numbers else []
    )
    kept = {records.resolve_merge(session, study).id for study in studies}
    texts = quotes.known_texts(session, kept)
    prepared: list[dict[str, Any] | None] = []
    for raw in raws:
        try:
            prepared.append(_checked(session, Claim(), raw, texts))
        except Invalid:
            prepared.append(None)
    return prepared


def create_claims(session: WriteSession, prepared: Sequence[dict[str, Any]]) -> list[Claim]:
    """Create claims, all at once, as `create_claim` does one by one. Raises NotAllowed, Invalid and StaleVersion."""
    authorization.require(session, Permission.CREATE)
    known = topics.known_topics(session, {name for values in prepared for name in values["topics"]})
    # A value that the database fills in would have to be read back, row by row.
    made = [Claim(conclusion_derived=False, **_with_topics(session, values, known)) for values in prepared]
    records.add_all(session, made)
    records.save(session, schemas.CLAIM)
    return made


def update_claim(session: WriteSession, claim: Claim, version: int, raw: Mapping[str, object]) -> Claim:
    """Update `claim`, which was read at `version`, from `raw`.

    Raises NotAllowed, NeedsReview, StaleVersion and Invalid.
    """
    authorization.require_now(session, Permission.EDIT, claim)
    records.require_version(claim, version)
    origin_before = claim.origin_study_id
    records.assign(claim, _values(session, claim, raw))
    records.save(session, schemas.CLAIM)
    if claim.origin_study_id != origin_before:
        # The limitations of the claim quote its origin too.
        quotes.recheck_limitations(session, claim)
        records.save(session)
    return claim


def delete_claim(session: WriteSession, claim: Claim, version: int) -> None:
    """Delete `claim`.

    An appraised claim cannot be deleted, because appraisals are kept; its status can be set to withdrawn. Raises
    NotAllowed, NeedsReview, StaleVersion, and InUse if evidence, limitations, appraisals or watches are linked to
    it, or other claims were merged into it.
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


def _values(session: WriteSession, claim: Claim, raw: Mapping[str, object]) -> dict[str, Any]:
    return _with_topics(session, _checked(session, claim, raw), {})


def _checked(
    session: Session,
    claim: Claim,
    raw: Mapping[str, object],
    texts: quotes.KnownTexts | None = None,
) -> dict[str, Any]:
    """Return the values to store, with the names of the topics. Raises Invalid; nothing is written."""
    values = records.clean(schemas.CLAIM, raw)
    study_id = values["origin_study_id"]
    if study_id is not None:
        study = records.look_up(session, Study, study_id)
        if study is None:
            raise Invalid({"origin_study_id": ["There is no such study. Choose one from the list."]})
        values["origin_study_id"] = study_id = study.id
    same_study = study_id == claim.origin_study_id
    quotes.check_quote(session, study_id, values, schemas.ORIGIN_QUOTE, claim if same_study else None, texts)
    return values


def _with_topics(session: WriteSession, values: dict[str, Any], known: dict[str, Topic]) -> dict[str, Any]:
    """Return the values with topics in place of their names; those in `known` were looked up before."""
    for name in values["topics"]:
        if name not in known:
            known[name] = topics.topic_called(session, name)
    found = {topic.id: topic for topic in (known[name] for name in values["topics"])}
    return {**values, "topics": sorted(found.values(), key=lambda topic: topic.name)}


def _origin_of(raw: Mapping[str, object]) -> int | None:
    try:
        return cast(int | None, schemas.CLAIM.field("origin_study_id").clean(raw.get("origin_study_id")))
    except ValueError:
        return None


KIND = RecordKind(
    Claim,
    schemas.CLAIM,
    Writing(
        restore=lambda session, _state, raw, empty: create_claim(
            session, raw, empty, duplicate_is_meant=True
        ),
        update=update_claim,
        delete=delete_claim,
    ),
)
