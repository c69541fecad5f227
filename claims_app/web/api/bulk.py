"""Adding many records in one request and one transaction: all or none of them, or those that are accepted."""

from collections.abc import Callable
from typing import Any, cast

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Record
from claims_app.rules import schemas
from claims_app.rules.fields import RecordReference, YesOrNo
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, ServiceError
from claims_app.services.records import claims, evidence, studies
from claims_app.vocabulary import RecordType, TokenScope
from claims_app.web.api import answers, examples
from claims_app.web.api.bodies import DUPLICATE_IS_MEANT, EDIT_SUMMARY, ITEMS, Body, Sent
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.problems import within
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape

operations = Operations("")

ATOMIC = YesOrNo(
    name="atomic",
    label="Atomic",
    help="True, which is the default: all records are added, or none. False: those that are accepted.",
)
CLAIM_ID = RecordReference(
    name="claim_id",
    label="Claim",
    help="The claim that it belongs to.",
    record_type=RecordType.CLAIM,
    required=True,
)
OF_CLAIM = RecordReference(
    name="claim_id", label="Claim", help="The claim that it belongs to, if any.", record_type=RecordType.CLAIM
)
OF_EVIDENCE = RecordReference(
    name="evidence_id",
    label="Evidence item",
    help="The evidence item that it belongs to, if it belongs to no claim.",
    record_type=RecordType.EVIDENCE,
)

RESULTS = Shape.of(
    "BulkResults",
    created={"type": "integer", "minimum": 0, "description": "How many records were added."},
    refused={"type": "integer", "minimum": 0, "description": "How many were not."},
    results={
        "type": "array",
        "description": "What became of each item, in their order.",
        "items": {
            "type": "object",
            "required": ["index", "status"],
            "properties": {
                "index": {"type": "integer", "minimum": 0},
                "status": {"type": "integer"},
                "id": {"type": "string", "description": "The identifier of the new record."},
                "version": {"type": "integer"},
                "location": {"type": "string", "description": "The address of the new record."},
                "problem": {"$ref": "#/components/schemas/Problem"},
            },
        },
    },
)

Make = Callable[[WriteSession, Sent], Record]


class _Refused(Exception):
    """An item of an atomic request was refused; `answer` says why."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer


def add_many(make: Make, item: Body, sent: Sent) -> ResponseReturnValue:
    """Add the items that were sent; each refused one is answered with its problem, or ends an atomic request."""
    atomic = sent.options["atomic"] is not False

    def work(session: WriteSession) -> Response:
        results = [_result(session, make, item, index, one, atomic) for index, one in enumerate(sent.items)]
        created = sum(1 for result in results if "id" in result)
        found = {"created": created, "refused": len(results) - created, "results": results}
        return answers.send(found, 201 if created == len(results) else 200)

    try:
        return saved(sent, work)
    except _Refused as refused:
        return refused.answer


def _result(
    session: WriteSession, make: Make, item: Body, index: int, sent: object, atomic: bool
) -> dict[str, Any]:
    savepoint = None if atomic else session.begin_nested()
    try:
        if not isinstance(sent, dict):
            raise Invalid({"": ["Send an object."]})
        record = make(session, item.checked(sent))
        session.flush()
    except ServiceError as error:
        problem = within(_problem(error), f"{ITEMS}/{index}")
        if savepoint is None:
            raise _Refused(problem) from error
        savepoint.rollback()
        return {"index": index, "status": problem.status_code, "problem": problem.get_json()}
    if savepoint is not None:
        savepoint.commit()
    return {
        "index": index,
        "status": 201,
        "id": record.public_id,
        "version": record.version,
        "location": url_for(f".show_{record.record_type.section}", identifier=record.public_id),
    }


def _problem(error: ServiceError) -> Response:
    """Return the problem document that a request of its own would be answered with."""
    return current_app.make_response(current_app.handle_user_exception(error))


def _claim(session: WriteSession, sent: Sent) -> Record:
    return claims.create_claim(
        session, sent.fields, duplicate_is_meant=bool(sent.options["duplicate_is_meant"])
    )


def _study(session: WriteSession, sent: Sent) -> Record:
    return studies.create_study(
        session, sent.fields, duplicate_is_meant=bool(sent.options["duplicate_is_meant"])
    )


def _evidence(session: WriteSession, sent: Sent) -> Record:
    claim = records.get(session, Claim, sent.options["claim_id"])
    meant = bool(sent.options["duplicate_is_meant"])
    return evidence.create_evidence(session, claim, sent.fields, duplicate_is_meant=meant)


def _limitation(session: WriteSession, sent: Sent) -> Record:
    claim_id, evidence_id = sent.options["claim_id"], sent.options["evidence_id"]
    if (claim_id is None) == (evidence_id is None):
        raise Invalid({"claim_id": ["Enter either a claim or an evidence item."]})
    parent: Claim | EvidenceItem = (
        records.get(session, Claim, claim_id)
        if claim_id is not None
        else records.get(session, EvidenceItem, cast(int, evidence_id))
    )
    return evidence.create_limitation(session, parent, sent.fields)


for _type, _make, _item in (
    (RecordType.CLAIM, _claim, Body("ClaimItem", schemas.CLAIM, (DUPLICATE_IS_MEANT,))),
    (RecordType.STUDY, _study, Body("StudyItem", schemas.STUDY, (DUPLICATE_IS_MEANT,))),
    (
        RecordType.EVIDENCE,
        _evidence,
        Body("EvidenceItemItem", schemas.EVIDENCE, (CLAIM_ID, DUPLICATE_IS_MEANT)),
    ),
    (RecordType.LIMITATION, _limitation, Body("LimitationItem", schemas.LIMITATION, (OF_CLAIM, OF_EVIDENCE))),
):
    operations.add(
        f"create_{_type.section}_in_bulk",
        "POST",
        f"/{_type.section}/bulk",
        f"Add many {_type.section if _type is not RecordType.EVIDENCE else 'evidence items'}",
        section=_type.section,
        description="In one transaction. With `atomic`, one refused item ends the request, and nothing is saved; the "
        "error names it by a JSON pointer. Without, each item has a result, with a problem document if it was refused.",
        arguments={"make": _make, "item": _item},
        takes=Body(
            f"Many{_type.section.capitalize()}",
            None,
            (ATOMIC, EDIT_SUMMARY),
            items=_item,
            example=examples.BULK[_type],
        ),
        answers={
            200: Answer("Some were refused.", RESULTS),
            201: Answer("All were added.", RESULTS),
        },
        scope=TokenScope.WRITE,
        makes=True,
        statuses=(404, 410),
    )(add_many)
