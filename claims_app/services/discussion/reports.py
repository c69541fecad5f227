"""Problem reports by readers without an account, held until an editor turns them into flags or dismisses them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import Claim, Flag, ReaderReport
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.accounts import throttling
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.discussion import comments, flags
from claims_app.services.discussion.comments import actor_of
from claims_app.vocabulary import AttemptKind, FlagKind

SHOWN = 100


def report(session: WriteSession, claim: Claim, raw: Mapping[str, object], source: str) -> ReaderReport:
    """Hold a reader's report on `claim` for review and return it; an open report with the same text is reused.

    `source` identifies the sender's network address. Raises Invalid, and TooManyAttempts if there were too many
    reports from this source or in total.
    """
    values = records.clean(schemas.REPORT, raw)
    records.one_at_a_time(session, f"report {claim.id}")
    duplicate = select(ReaderReport).where(
        ReaderReport.claim_id == claim.id,
        ReaderReport.text == values["text"],
        ReaderReport.decided_at.is_(None),
    )
    held = session.scalar(duplicate.limit(1))
    if held is not None:
        return held
    throttling.note(session, AttemptKind.REPORT, "", source)
    held = ReaderReport(claim_id=claim.id, **values)
    session.add(held)
    records.save(session, schemas.REPORT)
    return held


def waiting(session: Session) -> Sequence[ReaderReport]:
    """Return the reports waiting for a decision, oldest first."""
    undecided = select(ReaderReport).where(ReaderReport.decided_at.is_(None))
    return session.scalars(undecided.order_by(ReaderReport.id).limit(SHOWN)).all()


def decided(session: Session) -> Sequence[ReaderReport]:
    """Return the decided reports, latest first."""
    return session.scalars(
        select(ReaderReport)
        .where(ReaderReport.decided_at.is_not(None))
        .options(joinedload(ReaderReport.decided_by), joinedload(ReaderReport.flag))
        .order_by(ReaderReport.id.desc())
        .limit(SHOWN)
    ).all()


def count_waiting(session: Session) -> int:
    """Return the number of reports waiting for a decision."""
    undecided = ReaderReport.decided_at.is_(None)
    return session.scalar(select(func.count(ReaderReport.id)).where(undecided)) or 0


def accept(session: WriteSession, number: int, kind: object) -> Flag:
    """Turn a report into a flag of this `kind`, and return the flag.

    Raises NotFound, Gone, NotAllowed, Invalid, and Refused if the report has been decided on.
    """
    authorization.require(session, Permission.RESOLVE)
    held = _undecided(session, number)
    try:
        chosen = FlagKind.of(kind)
    except ValueError as refused:
        raise Invalid({"kind": [str(refused)]}) from None
    claim = records.resolve_merge(session, _claim_of(session, held))
    flag = flags.add(session, claim, None, {"kind": chosen, "text": held.text})
    held.flag_id, held.decided_at, held.decided_by_id = flag.id, utc_now(), actor_of(session)
    session.flush()
    return flag


def dismiss(session: WriteSession, number: int, raw: Mapping[str, object]) -> ReaderReport:
    """Dismiss a report for the reason in `raw`, and return it.

    Raises NotFound, NotAllowed, Invalid, and Refused if the report has been decided on.
    """
    authorization.require(session, Permission.RESOLVE)
    held = _undecided(session, number)
    held.dismissal = records.clean(schemas.DISMISSAL, raw)["dismissal"]
    held.decided_at, held.decided_by_id = utc_now(), actor_of(session)
    records.save(session, schemas.DISMISSAL)
    return held


def _undecided(session: Session, number: int) -> ReaderReport:
    held = comments.get(session, ReaderReport, number, "report", locked=True)
    if held.decided_at is not None:
        raise Refused("This report has already been decided on.")
    return held


def _claim_of(session: Session, held: ReaderReport) -> Claim:
    found = session.get(Claim, held.claim_id)
    return records.get(session, Claim, held.claim_id) if found is None else found
