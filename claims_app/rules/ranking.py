"""How likely a paper is about a claim: by the words that the claim shares with the paper's title and abstract.

Okapi BM25 (Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond”, 2009, 3.4) with the
claim as the document and the paper as the query: a word counts more the fewer claims have it, a word that the
paper repeats counts a little more, and a long claim is not preferred for being long. It is computed here and not
in the database, so that it is the same on SQLite and PostgreSQL.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from claims_app.rules.words import plain, words

K1, B, K3 = 1.2, 0.75, 8.0
USUAL_LENGTH = 15
"""How many words a claim usually has. It is fixed, so that a score does not change with other claims."""

LONGEST_WORD = 40
TITLE_COUNTS = 2
"""As how many a word of the title counts."""

_TELL_NOTHING = """
a about after all also among an and are as at be been before between both but by can could did do does during
each for from had has have having how however if in into is it its may might more most no nor not of on or our
other over same several should since so some such than that the their them then there these they this those
through to under up use used using very was we were what when where whether which while who with within without
would aim aims background conclusion conclusions method methods objective objectives purpose result results"""
STOP_WORDS = frozenset(_TELL_NOTHING.split())

_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Ranked:
    """A claim by its number, with its score and the words that it shares, the most telling first."""

    number: int
    score: float
    shared: tuple[str, ...]


def stem(word: str) -> str:
    """Return an English `word` without the s of its plural (Harman, “How effective is suffixing?”, 1991)."""
    if len(word) > 4 and word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and word[-2] not in "us":
        return word[:-1]
    return word


def terms(text: str) -> list[str]:
    """Return the words of `text` that tell something, without their plural; numbers tell nothing."""
    return [
        stem(word)[:LONGEST_WORD]
        for word in words(text)
        if len(word) > 1 and not word.isdigit() and word not in STOP_WORDS
    ]


def terms_of_paper(title: str, abstract: str) -> Counter[str]:
    """Return how often each word stands in a paper."""
    counted = Counter(terms(abstract))
    for term in terms(title):
        counted[term] += TITLE_COUNTS
    return counted


def rarity(frequency: int, total: int) -> float:
    """Return how much a word tells that `frequency` of `total` claims have; it is more than nothing."""
    return math.log(1 + (max(total - frequency, 0) + 0.5) / (frequency + 0.5))


def rank(
    paper: Mapping[str, int],
    claims: Mapping[int, Sequence[str]],
    frequencies: Mapping[str, int],
    total: int,
    limit: int = 5,
) -> list[Ranked]:
    """Return the claims that share words with `paper`, the likeliest first, at most `limit`.

    `claims` has the words of each claim by its number, `frequencies` how many claims have a word, of `total`.
    Of two that are as likely the older one is first.
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
    """Return `text` in pieces, with whether each is one of the `wanted` words; joined, they are `text` again."""
    among = frozenset(wanted)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in _TOKEN.finditer(text):
        if stem(plain(match.group()))[:LONGEST_WORD] in among:
            if match.start() > at:
                pieces.append((text[at : match.start()], False))
            pieces.append((match.group(), True))
            at = match.end()
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces
