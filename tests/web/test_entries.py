"""The entries of lists as HTML: what they show, and how little of it there is to send."""

import itertools

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template_string

from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.counting import Balance
from claims_app.services.pages.claim_rows import ClaimRow, TopicName
from claims_app.services.pages.study_rows import StudyRow
from claims_app.vocabulary import (
    ClaimKind,
    ClaimStatus,
    Conclusion,
    EvidenceLevel,
    PublicationState,
    ReviewState,
    Standing,
    StudyDesign,
)

LIMIT = 1000
"""The most bytes of an entry, on average."""

SHORT, LONG = "Sleep gets better.", "The IgG of people with fibromyalgia binds to satellite glial cells. " * 3


def claim_row(number: int = 1, **values: object) -> ClaimRow:
    """Return a row of a claim with everything that an entry can show."""
    counts = Balance(4, 1, 1, 2, 8, 7, 6, 2024, 3, 1, 1, 1, 0)
    row = ClaimRow(
        public_id=f"CLM-{number}",
        statement=SHORT,
        kind=ClaimKind.ANIMAL_TRANSFER,
        status=ClaimStatus.CONTESTED,
        review_state=ReviewState.ACCEPTED,
        verdict=Verdict(Conclusion.CONTRADICTED, EvidenceLevel.MODERATE),
        is_stale=True,
        level_in_short="Starts at high; lowered for risk of bias and imprecision",
        balance=counts,
        n_limitations=3,
        topics=(TopicName("pain", "Pain"), TopicName("antibodies", "Antibodies")),
    )
    return row._replace(**values)


def varied_claims() -> list[ClaimRow]:
    """Return 50 claims with statements of up to 200 characters and different evidence."""
    kinds, levels = (
        itertools.cycle(ClaimKind),
        itertools.cycle(level for level in EvidenceLevel if level.rank),
    )
    verdicts = (Verdict(conclusion, next(levels)) for conclusion in itertools.cycle(Conclusion))
    return [
        claim_row(
            90_000 + number,
            statement=LONG if number % 2 else SHORT,
            kind=next(kinds),
            verdict=next(verdicts),
            is_stale=not number % 5,
            balance=Balance(
                group_supports=number,
                group_contradicts=number % 4,
                group_null=number % 3,
                group_inconclusive=number % 2,
                reports=2 * number + 6,
                studies=number + 6,
                groups=number + 6,
                newest_year=2020,
            ),
        )
        for number in range(50)
    ]


def varied_studies() -> list[StudyRow]:
    """Return 50 studies with long titles and many authors."""
    return [
        StudyRow(
            f"STU-{90_000 + number}",
            LONG,
            "\n".join(["Goebel, Andreas"] * (number % 12)),
            2021,
            "Journal of Clinical Investigation",
            "131",
            "13",
            "e144201",
            design,
            PublicationState.PREPRINT,
            Standing.RETRACTED,
            number % 3,
        )
        for number, design in zip(range(50), itertools.cycle(StudyDesign), strict=False)
    ]


def rendered(app: Flask, macro: str, rows: list[ClaimRow] | list[StudyRow]) -> str:
    """Return the list of `rows` as HTML."""
    file = macro.removesuffix("_entries")
    template = (
        f'{{% from "_macros/{file}.html" import {macro} %}}{{% from "_macros/badge.html" import drawings %}}'
        f"{{{{ drawings() }}}}{{{{ {macro}(rows) }}}}"
    )
    with app.test_request_context():
        return render_template_string(template, rows=rows)


def entry(app: Flask, row: ClaimRow) -> Tag:
    """Return the entry of `row`."""
    found = BeautifulSoup(rendered(app, "claim_entries", [row]), "html.parser").select_one(".entry")
    assert found is not None
    return found


def words(app: Flask, row: ClaimRow) -> str:
    """Return the text of the entry of `row`."""
    return " ".join(entry(app, row).get_text(" ").split())


@pytest.mark.parametrize(
    ("macro", "rows"), [("claim_entries", varied_claims()), ("study_entries", varied_studies())]
)
def test_an_entry_costs_at_most_a_kilobyte(
    app: Flask, macro: str, rows: list[ClaimRow] | list[StudyRow]
) -> None:
    bytes_of_entries = len(rendered(app, macro, rows).encode()) - len(rendered(app, macro, []).encode())
    assert bytes_of_entries / len(rows) <= LIMIT


def test_an_entry_shows_verdict_balance_amount_and_all_that_is_unusual(app: Flask) -> None:
    assert words(app, claim_row()) == (
        "CLM-1 Animal transfer Contested Sleep gets better. Pain Antibodies "
        "Probably not so: moderate certainty Stale "
        "Starts at high; lowered for risk of bias and imprecision "
        "Independent groups: 3 supporting · 1 contradicting · 1 null · 1 inconclusive "
        "8 reports · 7 studies · 6 independent groups · newest 2024 · 3 limitations"
    )


def test_an_entry_of_a_claim_without_evidence_says_so(app: Flask) -> None:
    bare = claim_row(
        verdict=Verdict(None, EvidenceLevel.NOT_ASSESSED),
        status=ClaimStatus.ACTIVE,
        is_stale=False,
        level_in_short=None,
        balance=Balance(),
        n_limitations=0,
        topics=(),
    )
    expected = "CLM-1 Animal transfer Sleep gets better. Not assessed No counted studies yet"
    assert words(app, bare) == expected


def test_what_an_entry_draws_is_defined_on_the_page_and_silent_for_screen_readers(app: Flask) -> None:
    page = BeautifulSoup(rendered(app, "claim_entries", varied_claims()), "html.parser")
    drawn = {f"#{symbol['id']}" for symbol in page("symbol")}
    assert {use["href"] for use in page("use")} <= drawn
    assert all(svg.get("role") == "none" for svg in page.select(".entry svg"))


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        (Balance(groups=3, group_supports=2, group_null=1), {"s": "12", "n": "6", "h": "6"}),
        (Balance(groups=1, group_divided=1), {"s": "6", "c": "6"}),
        (Balance(groups=88, group_supports=66, group_contradicts=22), {"s": "198", "c": "66"}),
    ],
    ids=["a mark for each group", "one that is divided", "a bar for many"],
)
def test_the_chart_is_as_long_as_there_are_groups(app: Flask, counts: Balance, lines: dict[str, str]) -> None:
    paths = entry(app, claim_row(balance=counts)).select(".bar path")
    assert {path["class"][0]: path["d"].partition("h")[2] for path in paths} == lines


def test_text_of_a_claim_is_escaped(app: Flask) -> None:
    found = entry(app, claim_row(statement="<b>&\"'</b>", topics=(TopicName("x", "<i>"),)))
    assert found.h3 is not None
    assert found.h3.get_text() == "<b>&\"'</b>"
    assert found.select_one("h3 b") is None
