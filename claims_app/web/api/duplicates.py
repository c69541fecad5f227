"""Studies that may be duplicates or overlap, and the decisions about them."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats import json_schema
from claims_app.formats.delimited import Kind
from claims_app.models import Claim, OverlapDismissal, Study, StudyDistinction
from claims_app.permissions import Permission
from claims_app.rules.fields import RecordReference, Text
from claims_app.rules.identifiers import public_id
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.services.appraisal import overlaps
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.services.deduplication import study_matching
from claims_app.vocabulary import RecordType, Relation, TokenScope
from claims_app.web import listing
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import NOTHING, Body, Sent
from claims_app.web.api.operations import Answer, Operations, Parameter, user_id
from claims_app.web.api.reading import SHAPES, named
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import PROPOSAL, Shape, column, list_of
from claims_app.web.api.writing import WAITS, written
from claims_app.web.session import reading
from claims_app.web.studies.duplicate_routes import compare_changed

operations = Operations("duplicates")

MOST_OVERLAPS = 100
"""How many suggestions are answered; the strongest come first."""

PAIR = Shape.of(
    "StudyPair",
    column("first", Kind.TERM, "One of the two studies."),
    column("second", Kind.TERM, "The other one."),
    column("relation", Kind.TERM, "What the first seems to be to the second.", Relation),
    column("confidence", Kind.NUMBER, "From 0 to 1."),
    column("reasons", Kind.LIST, "Why, in sentences."),
)
DISTINCTION = Shape.of(
    "StudyDistinction",
    column("number", Kind.INTEGER, "The number of the decision."),
    column("first", Kind.TERM, "One of the two studies."),
    column("second", Kind.TERM, "The other one; null if it is a paper that was not added."),
    column("reason", Kind.TEXT, "Why they are kept separate."),
    column("decided_by", Kind.TEXT, "Who decided."),
    column("decided_at", Kind.DATETIME, "When (UTC)."),
)
OVERLAP = Shape.of(
    "StudyOverlap",
    column("first", Kind.TERM, "One of the two studies."),
    column("second", Kind.TERM, "The other one."),
    column("group", Kind.TEXT, "A name for the study group of both."),
    column("reasons", Kind.LIST, "Why they may be one line of evidence, in sentences."),
)
DISMISSAL = Shape.of(
    "OverlapDismissal",
    column("first", Kind.TERM, "One of the two studies."),
    column("second", Kind.TERM, "The other one."),
    column("reason", Kind.TEXT, "Why they are separate lines of evidence."),
    column("decided_by", Kind.TEXT, "Who decided."),
    column("decided_at", Kind.DATETIME, "When (UTC)."),
)
GROUPED = Shape.of(
    "GroupedStudies",
    column("group", Kind.TEXT, "The study group."),
    parts=(PROPOSAL,),
    proposals=list_of("The changes that wait for review, if any.", PROPOSAL),
)


def _study(name: str, words: str) -> RecordReference:
    return RecordReference(
        name=name, label=f"{name.capitalize()} study", help=words, record_type=RecordType.STUDY
    )


_FIRST, _SECOND = _study("first", "One of the two studies."), _study("second", "The other one.")
_REASON = Text(name="reason", label="Reason", help="Why they are separate.", max_length=REASON_LENGTH)
_GROUP = Text(name="group", label="Group name", help="The name of the study group.", max_length=200)
_BOTH = ("first", "second")
_EXAMPLE = {"first": "STU-1", "second": "STU-3"}
_ONE = Parameter("study", "Only overlaps with this study.", json_schema.identifier(RecordType.STUDY))
_CLAIM = Parameter(
    "claim", "Only overlaps between studies of this claim.", json_schema.identifier(RecordType.CLAIM)
)


@operations.add(
    "list_duplicates",
    "GET",
    "/duplicates",
    "Studies that may be duplicates",
    description="The pairs that nobody has decided on, highest confidence first.",
    answers={200: Answer("The pairs.", PAIR, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.EDIT)
def list_duplicates() -> ResponseReturnValue:
    """Send the possible duplicates, after comparing the studies that changed."""
    compare_changed()
    found = [
        {
            "first": pair.first.public_id,
            "second": pair.second.public_id,
            "relation": pair.match.relation,
            "confidence": pair.match.score,
            "reasons": list(pair.match.reasons),
        }
        for pair in study_matching.suspicious_pairs(reading())
    ]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "list_distinctions",
    "GET",
    "/duplicates/distinct",
    "Studies that are kept separate",
    description="At most 200, latest first.",
    answers={200: Answer("The decisions.", DISTINCTION, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.EDIT)
def list_distinctions() -> ResponseReturnValue:
    """Send the decisions that studies are distinct."""
    found = [_distinction(one) for one in study_matching.distinctions(reading())]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "keep_distinct",
    "POST",
    "/duplicates/distinct",
    "Keep two studies separate",
    description="They are not suggested as duplicates again.",
    takes=Body(
        "KeepDistinct",
        None,
        (_FIRST, _SECOND, _REASON),
        required=(*_BOTH, "reason"),
        example={**_EXAMPLE, "reason": "Two trials of one group."},
    ),
    answers={200: Answer("The decision.", DISTINCTION)},
    scope=TokenScope.WRITE,
)
@requires(Permission.EDIT)
def keep_distinct(sent: Sent) -> ResponseReturnValue:
    """Keep two studies separate, with a reason."""

    def save(session: WriteSession) -> Response:
        first, second = _pair(session, sent)
        made = study_matching.mark_distinct(session, first, second, sent.options["reason"])
        session.refresh(made)
        return answers.send(_distinction(made))

    return saved(sent, save)


@operations.add(
    "forget_distinction",
    "DELETE",
    "/duplicates/distinct/{number}",
    "Let two studies be suggested as duplicates again",
    numbered="decision",
    takes=NOTHING,
    answers={204: Answer("Forgotten, or there was none.")},
    scope=TokenScope.WRITE,
)
@requires(Permission.EDIT)
def forget_distinction(number: int, sent: Sent) -> ResponseReturnValue:
    """Undo the decision to keep two studies separate."""

    def save(session: WriteSession) -> Response:
        study_matching.remove_distinction(session, number)
        return answers.nothing()

    return saved(sent, save)


@operations.add(
    "link_preprint",
    "POST",
    "/duplicates/preprint",
    "Record that one study is a preprint of the other",
    takes=Body("LinkPreprint", None, (_FIRST, _SECOND), required=_BOTH, example=_EXAMPLE),
    description="`first` is the preprint, `second` the published version.",
    answers={200: Answer("The preprint.", SHAPES["studies"], tag=True), 202: WAITS},
    scope=TokenScope.WRITE,
)
@requires(Permission.EDIT)
def link_preprint(sent: Sent) -> ResponseReturnValue:
    """Record that one study is a preprint of the other."""
    given = Sent(
        sent.fields, {"edit_summary": "Preprint and published version, found as possible duplicates."}
    )

    def save(session: WriteSession) -> Response:
        early, paper = _pair(session, sent)
        outcome = study_matching.link_preprint(session, early, paper)
        answer = written(session, outcome)
        return answers.record(answer, outcome) if outcome is early else answers.send(answer, 202)

    return saved(given, save)


@operations.add(
    "list_overlaps",
    "GET",
    "/overlaps",
    "Studies that may be one line of evidence",
    description=f"At most {MOST_OVERLAPS} of them, the strongest first; `total` counts all.",
    parameters=(_ONE, _CLAIM),
    answers={200: Answer("The pairs.", OVERLAP, listed=True, whole=True)},
    statuses=(404, 410),
)
def list_overlaps() -> ResponseReturnValue:
    """Send the possible overlaps."""
    study, claim = request.args.get(_ONE.name), request.args.get(_CLAIM.name)
    found, total = overlaps.strongest(
        reading(),
        MOST_OVERLAPS,
        study_id=records.find(reading(), Study, study).id if study else None,
        claim_id=records.find(reading(), Claim, claim).id if claim else None,
    )
    items = [
        {
            "first": one.first.public_id,
            "second": one.second.public_id,
            "group": one.group_name,
            "reasons": [reason.sentence for reason in one.reasons],
        }
        for one in found
    ]
    return answers.page(Page(items, total, None, None))


@operations.add(
    "list_dismissals",
    "GET",
    "/overlaps/dismissed",
    "A page of the studies that were recorded as separate lines of evidence",
    answers={200: Answer("A page of decisions, latest first.", DISMISSAL, listed=True)},
)
def list_dismissals() -> ResponseReturnValue:
    """Send the overlaps that were dismissed."""
    page = overlaps.dismissals(reading(), listing.page_request())
    return answers.page(Page([_dismissal(one) for one in page.items], page.total, page.next, page.previous))


@operations.add(
    "group_studies",
    "POST",
    "/overlaps/group",
    "Put two studies into one study group",
    description="They then count as one line of evidence.",
    takes=Body(
        "GroupStudies",
        None,
        (_FIRST, _SECOND, _GROUP),
        required=(*_BOTH, "group"),
        example={**_EXAMPLE, "group": "Liverpool cohort"},
    ),
    answers={200: Answer("The group.", GROUPED), 202: Answer("The changes wait for review.", GROUPED)},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def group_studies(sent: Sent) -> ResponseReturnValue:
    """Put two studies into one study group."""

    def save(session: WriteSession) -> Response:
        proposals = overlaps.group_together(session, *_pair(session, sent), sent.options["group"])
        answer = {
            "group": sent.options["group"],
            "proposals": [written(session, proposal) for proposal in proposals],
        }
        return answers.send(answer, 202 if proposals else 200)

    return saved(Sent(sent.fields, {**sent.options, "edit_summary": "Grouped because of an overlap."}), save)


@operations.add(
    "dismiss_overlap",
    "POST",
    "/overlaps/dismissed",
    "Keep two studies as separate lines of evidence",
    takes=Body(
        "DismissOverlap",
        None,
        (_FIRST, _SECOND, _REASON),
        required=(*_BOTH, "reason"),
        example={**_EXAMPLE, "reason": "Other patients."},
    ),
    answers={204: Answer("Recorded. They are not suggested again.")},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def dismiss_overlap(sent: Sent) -> ResponseReturnValue:
    """Record that two studies are separate lines of evidence."""

    def save(session: WriteSession) -> Response:
        overlaps.dismiss(session, *_pair(session, sent), sent.options["reason"], user_id())
        return answers.nothing()

    return saved(sent, save)


def _pair(session: WriteSession, sent: Sent) -> tuple[Study, Study]:
    first, second = (named(session, Study, sent.options[name], name) for name in _BOTH)
    return first, second


def _distinction(one: StudyDistinction) -> dict[str, Any]:
    return {
        "number": one.id,
        "first": public_id(RecordType.STUDY, one.first_id),
        "second": None if one.second_id is None else public_id(RecordType.STUDY, one.second_id),
        "reason": one.reason,
        "decided_by": one.decided_by.username if one.decided_by else None,
        "decided_at": one.decided_at,
    }


def _dismissal(one: OverlapDismissal) -> dict[str, Any]:
    return {
        "first": public_id(RecordType.STUDY, one.first_id),
        "second": public_id(RecordType.STUDY, one.second_id),
        "reason": one.reason,
        "decided_by": one.decided_by.username if one.decided_by else None,
        "decided_at": one.decided_at,
    }
