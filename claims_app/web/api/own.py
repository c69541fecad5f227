"""What an account keeps for itself: its saved views, and its drafts of forms. Nobody else sees them."""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import Draft, SavedView
from claims_app.rules.fields import Choice, Text
from claims_app.rules.saved_views import NAME_LENGTH, QUERY_LENGTH
from claims_app.services.accounts import saved_views
from claims_app.services.core.errors import BadFilter, Invalid, NotFound
from claims_app.services.core.paging import Page
from claims_app.services.forms import drafts
from claims_app.vocabulary import TokenScope, ViewOf
from claims_app.web.api import answers
from claims_app.web.api.bodies import NOTHING, Body, Sent
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.session import reading

operations = Operations("views-and-drafts")

VIEW = Shape.of(
    "SavedView",
    column("number", Kind.INTEGER, "The number of the view."),
    column("name", Kind.TEXT, "Its name."),
    column("section", Kind.TERM, "The list that it shows.", ViewOf),
    column("query", Kind.TEXT, "The filters and the order, as in an address."),
    column("saved_at", Kind.DATETIME, "When it was saved (UTC)."),
)
DRAFT = Shape.of(
    "FormDraft",
    column("number", Kind.INTEGER, "The number of the draft."),
    column("label", Kind.TEXT, "The title of the form."),
    column("address", Kind.TEXT, "The path of the form on the site."),
    column("saved_at", Kind.DATETIME, "When it was saved last (UTC)."),
    content={
        "type": "object",
        "description": "What was typed, by field.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
)

_NAME = Text(name="name", label="Name", max_length=NAME_LENGTH)
_SECTION = Choice(name="section", label="List", help="The list that it shows.", terms=ViewOf)
_QUERY = Text(
    name="query",
    label="Query",
    help="The filters and the order, as in the address of the list, such as level=low&sort=newest.",
    max_length=QUERY_LENGTH,
)


@operations.add(
    "list_views",
    "GET",
    "/views",
    "Your saved views",
    answers={200: Answer("All of them, by name.", VIEW, listed=True, whole=True)},
    scope=TokenScope.READ,
)
def list_views() -> ResponseReturnValue:
    """Send the saved views of the account."""
    found = [_view(view) for view in saved_views.views_of(reading(), user_id())]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "save_view",
    "POST",
    "/views",
    "Save a view",
    takes=Body(
        "NewView",
        None,
        (_NAME, _SECTION, _QUERY),
        required=("name", "section"),
        example={"name": "Low certainty", "section": "claims", "query": "level=low"},
    ),
    answers={201: Answer("The view.", VIEW)},
    scope=TokenScope.WRITE,
    makes=True,
)
def save_view(sent: Sent) -> ResponseReturnValue:
    """Save a list with its filters under a name."""
    wanted = sent.options

    def save(session: WriteSession) -> Response:
        try:
            view = saved_views.save(
                session, user_id(), wanted["name"], wanted["section"], wanted["query"] or ""
            )
        except BadFilter as refused:
            raise Invalid({"query": [str(refused)]}) from None
        return answers.send(_view(view), 201)

    return saved(sent, save)


@operations.add(
    "rename_view",
    "PATCH",
    "/views/{number}",
    "Rename a saved view",
    numbered="view",
    takes=Body("RenamedView", None, (_NAME,), required=("name",), example={"name": "To appraise"}),
    answers={200: Answer("The view.", VIEW)},
    scope=TokenScope.WRITE,
)
def rename_view(number: int, sent: Sent) -> ResponseReturnValue:
    """Rename a view of the account."""

    def save(session: WriteSession) -> Response:
        saved_views.rename(session, user_id(), number, sent.options["name"])
        return answers.send(_view(saved_views.view_of(session, user_id(), number)))

    return saved(sent, save)


@operations.add(
    "delete_view",
    "DELETE",
    "/views/{number}",
    "Delete a saved view",
    numbered="view",
    takes=NOTHING,
    answers={204: Answer("Deleted.")},
    scope=TokenScope.WRITE,
)
def delete_view(number: int, sent: Sent) -> ResponseReturnValue:
    """Delete a view of the account."""

    def save(session: WriteSession) -> Response:
        saved_views.delete(session, user_id(), number)
        return answers.nothing()

    return saved(sent, save)


@operations.add(
    "list_drafts",
    "GET",
    "/drafts",
    "Your drafts of forms",
    description="Forms that you have begun on the site. Drafts of appraisals are at `/appraisal-drafts`.",
    answers={200: Answer("All of them, latest first.", DRAFT, listed=True, whole=True)},
    scope=TokenScope.READ,
)
def list_drafts() -> ResponseReturnValue:
    """Send the drafts of the account."""
    found = [_draft(draft) for draft in drafts.drafts_of(reading(), user_id())]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "discard_draft",
    "DELETE",
    "/drafts/{number}",
    "Discard a draft of a form",
    numbered="draft",
    takes=NOTHING,
    answers={204: Answer("Discarded.")},
    scope=TokenScope.WRITE,
)
def discard_draft(number: int, sent: Sent) -> ResponseReturnValue:
    """Discard a draft of the account."""

    def save(session: WriteSession) -> Response:
        if drafts.throw_away(session, user_id(), number) is None:
            raise NotFound("You have no such draft.")
        return answers.nothing()

    return saved(sent, save)


def _view(view: SavedView) -> dict[str, Any]:
    return {
        "number": view.id,
        "name": view.name,
        "section": view.section,
        "query": view.query,
        "saved_at": view.saved_at,
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "number": draft.id,
        "label": draft.label,
        "address": draft.address,
        "saved_at": draft.saved_at,
        "content": draft.content,
    }
