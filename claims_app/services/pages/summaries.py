"""Summaries of claims: the counts of their evidence and limitations, kept for the present and counted for the past."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import Limitation, claim_summaries
from claims_app.rules.counting import Balance
from claims_app.services.core.filters import is_listed
from claims_app.services.pages.page_queries import balances
from claims_app.triggers.v7 import COUNTS


class Summary(NamedTuple):
    """What a list shows of a claim beside its own columns."""

    balance: Balance
    n_limitations: int


EMPTY = Summary(Balance(), 0)
"""The summary of a claim without evidence and limitations."""


def summaries(session: Session, numbers: Sequence[int]) -> Mapping[int, Summary]:
    """Return the summary of each of these claims that exists, in at most two statements."""
    return counted(session, numbers) if is_past(session) else kept(session, numbers)


def kept(session: Session, numbers: Sequence[int]) -> dict[int, Summary]:
    """Return the summaries that the database keeps, in one statement."""
    rows = session.execute(_KEPT, {"numbers": list(numbers)})
    return {number: summary_of(values) for number, *values in rows}


def summary_of(values: Sequence[Any]) -> Summary:
    """Return the summary with the values of COLUMNS, or an empty one if they are all None."""
    limitations, *counts = values
    return EMPTY if limitations is None else Summary(Balance(*counts), limitations)


def counted(session: Session, numbers: Sequence[int]) -> dict[int, Summary]:
    """Return the summaries as counting gives them, in two statements."""
    limitations = _limitations(session, numbers)
    return {
        number: Summary(balance, limitations.get(number, 0))
        for number, balance in balances(session, numbers).items()
    }


COLUMNS = (claim_summaries.c.n_limitations, *(claim_summaries.c[name] for name in COUNTS))
"""What is kept of a claim, for a statement that reads more of it."""

_KEPT = select(claim_summaries.c.claim_id, *COLUMNS).where(
    claim_summaries.c.claim_id.in_(bindparam("numbers", expanding=True))
)


def _limitations(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    """Return the number of listed limitations of each of these claims that has any."""
    rows = session.execute(
        select(Limitation.claim_id, func.count())
        .where(Limitation.claim_id.in_(numbers), is_listed(Limitation))
        .group_by(Limitation.claim_id)
    )
    return {number: count for number, count in rows if number is not None}
