"""The passages of a study's stored texts that somebody who quotes the study may look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from claims_app.models import Claim, Study, StudyText
from claims_app.rules.extraction import Sentence, sentences, suggest
from claims_app.rules.ranking import terms

WHOLE = 6_000
"""A text of up to so many characters, such as an abstract, is cut into all its sentences."""

MOST = 15
"""Sentences of a longer text that are chosen from it."""


@dataclass(frozen=True)
class Passages:
    """Sentences of a text: all of them, or those that have most to do with what is looked for."""

    text: StudyText
    sentences: Sequence[Sentence]
    among: int

    @property
    def is_whole(self) -> bool:
        """Whether these are all sentences of the text."""
        return len(self.sentences) == self.among


def passages(session: Session, study: Study, claim: Claim, words: str = "") -> list[Passages]:
    """Return sentences of the stored texts of `study`, with what they suggest.

    Of a long text they are those with most of `words`, or, without any, with most words of the claim.
    """
    stored = (
        select(StudyText)
        .where(StudyText.study_id == study.id, StudyText.content.is_not(None))
        .options(undefer(StudyText.content))
        .order_by(StudyText.length, StudyText.id)
    )
    about = filter(None, (claim.statement, claim.population, claim.exposure, claim.outcome))
    wanted = set(terms(words) or terms(" ".join(about)))
    found = []
    for text in session.scalars(stored):
        content = text.content or ""
        spans = list(sentences(content))
        chosen = spans if text.length <= WHOLE else _closest(content, spans, wanted)
        found.append(Passages(text, suggest(content, chosen), len(spans)))
    return found


def _closest(content: str, spans: list[tuple[int, int]], wanted: set[str]) -> list[tuple[int, int]]:
    scored = [(len(wanted & set(terms(content[start:end]))), start, end) for start, end in spans]
    best = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], one[1]))[:MOST]
    return sorted((start, end) for _, start, end in best)
