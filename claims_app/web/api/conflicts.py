"""Conflicts of interest of an account, which keep it from reviewing work on a topic."""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.permissions import Permission
from claims_app.rules.fields import Text
from claims_app.services.core.paging import Page
from claims_app.services.review import conflicts
from claims_app.vocabulary import TokenScope
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import NOTHING, Body, Sent
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.session import reading

operations = Operations("review")

CONFLICT = Shape.of(
    "ConflictOfInterest",
    column("number", Kind.INTEGER, "The number of the declaration."),
    column("topic", Kind.TERM, "The short name of the topic."),
    column("text", Kind.TEXT, "What the conflict is."),
    column("declared_at", Kind.DATETIME, "When it was declared (UTC)."),
    column("ends_at", Kind.DATETIME, "When it ends (UTC)."),
)


@operations.add(
    "list_conflicts",
    "GET",
    "/conflicts",
    "Your conflicts of interest",
    answers={200: Answer("The present ones.", CONFLICT, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.REVIEW)
def list_conflicts() -> ResponseReturnValue:
    """Send the conflicts of interest of the account."""
    items = _conflicts(reading())
    return answers.page(Page(items, len(items), None, None))


def _conflicts(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "number": conflict.id,
            "topic": conflict.topic.slug,
            "text": conflict.text,
            "declared_at": conflict.declared_at,
            "ends_at": conflict.ends_at,
        }
        for conflict in conflicts.declared_by(session, user_id())
    ]


@operations.add(
    "declare_conflict",
    "POST",
    "/conflicts",
    "Declare a conflict of interest",
    description="You cannot review work on the topic for a year.",
    takes=Body(
        "NewConflict",
        None,
        (
            Text(name="topic", label="Topic", help="Its short name.", max_length=80),
            Text(name="text", label="Conflict of interest", max_length=500),
        ),
        required=("topic", "text"),
        example={"topic": "pain-mechanisms", "text": "I have a patent on a treatment."},
    ),
    answers={201: Answer("The declaration.", CONFLICT)},
    scope=TokenScope.WRITE,
    makes=True,
)
@requires(Permission.REVIEW)
def declare(sent: Sent) -> ResponseReturnValue:
    """Declare a conflict of interest."""

    def save(session: WriteSession) -> Response:
        made = conflicts.declare(session, user_id(), sent.options["topic"], sent.options["text"])
        session.flush()
        [found] = [one for one in _conflicts(session) if one["number"] == made.id]
        return answers.send(found, 201)

    return saved(sent, save)


@operations.add(
    "end_conflict",
    "POST",
    "/conflicts/{number}/end",
    "End a conflict of interest",
    description="The declaration stays on record.",
    takes=NOTHING,
    answers={204: Answer("It was ended.")},
    scope=TokenScope.WRITE,
    makes=True,
)
@requires(Permission.REVIEW)
def end_conflict(number: int, sent: Sent) -> ResponseReturnValue:
    """End one of the account's own declarations."""

    def save(session: WriteSession) -> Response:
        conflicts.end(session, user_id(), number)
        return answers.nothing()

    return saved(sent, save)
