"""Leading on to the next candidate, after a decision that ends on another page."""

from urllib.parse import parse_qs

from flask import flash, url_for

from claims_app.models import Candidate
from claims_app.services.core.errors import BadFilter
from claims_app.services.intake import inbox_queries
from claims_app.services.intake.inbox_queries import InboxFilters
from claims_app.web import access
from claims_app.web.session import database
from claims_app.web.templating import with_query

INBOX = "inbox"
"""The query parameter of the evidence form with the filters of the inbox that the candidate was found by."""


def offer_next(number: int, asked: str) -> None:
    """Say which candidate is next after `number`, with the filters in the query string `asked`."""
    try:
        filters = InboxFilters.read(parse_qs(asked.removeprefix("?")))
    except BadFilter:
        filters = InboxFilters()
    user = access.signed_in_user()
    # A new session: the decision was saved in this request.
    with database().reading() as now:
        following = inbox_queries.next_waiting(now, filters, user.id if user else None, number)
        candidate = None if following is None else now.get(Candidate, following)
        if candidate is None:
            flash("No more candidates are waiting in the inbox.", "info")
            return
        address = url_for("inbox.show", number=candidate.id) + with_query(list(filters.pairs()))
        flash({"address": address, "text": f"Next in the inbox: {candidate.name}"}, "info")  # type: ignore[arg-type]
