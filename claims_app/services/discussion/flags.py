"""Flags: reported problems with claims and evidence items, and how they were resolved."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Flag
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import NotAllowed, Refused
from claims_app.services.discussion import comments
from claims_app.services.discussion.comments import actor_of

Flagged = Claim | EvidenceItem


def raise_flag(session: WriteSession, record: Flagged, raw: Mapping[str, object]) -> Flag:
    """Flag a claim or an evidence item with the values in `raw`, and return the flag.

    Raises Invalid, NotAllowed, Gone or Merged if the record was deleted or merged meanwhile, and Refused if the user
    has an open flag of this kind on the record.
    """
    authorization.require(session, Permission.FLAG)
    values = records.clean(schemas.FLAG, raw)
    author_id = actor_of(session)
    records.lock(session, record)  # so that a second click waits here, and then sees the first flag
    duplicate = select(Flag.id).where(
        Flag.record_type == record.record_type,
        Flag.record_id == record.id,
        Flag.author_id == author_id,
        Flag.kind == values["kind"],
        Flag.closed_at.is_(None),
    )
    if session.scalar(duplicate.limit(1)) is not None:
        raise Refused(
            f"You have already flagged {record.public_id} for this. An editor will look at your flag."
        )
    return add(session, record, author_id, values)


def add(session: WriteSession, record: Flagged, author_id: int | None, values: Mapping[str, object]) -> Flag:
    """Add a flag with cleaned `values` to a record and return it. Without an author it comes from a reader."""
    claim_id = comments.claim_id_of(record)
    flag = Flag(
        record_type=record.record_type,
        record_id=record.id,
        claim_id=claim_id,
        author_id=author_id,
        **values,
    )
    session.add(flag)
    records.save(session, schemas.FLAG)
    return flag


def resolve(session: WriteSession, number: int, raw: Mapping[str, object]) -> Flag:
    """Close a flag with the resolution in `raw`. Raises NotFound, NotAllowed, Invalid, and Refused if it is closed."""
    authorization.require(session, Permission.RESOLVE)
    flag = _open_flag(session, number)
    flag.resolution = records.clean(schemas.RESOLUTION, raw)["resolution"]
    flag.closed_at, flag.closed_by_id = utc_now(), actor_of(session)
    records.save(session, schemas.RESOLUTION)
    return flag


def take_back(session: WriteSession, number: int) -> Flag:
    """Withdraw a flag of the acting user. Raises NotFound, NotAllowed, and Refused if it is closed."""
    authorization.require(session, Permission.FLAG)
    flag = _open_flag(session, number)
    if flag.author_id != actor_of(session):
        raise NotAllowed("Only the person who raised a flag can withdraw it. An editor can resolve it.")
    flag.closed_at, flag.closed_by_id = utc_now(), flag.author_id
    session.flush()
    return flag


def get_flag(session: Session, number: int) -> Flag:
    """Return the flag with this number. Raises NotFound."""
    return comments.get(session, Flag, number, "flag")


def flags_on(session: Session, claim: Claim) -> Sequence[Flag]:
    """Return the open and the resolved flags on a claim and its evidence, oldest first."""
    return session.scalars(
        select(Flag)
        .where(
            comments.about_claim(session, Flag, claim),
            or_(Flag.closed_at.is_(None), Flag.resolution.is_not(None)),
        )
        .options(joinedload(Flag.author), joinedload(Flag.closed_by))
        .order_by(Flag.id)
    ).all()


def _open_flag(session: Session, number: int) -> Flag:
    flag = comments.get(session, Flag, number, "flag", locked=True)
    if not flag.is_open:
        raise Refused("This flag has already been closed.")
    return flag
