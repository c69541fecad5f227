"""Documents: what a record is found by, as words in their order.

The databases hold documents as lists of words that neither of them changes, so that both find the same. A part of a
document has the stems of its words in their order, and beside them, in no order, the forms in which they occur if these
differ: a search for the beginning of a word needs them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.rules.search.query import FORM, Sought
from claims_app.rules.search.tokens import folded, in_one_piece, search_stem, words_of_folded

GAP = "¶"
"""Stands between two texts, so that no phrase begins in one and ends in the other."""

MOST_WORDS = 16_000
"""Words of a part that are indexed; PostgreSQL knows 16,383 places in a document."""

MOST_PLACES = 255
"""Places of one word that are indexed; PostgreSQL keeps no more."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document: stems in their order, with gaps, and forms."""

    stems: tuple[str, ...] = ()
    forms: frozenset[str] = frozenset()

    def has(self, sought: Sought) -> bool:
        """Return whether the words that are sought are in it, one after the other."""
        *before, last = sought.words
        size = len(sought.words)
        if size == 1 and last.startswith(FORM):
            return any(_agrees(form, last, sought.is_beginning) for form in self.forms)
        return any(
            list(self.stems[at : at + size - 1]) == before
            and _agrees(self.stems[at + size - 1], last, sought.is_beginning)
            for at in range(len(self.stems) - size + 1)
        )

    @property
    def as_text(self) -> str:
        """The part for SQLite: its words, with blanks between them."""
        return " ".join((*self.stems, *([GAP] if self.forms else ()), *sorted(self.forms)))

    @property
    def as_vector(self) -> str:
        """The part for PostgreSQL: the text of a tsvector."""
        places: dict[str, list[str]] = {}
        for place, word in enumerate(self.stems, 1):
            if word != GAP:
                places.setdefault(word, []).append(str(place))
        in_order = [f"'{word}':{','.join(at)}" for word, at in places.items()]
        return " ".join([*in_order, *(f"'{form}'" for form in sorted(self.forms))])


def part_of(texts: Iterable[str | None]) -> Part:
    """Return the part that has these texts."""
    stems: list[str] = []
    forms: set[str] = set()
    for text in filter(None, texts):
        plain = folded(text)
        found = words_of_folded(plain)
        stems_of_text = list(map(search_stem, found))
        if stems:
            stems.append(GAP)
        stems += stems_of_text
        forms.update(
            [FORM + word for word, its_stem in zip(found, stems_of_text, strict=True) if its_stem != word]
        )
        forms.update(FORM + whole for whole in in_one_piece(plain))
        if len(stems) > MOST_WORDS:
            del stems[MOST_WORDS:]
            break
    if len(stems) > MOST_PLACES:
        stems = _with_fewer_places(stems)
    return Part(tuple(stems), frozenset(forms))


def _with_fewer_places(stems: Iterable[str]) -> list[str]:
    """Return `stems` with a gap in each place in which a word is no longer indexed."""
    seen: Counter[str] = Counter()
    kept = []
    for its_stem in stems:
        seen[its_stem] += 1
        kept.append(its_stem if seen[its_stem] <= MOST_PLACES else GAP)
    return kept


def _agrees(word: str, sought: str, is_beginning: bool) -> bool:
    return word.startswith(sought) if is_beginning else word == sought
