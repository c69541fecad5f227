"""The standing of a paper after all notices about it."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.vocabulary import NoticeNature, Standing

TAKEN_BACK = frozenset(standing for standing in Standing if not standing.counts)
"""The standings of studies whose results are not counted."""

_REPLACED = "retract and replace"
_STANDINGS = {
    NoticeNature.RETRACTION: Standing.RETRACTED,
    NoticeNature.CORRECTION: Standing.CORRECTED,
    NoticeNature.EXPRESSION_OF_CONCERN: Standing.EXPRESSION_OF_CONCERN,
    NoticeNature.REINSTATEMENT: Standing.REINSTATED,
}
_NEVER = datetime.date.min


@dataclass(frozen=True)
class Notice:
    """A notice about a paper. `number` is assigned by Retraction Watch; `doi` and `pmid` are those of the notice."""

    number: int
    nature: NoticeNature
    on: datetime.date | None = None
    doi: str | None = None
    pmid: str | None = None
    reasons: str = ""
    original_doi: str | None = None
    original_pmid: str | None = None
    title: str = ""


@dataclass(frozen=True)
class NoticeOutcome:
    """The standing of a paper, and the notice that decides it."""

    standing: Standing
    notice: Notice

    @property
    def is_taken_back(self) -> bool:
        """Whether the results of the paper are not counted."""
        return self.standing in TAKEN_BACK

    @property
    def sentence(self) -> str:
        """A description of the notice for people."""
        on = f" of {self.notice.on.isoformat()}" if self.notice.on else ""
        reasons = f": {self.notice.reasons}" if self.notice.reasons else ""
        return f"{self.notice.nature.label}{on} (Retraction Watch, record {self.notice.number}){reasons}."

    def says(self, standing: Standing) -> bool:
        """Whether a study with this `standing` needs no change; the exact kind of retraction is left to curators."""
        return standing is self.standing or (standing in TAKEN_BACK and self.is_taken_back)


def verdict(notices: Iterable[Notice]) -> NoticeOutcome | None:
    """Return the outcome of all `notices` about one paper, or None if there are none.

    The newest notice decides, with one exception: only a reinstatement reverses a retraction. A correction of a
    retracted paper or of its notice, or a later expression of concern, leaves it retracted. Notices without a
    date come first.
    """
    decided: NoticeOutcome | None = None
    for notice in sorted(notices, key=lambda notice: (notice.on or _NEVER, notice.number)):
        if notice.nature is NoticeNature.RETRACTION:
            replaced = _REPLACED in notice.reasons.lower()
            decided = NoticeOutcome(
                Standing.RETRACTED_AND_REPLACED if replaced else Standing.RETRACTED, notice
            )
        elif notice.nature is NoticeNature.REINSTATEMENT or decided is None or not decided.is_taken_back:
            decided = NoticeOutcome(_STANDINGS[notice.nature], notice)
    return decided
