"""The data that the base layout shows on every page, such as the counts in the navigation.

A context processor builds it once before each page is rendered, so that no template runs a query.
"""

from dataclasses import dataclass

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError

from claims_app.models import Merge
from claims_app.permissions import Permission
from claims_app.services.discussion import comments
from claims_app.services.hooks import webhooks
from claims_app.services.intake import inbox_queries
from claims_app.services.review import review_queue
from claims_app.web import access, application, outage
from claims_app.web.merging.routes import came_from
from claims_app.web.session import reading


@dataclass(frozen=True)
class Layout:
    """The parts of the base layout that depend on the request and the signed-in user."""

    n_waiting: int = 0
    """Candidates waiting in the inbox, for users who may decide on them."""

    n_unread: int = 0
    """Unread mentions of the signed-in user."""

    n_decisions: int = 0
    """Decisions on the proposals of the signed-in user that the user has not seen."""

    n_webhooks: int = 0
    """Webhooks that fail or that the program has paused, for admins."""

    redirect_from: Merge | None = None
    """The merge that redirected the visitor to this page."""

    account_is_known: bool = True
    """Whether it is known if somebody is signed in; the database may not have responded."""


def layout_of_request() -> Layout:
    """Return the layout data for the current request."""
    if outage.is_on():
        return Layout(account_is_known=access.signed_in_user() is not None)
    user = access.signed_in_user()
    try:
        return Layout(
            n_waiting=(inbox_queries.count_waiting(reading()) if access.may_ever(Permission.CREATE) else 0),
            n_unread=comments.count_unread(reading(), user.id) if user is not None else 0,
            n_decisions=(
                review_queue.count_unseen_decisions(reading(), user.id)
                if user is not None and application.settings().review_required
                else 0
            ),
            n_webhooks=(
                webhooks.count_failing(reading()) if access.may_ever(Permission.MANAGE_WEBHOOKS) else 0
            ),
            redirect_from=came_from() if request.args.get("from") else None,
        )
    except SQLAlchemyError:
        # The page may be the error page for a database that does not respond.
        return Layout()


def register(app: Flask) -> None:
    """Make `layout` available in the templates of `app`."""

    @app.context_processor
    def add_layout() -> dict[str, Layout]:
        return {"layout": layout_of_request()}
