"""The JSON API, version 1: lists with the filters of the pages, single records, and the writes of the forms.

Fields are called like the columns of the files. Reading needs no account; writing needs a token with the
scope `write` (`Authorization: Bearer …`). A change that needs review is answered with 202 and the proposal.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Unauthorized

from claims_app.database import WriteSession
from claims_app.models import RECORD_MODELS, Claim, EvidenceItem, Proposal, Record, unit_of_work
from claims_app.rules.arms import NUMBERS, disagreement
from claims_app.services.appraisal import appraisals
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import KINDS, form_values
from claims_app.services.transfer import lists
from claims_app.vocabulary import RecordType
from claims_app.web import access, listing
from claims_app.web.record_links import base_url
from claims_app.web.session import reading, writing
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("api", __name__, url_prefix="/api/v1")

_TYPES = {
    record_type.section: record_type for record_type in RecordType if record_type.section in lists.LISTS
}
_LISTED = f"<any({', '.join(_TYPES)}):name>"
_WRITTEN = f"<any({', '.join(name for name, term in _TYPES.items() if KINDS[term].writing)}):name>"
_BESIDES = frozenset({"version", "edit_summary", "duplicate_is_meant"})


@bp.get(f"/{_LISTED}")
@answers_as_of
def index(name: str) -> ResponseReturnValue:
    """Send a page of a list, with the address of the next one."""
    filters, sort = lists.read_filters(name, listing.query())
    page = lists.list_objects(reading(), name, filters, sort, listing.page_request(), base_url())
    shown = listing.Listing(page, filters, sort, sort, listing.page_request().size)
    return _send({"total": page.total, "next": shown.next_url, "items": page.items})


@bp.get(f"/{_LISTED}/<identifier>")
@answers_as_of
def show(name: str, identifier: str) -> ResponseReturnValue:
    """Send one record."""
    return _send(_object(reading(), _find(reading(), name, identifier)))


@bp.post("/claims")
def new_claim() -> ResponseReturnValue:
    """Add a claim."""
    return _create(
        lambda session, sent: claims.create_claim(session, sent, duplicate_is_meant=_duplicate_is_meant()),
        RecordType.CLAIM,
    )


@bp.post("/studies")
def new_study() -> ResponseReturnValue:
    """Add a study."""
    return _create(
        lambda session, sent: studies.create_study(session, sent, duplicate_is_meant=_duplicate_is_meant()),
        RecordType.STUDY,
    )


@bp.post("/claims/<identifier>/evidence")
def new_evidence(identifier: str) -> ResponseReturnValue:
    """Add evidence to a claim; a study that is linked already needs `duplicate_is_meant`."""

    def work(session: WriteSession, sent: Mapping[str, object]) -> Record:
        claim = records.find(session, Claim, identifier)
        return evidence.create_evidence(session, claim, sent, duplicate_is_meant=_duplicate_is_meant())

    return _create(work, RecordType.EVIDENCE)


@bp.post("/<any(claims, evidence):parent>/<identifier>/limitations")
def new_limitation(parent: str, identifier: str) -> ResponseReturnValue:
    """Add a limitation to a claim or to an evidence item."""

    def work(session: WriteSession, sent: Mapping[str, object]) -> Record:
        found = cast(Claim | EvidenceItem, _find(session, parent, identifier))
        return evidence.create_limitation(session, found, sent)

    return _create(work, RecordType.LIMITATION)


@bp.post("/claims/<identifier>/appraisals")
def new_appraisal(identifier: str) -> ResponseReturnValue:
    """Appraise the evidence behind a claim."""

    def work(session: WriteSession, sent: Mapping[str, object]) -> Record | None:
        claim = records.find(session, Claim, identifier)
        made = appraisals.appraise(session, claim, sent, appraiser_id=_user_id())
        return None if isinstance(made, HandedIn) else made

    return _create(work, RecordType.APPRAISAL)


@bp.patch(f"/{_WRITTEN}/<identifier>")
def change(name: str, identifier: str) -> ResponseReturnValue:
    """Change the fields that are sent; `version` says which version they were read at."""
    _user_id()
    sent = _sent(_TYPES[name])
    with writing(sent.get("edit_summary")) as session:
        record = _find(session, name, identifier)
        fields = {key: value for key, value in sent.items() if key not in _BESIDES}
        raw = {**form_values(session, record), **fields}
        made = proposals.change(session, record, _version(sent), raw)
        answer, status = _written(session, made), 202 if isinstance(made, Proposal) else 200
    return _send(answer, status)


@bp.delete(f"/{_WRITTEN}/<identifier>")
def delete(name: str, identifier: str) -> ResponseReturnValue:
    """Delete a record; `version` and the reason, `edit_summary`, are needed."""
    _user_id()
    sent = _sent(None)
    reason = records.clean_reason(sent.get("edit_summary"), required=True)
    with writing(reason) as session:
        made = proposals.delete(session, _find(session, name, identifier), _version(sent))
        answer = None if made is None else _written(session, made)
    if answer:
        return _send(answer, 202)
    response = Response(status=204)
    response.headers.pop("Content-Type")
    return response


def _duplicate_is_meant() -> bool:
    """Return whether the program confirms that a record which looks like another one is another one."""
    return request.get_json().get("duplicate_is_meant") is True


def _create(
    work: Callable[[WriteSession, Mapping[str, object]], Record | None], record_type: RecordType
) -> ResponseReturnValue:
    _user_id()
    sent = _sent(record_type)
    fields = {key: value for key, value in sent.items() if key not in _BESIDES}
    with writing(sent.get("edit_summary")) as session:
        made = work(session, fields)
        if made is None:
            return _send({"handed_in": True}, 202)
        answer = _written(session, made)
    response = _send(answer, 202 if isinstance(made, Proposal) else 201)
    if not isinstance(made, Proposal):
        response.headers["Location"] = url_for(
            ".show", name=made.record_type.section, identifier=made.public_id
        )
    return response


def _written(session: WriteSession, record: Record) -> dict[str, Any]:
    """Return what was written: the record, or the proposal that waits for review."""
    unit_of_work.finish(session)  # the answer shows what will be committed, levels included
    if isinstance(record, Proposal):
        return {
            "proposal_id": record.public_id,
            "record": record.target_name,
            "state": record.state,
            "changes": record.changes,
            "url": f"{base_url()}{url_for('review.show', identifier=record.public_id)}",
        }
    session.refresh(record)
    answer = _object(session, record)
    if isinstance(record, EvidenceItem):
        sentence = disagreement({name: getattr(record, name) for name in NUMBERS})
        answer["warnings"] = [sentence] if sentence else []
    return answer


def _object(session: Session, record: Record) -> dict[str, Any]:
    [found] = lists.objects(session, record.record_type.section, [record.id], base_url())
    return found


def _find(session: Session, name: str, identifier: str) -> Record:
    return records.find(session, RECORD_MODELS[_TYPES[name]], identifier)


def _sent(record_type: RecordType | None) -> dict[str, object]:
    """Return the JSON object of the request. Raises BadRequest, and Invalid for an unknown field."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise BadRequest("Send a JSON object, with Content-Type: application/json.")
    known = _fields(record_type) | _BESIDES
    if unknown := {str(key): ["There is no such field."] for key in sent if key not in known}:
        raise Invalid(unknown)
    return sent


def _fields(record_type: RecordType | None) -> frozenset[str]:
    if record_type is None:
        return frozenset()
    return frozenset(field.name for field in KINDS[record_type].schema.fields)


def _version(sent: Mapping[str, object]) -> int:
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise Invalid({"version": ["Enter the version that you read; it is a field of the record."]})
    return version


def _user_id() -> int:
    """Return the account of the token. Raises Unauthorized without one; a cookie does not write here."""
    user = access.signed_in_user()
    if user is None or user.scope is None:
        raise Unauthorized("Writing needs an API token: send Authorization: Bearer and the token.")
    return user.id


def _send(found: Any, status: int = 200) -> Response:
    response = jsonify(found)
    response.status_code = status
    if status == 200 and request.method == "GET":
        response.add_etag()
        response.make_conditional(request)
    return response
