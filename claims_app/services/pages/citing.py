"""Since when the page of a claim has shown what it shows: the moment that a citation of it names."""

import datetime

from sqlalchemy import ColumnElement, FromClause, func, or_, select, union_all
from sqlalchemy.orm import Session

from claims_app.database import moment_of
from claims_app.models import Claim
from claims_app.models.versions import VERSIONS


def last_changed(session: Session, claim: Claim) -> datetime.datetime:
    """Return when the claim, its evidence and limitations or the studies behind them last changed, or went.

    The database as of that moment shows the claim as `session` does. One query.
    """
    items, limitations, studies = (VERSIONS[name] for name in ("evidence_items", "limitations", "studies"))
    own_items = select(items.c.id).where(items.c.claim_id == claim.id)
    own_studies = select(items.c.study_id).where(items.c.claim_id == claim.id)
    # Evidence from a preprint does not count once its published version was retracted.
    published = select(studies.c.version_of_id).where(studies.c.id.in_(own_studies))
    claims = VERSIONS["claims"]
    changes = union_all(
        *(
            select(func.max(time).label("at")).where(of, *_seen(session, time))
            for table, of in (
                (claims, claims.c.id == claim.id),
                (items, items.c.claim_id == claim.id),
                (
                    limitations,
                    or_(limitations.c.claim_id == claim.id, limitations.c.evidence_id.in_(own_items)),
                ),
                (studies, studies.c.id.in_(own_studies)),
                (studies, studies.c.id.in_(published)),
                (studies, studies.c.id == claim.origin_study_id),
            )
            for time in _times(table)
        )
    ).subquery()
    moment: datetime.datetime = session.execute(select(func.max(changes.c.at))).scalar_one()
    return moment


def _times(table: FromClause) -> list[ColumnElement[datetime.datetime]]:
    return [table.c.valid_from, table.c.valid_to]


def _seen(session: Session, time: ColumnElement[datetime.datetime]) -> list[ColumnElement[bool]]:
    """Return the condition that a session that reads the past sees what happened at `time`."""
    moment = moment_of(session)
    return [] if moment is None else [time <= moment]
