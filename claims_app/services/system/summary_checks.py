"""Checks that the summaries of claims are what counting gives now."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, claim_summaries
from claims_app.rules.identifiers import public_id
from claims_app.services.pages import summaries
from claims_app.services.system import checking
from claims_app.services.system.checking import Check, Part
from claims_app.vocabulary import RecordType

_AT_ONCE = 1_000


def _wrong_summaries(session: Session) -> Iterator[Part]:
    """Find claims whose summary is missing, or differs from what counting gives."""
    last = 0
    while numbers := session.scalars(
        select(Claim.id).where(Claim.id > last).order_by(Claim.id).limit(_AT_ONCE)
    ).all():
        kept, counted = summaries.kept(session, numbers), summaries.counted(session, numbers)
        yield Part(
            len(numbers),
            [
                f"The summary of {public_id(RecordType.CLAIM, number)} is missing. Run “claims db repair”."
                if number not in kept
                else f"The summary of {public_id(RecordType.CLAIM, number)} differs from its evidence."
                " Run “claims db repair”."
                for number in numbers
                if kept.get(number) != counted[number]
            ],
        )
        last = numbers[-1]


CHECK = Check("summaries of claims", checking.size_of(claim_summaries), _wrong_summaries)
"""The check of all claims."""
