"""What a search matched in a text, for marking it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from claims_app.rules.search.query import FORM, SearchQuery, Sought
from claims_app.rules.search.tokens import Word, is_hyphen, placed_words

AROUND = 60
"""Characters before the first match in an excerpt."""

EXCERPT = 200
"""Characters of an excerpt."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether a search matched it."""

    text: str
    is_match: bool = False


def marked(text: str, query: SearchQuery) -> list[Piece]:
    """Return `text` in pieces; they add up to it. Neighbouring words that match are one piece each."""
    pieces: list[Piece] = []
    at = 0
    for start, end in _matches(text, query):
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[max(start, at) : end], True))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces


def excerpt(text: str, query: SearchQuery) -> list[Piece] | None:
    """Return the part of `text` around its first match in pieces, in at most about EXCERPT characters, or None."""
    first = next(iter(_matches(text, query)), None)
    if first is None:
        return None
    begin = 0 if first[0] <= AROUND else text.find(" ", first[0] - AROUND, first[0]) + 1 or first[0]
    end = len(text)
    if end - begin > EXCERPT:
        limit = max(begin + EXCERPT, first[1])
        cut = text.rfind(" ", first[1], limit)
        end = cut if cut > 0 else limit
    pieces = marked(text[begin:end], query)
    if begin:
        pieces.insert(0, Piece("…"))
    if end < len(text):
        pieces.append(Piece("…"))
    return pieces


def _matches(text: str, query: SearchQuery) -> list[tuple[int, int]]:
    """Return the places of what matches in `text`, in their order; they do not overlap."""
    words = placed_words(text)
    found: set[int] = set()
    together: set[int] = set()
    for term in query.terms:
        for sought in term.ways:
            for at in _places(words, sought):
                found.update(range(at, at + len(sought.words)))
                together.update(range(at + 1, at + len(sought.words)))
        for first, after in _in_pieces(text, words, term.ways):
            found.update(range(first, after))
            together.update(range(first + 1, after))
    places: list[tuple[int, int]] = []
    for at in sorted(found):
        word = words[at]
        if places and (at in together or word.start < places[-1][1]):
            places[-1] = (places[-1][0], max(places[-1][1], word.end))
        else:
            places.append((word.start, word.end))
    return places


def _places(words: list[Word], sought: Sought) -> Iterator[int]:
    """Yield the first word of each place where the words that are sought follow each other."""
    *before, last = sought.words
    size = len(sought.words)
    for at in range(len(words) - size + 1):
        final = words[at + size - 1]
        name = FORM + final.form if last.startswith(FORM) else final.stem
        agrees = name.startswith(last) if sought.is_beginning else name == last
        if agrees and all(words[at + n].stem == word for n, word in enumerate(before)):
            yield at


def _in_pieces(text: str, words: list[Word], ways: Iterable[Sought]) -> Iterator[tuple[int, int]]:
    """Yield the first word and the one after the last of hyphenated words that were sought in one piece, as “IL6”."""
    pieces = [way for way in ways if len(way.words) == 1 and way.words[0].startswith(FORM)]
    for sought, is_beginning in ((way.words[0].removeprefix(FORM), way.is_beginning) for way in pieces):
        for at in range(len(words)):
            joined, after = words[at].form, at + 1
            while (
                sought.startswith(joined)
                and after < len(words)
                and is_hyphen(text[words[after - 1].end : words[after].start])
            ):
                joined, after = joined + words[after].form, after + 1
            if after > at + 1 and (joined.startswith(sought) if is_beginning else joined == sought):
                yield at, after
