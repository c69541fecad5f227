"""The list of claims, the page of a claim, and the forms to add, edit and delete one."""

import functools
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, Record
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.core.errors import LooksLike
from claims_app.services.core.filters import CLAIM_ORDERS, ClaimFilters
from claims_app.services.intake import inbox_queries, watch_queries
from claims_app.services.pages import page_queries
from claims_app.services.pages.claim_evidence import EvidenceRequest
from claims_app.services.pages.claim_rows import claim_rows
from claims_app.services.pages.excerpts import excerpts_of_claims
from claims_app.services.pages.page_queries import ClaimPage
from claims_app.services.pages.selections import select_claims
from claims_app.services.records import claims, proposals
from claims_app.vocabulary import ClaimStatus, RecordType
from claims_app.web import chart_data, editing, listing, page_data, time_travel
from claims_app.web.access import Rights, effect_of_saving, may_ever, requires, rights_over, signed_in
from claims_app.web.claims import cite_routes, linked_routes, picture_routes
from claims_app.web.claims.evidence_listing import EvidenceListing
from claims_app.web.claims.forms import ClaimForm
from claims_app.web.discussion.presenters import talk_about
from claims_app.web.drafts.autosave import keeps_drafts
from claims_app.web.facets import CLAIM_FACETS
from claims_app.web.list_pages import list_page
from claims_app.web.record_links import edits, shows
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("claims", __name__, url_prefix="/claims")


@bp.get("")
@answers_as_of
def index() -> ResponseReturnValue:
    """Show the claims that match the filters, page by page."""
    return list_page(
        "claims/index.html",
        ClaimFilters.read,
        CLAIM_ORDERS,
        select_claims,
        claim_rows,
        CLAIM_FACETS,
        excerpts_of_claims,
        Claim,
    )


@bp.get("/<identifier>")
@answers_as_of
@shows(RecordType.CLAIM)
def show(identifier: str) -> ResponseReturnValue:
    """Show one claim with its evidence, discussion and history, or lead a program to its data."""
    if file := page_data.file_asked_for(page_data.OF_CLAIMS, identifier):
        return file
    page = page_queries.show_claim(reading(), identifier, EvidenceRequest.read(listing.query()))
    today = time_travel.asked() is None
    about = page_data.of_claim(page)
    shown = render_template(
        "claims/show.html",
        page=page,
        page_data=about,
        rights=_rights(page),
        evidence=EvidenceListing(page.table, request.path),
        forests=chart_data.forests_of(page.table),
        timeline=chart_data.timeline_of(page.claim, page.moves),
        # The past has no discussion, no inbox and no watches.
        talk=talk_about(reading(), page.claim, page.has) if today else None,
        searches=(
            watch_queries.note_of(reading(), page.claim, is_watched=page.has.watches) if today else None
        ),
        n_candidates=(
            inbox_queries.count_for_claim(reading(), page.claim.id) if may_ever(Permission.CREATE) else 0
        ),
    )
    return page_data.with_links(shown, about) if today else shown


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("New claim")
def new() -> ResponseReturnValue:
    """Add a claim."""
    form = ClaimForm(data={"status": ClaimStatus.ACTIVE.value} if request.method == "GET" else None)
    form.offer_topics(page_queries.all_topics(reading()))

    def work(session: WriteSession) -> Record:
        meant = form.duplicate_is_meant.data
        return claims.create_claim(session, form.values(), duplicate_is_meant=meant)

    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done="The claim was added.")):
            return saved
    except LooksLike as duplicate:
        return _form_page(form, None, duplicate=duplicate)
    return _form_page(form, None)


@bp.route("/<identifier>/edit", methods=["GET", "POST"])
@signed_in
@keeps_drafts("Edit of {identifier}")
@edits(RecordType.CLAIM)
def edit(identifier: str) -> ResponseReturnValue:
    """Edit a claim; editing an outdated version shows both versions."""
    claim = records.find(reading(), Claim, identifier)
    form = ClaimForm() if request.method == "POST" else ClaimForm.of(claim)
    form.offer_topics(page_queries.all_topics(reading()))

    def work(session: WriteSession) -> Record:
        current = records.get(session, Claim, claim.id)
        return proposals.change(session, current, editing.version_of(form), form.values())

    page = functools.partial(_form_page, form, claim)
    return editing.edit_page(form, claim, work, page, done="The claim was saved.")


@bp.route("/<identifier>/delete", methods=["GET", "POST"])
@signed_in
def delete(identifier: str) -> ResponseReturnValue:
    """Confirm and delete a claim that no other record depends on."""
    claim = records.find(reading(), Claim, identifier)
    return editing.delete_page(claim, claim.statement, url_for("claims.index"))


cite_routes.register(bp)
linked_routes.register(bp)
picture_routes.register(bp)


def _rights(page: ClaimPage) -> Rights:
    """Return what the signed-in user may do to the claim and to its evidence and limitations."""
    limitations = [*page.limitations, *(limit for item in page.items for limit in item.limitations)]
    return rights_over(
        [page.claim, *page.items, *limitations], Permission.EDIT, Permission.DELETE
    ) | rights_over([page.claim], Permission.APPRAISE, Permission.MERGE)


def _form_page(form: ClaimForm, claim: Claim | None, **context: Any) -> ResponseReturnValue:
    return editing.form_page("claims/form.html", form, claim=claim, effect=effect_of_saving(claim), **context)
