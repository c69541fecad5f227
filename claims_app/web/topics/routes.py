"""The tree of topics, the page of a topic, and the form that changes one."""

import datetime
import functools
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Topic
from claims_app.permissions import Permission
from claims_app.rules.gaps import Missing
from claims_app.services.browsing.selection import browse
from claims_app.services.core import records
from claims_app.services.core.errors import NotAllowed, NotFound
from claims_app.services.core.filter_words import in_words
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.pages import topic_pages
from claims_app.services.pages.selections import topic_names
from claims_app.services.records import topics
from claims_app.vocabulary import Effect
from claims_app.web import access, editing, listing, reader_pages
from claims_app.web.access import requires
from claims_app.web.charts.by_year import years_chart
from claims_app.web.charts.years_picture import years_picture
from claims_app.web.drafts.autosave import keeps_drafts
from claims_app.web.picture_files import picture_file
from claims_app.web.record_links import base_url
from claims_app.web.session import database, reading
from claims_app.web.templating import day, with_query
from claims_app.web.topics.forms import TopicForm

bp = Blueprint("topics", __name__)

_SLICES = {
    Missing.EVIDENCE: {"needs": "evidence"},
    Missing.ASSESSMENT: {"level": "not_assessed"},
}
"""The filters that show the claims with a gap."""


@bp.get("/topics")
def index() -> ResponseReturnValue:
    """Show all topics as a tree, with what is known about each."""
    return render_template("topics/index.html", topics=topic_pages.all_topics(reading()))


@bp.get("/topics/<slug>")
def show(slug: str) -> ResponseReturnValue:
    """Show one topic: its claims by level, its gaps, its newest studies and its map."""
    now = database().clock()
    page = topic_pages.show_topic(reading(), slug, now.year)
    # “No study since” depends on the year.
    reader_pages.good_until(datetime.datetime(now.year + 1, 1, 1, tzinfo=datetime.UTC))
    return render_template(
        "topics/show.html", page=page, years=years_chart(page.map.findings), slices=_SLICES
    )


@bp.route("/topics/<slug>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT)
@keeps_drafts("Edit of the topic {slug}")
def edit(slug: str) -> ResponseReturnValue:
    """Change the name, the definition or the broader topic of a topic."""
    topic = topic_pages.topic_called(reading(), slug)
    if access.require(Permission.EDIT, topic) is Effect.REVIEW:
        raise NotAllowed("While changes are reviewed, only editors can change topics.")
    form = TopicForm() if request.method == "POST" else TopicForm.of(topic)

    def work(session: WriteSession) -> str:
        current = records.get(session, Topic, topic.id)
        topics.update_topic(session, current, editing.version_of(form), form.values())
        return url_for(".show", slug=slug)

    page = functools.partial(_form_page, form, topic)
    return editing.edit_page(form, topic, work, page, done="The topic was saved.")


def _form_page(form: TopicForm, topic: Topic, **context: Any) -> ResponseReturnValue:
    form.slug.data = topic.slug
    form.offer_broader(topic_pages.all_topics(reading()))
    return editing.form_page("topics/form.html", form, topic=topic, **context)


@bp.get("/evidence-by-year.<any(svg, png):extension>")
def by_year(extension: str) -> ResponseReturnValue:
    """Send the chart of evidence by year and finding of the claims that match the filters of their list."""
    filters = ClaimFilters.read(listing.query())
    filters.check(reading())
    claims = browse(reading(), filters)
    chart = years_chart(claims.findings()) if claims is not None else None
    if chart is None:
        raise NotFound("These claims have no evidence with a year.")
    about = in_words(filters, topic_names(reading(), filters.topic)) or "all claims"
    origin = f"{base_url()}/claims{with_query(list(filters.pairs()))}, {day(database().clock())}"
    return picture_file(years_picture(chart, about, origin), "evidence-by-year", extension)
