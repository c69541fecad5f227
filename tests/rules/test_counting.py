"""Counting evidence by direction, study and group, without retracted studies."""

from claims_app.rules.counting import Balance, Link, balance, independent_groups
from claims_app.vocabulary import Direction, Standing


def link(study: int, direction: str = "supports", **values: object) -> Link:
    """Return a link to a study."""
    defaults = {"version_of_id": None, "group_id": None, "standing": Standing.CURRENT, "year": 2020}
    return Link(Direction.of(direction), study, **{**defaults, **values})  # type: ignore[arg-type]


def test_without_evidence_all_counts_are_zero() -> None:
    assert balance([]) == Balance()


def test_the_four_directions_are_never_merged() -> None:
    counted = balance([link(1), link(2, "contradicts"), link(3, "null"), link(4, "inconclusive"), link(5)])
    assert (counted.supports, counted.contradicts, counted.null, counted.inconclusive) == (2, 1, 1, 1)


def test_a_preprint_and_its_paper_are_two_reports_and_one_study() -> None:
    counted = balance([link(1), link(2, version_of_id=1)])
    assert (counted.reports, counted.studies, counted.groups) == (2, 1, 1)


def test_studies_of_one_group_are_one_line_of_evidence() -> None:
    counted = balance([link(1, group_id=7), link(2, group_id=7), link(3)])
    assert (counted.reports, counted.studies, counted.groups) == (3, 3, 2)


def test_a_preprint_without_a_group_belongs_to_the_group_of_its_paper() -> None:
    links = [link(2, version_of_id=1), link(1, group_id=7), link(3, group_id=7)]
    for order in (links, links[::-1]):
        counted = balance(order)
        assert (counted.studies, counted.groups) == (2, 1)


def test_two_findings_of_one_study_are_one_report() -> None:
    counted = balance([link(1), link(1, "contradicts")])
    assert (counted.items, counted.reports) == (2, 1)


def test_evidence_of_a_retracted_study_is_not_counted() -> None:
    counted = balance([link(1), link(2, standing=Standing.RETRACTED, year=2026)])
    assert (counted.supports, counted.reports, counted.newest_year) == (1, 1, 2020)


def test_a_preprint_is_in_the_group_of_its_paper_whichever_comes_first() -> None:
    reports = [(1, 2, 7), (2, None, 8), (3, None, 8)]
    assert independent_groups(reports) == independent_groups(reports[::-1])
    assert len(set(independent_groups(reports).values())) == 1


def test_a_group_counts_once_with_its_conclusive_direction() -> None:
    def counted(*directions: Direction) -> Balance:
        return balance(
            Link(d, number, None, 1, Standing.CURRENT, None) for number, d in enumerate(directions)
        )

    assert counted(Direction.SUPPORTS, Direction.SUPPORTS).group_supports == 1
    assert counted(Direction.SUPPORTS, Direction.INCONCLUSIVE).group_supports == 1
    assert counted(Direction.SUPPORTS, Direction.CONTRADICTS).group_divided == 1
    assert counted(Direction.NULL, Direction.CONTRADICTS).group_divided == 1
    assert counted(Direction.INCONCLUSIVE, Direction.INCONCLUSIVE).group_inconclusive == 1
