"""What matches a text that was typed: numbers of records, best first, the same on both databases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise

from pyroaring import BitMap
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Study
from claims_app.models.search_index import KINDS, Kind, parts_of, queued
from claims_app.rules.search.documents import Part
from claims_app.rules.search.query import SearchQuery, Term, parse
from claims_app.services.memory.remembering import Remembering
from claims_app.services.search import engines
from claims_app.vocabulary import ReviewState

Tiers = Sequence[BitMap]
"""Numbers of records, best match first; each number is in one tier."""

READ_WHOLE = 500
"""How many records that wait to be indexed are read themselves."""

_REMEMBERED = 300
"""How many sets of numbers are remembered."""


def matching_claims(session: Session, text: str) -> Tiers:
    """Return the claims that match `text`. They may be merged or rejected.

    The tiers: the words one after the other in the statement; all of them in the statement; in the claim's own texts;
    in these and in its studies. Each word may be in either, the words of a phrase are in one. If only exclusions are
    typed, the first tier has all other numbers up to the highest; without a word, nothing matches.
    """
    query = parse(text)
    look = _Look(session)
    if not query:
        return [BitMap() for _ in range(4)]
    if not query.terms:
        return [
            _all_numbers(session, Claim) - _any_of(look.claims_with, query.without),
            *map(BitMap, ((), (), ())),
        ]
    whole = _all_of(look.claims_with, query.terms) - _any_of(look.claims_with, query.without)
    statement = whole & _all_of(look.statements, query.terms)
    own = whole & _all_of(look.own, query.terms)
    return _tiers(_in_order(look.statements, query, statement), statement, own, whole)


def matching_studies(session: Session, text: str) -> Tiers:
    """Return the studies that match `text`, as `matching_claims` does.

    The tiers: the words one after the other; all of them.
    """
    query = parse(text)
    look = _Look(session)
    if not query:
        return [BitMap(), BitMap()]
    if not query.terms:
        return [_all_numbers(session, Study) - _any_of(look.studies, query.without), BitMap()]
    whole = _all_of(look.studies, query.terms) - _any_of(look.studies, query.without)
    return _tiers(_in_order(look.studies, query, whole), whole)


def _in_order(having: Callable[[Term], BitMap], query: SearchQuery, among: BitMap) -> BitMap:
    return among & having(query.in_order) if query.in_order and among else BitMap()


def _tiers(*widening: BitMap) -> Tiers:
    """Return sets of which each has the one before, without what those before have."""
    return [widening[0], *(wider - narrower for narrower, wider in pairwise(widening))]


def _all_of(having: Callable[[Term], BitMap], terms: Sequence[Term]) -> BitMap:
    return reduce(BitMap.__and__, map(having, terms))


def _any_of(having: Callable[[Term], BitMap], terms: Sequence[Term]) -> BitMap:
    return BitMap().union(*map(having, terms)) if terms else BitMap()


def _all_numbers(session: Session, model: type[Claim] | type[Study]) -> BitMap:
    return BitMap(range(1, (session.scalar(select(func.max(model.id))) or 0) + 1))


@dataclass
class _Look:
    """Finds the records that have a term, in the state of the data that a session sees."""

    session: Session

    def statements(self, term: Term) -> BitMap:
        return self._having("claim", "statement", 0, term)

    def own(self, term: Term) -> BitMap:
        return self.statements(term) | self._having("claim", "own", 1, term)

    def claims_with(self, term: Term) -> BitMap:
        return self.own(term) | self._with_studies(term)

    def studies(self, term: Term) -> BitMap:
        return self._having("study", "words", 0, term)

    def _having(self, kind: Kind, column: str, part: int, term: Term) -> BitMap:
        found = self._remembered(
            f"{kind}.{column}", term, lambda: engines.having(self.session, kind, column, term)
        )
        return (found - self._queued(kind)) | self._among_queued(kind, part, term)

    def _with_studies(self, term: Term) -> BitMap:
        if not self._queued("study"):
            return self._remembered(
                "claim.studies", term, lambda: engines.with_studies_having(self.session, term)
            )
        linked = select(EvidenceItem.claim_id).where(
            EvidenceItem.study_id.in_(list(self.studies(term))),
            EvidenceItem.review_state != ReviewState.REJECTED,
        )
        return BitMap(self.session.scalars(linked))

    def _remembered(self, place: str, term: Term, find: Callable[[], BitMap]) -> BitMap:
        return self._memory.answer((place, term), find)

    @cached_property
    def _memory(self) -> Remembering:
        return Remembering(self.session, "search", _REMEMBERED)

    @cached_property
    def _waiting(self) -> dict[str, list[int]]:
        return queued(self.session, READ_WHOLE)

    @cached_property
    def _read(self) -> dict[Kind, dict[int, Sequence[Part]]]:
        return {
            kind: parts_of(self.session, kind, self._waiting[kind]) if self._waiting[kind] else {}
            for kind in KINDS
        }

    def _queued(self, kind: Kind) -> BitMap:
        return BitMap(self._waiting[kind])

    def _among_queued(self, kind: Kind, part: int, term: Term) -> BitMap:
        return BitMap(
            number
            for number, parts in self._read[kind].items()
            if any(parts[part].has(way) for way in term.ways)
        )
