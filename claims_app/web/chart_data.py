"""The data for the charts of a claim."""

import datetime
from collections.abc import Sequence

from flask import url_for

from claims_app.models import Claim
from claims_app.services.appraisal.levels import LevelStep
from claims_app.services.pages.claim_evidence import EvidenceRow, EvidenceTable
from claims_app.vocabulary import EffectMeasure
from claims_app.web import reader_pages, time_travel
from claims_app.web.charts.forest import Forest, ForestRow, forest
from claims_app.web.charts.timeline import Timeline, TimelinePoint, timeline
from claims_app.web.record_links import address_of_name

MOST_DRAWN = 200
"""The estimates in a forest plot; of more, those with the most participants are drawn."""

_DRAWN_EVERY = datetime.timedelta(hours=1)
"""How long a chart that ends at the present is sent again as it is."""


def forests_of(table: EvidenceTable) -> list[Forest]:
    """Return a forest plot for each measure with at least two comparable estimates among what `table` matches."""
    return [plot for measure in EffectMeasure if (plot := forest_of(table, measure))]


def forest_of(table: EvidenceTable, measure: EffectMeasure) -> Forest | None:
    """Return the forest plot of one measure, or None with fewer than two comparable estimates."""
    estimates = [
        row for row in table.matching if row.effect_measure is measure and row.effect_value is not None
    ]
    published = {row.study_id for row in estimates}
    here = {row.id for row in table.rows}
    # Of a preprint and its published version, only the published estimate is shown.
    rows = [
        _row(row, row.effect_value, is_here=row.id in here)
        for row in estimates
        if row.effect_value is not None and row.version_of_id not in published
    ]
    if sum(row.counts for row in rows) < 2:
        return None
    largest = sorted(rows, key=lambda row: -(row.weight or 0))[:MOST_DRAWN]
    return forest(measure, rows if len(rows) <= MOST_DRAWN else [row for row in rows if row in largest])


def _row(row: EvidenceRow, value: float, *, is_here: bool) -> ForestRow:
    return ForestRow(
        identifier=row.public_id,
        citation=row.citation,
        href=f"#{row.public_id}" if is_here else address_of_name(row.public_id),
        value=value,
        ci_low=row.ci_low,
        ci_high=row.ci_high,
        ci_level=row.ci_level,
        weight=sum(n for n in (row.n_cases, row.n_controls) if n) or None,
        direction=row.direction,
        counts=row.counts,
    )


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
            added=tuple(move.added),
            removed=tuple(move.removed),
            by=move.view.by,
        )
        for move in moves
    ]
    now = time_travel.shown_at()
    if points and time_travel.asked() is None:
        reader_pages.good_until(now + _DRAWN_EVERY)  # it ends now
    return timeline(points, now, claim.stale_since, gone=claim.appraisal_id is None)
