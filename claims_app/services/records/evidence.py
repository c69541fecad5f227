"""Writes evidence items and limitations. Nothing else writes them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Study
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import Schema
from claims_app.rules.p_values import p_number
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import DuplicateEvidence, Invalid, StaleVersion
from claims_app.services.core.many import one_of
from claims_app.services.core.record_states import State
from claims_app.services.records.record_kind import RecordKind, Writing, parent_of

Made = TypeVar("Made", EvidenceItem, Limitation)


def create_evidence(
    session: WriteSession,
    claim: Claim,
    raw: Mapping[str, object],
    item: EvidenceItem | None = None,
    *,
    duplicate_is_meant: bool = False,
) -> EvidenceItem:
    """Create an evidence item for `claim` from `raw`; `item` is the empty record when a deleted item is restored.

    Raises NotAllowed, Invalid, Gone or Merged if the claim was deleted or merged meanwhile, and DuplicateEvidence if
    the study is already linked to the claim, unless `duplicate_is_meant`: a study may have two findings about one
    claim. Raises StaleVersion if somebody else has just restored the item.
    """
    authorization.require(session, Permission.CREATE)
    # If two users link the same study at once, the second waits here, and then gets the warning.
    records.lock(session, claim)
    if item is not None and session.get(EvidenceItem, item.id) is not None:
        raise StaleVersion
    values = _values(session, None, raw)
    existing = same_link(session, claim.id, values["study_id"])
    if existing and not duplicate_is_meant:
        raise DuplicateEvidence(existing)
    item = item or EvidenceItem()
    item.claim_id = claim.id
    records.assign(item, values)
    session.add(item)
    records.save(session, schemas.EVIDENCE)
    return item


def prepare_evidence(
    session: Session, several: Sequence[tuple[Claim | None, Mapping[str, object]]]
) -> list[dict[str, Any] | None]:
    """Return what `create_evidence_items` adds for the claim and the values of each new item.

    It is None for those that have to be created one by one: without a claim, or with values that are not valid, or if
    the study is linked to the claim already, also by an item before.
    """
    studies = _studies_of(session, [raw for _, raw in several])
    texts = quotes.known_texts(session, studies.keys())
    claims = {claim.id for claim, _ in several if claim is not None}
    pairs = select(EvidenceItem.claim_id, EvidenceItem.study_id)
    linked = session.execute(pairs.where(one_of(session, EvidenceItem.claim_id, claims)))
    links = {(claim_id, study_id) for claim_id, study_id in linked}  # set() has no types for rows
    prepared: list[dict[str, Any] | None] = []
    for claim, raw in several:
        values = None
        if claim is not None:
            with suppress(Invalid):
                values = _values(session, None, raw, texts)
        if claim is not None and values is not None:
            link = (claim.id, values["study_id"])
            values = None if link in links else {**values, "claim_id": claim.id}
            links.add(link)
        prepared.append(values)
    return prepared


def create_evidence_items(session: WriteSession, prepared: Sequence[dict[str, Any]]) -> list[EvidenceItem]:
    """Create evidence items, all at once, as `create_evidence` does one by one; their claims are locked.

    Raises NotAllowed, Invalid and StaleVersion.
    """
    return _created(session, [EvidenceItem(**values) for values in prepared], schemas.EVIDENCE)


def update_evidence(
    session: WriteSession,
    item: EvidenceItem,
    version: int,
    raw: Mapping[str, object],
    *,
    duplicate_is_meant: bool = False,
) -> EvidenceItem:
    """Update `item`, which was read at `version`, from `raw`.

    Raises NotAllowed, NeedsReview, StaleVersion, Invalid, and DuplicateEvidence as `create_evidence` does.
    """
    authorization.require_now(session, Permission.EDIT, item)
    records.require_version(item, version)
    values = _values(session, item, raw)
    moved = values["study_id"] != item.study_id
    if (
        moved
        and not duplicate_is_meant
        and (existing := same_link(session, item.claim_id, values["study_id"]))
    ):
        raise DuplicateEvidence(existing)
    records.assign(item, values)
    records.save(session, schemas.EVIDENCE)
    if moved:
        # The limitations of the item quote its study too.
        quotes.recheck(session, item.study_id)
        records.save(session)
    return item


def delete_evidence(session: WriteSession, item: EvidenceItem, version: int) -> None:
    """Delete `item`. Raises NotAllowed, NeedsReview, StaleVersion, and InUse while it has limitations."""
    authorization.require_now(session, Permission.DELETE, item)
    records.delete(session, item, version)


def same_link(session: Session, claim_id: int, study_id: int) -> list[EvidenceItem]:
    """Return the evidence items that link this study to this claim."""
    return list(
        session.scalars(
            select(EvidenceItem)
            .where(EvidenceItem.claim_id == claim_id, EvidenceItem.study_id == study_id)
            .order_by(EvidenceItem.id)
        )
    )


def create_limitation(
    session: WriteSession,
    parent: Claim | EvidenceItem,
    raw: Mapping[str, object],
    limitation: Limitation | None = None,
) -> Limitation:
    """Create a limitation of `parent` from `raw`; `limitation` is the empty record when one is restored.

    Raises NotAllowed and Invalid.
    """
    authorization.require(session, Permission.CREATE)
    limitation = limitation or Limitation()
    setattr(limitation, _parent_column(parent), parent.id)
    records.assign(limitation, _limitation_values(session, parent, None, raw))
    session.add(limitation)
    records.save(session, schemas.LIMITATION)
    return limitation


def prepare_limitations(
    session: Session, several: Sequence[tuple[Claim | EvidenceItem | None, Mapping[str, object]]]
) -> list[dict[str, Any] | None]:
    """Return what `create_limitations` adds for the parent and the values of each new limitation.

    It is None for those that have to be created one by one: without a parent, or with values that are not valid.
    """
    quoted = {_quoted_study(parent) for parent, _ in several if parent is not None}
    texts = quotes.known_texts(session, quoted)
    prepared: list[dict[str, Any] | None] = []
    for parent, raw in several:
        values = None
        if parent is not None:
            with suppress(Invalid):
                values = _limitation_values(session, parent, None, raw, texts)
                values[_parent_column(parent)] = parent.id
        prepared.append(values)
    return prepared


def create_limitations(session: WriteSession, prepared: Sequence[dict[str, Any]]) -> list[Limitation]:
    """Create limitations, all at once, as `create_limitation` does one by one.

    Raises NotAllowed, Invalid and StaleVersion.
    """
    return _created(session, [Limitation(**values) for values in prepared], schemas.LIMITATION)


def update_limitation(
    session: WriteSession, limitation: Limitation, version: int, raw: Mapping[str, object]
) -> Limitation:
    """Update `limitation`, which was read at `version`, from `raw`.

    Raises NotAllowed, NeedsReview, StaleVersion and Invalid.
    """
    authorization.require_now(session, Permission.EDIT, limitation)
    records.require_version(limitation, version)
    records.assign(limitation, _limitation_values(session, limitation.parent, limitation, raw))
    records.save(session, schemas.LIMITATION)
    return limitation


def delete_limitation(session: WriteSession, limitation: Limitation, version: int) -> None:
    """Delete `limitation`. Raises NotAllowed, NeedsReview and StaleVersion."""
    authorization.require_now(session, Permission.DELETE, limitation)
    records.delete(session, limitation, version)


def _created(session: WriteSession, made: list[Made], schema: Schema) -> list[Made]:
    """Save new records, all at once, and return them. Raises NotAllowed, Invalid and StaleVersion."""
    authorization.require(session, Permission.CREATE)
    records.add_all(session, made)
    records.save(session, schema)
    return made


def _parent_column(parent: Claim | EvidenceItem) -> str:
    return "claim_id" if isinstance(parent, Claim) else "evidence_id"


def _quoted_study(parent: Claim | EvidenceItem) -> int | None:
    return parent.origin_study_id if isinstance(parent, Claim) else parent.study_id


def _studies_of(session: Session, raws: Sequence[Mapping[str, object]]) -> dict[int, Study]:
    """Return the studies that new items name, also those that these were merged into, in few statements."""
    numbers: set[int] = set()
    for raw in raws:
        with suppress(ValueError):
            number = schemas.EVIDENCE.field("study_id").clean(raw.get("study_id"))
            numbers.update([number] if isinstance(number, int) else [])
    named = session.scalars(select(Study).where(one_of(session, Study.id, numbers))).all()
    kept = [records.resolve_merge(session, study) for study in named]
    return {study.id: study for study in (*named, *kept)}


def _values(
    session: Session,
    item: EvidenceItem | None,
    raw: Mapping[str, object],
    texts: quotes.KnownTexts | None = None,
) -> dict[str, Any]:
    values = records.clean(schemas.EVIDENCE, raw)
    study = records.look_up(session, Study, values["study_id"])
    if study is None:
        raise Invalid({"study_id": ["There is no such study. Choose one from the list."]})
    values["study_id"] = study.id
    values["p_number"] = None if values["p_value"] is None else p_number(values["p_value"])
    same = item if item is not None and item.study_id == values["study_id"] else None
    quotes.check_quote(session, values["study_id"], values, schemas.OWN_QUOTE, same, texts)
    return values


def _limitation_values(
    session: Session,
    parent: Claim | EvidenceItem,
    limitation: Limitation | None,
    raw: Mapping[str, object],
    texts: quotes.KnownTexts | None = None,
) -> dict[str, Any]:
    values = records.clean(schemas.LIMITATION, raw)
    quotes.check_quote(session, _quoted_study(parent), values, schemas.OWN_QUOTE, limitation, texts)
    return values


def _restore_evidence(
    session: WriteSession, state: State, raw: Mapping[str, object], empty: EvidenceItem
) -> EvidenceItem:
    claim = parent_of(session, Claim, state["claim_id"])
    return create_evidence(session, claim, raw, empty, duplicate_is_meant=True)


def _update_evidence(
    session: WriteSession, item: EvidenceItem, version: int, raw: Mapping[str, object]
) -> EvidenceItem:
    return update_evidence(session, item, version, raw, duplicate_is_meant=True)


def _restore_limitation(
    session: WriteSession, state: State, raw: Mapping[str, object], empty: Limitation
) -> Limitation:
    parent: Claim | EvidenceItem = (
        parent_of(session, Claim, state["claim_id"])
        if "claim_id" in state
        else parent_of(session, EvidenceItem, state["evidence_id"])
    )
    return create_limitation(session, parent, raw, empty)


EVIDENCE_KIND = RecordKind(
    EvidenceItem,
    schemas.EVIDENCE,
    Writing(
        restore=_restore_evidence,
        update=_update_evidence,
        delete=delete_evidence,
    ),
)
LIMITATION_KIND = RecordKind(
    Limitation,
    schemas.LIMITATION,
    Writing(
        restore=_restore_limitation,
        update=update_limitation,
        delete=delete_limitation,
    ),
)
