"""Appraising a claim, the appraisals of a claim, one appraisal, two side by side, and how levels come about."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.models import Claim, Proposal, Record
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules.appraisal import starting, study_level
from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.level import SCHEME_VERSION
from claims_app.services.appraisal import appraisals, levels, rounds
from claims_app.services.appraisal.agreement import agreement_of_claims
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core import records
from claims_app.services.core.errors import EvidenceChanged, Invalid
from claims_app.services.core.filters import ClaimFilters
from claims_app.vocabulary import RecordType
from claims_app.web import access, chart_data, editing, listing
from claims_app.web.access import requires
from claims_app.web.appraisals.forms import AppraisalForm
from claims_app.web.record_links import address_of, shows
from claims_app.web.session import database, reading, writing
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("appraisals", __name__)

DRAFT = "draft"
"""The value of `intent` with which what was chosen so far is kept, and the level shown."""


@bp.get("/claims/<identifier>/appraise")
@requires(Permission.APPRAISE)
def appraise(identifier: str) -> ResponseReturnValue:
    """Show the desk of an appraiser: where the evidence begins, each domain with its advice, and the level so far."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    desk = levels.desk_of(reading(), claim, _user_id())
    form = AppraisalForm(data={**levels.begun(reading(), desk), "evidence_digest": desk.body.digest()})
    return _desk_page(form, desk)


@bp.post("/claims/<identifier>/appraise")
@requires(Permission.APPRAISE)
def save(identifier: str) -> ResponseReturnValue:
    """Save the appraisal; with `intent=draft`, keep what was chosen so far and show what it comes to."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    form = AppraisalForm()
    if request.form.get("intent") == DRAFT:
        return _save_draft(form, claim)

    def work(session: Session) -> str | Record:
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
    done = "It is handed in. It stays closed until both are in." if closed else "The appraisal is saved."
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
            return saved
    except EvidenceChanged as changed:
        context["conflict"] = changed
    # A session of its own: the one of this request may still see the older evidence.
    with database().reading() as fresh:
        desk = levels.desk_of(fresh, records.get(fresh, Claim, claim.id), _user_id())
        form.evidence_digest.data = desk.body.digest()
        return _desk_page(form, desk, **context)


@bp.post("/claims/<identifier>/appraise/draft/discard")
@requires(Permission.APPRAISE)
def discard(identifier: str) -> ResponseReturnValue:
    """Throw one's draft away."""
    claim = records.find(reading(), Claim, identifier)
    with writing() as session:
        appraisals.discard_draft(session, claim.id, _user_id())
    flash("Your draft was thrown away.", "info")
    return redirect(url_for(".appraise", identifier=identifier), 303)


@bp.post("/claims/<identifier>/appraise/round")
@requires(Permission.APPRAISE)
def open_round(identifier: str) -> ResponseReturnValue:
    """Ask for two independent appraisals of a claim."""
    return _change_round(identifier, lambda session, claim: rounds.open_round(session, claim, _user_id()))


@bp.post("/claims/<identifier>/appraise/round/call-off")
@requires(Permission.APPRAISE)
def call_off(identifier: str) -> ResponseReturnValue:
    """Call the independent appraisals of a claim off."""
    return _change_round(identifier, rounds.call_off)


@bp.get("/claims/<identifier>/appraisals")
@answers_as_of
def of_claim(identifier: str) -> ResponseReturnValue:
    """Show the appraisals of a claim over time; with `first` and `second`, two of them side by side."""
    claim = records.find(reading(), Claim, identifier)
    moves = levels.appraisals_of(reading(), claim)
    first, second = request.args.get("first"), request.args.get("second")
    comparison = levels.compare(reading(), claim, first, second) if first and second else None
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
    """Show one appraisal, whole, with the evidence as it was then."""
    return render_template("appraisals/show.html", view=levels.show_appraisal(reading(), identifier))


@bp.get("/appraisals")
def index() -> ResponseReturnValue:
    """Show how far two independent appraisers agreed, over the claims that fit the filters."""
    filters = ClaimFilters.read(listing.query())
    filters.check_topics(reading())
    return render_template(
        "appraisals/index.html", filters=filters, agreement=agreement_of_claims(reading(), filters)
    )


@bp.get("/method")
def method() -> ResponseReturnValue:
    """Show how a level comes about: every rule with its source, as the program applies it."""
    return render_template(
        "appraisals/method.html",
        starting_points=starting.STARTING_POINTS,
        domains=DOMAINS,
        study_levels=study_level,
        scheme_version=SCHEME_VERSION,
    )


def _save_draft(form: AppraisalForm, claim: Claim) -> ResponseReturnValue:
    """Keep what was chosen so far; answer with the level so far, or go back to the form."""
    try:
        with writing() as session:
            current = records.get(session, Claim, claim.id)
            appraisals.save_draft(session, current, _user_id(), form.values())
    except Invalid as refused:
        form.add_errors(refused.errors)
    desk = levels.desk_of(reading(), claim, _user_id())
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
    flash("Your draft is kept; only you can see it.", "success")
    return redirect(url_for(".appraise", identifier=claim.public_id, _anchor="result"), 303)


def _change_round(identifier: str, change: Callable[[Session, Claim], object]) -> ResponseReturnValue:
    claim = records.find(reading(), Claim, identifier)
    try:
        with writing() as session:
            change(session, records.get(session, Claim, claim.id))
    except Invalid as refused:
        flash(" ".join(sentence for sentences in refused.errors.values() for sentence in sentences), "error")
    return redirect(url_for(".appraise", identifier=identifier), 303)


def _desk_page(form: AppraisalForm, desk: levels.Desk, **context: Any) -> ResponseReturnValue:
    choice = desk.chosen(form.chosen())
    return editing.form_page(
        "appraisals/form.html", form, claim=desk.claim, desk=desk, choice=choice, **context
    )


def _user_id() -> int:
    user = access.signed_in_user()
    if user is None:
        raise access.NotSignedIn
    return user.id
