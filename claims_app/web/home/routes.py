"""The front page: a way into the subject."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from claims_app.permissions import Permission
from claims_app.services.discussion import reports
from claims_app.services.intake import inbox_queries, retractions
from claims_app.services.pages import overview
from claims_app.services.releases import store
from claims_app.web import page_data
from claims_app.web.access import may
from claims_app.web.charts.by_year import years_chart
from claims_app.web.session import reading

bp = Blueprint("home", __name__)

_MOST_RETRACTED = 5
"""The claims based on retracted studies that the page names."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show what is known about each topic, what changed, the map of the evidence, and open tasks."""
    about = page_data.of_home()
    content = overview.overview(reading())
    page = render_template(
        "home/index.html",
        page_data=about,
        overview=content,
        years=years_chart(content.map.findings),
        n_candidates=inbox_queries.count_waiting(reading()) if may(Permission.CREATE) else 0,
        n_reports=reports.count_waiting(reading()) if may(Permission.RESOLVE) else 0,
        rest_on_retracted=retractions.newly_retracted(reading(), _MOST_RETRACTED + 1),
        most_retracted=_MOST_RETRACTED,
        newest_release=store.newest(reading()),
        notices_loaded=retractions.last_load(reading()) if may(Permission.CREATE) else None,
    )
    return page_data.with_links(page, about)
