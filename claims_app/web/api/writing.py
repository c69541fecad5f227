"""Writes of records with the rules of the forms. A change that needs review is answered with 202 and the proposal."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Proposal, Record, unit_of_work
from claims_app.rules import schemas
from claims_app.rules.arms import NUMBERS, disagreement
from claims_app.services.appraisal import appraisals
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core import records
from claims_app.services.intake import triage
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import KINDS, form_values
from claims_app.vocabulary import RecordType, TokenScope
from claims_app.web.api import answers, examples
from claims_app.web.api.bodies import (
    CANDIDATE,
    DUPLICATE_IS_MEANT,
    EDIT_SUMMARY,
    EVIDENCE_DIGEST,
    VERSION,
    Body,
    Sent,
)
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.reading import SHAPES, TYPES, find, object_of
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import HANDED_IN, PROPOSAL
from claims_app.web.api.tags import version_meant
from claims_app.web.record_links import base_url

operations = Operations("")
DELETION = Body(
    "Deletion",
    None,
    (VERSION, EDIT_SUMMARY),
    required=("edit_summary",),
    example={"version": 1, "edit_summary": "Entered by mistake."},
)
"""What the deletion of a record takes."""

WAITS = Answer("The change waits for review: this is its proposal.", PROPOSAL)


def made(record_type: RecordType) -> Mapping[int, Answer]:
    """Return the answers of an operation that makes a record."""
    label = record_type.label.lower()
    return {
        201: Answer(f"The new {label}.", SHAPES[record_type.section], location=True, tag=True),
    }


@operations.add(
    "create_claim",
    "POST",
    "/claims",
    "Add a claim",
    section="claims",
    takes=Body("NewClaim", schemas.CLAIM, (EDIT_SUMMARY, DUPLICATE_IS_MEANT), example=examples.CLAIM),
    answers=made(RecordType.CLAIM),
    scope=TokenScope.WRITE,
    makes=True,
)
def new_claim(sent: Sent) -> ResponseReturnValue:
    """Add a claim."""
    return create(
        sent,
        lambda session: claims.create_claim(
            session, sent.fields, duplicate_is_meant=bool(sent.options["duplicate_is_meant"])
        ),
    )


@operations.add(
    "create_study",
    "POST",
    "/studies",
    "Add a study",
    section="studies",
    takes=Body("NewStudy", schemas.STUDY, (EDIT_SUMMARY, DUPLICATE_IS_MEANT), example=examples.STUDY),
    answers=made(RecordType.STUDY),
    scope=TokenScope.WRITE,
    makes=True,
)
def new_study(sent: Sent) -> ResponseReturnValue:
    """Add a study."""
    return create(
        sent,
        lambda session: studies.create_study(
            session, sent.fields, duplicate_is_meant=bool(sent.options["duplicate_is_meant"])
        ),
    )


@operations.add(
    "create_evidence",
    "POST",
    "/claims/{identifier}/evidence",
    "Add evidence to a claim",
    section="evidence",
    description="The answer has `warnings`, such as an estimate that differs from the one that the numbers of both "
    "groups give. A study that is linked to the claim already needs `duplicate_is_meant`.",
    of=RecordType.CLAIM,
    takes=Body(
        "NewEvidenceItem",
        schemas.EVIDENCE,
        (EDIT_SUMMARY, DUPLICATE_IS_MEANT, CANDIDATE),
        example=examples.EVIDENCE,
    ),
    answers=made(RecordType.EVIDENCE),
    scope=TokenScope.WRITE,
    makes=True,
)
def new_evidence(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Add evidence to a claim; a study that is linked already needs `duplicate_is_meant`."""

    def work(session: WriteSession) -> Record:
        claim = records.find(session, Claim, identifier)
        item = evidence.create_evidence(
            session, claim, sent.fields, duplicate_is_meant=bool(sent.options["duplicate_is_meant"])
        )
        if (candidate := sent.options["candidate"]) is not None:
            triage.evidence_saved(session, candidate, item)
        return item

    return create(sent, work)


def new_limitation(parent: str, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Add a limitation to a claim or to an evidence item."""

    def work(session: WriteSession) -> Record:
        found = cast(Claim | EvidenceItem, find(session, parent, identifier))
        return evidence.create_limitation(session, found, sent.fields)

    return create(sent, work)


_NEW_LIMITATION = Body("NewLimitation", schemas.LIMITATION, (EDIT_SUMMARY,), example=examples.LIMITATION)

for _parent in (RecordType.CLAIM, RecordType.EVIDENCE):
    operations.add(
        f"create_limitation_of_{_parent.value}",
        "POST",
        f"/{_parent.section}/{{identifier}}/limitations",
        f"Add a limitation to {'a claim' if _parent is RecordType.CLAIM else 'an evidence item'}",
        section="limitations",
        of=_parent,
        arguments={"parent": _parent.section},
        takes=_NEW_LIMITATION,
        answers=made(RecordType.LIMITATION),
        scope=TokenScope.WRITE,
        makes=True,
    )(new_limitation)


@operations.add(
    "create_appraisal",
    "POST",
    "/claims/{identifier}/appraisals",
    "Appraise the evidence behind a claim",
    section="appraisals",
    description="Each domain takes a whole number, negative to rate down, and needs a reason if it is not 0 or not "
    "what the program advises. The errors of a refused appraisal name the advice and the proposed conclusion. Leave "
    "out `level` to accept the computed one.",
    of=RecordType.CLAIM,
    takes=Body(
        "NewAppraisal", schemas.APPRAISAL, (EDIT_SUMMARY, EVIDENCE_DIGEST), example=examples.APPRAISAL
    ),
    answers={
        **made(RecordType.APPRAISAL),
        202: Answer(
            "It waits for review, or for the other one of two independent appraisals.", HANDED_IN, PROPOSAL
        ),
    },
    scope=TokenScope.WRITE,
    makes=True,
)
def new_appraisal(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Appraise the evidence behind a claim."""

    def work(session: WriteSession) -> Record | None:
        claim = records.find(session, Claim, identifier)
        handed = appraisals.appraise(
            session,
            claim,
            sent.fields,
            appraiser_id=user_id(),
            seen_digest=sent.options["evidence_digest"],
        )
        return None if isinstance(handed, HandedIn) else handed

    return create(sent, work)


def change(name: str, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Change the fields that are sent; `version` or If-Match says which version they were read at."""

    def save(session: WriteSession) -> Response:
        record = find(session, name, identifier)
        raw = {**form_values(session, record), **sent.fields}
        version = version_meant(record, sent.options["version"])
        changed = proposals.change(session, record, version, raw)
        answer = written(session, changed)
        if isinstance(changed, Proposal):
            return answers.send(answer, 202)
        return answers.record(answer, changed)

    return saved(sent, save)


def delete(name: str, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Delete a record; the version, and the reason in `edit_summary`, are needed."""

    def save(session: WriteSession) -> Response:
        record = find(session, name, identifier)
        waiting = proposals.delete(session, record, version_meant(record, sent.options["version"]))
        return answers.nothing() if waiting is None else answers.send(written(session, waiting), 202)

    return saved(sent, save)


for _section, _type in TYPES.items():
    if KINDS[_type].writing:
        _label = _type.label.lower()
        operations.add(
            f"change_{_type.value}",
            "PATCH",
            f"/{_section}/{{identifier}}",
            f"Change fields of one {_label}",
            section=_section,
            description="Fields that are left out stay as they are. Send `version`, or the ETag as If-Match.",
            of=_type,
            arguments={"name": _section},
            takes=Body(
                f"Changed{SHAPES[_section].name}",
                KINDS[_type].schema,
                (VERSION, EDIT_SUMMARY),
                partial=True,
                example=examples.CHANGES[_type],
            ),
            answers={200: Answer(f"The changed {_label}.", SHAPES[_section], tag=True), 202: WAITS},
            scope=TokenScope.WRITE,
            matches=True,
        )(change)
        operations.add(
            f"delete_{_type.value}",
            "DELETE",
            f"/{_section}/{{identifier}}",
            f"Delete one {_label}",
            section=_section,
            description="The reason is shown at the address of the deleted record.",
            of=_type,
            arguments={"name": _section},
            takes=DELETION,
            answers={204: Answer("Deleted."), 202: WAITS},
            scope=TokenScope.WRITE,
            matches=True,
        )(delete)


def create(sent: Sent, work: Callable[[WriteSession], Record | None]) -> ResponseReturnValue:
    """Answer with what `work` makes: a record, a proposal, or None for an appraisal that was handed in."""

    def save(session: WriteSession) -> Response:
        record = work(session)
        if record is None:
            return answers.send({"handed_in": True}, 202)
        answer = written(session, record)
        if isinstance(record, Proposal):
            return answers.send(answer, 202)
        return answers.made(answer, record, f".show_{record.record_type.section}")

    return saved(sent, save)


def written(session: WriteSession, record: Record) -> dict[str, Any]:
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
    answer = object_of(session, record)
    if isinstance(record, EvidenceItem):
        sentence = disagreement({name: getattr(record, name) for name in NUMBERS})
        answer["warnings"] = [sentence] if sentence else []
    return answer
