"""How likely a paper is to be about a claim, from the words that its title and abstract share with the claim.

The score is Okapi BM25 (Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond”, 2009,
section 3.4), with the claim as the document and the paper as the query. Rare words count more, words that the paper
repeats count a little more, and long claims have no advantage. It is computed here and not in the database, so that
SQLite and PostgreSQL give the same scores.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from claims_app.rules.text import plain
from claims_app.rules.words import WORD, stem, words

K1, B, K3 = 1.2, 0.75, 8.0
USUAL_LENGTH = 15
"""Typical number of words in a claim. It is a constant, so that a score does not depend on other claims."""

LONGEST_WORD = 40
TITLE_COUNTS = 2
"""Weight of a word in the title; a word in the abstract has weight 1."""

_STOP_WORDS = """
a about after all also among an and are as at be been before between both but by can could did do does during
each for from had has have having how however if in into is it its may might more most no nor not of on or our
other over same several should since so some such than that the their them then there these they this those
through to under up use used using very was we were what when where whether which while who with within without
would aim aims background conclusion conclusions method methods objective objectives purpose result results"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Ranked:
    """The number of a claim, its score, and the words it shares with the paper, the most important first."""

    number: int
    score: float
    shared: tuple[str, ...]


def terms(text: str) -> list[str]:
    """Return the stems of the words of `text`, without numbers, single letters and stop words."""
    return [
        _term(word) for word in words(text) if len(word) > 1 and not word.isdigit() and word not in STOP_WORDS
    ]


def terms_of_paper(title: str, abstract: str) -> Counter[str]:
    """Return how often each word occurs in a paper; a word in the title counts `TITLE_COUNTS` times."""
    counted = Counter(terms(abstract))
    for term in terms(title):
        counted[term] += TITLE_COUNTS
    return counted


def rarity(frequency: int, total: int) -> float:
    """Return the weight of a word that `frequency` of `total` claims have. It is always above 0."""
    return math.log(1 + (max(total - frequency, 0) + 0.5) / (frequency + 0.5))


def rank(
    paper: Mapping[str, int],
    claims: Mapping[int, Sequence[str]],
    frequencies: Mapping[str, int],
    total: int,
    limit: int = 5,
) -> list[Ranked]:
    """Return up to `limit` claims that share words with `paper`, the most likely first.

    `claims` holds the words of each claim by its number; `frequencies` holds how many of `total` claims have a
    word. Claims with equal scores are sorted by number.
    """
    found = []
    for number, claim_terms in claims.items():
        counted = Counter(claim_terms)
        norm = K1 * (1 - B + B * len(claim_terms) / USUAL_LENGTH)
        scores = {
            term: rarity(frequencies.get(term, 1), total)
            * (count * (K1 + 1) / (count + norm))
            * (paper[term] * (K3 + 1) / (paper[term] + K3))
            for term, count in counted.items()
            if paper.get(term, 0) > 0
        }
        if scores:
            shared = sorted(scores, key=lambda term: (-scores[term], term))
            found.append(Ranked(number, math.fsum(scores.values()), tuple(shared)))
    found.sort(key=lambda ranked: (-ranked.score, ranked.number))
    return found[:limit]


def marked(text: str, wanted: Iterable[str]) -> list[tuple[str, bool]]:
    """Split `text` into pieces and say which are `wanted` words, in any form. The pieces add up to `text`."""
    among = frozenset(wanted)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in WORD.finditer(text):
        if _term(plain(match.group())) in among:
            if match.start() > at:
                pieces.append((text[at : match.start()], False))
            pieces.append((match.group(), True))
            at = match.end()
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces


def _term(word: str) -> str:
    return stem(word)[:LONGEST_WORD]
