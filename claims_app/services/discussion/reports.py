"""What readers without an account report: held until an editor makes a flag of it, or dismisses it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Claim, Flag, ReaderReport
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import records as schemas
from claims_app.services.accounts import throttling
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.discussion import comments, flags
from claims_app.services.discussion.comments import actor_of
from claims_app.vocabulary import AttemptKind, FlagKind

SHOWN = 100


def report(session: Session, claim: Claim, raw: Mapping[str, object], source: str) -> ReaderReport:
    """Hold what a reader at `source` reports. What was reported in the same words already is not held twice.

    Raises Invalid, and TooManyAttempts where there were too many from there, or altogether.
    """
    values = records.clean(schemas.REPORT, raw)
    same = select(ReaderReport).where(
        ReaderReport.claim_id == claim.id,
        ReaderReport.text == values["text"],
        ReaderReport.decided_at.is_(None),
    )
    held = session.scalar(same.limit(1))
    if held is not None:
        return held
    throttling.note(session, AttemptKind.REPORT, "", source)
    held = ReaderReport(claim_id=claim.id, **values)
    session.add(held)
    records.save(session, schemas.REPORT)
    return held


def waiting(session: Session) -> Sequence[ReaderReport]:
    """Return what nobody has decided on, the oldest first."""
    undecided = select(ReaderReport).where(ReaderReport.decided_at.is_(None))
    return session.scalars(undecided.order_by(ReaderReport.id).limit(SHOWN)).all()


def decided(session: Session) -> Sequence[ReaderReport]:
    """Return what was decided on, the newest first."""
    return session.scalars(
        select(ReaderReport)
        .where(ReaderReport.decided_at.is_not(None))
        .options(joinedload(ReaderReport.decided_by), joinedload(ReaderReport.flag))
        .order_by(ReaderReport.id.desc())
        .limit(SHOWN)
    ).all()


def count_waiting(session: Session) -> int:
    """Return how many reports nobody has decided on."""
    undecided = ReaderReport.decided_at.is_(None)
    return session.scalar(select(func.count(ReaderReport.id)).where(undecided)) or 0


def accept(session: Session, number: int, kind: object) -> Flag:
    """Make a flag of a report, by a reader. Raises NotFound, Gone, NotAllowed, Invalid, and Refused if decided."""
    authorization.require(session, Permission.RESOLVE)
    held = _undecided(session, number)
    try:
        chosen = FlagKind.of(kind)
    except ValueError as refused:
        raise Invalid({"kind": [str(refused)]}) from None
    claim = records.standing_for(session, _claim_of(session, held))
    flag = flags.add(session, claim, None, {"kind": chosen, "text": held.text})
    held.flag_id, held.decided_at, held.decided_by_id = flag.id, utc_now(), actor_of(session)
    session.flush()
    return flag


def dismiss(session: Session, number: int, raw: Mapping[str, object]) -> ReaderReport:
    """Dismiss a report, for a reason. Raises NotFound, NotAllowed, Invalid, and Refused if decided."""
    authorization.require(session, Permission.RESOLVE)
    held = _undecided(session, number)
    held.dismissal = records.clean(schemas.DISMISSAL, raw)["dismissal"]
    held.decided_at, held.decided_by_id = utc_now(), actor_of(session)
    records.save(session, schemas.DISMISSAL)
    return held


def _undecided(session: Session, number: int) -> ReaderReport:
    held = comments.get(session, ReaderReport, number, "report")
    if held.decided_at is not None:
        raise Refused("Somebody has decided on this report already.")
    return held


def _claim_of(session: Session, held: ReaderReport) -> Claim:
    found = session.get(Claim, held.claim_id)
    return records.get(session, Claim, held.claim_id) if found is None else found
