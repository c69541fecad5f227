"""Adding, editing and deleting evidence items and limitations."""

import functools
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Record
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.arms import disagreement
from claims_app.rules.identifiers import public_id
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import DuplicateEvidence
from claims_app.services.intake import triage
from claims_app.services.pages.claim_evidence import page_of_item
from claims_app.services.records import evidence, proposals
from claims_app.vocabulary import Directness, RecordType, RiskOfBias
from claims_app.web import editing
from claims_app.web.access import effect_of_saving, requires, signed_in
from claims_app.web.drafts.autosave import keeps_drafts
from claims_app.web.evidence import quote_capture
from claims_app.web.evidence.forms import EvidenceForm, LimitationForm
from claims_app.web.inbox.following import INBOX, offer_next
from claims_app.web.loading import loaded
from claims_app.web.record_links import address_of, edits, shows
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("evidence", __name__)


@bp.get("/evidence/<identifier>")
@answers_as_of
@shows(RecordType.EVIDENCE)
def show(identifier: str) -> ResponseReturnValue:
    """Redirect to the evidence item on the page of its claim."""
    item = records.find(reading(), EvidenceItem, identifier)
    return redirect(_address_on_page(item, item))


@bp.get("/limitations/<identifier>")
@answers_as_of
@shows(RecordType.LIMITATION)
def show_limitation(identifier: str) -> ResponseReturnValue:
    """Redirect to the limitation on the page of its claim."""
    limitation = records.find(reading(), Limitation, identifier)
    item = limitation.evidence
    return redirect(address_of(limitation) if item is None else _address_on_page(item, limitation))


def _address_on_page(item: EvidenceItem, anchor: EvidenceItem | Limitation) -> str:
    """Return the address of `anchor` on that page of the evidence of a claim that shows `item`."""
    page = page_of_item(reading(), item)
    claim = public_id(RecordType.CLAIM, item.claim_id)
    return url_for("claims.show", identifier=claim, page=page if page > 1 else None, _anchor=anchor.public_id)


@bp.route("/claims/<identifier>/evidence/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("Evidence for {identifier}")
def new(identifier: str) -> ResponseReturnValue:
    """Add an evidence item to a claim; warn first if the study is already linked."""
    claim = records.find(reading(), Claim, identifier)
    defaults = {
        "study_id": request.args.get("study", ""),
        "directness": Directness.UNKNOWN.value,
        "risk_of_bias": RiskOfBias.NOT_ASSESSED.value,
        "candidate": request.args.get("candidate", ""),
    }
    form = EvidenceForm(data=defaults if request.method == "GET" else None)
    candidate = whole_number(form.candidate.data)

    def work(session: WriteSession) -> Record:
        item = evidence.create_evidence(
            session,
            records.get(session, Claim, claim.id),
            form.values(),
            duplicate_is_meant=form.duplicate_is_meant.data,
        )
        if candidate is not None:
            triage.evidence_saved(session, candidate, item)
        return item

    if quote_capture.is_asked_for():
        return _form_page(form, claim, None, checked=quote_capture.take(form), saving=False)
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done="The evidence was added.")):
            _warn_of_groups(form)
            if candidate is not None:
                offer_next(candidate, request.args.get(INBOX, ""))
                # From the top of the page on, where the next candidate is offered.
                saved.location = (saved.location or "").partition("#")[0]
            return saved
    except DuplicateEvidence as duplicate:
        return _form_page(form, claim, None, duplicate=duplicate)
    return _form_page(form, claim, None)


@bp.route("/evidence/<identifier>/edit", methods=["GET", "POST"])
@signed_in
@keeps_drafts("Edit of {identifier}")
@edits(RecordType.EVIDENCE)
def edit(identifier: str) -> ResponseReturnValue:
    """Edit an evidence item; editing an outdated version shows both versions."""
    item = records.find(reading(), EvidenceItem, identifier)
    form = EvidenceForm() if request.method == "POST" else EvidenceForm.of(item)

    update = functools.partial(evidence.update_evidence, duplicate_is_meant=form.duplicate_is_meant.data)

    def work(session: WriteSession) -> Record:
        current = records.get(session, EvidenceItem, item.id)
        return proposals.change(session, current, editing.version_of(form), form.values(), update)

    page = functools.partial(_form_page, form, item.claim, item)
    if quote_capture.is_asked_for():
        return page(checked=quote_capture.take(form), saving=False)
    try:
        shown = editing.edit_page(form, item, work, page, done="The evidence was saved.")
    except DuplicateEvidence as duplicate:
        return page(duplicate=duplicate)
    if isinstance(shown, Response):
        _warn_of_groups(form)
    return shown


@bp.route("/evidence/<identifier>/delete", methods=["GET", "POST"])
@signed_in
def delete(identifier: str) -> ResponseReturnValue:
    """Confirm and delete an evidence item without limitations."""
    item = records.find(reading(), EvidenceItem, identifier)
    name = f"{item.study.citation} {item.direction.label.lower()} {item.claim.public_id}"
    return editing.delete_page(item, name, address_of(item.claim))


@bp.route("/claims/<identifier>/limitations/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("Limitation of {identifier}")
def new_claim_limitation(identifier: str) -> ResponseReturnValue:
    """Add a limitation to a claim."""
    return _new_limitation(Claim, identifier)


@bp.route("/evidence/<identifier>/limitations/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("Limitation of {identifier}")
def new_evidence_limitation(identifier: str) -> ResponseReturnValue:
    """Add a limitation to an evidence item."""
    return _new_limitation(EvidenceItem, identifier)


def _new_limitation(model: type[Claim] | type[EvidenceItem], identifier: str) -> ResponseReturnValue:
    parent: Claim | EvidenceItem = records.find(reading(), model, identifier)
    form = LimitationForm()

    def work(session: WriteSession) -> Record:
        return evidence.create_limitation(session, records.get(session, model, parent.id), form.values())

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The limitation was added.")):
        return saved
    return _limitation_form_page(form, parent, None)


@bp.route("/limitations/<identifier>/edit", methods=["GET", "POST"])
@signed_in
@keeps_drafts("Edit of {identifier}")
@edits(RecordType.LIMITATION)
def edit_limitation(identifier: str) -> ResponseReturnValue:
    """Edit a limitation; editing an outdated version shows both versions."""
    limitation = records.find(reading(), Limitation, identifier)
    form = LimitationForm() if request.method == "POST" else LimitationForm.of(limitation)

    def work(session: WriteSession) -> Record:
        current = records.get(session, Limitation, limitation.id)
        return proposals.change(session, current, editing.version_of(form), form.values())

    page = functools.partial(_limitation_form_page, form, limitation.parent, limitation)
    return editing.edit_page(form, limitation, work, page, done="The limitation was saved.")


@bp.route("/limitations/<identifier>/delete", methods=["GET", "POST"])
@signed_in
def delete_limitation(identifier: str) -> ResponseReturnValue:
    """Confirm and delete a limitation."""
    limitation = records.find(reading(), Limitation, identifier)
    return editing.delete_page(limitation, limitation.text, address_of(limitation.parent))


def _form_page(
    form: EvidenceForm, claim: Claim, item: EvidenceItem | None, **context: Any
) -> ResponseReturnValue:
    study = quote_capture.study_of(form)
    form.name_groups(study.design if study else None)
    context["texts"] = quote_capture.texts_for(form, claim, study)
    context["effect"] = effect_of_saving(item)
    form.offer_usual_level()
    return editing.form_page("evidence/form.html", form, claim=claim, item=item, **context)


def _warn_of_groups(form: EvidenceForm) -> None:
    """Warn if the estimate that was saved differs from the one that the groups give."""
    values, _ = schemas.EVIDENCE.clean(form.values())
    if sentence := disagreement(values):
        flash(sentence, "warning")


def _limitation_form_page(
    form: LimitationForm, parent: Claim | EvidenceItem, limitation: Limitation | None, **context: Any
) -> ResponseReturnValue:
    return editing.form_page(
        "evidence/limitation_form.html",
        form,
        parent=loaded(parent, "study"),
        limitation=limitation,
        effect=effect_of_saving(limitation),
        **context,
    )
