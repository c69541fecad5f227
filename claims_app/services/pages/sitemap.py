"""The addresses of all records for search engines, in parts that are read row by row."""

import datetime
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, Topic
from claims_app.rules.identifiers import public_id
from claims_app.services.core.filters import is_not_merged
from claims_app.vocabulary import ReviewState

PART = 50_000
"""The most addresses of one file (sitemaps.org). A part has the records with these numbers, so it may have fewer."""

_MODELS: dict[str, type[Claim] | type[Study]] = {"claims": Claim, "studies": Study}
_ROWS_AT_ONCE = 1_000

SECTIONS = tuple(_MODELS)


def count_parts(session: Session, section: str) -> int:
    """Return the number of parts of the claims or the studies. No row is counted."""
    return -(-(session.scalar(select(func.max(_MODELS[section].id))) or 0) // PART)


def part(session: Session, section: str, number: int) -> Iterator[tuple[str, datetime.datetime]]:
    """Yield the identifiers of the accepted records of a part, counted from 1, each with its last change."""
    model = _MODELS[section]
    rows = session.execute(
        select(model.id, model.updated_at)
        .where(model.id > (number - 1) * PART, model.id <= number * PART)
        .where(model.review_state == ReviewState.ACCEPTED, is_not_merged(model))
        .order_by(model.id),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    for record_id, updated_at in rows:
        yield public_id(model.record_type, record_id), updated_at


def topic_slugs(session: Session) -> list[str]:
    """Return the short names of the topics, up to the most that fit into one part with a few other pages."""
    return list(session.scalars(select(Topic.slug).order_by(Topic.slug).limit(PART - 1_000)))
