"""Counting evidence: by direction, and as reports, studies and independent groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.vocabulary import Direction, Standing


@dataclass(frozen=True)
class Link:
    """What of an evidence item and its study matters for counting."""

    direction: Direction
    study_id: int
    version_of_id: int | None
    group_id: int | None
    standing: Standing
    year: int | None


@dataclass(frozen=True)
class Balance:
    """The evidence of one claim, counted. Evidence of retracted and withdrawn studies is left out."""

    supports: int = 0
    contradicts: int = 0
    null: int = 0
    inconclusive: int = 0
    reports: int = 0
    studies: int = 0
    groups: int = 0
    newest_year: int | None = None

    @property
    def items(self) -> int:
        """How many evidence items were counted."""
        return self.supports + self.contradicts + self.null + self.inconclusive


def balance(links: Iterable[Link]) -> Balance:
    """Count the evidence items of one claim.

    A *report* is one citable study record; a preprint and its published version are one *study*;
    studies of one study group are one *independent group*, and a study without a group is its own.
    """
    counted = [link for link in links if link.standing.counts]
    groups: dict[int, int | None] = {}
    for link in counted:
        study = link.version_of_id or link.study_id
        groups[study] = groups.get(study) or link.group_id
    directions = [link.direction for link in counted]
    return Balance(
        supports=directions.count(Direction.SUPPORTS),
        contradicts=directions.count(Direction.CONTRADICTS),
        null=directions.count(Direction.NULL),
        inconclusive=directions.count(Direction.INCONCLUSIVE),
        reports=len({link.study_id for link in counted}),
        studies=len(groups),
        groups=len({("group", group) if group else ("study", study) for study, group in groups.items()}),
        newest_year=max((link.year for link in counted if link.year is not None), default=None),
    )
