"""The inbox: papers that wait for a decision, for those who may add records. Each decision takes the version read."""

import dataclasses
from collections.abc import Callable

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, Study
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import Field, RecordReference, Schema, Text
from claims_app.rules.reference import Reference
from claims_app.rules.schemas.candidate import KNOWN_BY
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.paging import Page
from claims_app.services.intake import completion, inbox, inbox_queries, triage
from claims_app.services.intake.inbox import Origin
from claims_app.services.intake.inbox_queries import InboxFilters
from claims_app.vocabulary import (
    OriginKind,
    PutOutcome,
    RecordType,
    TokenScope,
)
from claims_app.web import listing, lookup
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import VERSION, Body, Sent
from claims_app.web.api.candidates import CANDIDATE, PUT, WHOLE, candidate_object, candidate_with_advice
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.reading import SHAPES, named, object_of
from claims_app.web.api.saving import saved
from claims_app.web.api.tags import version_meant
from claims_app.web.session import reading

operations = Operations("inbox")

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
    return answers.record(candidate_with_advice(page), page.candidate)


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
        return answers.record(candidate_with_advice(page), page.candidate)

    return saved(sent, save)
