"""Selects passages from the stored texts of a study, for users who quote the study."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from claims_app.models import Claim, Study, StudyText
from claims_app.rules.extraction import Sentence, sentences, suggest
from claims_app.rules.ranking import terms

WHOLE = 6_000
"""The number of characters up to which all sentences of a text, such as an abstract, are shown."""

MOST = 15
"""The number of sentences selected from a longer text."""


@dataclass(frozen=True)
class Passages:
    """Sentences of a text: all of them, or the most relevant ones; `among` is how many the text has."""

    text: StudyText
    sentences: Sequence[Sentence]
    among: int

    @property
    def is_whole(self) -> bool:
        """Whether all sentences of the text are included."""
        return len(self.sentences) == self.among


def passages(session: Session, study: Study, claim: Claim, words: str = "") -> list[Passages]:
    """Return sentences of the stored texts of `study`, with the form values that they suggest.

    From a long text, select the sentences that share most words with `words`, or with the claim if these are empty.
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
