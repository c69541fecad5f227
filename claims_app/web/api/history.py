"""The history of records: their revisions, all changes, going back, and restoring."""

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Column, Kind
from claims_app.models import RECORD_MODELS, Proposal, Record, Revision
from claims_app.rules.fields import WholeNumber
from claims_app.rules.identifiers import LARGEST_NUMBER, public_id
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.services.core.record_states import read_changes
from claims_app.services.history import changes, record_history, restore
from claims_app.services.history.changes import ChangeFilters
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import Action, RecordType, Role, TokenScope, Via
from claims_app.web import listing
from claims_app.web.api import answers
from claims_app.web.api.bodies import EDIT_SUMMARY, VERSION, Body, Sent
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.reading import SHAPES
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import PROPOSAL, Shape
from claims_app.web.api.tags import version_meant
from claims_app.web.api.watches import WATCH
from claims_app.web.api.writing import written
from claims_app.web.session import reading

operations = Operations("history")

TO_VERSION = WholeNumber(
    name="to_version",
    label="Version to go back to",
    help="The version whose values the record gets, as a new version.",
    low=1,
    high=LARGEST_NUMBER,
    required=True,
    plain=True,
)

REVISION = Shape.of(
    "Revision",
    Column("revision_id", Kind.INTEGER, "Revision", "The number of the revision; later ones are higher."),
    Column("record_type", Kind.TERM, "Record type", "The kind of record that changed.", tuple(RecordType)),
    Column("record", Kind.TERM, "Record", "The identifier of the record that changed."),
    Column("claim_id", Kind.TERM, "Claim", "The claim that the record is or belongs to, or null."),
    Column("version", Kind.INTEGER, "Version", "The version after the change."),
    Column("action", Kind.TERM, "Action", "What was done.", tuple(Action)),
    Column("changed_at", Kind.DATETIME, "Changed at", "When it was done (UTC)."),
    Column("changed_by", Kind.TEXT, "Changed by", "The user name; null for a command or the example data."),
    Column("role", Kind.TERM, "Role", "The role of the user then.", tuple(Role)),
    Column("via", Kind.TERM, "Via", "How it was done.", tuple(Via)),
    Column("edit_summary", Kind.TEXT, "Reason", "The reason for the change."),
    Column("proposal_id", Kind.TERM, "Proposal", "The accepted proposal that the change carried out."),
    changes={
        "type": "object",
        "description": "Each changed field, as it is stored, with its values before and after.",
        "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2},
    },
)


def revision_object(revision: Revision) -> dict[str, Any]:
    """Return a revision, whose changes were read, as it is answered."""
    return {
        "revision_id": revision.id,
        "record_type": revision.record_type,
        "record": public_id(revision.record_type, revision.record_id),
        "claim_id": None if revision.claim_id is None else public_id(RecordType.CLAIM, revision.claim_id),
        "version": revision.version,
        "action": revision.action,
        "changed_at": revision.changed_at,
        "changed_by": revision.actor.username if revision.actor else None,
        "role": revision.actor_role,
        "via": revision.via,
        "edit_summary": revision.edit_summary,
        "proposal_id": (
            None if revision.proposal_id is None else public_id(RecordType.PROPOSAL, revision.proposal_id)
        ),
        "changes": {name: list(both) for name, both in revision.changes.items()},
    }


def _page(session: Session, found: Page[Revision]) -> Response:
    read_changes(session, found.items)
    items = [revision_object(revision) for revision in found.items]
    return answers.page(Page(items, found.total, found.next, found.previous))


@operations.add(
    "list_changes",
    "GET",
    "/changes",
    "All changes, newest first",
    filters=ChangeFilters,
    answers={200: Answer("A page of changes.", REVISION, listed=True)},
    description=f"If there are more than {changes.MOST_COUNTED:,}, `total` is one more than that.",
)
def all_changes() -> ResponseReturnValue:
    """Send a page of the changes to all records, newest first."""
    filters = ChangeFilters.read(listing.query(), ("per_page", "after", "before"))
    return _page(reading(), changes.list_changes(reading(), filters, listing.page_request()))


def index(record_type: RecordType, identifier: str) -> ResponseReturnValue:
    """Send a page of the revisions of a record, newest first; for a claim, with those of what belongs to it."""
    found = record_history.history_of(reading(), record_type, identifier, listing.page_request())
    return _page(reading(), found)


def show(record_type: RecordType, identifier: str, version: int) -> ResponseReturnValue:
    """Send the revision that led to a version of a record."""
    page = record_history.show_revision(reading(), record_type, identifier, version)
    return answers.send(revision_object(page.revision))


def revert(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Give a record the values that it had at an earlier version."""

    def save(session: WriteSession) -> Response:
        record: Record = records.find(session, RECORD_MODELS[record_type], identifier)
        version = version_meant(record, sent.options["version"])
        done = restore.revert(session, record, version, sent.options["to_version"])
        if isinstance(done, Proposal):
            return answers.send(written(session, done), 202)
        return answers.record(written(session, done), done)

    return saved(sent, save)


def restore_record(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Restore a deleted record with its identifier and its history."""

    def save(session: WriteSession) -> Response:
        done = restore.restore(session, record_type, identifier)
        return answers.record(written(session, done), done)

    return saved(sent, save)


_SHAPES = {**SHAPES, RecordType.WATCH.section: WATCH}

for _type in RecordType:
    _path = f"/{_type.section}/{{identifier}}"
    operations.add(
        f"list_history_of_{_type.value}",
        "GET",
        f"{_path}/history",
        f"The history of one {_type.label.lower()}",
        description="Newest first, also of a deleted record.",
        of=_type,
        arguments={"record_type": _type},
        answers={200: Answer("A page of revisions.", REVISION, listed=True)},
    )(index)
    operations.add(
        f"show_revision_of_{_type.value}",
        "GET",
        f"{_path}/history/{{version}}",
        f"One revision of one {_type.label.lower()}",
        of=_type,
        arguments={"record_type": _type},
        answers={200: Answer("The revision that led to this version.", REVISION)},
    )(show)
    if KINDS[_type].writing is None:
        continue
    operations.add(
        f"revert_{_type.value}",
        "POST",
        f"{_path}/revert",
        f"Give one {_type.label.lower()} the values of an earlier version",
        of=_type,
        arguments={"record_type": _type},
        takes=Body(
            "Reversion",
            None,
            (VERSION, TO_VERSION, EDIT_SUMMARY),
            required=("to_version",),
            example={"version": 2, "to_version": 1, "edit_summary": "The change was a mistake."},
        ),
        answers={
            200: Answer("The record as it is now.", _SHAPES[_type.section], tag=True),
            202: Answer("The change waits for review: this is its proposal.", PROPOSAL),
        },
        scope=TokenScope.WRITE,
        matches=True,
        makes=True,
    )(revert)
    operations.add(
        f"restore_{_type.value}",
        "POST",
        f"{_path}/restore",
        f"Restore one deleted {_type.label.lower()}",
        of=_type,
        arguments={"record_type": _type},
        takes=Body("Restoration", None, (EDIT_SUMMARY,), example={"edit_summary": "It was no mistake."}),
        answers={200: Answer("The restored record.", _SHAPES[_type.section], tag=True)},
        scope=TokenScope.WRITE,
        makes=True,
    )(restore_record)
