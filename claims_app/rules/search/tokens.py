"""Words of a text as they are indexed and searched, the same for each database.

A text is folded (case, accents, compatibility forms), split into words, and each word is reduced to its stem. In
scripts that are written without spaces, each character is a word. A hyphenated word such as “IL-6” is two words, “il”
and “6”; it is also known in one piece, “il6”, so that either spelling finds the other.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from claims_app.rules.text import folded as folded_slowly
from claims_app.rules.words import stem

LONGEST = 60
"""Characters of a word that count."""

# Thai, Lao, Tibetan, Burmese, parts of Korean syllables, Khmer, kana, Bopomofo and ideographs.
_UNSPACED = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\ud7b0-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = re.compile(rf"(?=[^\W_])[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_HYPHENS = "-\N{HYPHEN}\N{EN DASH}\N{MINUS SIGN}"
_HYPHENATED = re.compile(
    rf"[^\W_{_UNSPACED}]{{1,20}}(?:[{_HYPHENS}][^\W_{_UNSPACED}]{{1,20}}){{1,3}}(?![^\W_])"
)


_DIGITS = frozenset("0123456789")
_SINGULAR = {
    "analyses": "analysis",
    "bacteria": "bacterium",
    "children": "child",
    "criteria": "criterion",
    "crises": "crisis",
    "diagnoses": "diagnosis",
    "feet": "foot",
    "fungi": "fungus",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lice": "louse",
    "men": "man",
    "metastases": "metastasis",
    "mice": "mouse",
    "mitochondria": "mitochondrion",
    "phenomena": "phenomenon",
    "prognoses": "prognosis",
    "stimuli": "stimulus",
    "syntheses": "synthesis",
    "teeth": "tooth",
    "vertebrae": "vertebra",
    "women": "woman",
}
"""Plurals that the stemmer does not know."""


@functools.lru_cache(maxsize=50_000)
def search_stem(word: str) -> str:
    """Return the stem of a folded word, the same for its plural."""
    if word[-1:] in _DIGITS:
        return word  # No ending is taken from it, and the words with digits are too many to remember.
    return stem(_SINGULAR.get(word, word))


class _Folding(dict[int, str]):
    """How each character is folded, worked out when it is first met: that depends on no other character."""

    def __missing__(self, number: int) -> str:
        self[number] = found = folded_slowly(chr(number))
        return found


_FOLDING = _Folding()
_RUN = re.compile(r"[\0-\x7f]+|[^\0-\x7f]+")


def folded(text: str) -> str:
    """Return the same as `rules.text.folded`, fast."""
    if text.isascii():
        return text.lower()
    runs: list[str] = _RUN.findall(text)
    return "".join([run.lower() if run.isascii() else run.translate(_FOLDING) for run in runs])


def words(text: str) -> list[str]:
    """Return the words of `text`, folded."""
    return words_of_folded(folded(text))


def words_of_folded(plain: str) -> list[str]:
    """Return the words of a text that is folded already."""
    found: list[str] = (_ASCII_WORD if plain.isascii() else _WORD).findall(plain)
    return [word[:LONGEST] for word in found]


def in_one_piece(plain: str) -> Iterator[str]:
    """Yield the hyphenated words of a folded text without their hyphens."""
    if any(hyphen in plain for hyphen in _HYPHENS):
        for piece in plain.split():
            # Most pieces have no hyphen, and the pattern tries every letter of them.
            if not piece.isalnum():
                for match in _HYPHENATED.finditer(piece):
                    yield "".join(_WORD.findall(match[0]))[:LONGEST]


def is_hyphen(text: str) -> bool:
    """Return whether `text` is a hyphen, in any of its forms."""
    return len(text) == 1 and folded(text) in _HYPHENS


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, folded, its stem, and its place in the text."""

    form: str
    stem: str
    start: int
    end: int


def placed_words(text: str) -> list[Word]:
    """Return the words of `text` with their places."""
    if text.isascii():
        plain, places = text.lower(), list(range(len(text) + 1))
    else:
        pieces = [_FOLDING[ord(character)] for character in text]
        plain = "".join(pieces)
        places = [at for at, piece in enumerate(pieces) for _ in piece]
    return [
        Word(
            form := match[0][:LONGEST],
            search_stem(form),
            places[match.start()],
            _end(text, places[match.end() - 1] + 1),
        )
        for match in _WORD.finditer(plain)
    ]


def _end(text: str, end: int) -> int:
    """Return where a word ends with the accents that follow its last letter."""
    while end < len(text) and not text[end].isascii() and not _FOLDING[ord(text[end])]:
        end += 1
    return end
