"""Counting evidence: by direction, and as reports, studies and independent groups."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.vocabulary import Direction, Standing


@dataclass(frozen=True)
class Link:
    """The values of an evidence item and its study that matter for counting.

    `published_standing` is the standing of the published version of this report, if it has one: if that
    was retracted, the report is not counted either, although the notice names only the published version.
    """

    direction: Direction
    study_id: int
    version_of_id: int | None
    group_id: int | None
    standing: Standing
    year: int | None
    published_standing: Standing | None = None

    @property
    def counts(self) -> bool:
        """Whether the evidence is counted."""
        return counts(self.standing, self.published_standing)


@dataclass(frozen=True)
class Balance:
    """The counts of the evidence of one claim, without retracted and withdrawn studies.

    The first four fields count evidence items; the `group_*` fields count independent groups, each group
    once. A group whose reports contradict each other counts as `group_divided`.
    """

    supports: int = 0
    contradicts: int = 0
    null: int = 0
    inconclusive: int = 0
    reports: int = 0
    studies: int = 0
    groups: int = 0
    newest_year: int | None = None
    group_supports: int = 0
    group_contradicts: int = 0
    group_null: int = 0
    group_inconclusive: int = 0
    group_divided: int = 0

    @property
    def items(self) -> int:
        """The number of counted evidence items."""
        return self.supports + self.contradicts + self.null + self.inconclusive


def counts(standing: Standing, published_standing: Standing | None) -> bool:
    """Whether evidence of a report is counted, given its standing and that of its published version."""
    return standing.counts and (published_standing is None or published_standing.counts)


def why_uncounted(is_accepted: bool, standing: Standing, published_standing: Standing | None) -> str | None:
    """Return why an evidence item is not counted, within a sentence, or None if it is.

    The standings are those of its report and of the published version of that.
    """
    if not is_accepted:
        return "it was not accepted"
    if not standing.counts:
        return f"the study is {standing.label.lower()}"
    if published_standing is not None and not published_standing.counts:
        return f"its published version is {published_standing.label.lower()}"
    return None


def balance(links: Iterable[Link]) -> Balance:
    """Count the evidence items of one claim.

    A *report* is one citable study record; a preprint and its published version are one *study*;
    studies of one study group are one *independent group*, and a study without a group is a group itself.
    """
    counted = [link for link in links if link.counts]
    group_of = independent_groups((link.study_id, link.version_of_id, link.group_id) for link in counted)
    by_group: dict[str, set[Direction]] = defaultdict(set)
    for link in counted:
        by_group[group_of[link.study_id]].add(link.direction)
    items = Counter(link.direction for link in counted)
    groups = Counter(_together(directions) for directions in by_group.values())
    return Balance(
        supports=items[Direction.SUPPORTS],
        contradicts=items[Direction.CONTRADICTS],
        null=items[Direction.NULL],
        inconclusive=items[Direction.INCONCLUSIVE],
        reports=len({link.study_id for link in counted}),
        studies=len({link.version_of_id or link.study_id for link in counted}),
        groups=len(by_group),
        newest_year=max((link.year for link in counted if link.year is not None), default=None),
        group_supports=groups[Direction.SUPPORTS],
        group_contradicts=groups[Direction.CONTRADICTS],
        group_null=groups[Direction.NULL],
        group_inconclusive=groups[Direction.INCONCLUSIVE],
        group_divided=groups[None],
    )


def independent_groups(reports: Iterable[tuple[int, int | None, int | None]]) -> dict[int, str]:
    """Return the name of the independent group of each report, by its study number.

    A report is given as its number, the number of its published version, and the number of its study
    group. A preprint and its published version are in the same group; if their groups differ, that of the
    published version counts.
    """
    known = sorted(reports, key=lambda report: (report[1] is not None, report[2] or 0))
    groups: dict[int, int | None] = {}
    for study_id, version_of_id, group_id in known:
        study = version_of_id or study_id
        groups[study] = groups.get(study) or group_id
    return {
        study_id: f"group {groups[study]}" if groups[study] else f"study {study}"
        for study_id, version_of_id, _ in known
        for study in (version_of_id or study_id,)
    }


def _together(directions: set[Direction]) -> Direction | None:
    """Return the direction of a group whose reports have `directions`; None if they contradict each other.

    Inconclusive reports do not change the direction of the others.
    """
    decided = directions - {Direction.INCONCLUSIVE}
    if not decided:
        return Direction.INCONCLUSIVE
    return next(iter(decided)) if len(decided) == 1 else None
