"""Reads the sets from the tables: all of them in a few scans, or those of some claims."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session, aliased

from claims_app.models import Claim, EvidenceItem, Study, StudySpecies, Topic, claim_summaries, claim_topics
from claims_app.rules.gaps import is_in_people
from claims_app.services.browsing.sets import (
    HAS_ACCEPTED,
    HAS_EVIDENCE,
    HAS_HUMAN,
    HAS_ONE_GROUP,
    Profile,
    Sets,
    Value,
)
from claims_app.services.core.filters import is_listed, is_not_merged, level_state
from claims_app.services.core.stored import plain
from claims_app.vocabulary import ReviewState

_BATCH = 500
_AT_ONCE = 10_000
"""Rows held at once, so that the memory of a scan does not depend on the length of the table."""

OWN_FACETS = ("review", "level", "state", "conclusion", "kind", "status")
"""The facets of claims that are columns of their own, in the order of `_CLAIMS`."""


def read_all(session: Session) -> Sets:
    """Return the sets of all claims."""
    return _read(session, true(), true(), true(), true(), true(), true())


def read_some(session: Session, claims: BitMap) -> Sets:
    """Return the sets of these claims, without those that are gone."""
    numbers, sets = list(claims), Sets({}, {})
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        studies = select(EvidenceItem.study_id).where(EvidenceItem.claim_id.in_(batch))
        found = _read(
            session,
            Claim.id.in_(batch),
            claim_topics.c.claim_id.in_(batch),
            Study.id.in_(studies),
            StudySpecies.study_id.in_(studies),
            EvidenceItem.claim_id.in_(batch),
            claim_summaries.c.claim_id.in_(batch),
        )
        sets = sets.replaced(BitMap(), found)
    return sets


_CLAIMS = select(
    Claim.id,
    plain(Claim.review_state),
    plain(Claim.evidence_level),
    level_state(),
    plain(Claim.conclusion),
    plain(Claim.kind),
    plain(Claim.status),
).where(is_not_merged(Claim))
_BROADER, _BROADEST = aliased(Topic), aliased(Topic)
_TOPICS = (
    select(claim_topics.c.claim_id, Topic.slug, _BROADER.slug, _BROADEST.slug)
    .join(Topic, Topic.id == claim_topics.c.topic_id)
    .outerjoin(_BROADER, _BROADER.id == Topic.parent_id)
    .outerjoin(_BROADEST, _BROADEST.id == _BROADER.parent_id)
)
_STUDIES = select(Study.id, plain(Study.design), plain(Study.standing), Study.year)
_SPECIES = select(StudySpecies.study_id, plain(StudySpecies.species)).order_by(
    StudySpecies.study_id, StudySpecies.species
)
_EVIDENCE = select(
    EvidenceItem.claim_id,
    EvidenceItem.study_id,
    plain(EvidenceItem.direction),
    plain(EvidenceItem.review_state),
).where(is_listed(EvidenceItem))
_ONE_GROUP = select(claim_summaries.c.claim_id).where(claim_summaries.c.n_groups == 1)


def _read(
    session: Session,
    of_claims: ColumnElement[bool],
    of_topics: ColumnElement[bool],
    of_studies: ColumnElement[bool],
    of_species: ColumnElement[bool],
    of_evidence: ColumnElement[bool],
    of_summaries: ColumnElement[bool],
) -> Sets:
    groups: dict[tuple[str | None, ...], array[int]] = defaultdict(_numbers)
    for row in _rows(session, _CLAIMS.where(of_claims)):
        groups[tuple(row[1:])].append(row[0])
    values: dict[Value, array[int]] = defaultdict(_numbers)
    for group, numbers in groups.items():
        for facet, value in zip(OWN_FACETS, group, strict=True):
            values[Value(facet, value)].extend(numbers)
    for number, *slugs in _rows(session, _TOPICS.where(of_topics)):
        for slug in slugs:
            if slug is not None:
                values[Value("topic", slug)].append(number)
    studies = _profiles_of_studies(session, of_studies, of_species)
    short: dict[_OfStudy, int] = {}
    place = {study: short.setdefault(profile, len(short)) for study, profile in studies.items()}
    items: dict[tuple[str, str, int], array[int]] = defaultdict(_numbers)
    for number, study, direction, state in _rows(session, _EVIDENCE.where(of_evidence)):
        items[state, direction, place[study]].append(number)
    of_study = list(short)
    profiles: dict[Profile, array[int]] = defaultdict(_numbers)
    for (state, direction, study), numbers in items.items():
        profiles[Profile(direction, *of_study[study])].extend(numbers)
        values[HAS_EVIDENCE].extend(numbers)
        if state == ReviewState.ACCEPTED:
            values[HAS_ACCEPTED].extend(numbers)
        design, species, *_ = of_study[study]
        if is_in_people(design, species):
            values[HAS_HUMAN].extend(numbers)
    values[HAS_ONE_GROUP].extend(row[0] for row in _rows(session, _ONE_GROUP.where(of_summaries)))
    return Sets(
        {value: BitMap(numbers) for value, numbers in values.items() if numbers},
        {profile: BitMap(numbers) for profile, numbers in profiles.items()},
    )


_OfStudy = tuple[str | None, tuple[str, ...], str, int | None]
"""The part of a profile that belongs to the study: design, species, standing and year."""


def _profiles_of_studies(
    session: Session, of_studies: ColumnElement[bool], of_species: ColumnElement[bool]
) -> Mapping[int, _OfStudy]:
    species: dict[int, tuple[str, ...]] = {}
    for study, one in _rows(session, _SPECIES.where(of_species)):
        species[study] = (*species.get(study, ()), one)
    return {
        study: (design, species.get(study, ()), standing, year)
        for study, design, standing, year in _rows(session, _STUDIES.where(of_studies))
    }


def _numbers() -> "array[int]":
    return array("I")


def _rows(session: Session, query: Any) -> Iterable[Any]:
    """Return the rows as they come, a part at a time; by the connection, since the session would make more of them."""
    return session.connection().execute(
        query, execution_options={"stream_results": True, "max_row_buffer": _AT_ONCE}
    )
