"""The data for the charts of a claim."""

import datetime
from collections.abc import Sequence, Set
from dataclasses import replace

from flask import url_for

from claims_app.models import Claim
from claims_app.services.appraisal.levels import LevelStep
from claims_app.services.pages.claim_evidence import EvidenceRow, EvidenceTable
from claims_app.vocabulary import EffectMeasure
from claims_app.web import reader_pages, time_travel
from claims_app.web.charts.forest import Forest, ForestRow, forest
from claims_app.web.charts.timeline import Timeline, TimelinePoint, timeline
from claims_app.web.record_links import AddressAround, address_around

MOST_DRAWN = 100
"""The estimates in a forest plot; of more, those with the most participants are drawn."""

_DRAWN_EVERY = datetime.timedelta(hours=1)
"""How long a chart that ends at the present is sent again as it is."""


def forests_of(table: EvidenceTable) -> list[Forest]:
    """Return a forest plot for each measure with at least two comparable estimates among what `table` matches."""
    return [plot for measure in EffectMeasure if (plot := forest_of(table, measure))]


def forest_of(table: EvidenceTable, measure: EffectMeasure) -> Forest | None:
    """Return the forest plot of one measure, or None with fewer than two comparable estimates."""
    of_measure = [row for row in table.matching if row.effect_measure is measure]
    published = {row.study_id for row in of_measure if row.effect_value is not None}
    # Of a preprint and its published version, only the published estimate is shown.
    estimates = [
        (row, row.effect_value)
        for row in of_measure
        if row.effect_value is not None and row.version_of_id not in published
    ]
    if sum(row.counts for row, _ in estimates) < 2:
        return None
    largest = sorted(range(len(estimates)), key=lambda place: -(_participants(estimates[place][0]) or 0))
    drawn = [estimates[place] for place in sorted(largest[:MOST_DRAWN])]
    here = {row.id for row in table.rows}
    elsewhere = address_around("evidence.show", "identifier")
    plot = forest(measure, [_row(row, value, here, elsewhere) for row, value in drawn])
    if plot is None or len(drawn) == len(estimates):
        return plot
    left_out = f"Drawn are the {len(drawn)} with the most participants of {len(estimates):,}."
    return replace(plot, summary=f"{plot.summary} {left_out}")


def _row(row: EvidenceRow, value: float, here: Set[int], elsewhere: AddressAround) -> ForestRow:
    name = row.public_id
    return ForestRow(
        identifier=name,
        citation=row.citation,
        href=f"#{name}" if row.id in here else f"{elsewhere.before}{name}{elsewhere.after}",
        value=value,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        ci_level=row.ci_level,
        weight=_participants(row),
        direction=row.direction,
        counts=row.counts,
    )


def _participants(row: EvidenceRow) -> int | None:
    return sum(n for n in (row.n_cases, row.n_controls) if n) or None


def timeline_of(claim: Claim, moves: Sequence[LevelStep]) -> Timeline | None:
    """Return the level of `claim` over time; None if the claim was never appraised."""
    points = [
        TimelinePoint(
            identifier=move.view.appraisal.public_id,
            href=url_for("appraisals.show", identifier=move.view.appraisal.public_id),
            at=move.view.appraisal.appraised_at,
            verdict=move.view.appraisal.verdict,
            computed=move.view.appraisal.computed_level,
            overridden=move.view.appraisal.overridden,
            added=None if move.added is None else tuple(move.added),
            removed=None if move.removed is None else tuple(move.removed),
            by=move.view.by,
        )
        for move in moves
    ]
    now = time_travel.shown_at()
    if points and time_travel.asked() is None:
        reader_pages.good_until(now + _DRAWN_EVERY)  # it ends now
    return timeline(points, now, claim.stale_since, gone=claim.appraisal_id is None)
