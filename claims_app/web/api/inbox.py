"""The inbox: papers that wait for a decision, for those who may add records. Each decision takes the version read."""

import dataclasses
from collections.abc import Callable
from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats.delimited import Column, Kind
from claims_app.models import Candidate, CandidateDecision, CandidateOrigin, Claim, Study, User
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import Field, RecordReference, Schema, Text
from claims_app.rules.identifiers import public_id
from claims_app.rules.reference import Reference
from claims_app.rules.schemas.candidate import KNOWN_BY
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.paging import Page
from claims_app.services.intake import completion, inbox, inbox_queries, triage
from claims_app.services.intake.inbox import Origin
from claims_app.services.intake.inbox_queries import CandidatePage, InboxFilters
from claims_app.vocabulary import (
    CandidateAction,
    CandidateState,
    OriginKind,
    PutOutcome,
    RecordType,
    Relation,
    TokenScope,
)
from claims_app.web import listing, lookup
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import VERSION, Body, Sent
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.reading import SHAPES, named, object_of
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column, list_of
from claims_app.web.api.tags import version_meant
from claims_app.web.session import reading

operations = Operations("inbox")

ORIGIN = Shape.of(
    "CandidateOrigin",
    column("kind", Kind.TERM, "How it came to the inbox.", OriginKind),
    column("detail", Kind.TEXT, "The identifier, file name or search."),
    column("line", Kind.INTEGER, "The line in the file."),
    column("claim_id", Kind.TERM, "The claim that it may be about."),
    column("watch_id", Kind.TERM, "The watch that found it."),
    column("by", Kind.TEXT, "Who added it; null for the server."),
    column("at", Kind.DATETIME, "When (UTC)."),
)
DECISION = Shape.of(
    "CandidateDecision",
    column("action", Kind.TERM, "What was done.", CandidateAction),
    column("reason", Kind.TEXT, "Why."),
    column("by", Kind.TEXT, "Who decided; null for the server."),
    column("at", Kind.DATETIME, "When (UTC)."),
    column("claim_id", Kind.TERM, "The claim that it was linked to."),
    column("study_id", Kind.TERM, "The study that it became."),
    column("evidence_id", Kind.TERM, "The evidence that came from it."),
    column("assigned_to", Kind.TEXT, "Who got it."),
)
KNOWN = Shape.of(
    "KnownStudy",
    column("study_id", Kind.TERM, "A study that is or may be the same report."),
    column("relation", Kind.TERM, "How they are related.", Relation),
    column("reasons", Kind.LIST, "Why, in sentences."),
)
_COLUMNS: tuple[Column, ...] = (
    column("number", Kind.INTEGER, "The number of the candidate."),
    column("state", Kind.TERM, "Whether it was decided on.", CandidateState),
    column("title", Kind.TEXT, "The title; null while only an identifier is known."),
    column("authors", Kind.LIST, "The authors."),
    column("year", Kind.INTEGER, "The year of publication."),
    column("journal", Kind.TEXT, "The journal."),
    *(column(name, Kind.TERM, "An identifier of the paper.") for name in inbox.IDENTIFIERS),
    column("retraction", Kind.TEXT, "What its source says about a retraction."),
    column("reason", Kind.TEXT, "The reason for the decision."),
    column("study_id", Kind.TERM, "The study that was made from it or is the same."),
    column("assigned_to", Kind.TEXT, "The curator that it is assigned to."),
    column("decided_by", Kind.TEXT, "Who decided."),
    column("decided_at", Kind.DATETIME, "When it was decided (UTC)."),
    column("added_at", Kind.DATETIME, "When it came to the inbox (UTC)."),
    column("version", Kind.INTEGER, "Its version, which a decision must name."),
)
_ORIGINS = list_of("How it came to the inbox.", ORIGIN)
CANDIDATE = Shape.of("Candidate", *_COLUMNS, parts=(ORIGIN,), origins=_ORIGINS)
WHOLE = Shape.of(
    "CandidateWithAdvice",
    *_COLUMNS,
    column("abstract", Kind.TEXT, "The abstract."),
    column("notice", Kind.TEXT, "A retraction notice about the paper, in a sentence."),
    column("itself_a_notice", Kind.TEXT, "Why it looks like a notice and not like a study."),
    column("likely_claims", Kind.LIST, "Claims that it may be about, most likely first."),
    parts=(ORIGIN, DECISION, KNOWN),
    origins=_ORIGINS,
    known=list_of("Studies that are or may be the same report, best match first.", KNOWN),
    decisions=list_of("What was decided so far.", DECISION),
)
PUT = Shape.of(
    "PutInInbox",
    column("outcome", Kind.TERM, "What came of it.", PutOutcome),
    column("sentence", Kind.TEXT, "The same in a sentence."),
    column("number", Kind.INTEGER, "The candidate; null if it is a study already."),
    column("study_id", Kind.TERM, "The study that it is already."),
)

_CLAIM = RecordReference(
    name="claim_id", label="Claim", help="The claim that it is about.", record_type=RecordType.CLAIM
)
_SAME_AS = RecordReference(
    name="same_as",
    label="Same as",
    help="The study that the paper is, if it is known already; then no study is added.",
    record_type=RecordType.STUDY,
)
_USERNAME = Text(
    name="username", label="User name", help="The curator that it is for.", max_length=200, required=True
)
_CITATION = Schema(
    noun="citation",
    fields=tuple(
        dataclasses.replace(schemas.CANDIDATE.field(name), required=False) for name in (*KNOWN_BY, "abstract")
    ),
)


@operations.add(
    "list_candidates",
    "GET",
    "/inbox",
    "A page of the inbox",
    description="Waiting candidates, oldest first; `state` asks for others. Not visible to readers.",
    filters=InboxFilters,
    answers={200: Answer("A page of candidates.", CANDIDATE, listed=True)},
    scope=TokenScope.READ,
)
@requires(Permission.CREATE)
def index() -> ResponseReturnValue:
    """Send a page of the inbox."""
    filters = InboxFilters.read(listing.query(), ("per_page", "after", "before"))
    page = inbox_queries.list_candidates(reading(), filters, user_id(), listing.page_request())
    return answers.page(
        Page([candidate_object(one) for one in page.items], page.total, page.next, page.previous)
    )


@operations.add(
    "show_candidate",
    "GET",
    "/inbox/{number}",
    "One candidate, with what helps to decide",
    numbered="candidate",
    answers={200: Answer("The candidate.", WHOLE, tag=True)},
    scope=TokenScope.READ,
)
@requires(Permission.CREATE)
def show(number: int) -> ResponseReturnValue:
    """Send one candidate."""
    page = inbox_queries.show_candidate(reading(), number, InboxFilters(), user_id())
    return answers.record(_whole(page), page.candidate)


@operations.add(
    "add_to_inbox",
    "POST",
    "/inbox",
    "Add a citation to the inbox",
    description="A title or an identifier is enough. A paper that is a study already, waits already or was judged not "
    "relevant is not added again: the answer is 200 and says so.",
    takes=Body(
        "Citation",
        _CITATION,
        (_CLAIM,),
        example={"title": "Vitamin D and sleep in fibromyalgia", "year": 2025, "claim_id": "CLM-1"},
    ),
    answers={
        201: Answer("It was added.", PUT, location=True),
        200: Answer("It was known already.", PUT),
    },
    scope=TokenScope.WRITE,
    makes=True,
)
@requires(Permission.CREATE)
def add(sent: Sent) -> ResponseReturnValue:
    """Put a citation into the inbox."""
    values = records.clean(_CITATION, sent.fields)
    known = {name: sent.fields[name] for name in KNOWN_BY if values[name] is not None}

    def save(session: WriteSession) -> Response:
        number = sent.options["claim_id"]
        claim = None if number is None else named(session, Claim, number, "claim_id")
        detail = next((str(values[name]) for name in inbox.IDENTIFIERS if values[name]), values["title"])
        origin = Origin(
            kind=OriginKind.IDENTIFIER, detail=str(detail or ""), claim_id=claim.id if claim else None
        )
        reference = Reference(values=known, abstract=str(values["abstract"] or ""))
        put = inbox.put(session, reference, origin)
        is_new = put.outcome is PutOutcome.NEW
        response = answers.send(
            {
                "outcome": put.outcome,
                "sentence": put.sentence,
                "number": put.candidate.id if put.candidate else None,
                "study_id": put.study.public_id if put.study else None,
            },
            201 if is_new else 200,
        )
        if is_new and put.candidate:
            response.headers["Location"] = url_for(".show_candidate", number=put.candidate.id)
        return response

    return saved(sent, save)


Work = Callable[[WriteSession, int, int, Sent], Study | None]


def _decision(
    name: str,
    path: str,
    summary: str,
    *options: Field,
    schema: Schema | None = None,
    description: str = "",
    example: dict[str, object] | None = None,
    study: bool = False,
) -> Callable[[Work], Work]:
    """Declare a decision, which the function below carries out; `study` says that it answers with a study."""

    def declare(work: Work) -> Work:
        @requires(Permission.CREATE)
        def decide(number: int, sent: Sent) -> ResponseReturnValue:
            return _decide(number, sent, work)

        required = tuple(option.name for option in options if option.required)
        operations.add(
            name,
            "POST",
            f"/inbox/{{number}}/{path}",
            summary,
            description=description,
            numbered="candidate",
            takes=Body(
                "".join(word.capitalize() for word in name.split("_")),
                schema,
                (*options, VERSION),
                required=required,
                example={"version": 1, **(example or {})},
            ),
            answers={
                200: Answer("The study.", SHAPES["studies"])
                if study
                else Answer("The candidate.", WHOLE, tag=True)
            },
            scope=TokenScope.WRITE,
            matches=True,
        )(decide)
        return work

    return declare


@_decision(
    "take_as_study",
    "study",
    "Add a candidate as a study, or say which study it is",
    _SAME_AS,
    study=True,
)
def _take(session: WriteSession, number: int, version: int, sent: Sent) -> Study:
    same = sent.options["same_as"]
    study = None if same is None else named(session, Study, same, "same_as")
    return triage.take_as_study(session, number, version, study.public_id if study else "")


@_decision(
    "link_candidate",
    "link",
    "Link a candidate to a claim",
    dataclasses.replace(_CLAIM, required=True),
    description="Its study is added unless it is known. Then add evidence with this study and `candidate`: the "
    "candidate leaves the inbox when the evidence is saved.",
    example={"claim_id": "CLM-1"},
    study=True,
)
def _link(session: WriteSession, number: int, version: int, sent: Sent) -> Study:
    claim = named(session, Claim, sent.options["claim_id"], "claim_id")
    return triage.choose_claim(session, number, version, claim)


@_decision(
    "judge_not_relevant",
    "not-relevant",
    "Mark a candidate as not relevant",
    schema=schemas.NOT_RELEVANT,
    description="It will not be suggested again.",
    example={"reason": "It is about another disease."},
)
def _reject(session: WriteSession, number: int, version: int, sent: Sent) -> None:
    triage.judge_not_relevant(session, number, version, sent.fields)


@_decision("postpone_candidate", "later", "Postpone the decision on a candidate")
def _postpone(session: WriteSession, number: int, version: int, sent: Sent) -> None:
    triage.put_off(session, number, version)


@_decision(
    "hand_on_candidate", "hand-on", "Assign a candidate to a curator", _USERNAME, example={"username": "ada"}
)
def _hand_on(session: WriteSession, number: int, version: int, sent: Sent) -> None:
    triage.hand_on(session, number, version, sent.options["username"])


@_decision("bring_back_candidate", "bring-back", "Return a candidate to the inbox")
def _bring_back(session: WriteSession, number: int, version: int, sent: Sent) -> None:
    triage.bring_back(session, number, version)


@operations.add(
    "complete_candidate",
    "POST",
    "/inbox/{number}/complete",
    "Look up missing details of a candidate",
    description="Asks the bibliographic services about its identifier. The answer is 422 if they do not know it.",
    numbered="candidate",
    takes=Body("CompleteCandidate", None, (VERSION,), example={"version": 1}),
    answers={200: Answer("The candidate.", WHOLE, tag=True)},
    scope=TokenScope.WRITE,
    matches=True,
)
@requires(Permission.CREATE)
def complete(number: int, sent: Sent) -> ResponseReturnValue:
    """Look up missing details, before the transaction begins."""
    candidate = inbox.find(reading(), number)
    version_meant(candidate, sent.options["version"])
    try:
        found = completion.ask(lookup.ask, candidate)
    except completion.LookedUpInVain as refused:
        raise Invalid({"number": [str(refused)]}) from None

    def work(session: WriteSession, number: int, version: int, sent: Sent) -> None:
        inbox.complete(session, triage.open_one(session, number, version), found)

    return _decide(number, sent, work)


def _decide(number: int, sent: Sent, work: Work) -> Response:
    def save(session: WriteSession) -> Response:
        version = version_meant(inbox.find(session, number), sent.options["version"])
        study = work(session, number, version, sent)
        session.flush()
        if study is not None:
            return answers.record(object_of(session, study), study)
        session.expire_all()
        page = inbox_queries.show_candidate(session, number, InboxFilters(), user_id())
        return answers.record(_whole(page), page.candidate)

    return saved(sent, save)


def candidate_object(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as it is listed."""
    return {
        "number": candidate.id,
        "state": candidate.state,
        "title": candidate.title,
        "authors": candidate.authors.split("\n") if candidate.authors else [],
        "year": candidate.year,
        "journal": candidate.journal,
        **{name: getattr(candidate, name) for name in inbox.IDENTIFIERS},
        "retraction": candidate.retraction,
        "reason": candidate.reason,
        "study_id": candidate.study_name,
        "assigned_to": _name(candidate.assigned_to),
        "decided_by": _name(candidate.decided_by),
        "decided_at": candidate.decided_at,
        "added_at": candidate.added_at,
        "version": candidate.version,
        "origins": [_origin(origin) for origin in candidate.origins],
    }


def _whole(page: CandidatePage) -> dict[str, Any]:
    return {
        **candidate_object(page.candidate),
        "abstract": page.candidate.abstract,
        "notice": page.notice,
        "itself_a_notice": page.itself_a_notice,
        "likely_claims": [one.claim.public_id for one in page.likely],
        "known": [
            {"study_id": one.study.public_id, "relation": one.relation, "reasons": list(one.reasons)}
            for one in page.known
        ],
        "decisions": [_decision_object(one) for one in page.candidate.decisions],
    }


def _origin(origin: CandidateOrigin) -> dict[str, Any]:
    return {
        "kind": origin.kind,
        "detail": origin.detail,
        "line": origin.line,
        "claim_id": origin.claim_name,
        "watch_id": _named(RecordType.WATCH, origin.watch_id),
        "by": _name(origin.by),
        "at": origin.at,
    }


def _decision_object(decision: CandidateDecision) -> dict[str, Any]:
    return {
        "action": decision.action,
        "reason": decision.reason,
        "by": _name(decision.by),
        "at": decision.at,
        "claim_id": _named(RecordType.CLAIM, decision.claim_id),
        "study_id": _named(RecordType.STUDY, decision.study_id),
        "evidence_id": _named(RecordType.EVIDENCE, decision.evidence_id),
        "assigned_to": _name(decision.to),
    }


def _name(user: User | None) -> str | None:
    return user.username if user else None


def _named(record_type: RecordType, number: int | None) -> str | None:
    return None if number is None else public_id(record_type, number)
