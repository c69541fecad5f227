"""The data for the charts of a claim."""

import datetime
from collections.abc import Sequence

from flask import url_for

from claims_app.models import Claim, EvidenceItem
from claims_app.services.appraisal.levels import LevelStep
from claims_app.vocabulary import EffectMeasure
from claims_app.web import reader_pages, time_travel
from claims_app.web.charts.forest import Forest, ForestRow, forest
from claims_app.web.charts.timeline import Timeline, TimelinePoint, timeline

_DRAWN_EVERY = datetime.timedelta(hours=1)
"""How long a chart that ends at the present is sent again as it is."""


def forests_of(items: Sequence[EvidenceItem]) -> list[Forest]:
    """Return a forest plot for each measure with at least two comparable estimates in `items`."""
    plots = []
    for measure in EffectMeasure:
        estimates = [
            item for item in items if item.effect_measure is measure and item.effect_value is not None
        ]
        published = {item.study_id for item in estimates}
        # Of a preprint and its published version, only the published estimate is shown.
        rows = [
            _row(item, item.effect_value)
            for item in estimates
            if item.effect_value is not None and item.study.version_of_id not in published
        ]
        plot = forest(measure, rows) if sum(row.counts for row in rows) >= 2 else None
        if plot:
            plots.append(plot)
    return plots


def _row(item: EvidenceItem, value: float) -> ForestRow:
    return ForestRow(
        identifier=item.public_id,
        citation=item.study.citation,
        href=f"#{item.public_id}",
        value=value,
        ci_low=item.ci_low,
        ci_high=item.ci_high,
        ci_level=item.ci_level,
        weight=sum(n for n in (item.n_cases, item.n_controls) if n) or None,
        direction=item.direction,
        counts=item.counts,
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
