"""Finds the studies and claims that a person means by what they type: an identifier, or words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Record, Study
from claims_app.rules.identifier_parsing import find_identifiers
from claims_app.rules.identifiers import parse_public_id
from claims_app.services.core import records
from claims_app.services.core.best_matches import best_claims, best_studies
from claims_app.services.core.query import MAX_SEARCH_LENGTH
from claims_app.vocabulary import RecordType

MOST = 10
"""The number of records to choose from. Whoever does not find theirs types more words."""


@dataclass(frozen=True)
class Option:
    """A record to choose: its public identifier, and what a person knows it by."""

    public_id: str
    label: str


def options(session: Session, record_type: RecordType, typed: str) -> list[Option]:
    """Return the records that `typed` may mean, at most `MOST`; one, if it is an identifier.

    Studies are found by STU-1, DOI, PubMed, PubMed Central or registry number; claims by CLM-1; both by words, as in
    their lists, the best match first.
    """
    typed = " ".join(typed.replace("\0", " ").split())[:MAX_SEARCH_LENGTH]
    if not typed:
        return []
    if (number := parse_public_id(record_type, typed)) is not None:
        model: type[Claim] | type[Study] = Claim if record_type is RecordType.CLAIM else Study
        record = records.look_up(session, model, number)
        return [] if record is None else [_option(record)]
    if record_type is RecordType.CLAIM:
        return [_option(claim) for claim in best_claims(session, typed, MOST)]
    return [_option(study) for study in _studies(session, typed)]


def _studies(session: Session, typed: str) -> Sequence[Study]:
    identifiers, rest = find_identifiers(typed)
    if identifiers and not rest:
        one = identifiers[0]
        same = select(Study).where(getattr(Study, one.kind) == one.value).order_by(Study.id).limit(MOST)
        found = [records.resolve_merge(session, study) for study in session.scalars(same)]
        if found:
            return list({study.id: study for study in found}.values())
    return best_studies(session, typed, MOST)


def _option(record: Record) -> Option:
    if isinstance(record, Study):
        return Option(record.public_id, f"{record.citation}: {record.title}")
    return Option(record.public_id, record.in_short)
