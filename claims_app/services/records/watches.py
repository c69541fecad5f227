"""Writes watches. Nothing else writes them; `services.intake.watch_runner` runs them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, Topic, Watch
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.services.records.record_kind import RecordKind, Writing


def create_watch(session: WriteSession, raw: Mapping[str, object], watch: Watch | None = None) -> Watch:
    """Create a watch from `raw`; `watch` is the empty record when a deleted watch is restored.

    Raises NotAllowed and Invalid.
    """
    authorization.require(session, Permission.CREATE)
    watch = watch or Watch()
    records.assign(watch, _values(session, raw))
    session.add(watch)
    records.save(session, schemas.WATCH)
    return watch


def update_watch(session: WriteSession, watch: Watch, version: int, raw: Mapping[str, object]) -> Watch:
    """Update `watch`, which was read at `version`, from `raw`.

    Raises NotAllowed, NeedsReview, StaleVersion and Invalid.
    """
    authorization.require_now(session, Permission.EDIT, watch)
    records.require_version(watch, version)
    records.assign(watch, _values(session, raw))
    records.save(session, schemas.WATCH)
    return watch


def delete_watch(session: WriteSession, watch: Watch, version: int) -> None:
    """Delete `watch`; its runs and results are kept. Raises NotAllowed, NeedsReview and StaleVersion."""
    authorization.require_now(session, Permission.DELETE, watch)
    records.delete(session, watch, version)


def _values(session: Session, raw: Mapping[str, object]) -> dict[str, Any]:
    values = records.clean(schemas.WATCH, raw)
    if values["claim_id"] is not None:
        claim = records.look_up(session, Claim, values["claim_id"])
        if claim is None:
            raise Invalid({"claim_id": ["There is no such claim."]})
        values["claim_id"] = claim.id
    if values["topic_id"] is not None and session.get(Topic, values["topic_id"]) is None:
        raise Invalid({"topic_id": ["There is no such topic. Choose one from the list."]})
    return values


KIND = RecordKind(
    Watch,
    schemas.WATCH,
    Writing(
        restore=lambda session, _state, raw, empty: create_watch(session, raw, empty),
        update=update_watch,
        delete=delete_watch,
    ),
)
