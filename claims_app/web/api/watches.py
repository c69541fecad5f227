"""Watches: saved literature searches, their runs, and what they found. A command on the server runs them."""

from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.formats.delimited import Kind
from claims_app.models import Record, Watch
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.services.intake import inbox_queries, watch_queries
from claims_app.services.intake.watch_queries import WatchRow
from claims_app.services.records import watches
from claims_app.vocabulary import RecordType, TokenScope, WatchService, WatchState
from claims_app.web import listing
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import EDIT_SUMMARY, VERSION, Body, Sent
from claims_app.web.api.candidates import CANDIDATE, candidate_object
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.reading import OTHER_OBJECTS
from claims_app.web.api.shapes import REVIEW_STATE, Shape, column
from claims_app.web.api.writing import DELETION, WAITS, change, create, delete
from claims_app.web.session import reading

operations = Operations("watches")

WATCH = Shape.of(
    "Watch",
    column("watch_id", Kind.TERM, "The identifier of the watch."),
    column("service", Kind.TERM, "The service that is searched.", WatchService),
    column("query", Kind.TEXT, "The search, in the syntax of the service."),
    column("claim_id", Kind.TERM, "The claim that it is for; null for a topic."),
    column("topic_id", Kind.TERM, "The topic that it is for; null for a claim."),
    column("state", Kind.TERM, "Whether it runs.", WatchState),
    column("note", Kind.TEXT, "What the search should find."),
    column("last_run_at", Kind.DATETIME, "When the last run began (UTC)."),
    column("last_error", Kind.TEXT, "Why the last run is incomplete."),
    column("last_complete_at", Kind.DATETIME, "When the last complete run began (UTC)."),
    column("n_candidates", Kind.INTEGER, "How many of its results wait for a decision."),
    column("version", Kind.INTEGER, "Its version."),
    REVIEW_STATE,
)
RUN = Shape.of(
    "WatchRun",
    column("began_at", Kind.DATETIME, "When it began (UTC)."),
    column("ended_at", Kind.DATETIME, "When it ended; null while it runs."),
    column("since", Kind.DATE, "It asked for papers added to the service on this day or later."),
    column("query", Kind.TEXT, "The search that was run."),
    column("n_found", Kind.INTEGER, "How many results the service had."),
    column("n_new", Kind.INTEGER, "How many were new."),
    column("n_known", Kind.INTEGER, "How many were known already."),
    column("n_not_relevant", Kind.INTEGER, "How many had been judged not relevant."),
    column("error", Kind.TEXT, "Why it is incomplete."),
)

_EXAMPLE = {
    "service": "pubmed",
    "query": "fibromyalgia AND autoantibodies",
    "claim_id": "CLM-1",
    "state": "active",
}


@operations.add(
    "list_watches",
    "GET",
    "/watches",
    "A page of watches",
    answers={200: Answer("A page of watches, oldest first.", WATCH, listed=True)},
)
def index() -> ResponseReturnValue:
    """Send a page of the watches."""
    page = watch_queries.page_of_watches(reading(), listing.page_request())
    return answers.page(Page([row_object(row) for row in page.items], page.total, page.next, page.previous))


@operations.add(
    "show_watches",
    "GET",
    "/watches/{identifier}",
    "One watch",
    of=RecordType.WATCH,
    answers={200: Answer("The watch.", WATCH, tag=True)},
)
def show(identifier: str) -> ResponseReturnValue:
    """Send one watch."""
    watch = records.find(reading(), Watch, identifier)
    return answers.record(watch_object(reading(), watch), watch)


@operations.add(
    "list_watch_runs",
    "GET",
    "/watches/{identifier}/runs",
    "The last runs of a watch",
    description=f"At most {watch_queries.SHOWN_RUNS}, latest first.",
    of=RecordType.WATCH,
    answers={200: Answer("The runs.", RUN, listed=True, whole=True)},
)
def runs(identifier: str) -> ResponseReturnValue:
    """Send the last runs of a watch."""
    found = watch_queries.runs_of(reading(), records.find(reading(), Watch, identifier))
    items = [{name: getattr(run, name) for name in RUN.names} for run in found]
    return answers.page(Page(items, len(items), None, None))


@operations.add(
    "list_watch_candidates",
    "GET",
    "/watches/{identifier}/candidates",
    "A page of what a watch found",
    description="All candidates of the inbox that it found, decided or not. Not visible to readers.",
    of=RecordType.WATCH,
    answers={200: Answer("A page of candidates, oldest first.", CANDIDATE, listed=True)},
    scope=TokenScope.READ,
)
@requires(Permission.CREATE)
def candidates(identifier: str) -> ResponseReturnValue:
    """Send a page of the candidates that a watch found."""
    watch = records.find(reading(), Watch, identifier)
    page = inbox_queries.found_by(reading(), watch, listing.page_request())
    return answers.page(
        Page([candidate_object(one) for one in page.items], page.total, page.next, page.previous)
    )


@operations.add(
    "create_watch",
    "POST",
    "/watches",
    "Add a watch",
    description="For one claim or one topic.",
    takes=Body("NewWatch", schemas.WATCH, (EDIT_SUMMARY,), example=_EXAMPLE),
    answers={201: Answer("The new watch.", WATCH, location=True, tag=True)},
    scope=TokenScope.WRITE,
    makes=True,
)
def new(sent: Sent) -> ResponseReturnValue:
    """Add a watch."""
    return create(sent, lambda session: watches.create_watch(session, sent.fields))


operations.add(
    "change_watch",
    "PATCH",
    "/watches/{identifier}",
    "Change fields of one watch",
    description="Fields that are left out stay as they are. Send `version`, or the ETag as If-Match.",
    of=RecordType.WATCH,
    arguments={"name": "watches"},
    takes=Body(
        "ChangedWatch",
        schemas.WATCH,
        (VERSION, EDIT_SUMMARY),
        partial=True,
        example={"version": 1, "state": "paused", "edit_summary": "Too many results."},
    ),
    answers={200: Answer("The changed watch.", WATCH, tag=True), 202: WAITS},
    scope=TokenScope.WRITE,
    matches=True,
)(change)
operations.add(
    "delete_watch",
    "DELETE",
    "/watches/{identifier}",
    "Delete one watch",
    description="Its runs and results stay.",
    of=RecordType.WATCH,
    arguments={"name": "watches"},
    takes=DELETION,
    answers={204: Answer("Deleted."), 202: WAITS},
    scope=TokenScope.WRITE,
    matches=True,
)(delete)


def row_object(row: WatchRow) -> dict[str, Any]:
    """Return a watch as it is answered."""
    watch = row.watch
    return {
        "watch_id": watch.public_id,
        "service": watch.service,
        "query": watch.query,
        "claim_id": None if watch.claim_id is None else public_id(RecordType.CLAIM, watch.claim_id),
        "topic_id": None if watch.topic_id is None else public_id(RecordType.TOPIC, watch.topic_id),
        "state": watch.state,
        "note": watch.note,
        "last_run_at": row.last.began_at if row.last else None,
        "last_error": row.error,
        "last_complete_at": row.last_complete.began_at if row.last_complete else None,
        "n_candidates": row.n_candidates,
        "version": watch.version,
        "review_state": watch.review_state,
    }


def watch_object(session: Session, watch: Record) -> dict[str, Any]:
    """Return one watch with what is known of its runs."""
    assert isinstance(watch, Watch)
    return row_object(watch_queries.row_of(session, watch))


OTHER_OBJECTS[RecordType.WATCH] = watch_object
