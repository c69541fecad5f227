"""Flags: what somebody says is wrong with a claim or an evidence item, and what became of it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Claim, EvidenceItem, Flag
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import records as schemas
from claims_app.services.core import authorization, filters, records
from claims_app.services.core.errors import NotAllowed, Refused
from claims_app.services.discussion import comments
from claims_app.services.discussion.comments import actor_of

Flagged = Claim | EvidenceItem


def raise_flag(session: Session, record: Flagged, raw: Mapping[str, object]) -> Flag:
    """Flag a claim or an evidence item. Raises Invalid, NotAllowed, and Refused for what one has flagged so."""
    authorization.require(session, Permission.FLAG)
    values = records.clean(schemas.FLAG, raw)
    author_id = actor_of(session)
    again = select(Flag.id).where(
        Flag.record_type == record.record_type,
        Flag.record_id == record.id,
        Flag.author_id == author_id,
        Flag.kind == values["kind"],
        Flag.closed_at.is_(None),
    )
    if session.scalar(again.limit(1)) is not None:
        raise Refused(f"You have flagged {record.public_id} for this already; it waits for an editor.")
    return add(session, record, author_id, values)


def add(session: Session, record: Flagged, author_id: int | None, values: Mapping[str, object]) -> Flag:
    """Put a flag on a record with cleaned `values`; without an author, it is by a reader."""
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


def resolve(session: Session, number: int, raw: Mapping[str, object]) -> Flag:
    """Close a flag with a sentence. Raises NotFound, NotAllowed, Invalid, and Refused for a closed one."""
    authorization.require(session, Permission.RESOLVE)
    flag = _open_flag(session, number)
    flag.resolution = records.clean(schemas.RESOLUTION, raw)["resolution"]
    flag.closed_at, flag.closed_by_id = utc_now(), actor_of(session)
    records.save(session, schemas.RESOLUTION)
    return flag


def take_back(session: Session, number: int) -> Flag:
    """Take one's own flag back. Raises NotFound, NotAllowed, and Refused for a closed one."""
    authorization.require(session, Permission.FLAG)
    flag = _open_flag(session, number)
    if flag.author_id != actor_of(session):
        raise NotAllowed("Only who raised a flag takes it back; an editor resolves it.")
    flag.closed_at, flag.closed_by_id = utc_now(), flag.author_id
    session.flush()
    return flag


def get_flag(session: Session, number: int) -> Flag:
    """Return a flag. Raises NotFound."""
    return comments.get(session, Flag, number, "flag")


def flags_on(session: Session, claim: Claim) -> Sequence[Flag]:
    """Return the flags on a claim and its evidence that are open or were resolved, the oldest first."""
    return session.scalars(
        select(Flag)
        .where(
            comments.about_claim(session, Flag, claim),
            or_(Flag.closed_at.is_(None), Flag.resolution.is_not(None)),
        )
        .options(joinedload(Flag.author), joinedload(Flag.closed_by))
        .order_by(Flag.id)
    ).all()


def count_flagged(session: Session) -> int:
    """Return how many claims have an open flag."""
    flagged = and_(filters.stands_or_waits(Claim), filters.is_flagged())
    return session.scalar(select(func.count(Claim.id)).where(flagged)) or 0


def _open_flag(session: Session, number: int) -> Flag:
    flag = get_flag(session, number)
    if not flag.is_open:
        raise Refused("This flag is closed already.")
    return flag
