"""Finds the studies and claims that a person means by what they type: an identifier, or words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Record, Study
from claims_app.rules.identifier_parsing import Pasted, find_identifiers
from claims_app.rules.identifiers import parse_public_id
from claims_app.services.core import records
from claims_app.services.core.best_matches import best_claims, best_studies
from claims_app.services.core.query import MAX_SEARCH_LENGTH
from claims_app.vocabulary import RecordType

MOST = 10
"""The number of records to choose from. Someone who does not find theirs types more words."""


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


def record_named(session: Session, kind: type[Claim] | type[Study], typed: str) -> Record | None:
    """Return the record that `typed` names as a whole: a claim, study or evidence item by its identifier, or a study.

    Studies are named by DOI, also as an address, PMID or PMCID. Bare digits are a PMID among studies only.
    """
    for model in (Claim, Study, EvidenceItem):
        if (number := parse_public_id(model.record_type, typed)) is not None:
            return records.look_up(session, model, number)
    named = _identifier_in(typed)
    if named is None or (kind is Claim and typed.strip().isdigit()):
        return None
    study = session.scalar(select(Study).where(getattr(Study, named.kind) == named.value).limit(1))
    return None if study is None else records.resolve_merge(session, study)


def is_identifier(typed: str) -> bool:
    """Return whether `typed` as a whole is an identifier of a record or a study."""
    types = (RecordType.CLAIM, RecordType.STUDY, RecordType.EVIDENCE)
    return any(parse_public_id(one, typed) is not None for one in types) or _identifier_in(typed) is not None


_SHORTEST_PMID = 5
"""Digits of a bare number that is taken for a PMID; shorter ones are years and counts."""

_UNIQUE = ("doi", "pmid", "pmcid")


def _identifier_in(typed: str) -> Pasted | None:
    """Return the identifier of a study that `typed` consists of."""
    if typed.strip().isdigit() and len(typed.strip()) < _SHORTEST_PMID:
        return None
    identifiers, rest = find_identifiers(typed)
    if rest or len(identifiers) != 1 or identifiers[0].kind not in _UNIQUE:
        return None
    around = typed.replace(identifiers[0].text, "", 1).strip().casefold()
    return identifiers[0] if not around or _AROUND.fullmatch(around) else None


_AROUND = re.compile(r"(?:doi|https?://(?:dx\.)?doi\.org/?|pmcid|https?://\S*)?\s*[:=/.]*")
"""What may stand beside an identifier: its label, or the rest of an address."""


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
