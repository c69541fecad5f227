"""Review: the queue, proposals, decisions on them and on submitted records, and conflicts of interest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import RECORD_MODELS, Proposal, Record, unit_of_work
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import Names
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.errors import Refused, Undecided
from claims_app.services.core.paging import Page
from claims_app.services.core.query import Filters, terms
from claims_app.services.review import decisions, proposal_list, proposing_again, review_queue
from claims_app.services.review.decisions import PRESENT, PROPOSED
from claims_app.services.review.proposal_list import ProposalFilters
from claims_app.services.review.review_queue import View
from claims_app.vocabulary import ProposalKind, RecordType, ReviewState, TokenScope
from claims_app.web import access, listing
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import EDIT_SUMMARY, VERSION, Body, Sent
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.reading import SHAPES
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.api.tags import version_meant
from claims_app.web.api.watches import WATCH
from claims_app.web.api.writing import written
from claims_app.web.session import reading

operations = Operations("review")

REASON = schemas.PROPOSAL.field("decision_reason")
TAKE = Names(
    name="take_proposed",
    label="Take what was proposed",
    help="The fields that changed since the proposal, and get the proposed value.",
)
KEEP = Names(
    name="keep_present",
    label="Keep what is there",
    help="The fields that changed since the proposal, and keep their present value.",
)

ENTRY = Shape.of(
    "QueueEntry",
    column("record", Kind.TERM, "The submitted record or the proposal."),
    column("record_type", Kind.TERM, "Its kind.", RecordType),
    column("what", Kind.TEXT, "What is submitted, such as “New claim” or “Change of STU-4”."),
    column("in_short", Kind.TEXT, "The record, or the reason of the proposal, in one line."),
    column("state", Kind.TERM, "Its review state.", ReviewState),
    column("author", Kind.TEXT, "Who submitted it."),
    column("since", Kind.DATETIME, "Since when it waits (UTC)."),
    column("version", Kind.INTEGER, "Its version, which a decision names."),
    conflict={
        "type": "boolean",
        "description": "Whether a conflict of interest of yours prevents that you decide on it.",
    },
)
PROPOSAL = Shape.of(
    "Proposal",
    column("proposal_id", Kind.TERM, "The proposal's identifier, such as PRO-1."),
    column("kind", Kind.TERM, "What is proposed.", ProposalKind),
    column("record", Kind.TERM, "The record that it is about."),
    column("record_version", Kind.INTEGER, "The version of the record that its author saw."),
    column("claim_id", Kind.TERM, "The claim that the record is or belongs to."),
    column("reason", Kind.TEXT, "Why."),
    column("author", Kind.TEXT, "Who proposed it."),
    column("state", Kind.TERM, "Its state.", ReviewState),
    column("decided_by", Kind.TEXT, "Who decided on it."),
    column("decided_at", Kind.DATETIME, "When it was decided (UTC)."),
    column("decision_reason", Kind.TEXT, "Why it was decided so."),
    column("version", Kind.INTEGER, "Version number, incremented by each change."),
    column("created_at", Kind.DATETIME, "When it was made (UTC)."),
    changes={
        "type": "object",
        "description": "Each field with the value that its author saw and the proposed one.",
        "additionalProperties": {"type": "array"},
    },
)


@dataclass(frozen=True)
class QueueFilters(Filters):
    """The part of the queue that is asked for."""

    view: tuple[View, ...] = terms(View)


_REVIEWED = {
    **{
        record_type: SHAPES[record_type.section]
        for record_type in (
            RecordType.CLAIM,
            RecordType.STUDY,
            RecordType.EVIDENCE,
            RecordType.LIMITATION,
        )
    },
    RecordType.WATCH: WATCH,
}
"""The shapes of the records that are reviewed when they are new."""


@operations.add(
    "list_review",
    "GET",
    "/review",
    "What waits for review, oldest first",
    description="It is empty unless the site requires review. "
    f"At most {review_queue.AT_ONCE}; the next ones follow as these are decided. Without `view`, it is "
    "`waiting` for an account, and `all` for readers.",
    filters=QueueFilters,
    answers={200: Answer("The entries.", ENTRY, listed=True, whole=True)},
)
def queue() -> ResponseReturnValue:
    """Send the review queue, oldest first."""
    user = access.signed_in_user()
    views = QueueFilters.read(listing.query()).view
    view = views[0] if views else View.WAITING if user else View.ALL
    found = review_queue.queue_of(reading(), view, user.id if user else None)
    totals = {View.WAITING: found.n_waiting, View.MINE: found.n_mine, View.ALL: found.n_all}
    items = [
        {
            "record": entry.record.public_id,
            "record_type": entry.record.record_type,
            "what": entry.what,
            "in_short": entry.words,
            "state": entry.state,
            "author": entry.author.username if entry.author else None,
            "since": entry.since,
            "version": entry.record.version,
            "conflict": entry.conflict,
        }
        for entry in found.items
    ]
    return answers.page(Page(items, totals[view], None, None))


@operations.add(
    "list_proposals",
    "GET",
    "/proposals",
    "Proposals, newest first",
    section="proposals",
    description="If the site requires review, a change of an accepted record makes one. Without review there are none, "
    "and the examples below answer 404.",
    filters=ProposalFilters,
    answers={200: Answer("A page of proposals.", PROPOSAL, listed=True)},
)
def list_proposals() -> ResponseReturnValue:
    """Send a page of the proposals, newest first."""
    filters = ProposalFilters.read(listing.query(), ("per_page", "after", "before"))
    page = proposal_list.list_proposals(reading(), filters, listing.page_request())
    items = [proposal_object(proposal) for proposal in page.items]
    return answers.page(Page(items, page.total, page.next, page.previous))


@operations.add(
    "show_proposal",
    "GET",
    "/proposals/{identifier}",
    "One proposal",
    section="proposals",
    of=RecordType.PROPOSAL,
    answers={200: Answer("The proposal.", PROPOSAL, tag=True)},
)
def show_proposal(identifier: str) -> ResponseReturnValue:
    """Send one proposal."""
    proposal = records.find(reading(), Proposal, identifier)
    return answers.record(proposal_object(proposal), proposal)


def proposal_object(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as it is answered."""
    return {
        "proposal_id": proposal.public_id,
        "kind": proposal.kind,
        "record": proposal.target_name,
        "record_version": proposal.target_version,
        "claim_id": None if proposal.claim_id is None else public_id(RecordType.CLAIM, proposal.claim_id),
        "changes": proposal.changes,
        "reason": proposal.reason,
        "author": proposal.author.username if proposal.author else None,
        "state": proposal.state,
        "decided_by": proposal.decided_by.username if proposal.decided_by else None,
        "decided_at": proposal.decided_at,
        "decision_reason": proposal.decision_reason,
        "version": proposal.version,
        "created_at": proposal.created_at,
    }


def _deciding(
    record_type: RecordType,
    identifier: str,
    sent: Sent,
    decide: Callable[[WriteSession, Record, int], None],
) -> Response:
    def save(session: WriteSession) -> Response:
        record: Record = records.find(session, RECORD_MODELS[record_type], identifier)
        decide(session, record, version_meant(record, sent.options["version"]))
        return _decided(session, record)

    return saved(sent, save)


def _decided(session: WriteSession, record: Record) -> Response:
    if not isinstance(record, Proposal):
        return answers.record(written(session, record), record)
    unit_of_work.finish(session)
    session.refresh(record)
    return answers.record(proposal_object(record), record)


@requires(Permission.REVIEW)
def accept(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Accept a submitted record or a proposal."""
    choices = dict.fromkeys(sent.options.get("take_proposed") or (), PROPOSED)
    choices |= dict.fromkeys(sent.options.get("keep_present") or (), PRESENT)

    def decide(session: WriteSession, record: Record, version: int) -> None:
        try:
            decisions.accept(session, record, version, sent.options["decision_reason"], choices)
        except Undecided as undecided:
            listed = ", ".join(undecided.fields)
            raise Refused(f"{undecided} List it in take_proposed or keep_present: {listed}.") from None

    return _deciding(record_type, identifier, sent, decide)


@requires(Permission.REVIEW)
def reject(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Reject a submitted record or a proposal, with the reason."""
    return _deciding(
        record_type,
        identifier,
        sent,
        lambda session, record, version: decisions.reject(
            session, record, version, sent.options["decision_reason"]
        ),
    )


_NEEDS_REVIEW = "This is for sites that require review. The answer is 409 for what was decided before."

for _type in (*_REVIEWED, RecordType.PROPOSAL):
    _is_proposal = _type is RecordType.PROPOSAL
    _what = "a proposal" if _is_proposal else f"a submitted {_type.label.lower()}"
    _shape = _REVIEWED.get(_type, PROPOSAL)
    operations.add(
        f"accept_{_type.value}",
        "POST",
        f"/{_type.section}/{{identifier}}/accept",
        f"Accept {_what}",
        description=_NEEDS_REVIEW,
        of=_type,
        arguments={"record_type": _type},
        takes=Body(
            "AcceptedProposal" if _is_proposal else "Acceptance",
            None,
            (VERSION, REASON, *((TAKE, KEEP) if _is_proposal else ())),
            example={"version": 1},
        ),
        answers={200: Answer("As it is now.", _shape, tag=True)},
        scope=TokenScope.WRITE,
        matches=True,
        makes=True,
    )(accept)
    operations.add(
        f"reject_{_type.value}",
        "POST",
        f"/{_type.section}/{{identifier}}/reject",
        f"Reject {_what}",
        description=_NEEDS_REVIEW,
        of=_type,
        arguments={"record_type": _type},
        takes=Body(
            "Rejection",
            None,
            (VERSION, REASON),
            required=("decision_reason",),
            example={"version": 1, "decision_reason": "The source says something else."},
        ),
        answers={200: Answer("As it is now.", _shape, tag=True)},
        scope=TokenScope.WRITE,
        matches=True,
        makes=True,
    )(reject)


@operations.add(
    "withdraw_proposal",
    "POST",
    "/proposals/{identifier}/withdraw",
    "Withdraw your own proposal",
    section="proposals",
    of=RecordType.PROPOSAL,
    takes=Body("Withdrawal", None, (VERSION,), example={"version": 1}),
    answers={200: Answer("The withdrawn proposal.", PROPOSAL, tag=True)},
    scope=TokenScope.WRITE,
    matches=True,
    makes=True,
)
def withdraw(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Withdraw a proposal of one's own."""

    def decide(session: WriteSession, record: Record, version: int) -> None:
        assert isinstance(record, Proposal)
        decisions.withdraw(session, record, version)

    return _deciding(RecordType.PROPOSAL, identifier, sent, decide)


@operations.add(
    "propose_again",
    "POST",
    "/proposals/{identifier}/propose-again",
    "Propose again what is left of your own proposal",
    section="proposals",
    of=RecordType.PROPOSAL,
    takes=Body("ProposedAgain", None, (VERSION, EDIT_SUMMARY), example={"version": 1}),
    answers={
        200: Answer("The change took effect: this is what was proposed before.", PROPOSAL, tag=True),
        201: Answer("The new proposal.", PROPOSAL, tag=True, location=True),
    },
    scope=TokenScope.WRITE,
    matches=True,
    makes=True,
)
def propose_again(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Propose what is left of a proposal of one's own for the record as it is now."""

    def save(session: WriteSession) -> Response:
        proposal = records.find(session, Proposal, identifier)
        version = version_meant(proposal, sent.options["version"])
        done = proposing_again.propose_again(session, proposal, version)
        shown = done if isinstance(done, Proposal) else proposal
        unit_of_work.finish(session)
        session.refresh(shown)
        if isinstance(done, Proposal):
            return answers.made(proposal_object(shown), shown, ".show_proposal")
        return answers.record(proposal_object(shown), shown)

    return saved(sent, save)
