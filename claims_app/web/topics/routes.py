"""The tree of topics, the page of a topic, and the form that changes one."""

import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from claims_app.rules.gaps import Missing
from claims_app.services.pages import topic_pages
from claims_app.web import reader_pages
from claims_app.web.charts.by_year import years_chart
from claims_app.web.session import database, reading

bp = Blueprint("topics", __name__, url_prefix="/topics")

_SLICES = {
    Missing.EVIDENCE: {"needs": "evidence"},
    Missing.ASSESSMENT: {"level": "not_assessed"},
}
"""The filters that show the claims with a gap."""


@bp.get("")
def index() -> ResponseReturnValue:
    """Show all topics as a tree, with what is known about each."""
    return render_template("topics/index.html", topics=topic_pages.all_topics(reading()))


@bp.get("/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one topic: its claims by level, its gaps, its newest studies and its map."""
    now = database().clock()
    page = topic_pages.show_topic(reading(), slug, now.year)
    # “No study since” depends on the year.
    reader_pages.good_until(datetime.datetime(now.year + 1, 1, 1, tzinfo=datetime.UTC))
    return render_template(
        "topics/show.html", page=page, years=years_chart(page.map.findings), slices=_SLICES
    )
