"""The front page: an overview of the database."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from claims_app.models import Claim
from claims_app.permissions import Permission
from claims_app.services.discussion import reports
from claims_app.services.intake import inbox_queries, retractions
from claims_app.services.pages import overview
from claims_app.web import page_data
from claims_app.web.access import may
from claims_app.web.session import reading

bp = Blueprint("home", __name__)

_MOST_RETRACTED = 5
"""The claims based on retracted studies that the page names."""


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show counts, claims by level and kind, open tasks, and the latest changes."""
    about = page_data.of_home()
    page = render_template(
        "home/index.html",
        page_data=about,
        overview=overview.overview(reading()),
        n_candidates=inbox_queries.count_waiting(reading()) if may(Permission.CREATE) else 0,
        n_reports=reports.count_waiting(reading()) if may(Permission.RESOLVE) else 0,
        rest_on_retracted=retractions.newly_retracted(reading(), _MOST_RETRACTED + 1),
        most_retracted=_MOST_RETRACTED,
        notices_loaded=retractions.last_load(reading()) if may(Permission.CREATE) else None,
    )
    return page_data.with_links(page, about)


@bp.get("/topics")
def topics() -> ResponseReturnValue:
    """Show all topics with their numbers of claims."""
    return render_template("home/topics.html", topics=overview.topics(reading()))


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say that the database can be read, for a monitor. If it cannot, the answer is 503, as everywhere."""
    reading().scalar(select(Claim.id).limit(1))
    return Response("ready\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
