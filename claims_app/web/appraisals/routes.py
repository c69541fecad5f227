"""Appraising a claim, its appraisals, their comparison, and the method page."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, Proposal, Record
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules.appraisal import sources, starting, study_level
from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.level import SCHEME_VERSION
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.services.appraisal import appraisals, desks, levels, rounds
from claims_app.services.appraisal.agreement import agreement_of_claims
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core import records
from claims_app.services.core.errors import EvidenceChanged, Invalid
from claims_app.services.core.filters import ClaimFilters
from claims_app.vocabulary import Conclusion, EvidenceLevel, RecordType
from claims_app.web import access, chart_data, editing, listing
from claims_app.web.access import requires
from claims_app.web.appraisals.forms import AppraisalForm
from claims_app.web.loading import loaded
from claims_app.web.record_links import address_of, shows
from claims_app.web.session import database, reading, writing
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("appraisals", __name__)

DRAFT = "draft"
"""The value of `intent` that saves a draft and shows the resulting level."""


@bp.get("/claims/<identifier>/appraise")
@requires(Permission.APPRAISE)
def appraise(identifier: str) -> ResponseReturnValue:
    """Show the appraisal form: the starting level, each domain with advice, and the level so far."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    desk = desks.desk_of(reading(), claim, _user_id())
    form = AppraisalForm(data={**desks.begun(desk), "evidence_digest": desk.body.digest()})
    return _desk_page(form, desk)


@bp.post("/claims/<identifier>/appraise")
@requires(Permission.APPRAISE)
def save(identifier: str) -> ResponseReturnValue:
    """Save the appraisal; with `intent=draft`, save a draft and show the resulting level."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    form = AppraisalForm()
    if request.form.get("intent") == DRAFT:
        return _save_draft(form, claim)

    def work(session: WriteSession) -> str | Record:
        current = records.get(session, Claim, claim.id)
        made = appraisals.appraise(
            session,
            current,
            form.values(),
            appraiser_id=_user_id(),
            seen_digest=form.evidence_digest.data or None,
        )
        if isinstance(made, HandedIn):
            return url_for(".appraise", identifier=identifier)
        return made if isinstance(made, Proposal) else address_of(current)

    context: dict[str, object] = {}
    round_ = rounds.open_round_of(reading(), claim.id)
    closed = round_ is not None and not rounds.is_to_settle(round_)
    done = (
        "The appraisal was submitted. It stays hidden until both are submitted."
        if closed
        else "The appraisal was saved."
    )
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
            return saved
    except EvidenceChanged as changed:
        context["conflict"] = changed
    # A new session: the one of this request may still see the older evidence.
    with database().reading() as fresh:
        desk = desks.desk_of(fresh, records.get(fresh, Claim, claim.id), _user_id())
        form.evidence_digest.data = desk.body.digest()
        return _desk_page(form, desk, **context)


@bp.post("/claims/<identifier>/appraise/take-over")
@requires(Permission.APPRAISE)
def take_over(identifier: str) -> ResponseReturnValue:
    """Make a draft of the answers of the last appraisal, in place of any draft, and return to the form."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    try:
        with writing() as session:
            last = desks.take_over(session, records.get(session, Claim, claim.id), _user_id())
    except Invalid as refused:
        flash(" ".join(sentence for sentences in refused.errors.values() for sentence in sentences), "error")
    else:
        flash(
            f"The form has the answers of {last.public_id}. Review each one before you save: it will be "
            "yours.",
            "info",
        )
    return redirect(url_for(".appraise", identifier=identifier), 303)


@bp.post("/claims/<identifier>/appraise/draft/discard")
@requires(Permission.APPRAISE)
def discard(identifier: str) -> ResponseReturnValue:
    """Discard the user's draft."""
    claim = records.find(reading(), Claim, identifier)
    with writing() as session:
        appraisals.discard_draft(session, claim.id, _user_id())
    flash("Your draft was discarded.", "info")
    return redirect(url_for(".appraise", identifier=identifier), 303)


@bp.post("/claims/<identifier>/appraise/round")
@requires(Permission.APPRAISE)
def open_round(identifier: str) -> ResponseReturnValue:
    """Request two independent appraisals of a claim."""
    return _change_round(identifier, lambda session, claim: rounds.open_round(session, claim, _user_id()))


@bp.post("/claims/<identifier>/appraise/round/call-off")
@requires(Permission.APPRAISE)
def call_off(identifier: str) -> ResponseReturnValue:
    """Cancel the independent appraisals of a claim."""
    return _change_round(identifier, rounds.call_off)


@bp.get("/claims/<identifier>/appraisals")
@answers_as_of
def of_claim(identifier: str) -> ResponseReturnValue:
    """Show the appraisals of a claim over time; with `first` and `second`, compare two of them."""
    claim = records.find(reading(), Claim, identifier)
    moves = levels.appraisals_of(reading(), claim)
    first, second = request.args.get("first"), request.args.get("second")
    comparison = levels.compare(reading(), claim, first, second) if first and second else None
    for view in (comparison.first, comparison.second) if comparison else ():
        loaded(view.appraisal, "appraised_by", "seen")
    return render_template(
        "appraisals/of_claim.html",
        claim=claim,
        moves=moves,
        independent=levels.independent_of(reading(), claim),
        comparison=comparison,
        timeline=chart_data.timeline_of(claim, moves),
    )


@bp.get("/appraisals/<identifier>")
@answers_as_of
@shows(RecordType.APPRAISAL)
def show(identifier: str) -> ResponseReturnValue:
    """Show one appraisal with the evidence at that time."""
    view = levels.show_appraisal(reading(), identifier)
    loaded(view.appraisal, "claim", "appraised_by", "seen")
    return render_template("appraisals/show.html", view=view)


@bp.get("/appraisals")
def index() -> ResponseReturnValue:
    """Show the agreement between independent appraisers for the claims that match the filters."""
    filters = ClaimFilters.read(listing.query())
    filters.check(reading())
    return render_template(
        "appraisals/index.html", filters=filters, agreement=agreement_of_claims(reading(), filters)
    )


@bp.get("/method")
def method() -> ResponseReturnValue:
    """Show how levels are determined: every rule with its source, as the software applies it."""
    return render_template(
        "appraisals/method.html",
        starting_points=starting.STARTING_POINTS,
        domains=DOMAINS,
        study_levels=study_level,
        scheme_version=SCHEME_VERSION,
        sources=sources,
        example=Verdict(Conclusion.CONTRADICTED, EvidenceLevel.MODERATE),
    )


def _save_draft(form: AppraisalForm, claim: Claim) -> ResponseReturnValue:
    """Save a draft; return the level so far, or redirect to the form."""
    try:
        with writing() as session:
            current = records.get(session, Claim, claim.id)
            appraisals.save_draft(session, current, _user_id(), form.values())
    except Invalid as refused:
        form.add_errors(refused.errors)
    desk = desks.desk_of(reading(), claim, _user_id())
    if request.headers.get("X-Part") == "result":
        page = render_template(
            "appraisals/_result.html",
            form=form,
            desk=desk,
            choice=desk.chosen(form.chosen()),
            saved_at=utc_now(),
            part=True,
        )
        return page, 422 if form.errors else 200
    if form.errors:
        return _desk_page(form, desk)
    flash("Your draft was saved. Only you can see it.", "success")
    return redirect(url_for(".appraise", identifier=claim.public_id, _anchor="result"), 303)


def _change_round(identifier: str, change: Callable[[WriteSession, Claim], object]) -> ResponseReturnValue:
    claim = records.find(reading(), Claim, identifier)
    try:
        with writing() as session:
            change(session, records.get(session, Claim, claim.id))
    except Invalid as refused:
        flash(" ".join(sentence for sentences in refused.errors.values() for sentence in sentences), "error")
    return redirect(url_for(".appraise", identifier=identifier), 303)


def _desk_page(form: AppraisalForm, desk: desks.Desk, **context: Any) -> ResponseReturnValue:
    choice = desk.chosen(form.chosen())
    return editing.form_page(
        "appraisals/form.html", form, claim=desk.claim, desk=desk, choice=choice, **context
    )


def _user_id() -> int:
    user = access.account()
    return user.id
