"""Where a search matched what an entry of a list does not show: the place, and the text around the match."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import EvidenceItem
from claims_app.models.search_index import texts_of_claims, texts_of_studies
from claims_app.rules.search.documents import part_of
from claims_app.rules.search.marking import Piece, excerpt
from claims_app.rules.search.query import SearchQuery, parse
from claims_app.services.core.filters import is_listed

_MOST_STUDIES = 200
"""How many studies of the claims on a page are read for a match."""

_SHOWN_OF_STUDY = frozenset({"Title", "Authors", "Journal", "Year"})


class Excerpt(NamedTuple):
    """The name of a place, such as “Limitation”, and its text around what matched, in pieces."""

    place: str
    pieces: tuple[Piece, ...]


def excerpts_of_claims(session: Session, numbers: Sequence[int], words: str | None) -> Mapping[int, Excerpt]:
    """Return an excerpt for each of the claims that match `words` outside of their statement."""
    query = _query(session, words)
    if query is None or not numbers:
        return {}
    found: dict[int, Excerpt] = {}
    missing: dict[int, SearchQuery] = {}
    for number, (statement, others) in texts_of_claims(session, numbers).items():
        rest = _beyond(query, (text for _, text in statement))
        if not rest.terms:
            continue
        if first := _first(others, rest):
            found[number] = first
        else:
            missing[number] = rest
    return found | _of_studies(session, missing)


def excerpts_of_studies(session: Session, numbers: Sequence[int], words: str | None) -> Mapping[int, Excerpt]:
    """Return an excerpt for each of the studies that match `words` outside of what its entry shows."""
    query = _query(session, words)
    if query is None or not numbers:
        return {}
    found: dict[int, Excerpt] = {}
    for number, (texts,) in texts_of_studies(session, numbers).items():
        rest = _beyond(query, (text for place, text in texts if place in _SHOWN_OF_STUDY))
        hidden = [(place, text) for place, text in texts if place not in _SHOWN_OF_STUDY]
        if rest.terms and (first := _first(hidden, rest)):
            found[number] = first
    return found


def _query(session: Session, words: str | None) -> SearchQuery | None:
    """Return what is sought; None for a list without words, and as of the past, which has no index."""
    return None if not words or is_past(session) else parse(words)


def _of_studies(session: Session, missing: Mapping[int, SearchQuery]) -> dict[int, Excerpt]:
    if not missing:
        return {}
    studies: dict[int, list[int]] = defaultdict(list)
    links = select(EvidenceItem.claim_id, EvidenceItem.study_id).where(
        EvidenceItem.claim_id.in_(list(missing)), is_listed(EvidenceItem)
    )
    for claim, study in session.execute(links.order_by(EvidenceItem.id).limit(_MOST_STUDIES)):
        studies[claim].append(study)
    texts = texts_of_studies(session, list({study for linked in studies.values() for study in linked}))
    found: dict[int, Excerpt] = {}
    for claim, linked in studies.items():
        of_all = [("Study", text) for study in linked if study in texts for _, text in texts[study][0]]
        if first := _first(of_all, missing[claim]):
            found[claim] = first
    return found


def _beyond(query: SearchQuery, texts: Iterable[str]) -> SearchQuery:
    """Return the query with the terms only that `texts` do not have."""
    part = part_of(texts)
    return SearchQuery(tuple(term for term in query.terms if not any(map(part.has, term.ways))))


def _first(texts: Iterable[tuple[str, str]], query: SearchQuery) -> Excerpt | None:
    """Return the excerpt of the first text that has a term of `query`."""
    found = ((place, excerpt(text, query)) for place, text in texts)
    return next((Excerpt(place, tuple(pieces)) for place, pieces in found if pieces is not None), None)
