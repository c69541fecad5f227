"""What people type into a search box: words, "phrases", -exclusions and beginnings* of words.

Anything else is plain text: no sign and no word of a database's query language has a meaning.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from claims_app.rules.search.tokens import folded, in_one_piece, search_stem, words

FORM = "·"
"""Precedes the form in which a word occurs, to tell it from stems."""

SHORTEST_BEGINNING = 2
"""Letters that a beginning needs; a shorter one is a word."""

LEFT_OUT = frozenset(
    ["an", "and", "are", "by", "for", "from", "in", "is", "of", "on", "that", "the", "to", "with"]
)
"""Words that nearly every text has. They count in phrases only, or if nothing else is typed."""

_QUOTES = '"“”„‟«»'
_PIECE = re.compile(
    rf"(?P<minus>(?<!\S)-)?(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]|(?P<word>[^\s{_QUOTES}]+))"
)


@dataclass(frozen=True, slots=True)
class Sought:
    """Words that follow each other, as they are indexed; with `is_beginning`, the last one is the start of a word."""

    words: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase or beginning that was typed: each of the ways in which a text may have it."""

    ways: tuple[Sought, ...]

    @property
    def stems(self) -> tuple[str, ...] | None:
        """Its stems in their order; None for a beginning."""
        return None if self.ways[0].is_beginning else self.ways[0].words


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was typed: all of `terms`, and none of `without`."""

    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    in_order: Term | None = None
    """All words in the order in which they were typed, with those that are left out; None if one is a beginning."""

    def __bool__(self) -> bool:
        return bool(self.terms or self.without)


@lru_cache(maxsize=1000)
def parse(text: str) -> SearchQuery:
    """Return what `text` searches for. Without a letter or digit, that is nothing, and the query is false."""
    terms: dict[Term, None] = {}
    common: dict[Term, None] = {}
    without: dict[Term, None] = {}
    in_order: list[str] | None = []
    for piece in _PIECE.finditer(text):
        term = _phrase(piece["phrase"]) if piece["phrase"] is not None else _word(piece["word"])
        if term is None:
            continue
        if piece["minus"]:
            without[term] = None
            continue
        if in_order is not None:
            in_order = None if term.stems is None else [*in_order, *term.stems]
        is_common = piece["word"] is not None and piece["word"].lower() in LEFT_OUT
        (common if is_common else terms)[term] = None
    phrase = Term((Sought(tuple(in_order)),)) if in_order else None
    return SearchQuery(tuple(terms or common), tuple(without), phrase)


def _phrase(text: str) -> Term | None:
    stems = tuple(search_stem(word) for word in words(text))
    return Term((Sought(stems),)) if len(stems) > 1 else _word(text) if stems else None


def _word(text: str) -> Term | None:
    """Return the term for the text between blanks; several words in it, as in “IL-6”, follow each other."""
    typed = words(text)
    if not typed:
        return None
    is_beginning = text.endswith("*") and len(typed[-1]) >= SHORTEST_BEGINNING
    whole = {typed[0]} if len(typed) == 1 else set(in_one_piece(folded(text.rstrip("*"))))
    if is_beginning:
        first = Sought((*(search_stem(word) for word in typed[:-1]), typed[-1]), True)
        others = [Sought((FORM + one,), True) for one in sorted(whole)]
        if len(typed) == 1 and SHORTEST_BEGINNING < len(search_stem(typed[0])) < len(typed[0]):
            others.append(Sought((search_stem(typed[0]),), True))
    else:
        first = Sought(tuple(search_stem(word) for word in typed))
        others = [Sought((FORM + one,)) for one in sorted(whole)]
        if len(typed) > 1:
            others += [Sought((search_stem(one),)) for one in sorted(whole)]
    return Term((first, *others))
