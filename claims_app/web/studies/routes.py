"""The list of studies, the page of a study, and the forms for studies and their texts."""

import functools
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from claims_app.database import WriteSession
from claims_app.models import Claim, Proposal, Record, Study, StudyText
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.core.errors import Gone, Invalid, LooksLike, Merged, NotFound, Refused
from claims_app.services.core.filters import STUDY_ORDERS, StudyFilters
from claims_app.services.intake import claim_suggestions, retractions
from claims_app.services.pages import page_queries
from claims_app.services.pages.excerpts import excerpts_of_studies
from claims_app.services.pages.selections import select_studies
from claims_app.services.pages.study_rows import study_rows
from claims_app.services.records import proposals, studies
from claims_app.services.review import authorship
from claims_app.vocabulary import PublicationState, RecordType, Standing
from claims_app.web import access, editing, listing, page_data, time_travel
from claims_app.web.access import requires, signed_in
from claims_app.web.drafts.autosave import keeps_drafts
from claims_app.web.facets import STUDY_FACETS
from claims_app.web.list_pages import list_page
from claims_app.web.loading import loaded
from claims_app.web.picking.fields import describe_picked
from claims_app.web.record_links import address_of, edits, shows
from claims_app.web.session import reading, writing
from claims_app.web.studies import duplicate_routes, overlap_routes, quote_routes
from claims_app.web.studies.forms import EvidenceForForm, NewStudyForm, StudyForm, TextForm
from claims_app.web.time_travel import answers_as_of

bp = Blueprint("studies", __name__, url_prefix="/studies")


@bp.get("")
@answers_as_of
def index() -> ResponseReturnValue:
    """Show the studies that match the filters, page by page."""
    return list_page(
        "studies/index.html",
        StudyFilters.read,
        STUDY_ORDERS,
        select_studies,
        study_rows,
        STUDY_FACETS,
        excerpts_of_studies,
        Study,
    )


@bp.get("/<identifier>")
@answers_as_of
@shows(RecordType.STUDY)
def show(identifier: str) -> ResponseReturnValue:
    """Show one study with its evidence for claims, a page of it at a time, or lead a program to its data."""
    if file := page_data.file_asked_for(page_data.OF_STUDIES, identifier):
        return file
    page = page_queries.show_study(reading(), identifier, listing.page_request())
    user = access.signed_in_user()
    mine = user is not None and authorship.wrote(reading(), user.id, page.study)
    noticed = retractions.offered(reading(), page.study) if access.may(Permission.EDIT, page.study) else None
    limitations = [limit for item in page.evidence.items for limit in item.limitations]
    rights = access.rights_over(
        [page.study, *page.evidence.items, *limitations], Permission.EDIT, Permission.DELETE
    ) | access.rights_over([page.study], Permission.MERGE)
    about = page_data.of_study(page)
    shown = render_template(
        "studies/show.html", page=page, rights=rights, wrote_study=mine, noticed=noticed, page_data=about
    )
    return page_data.with_links(shown, about) if time_travel.asked() is None else shown


@bp.get("/<identifier>.jsonld")
def linked_data(identifier: str) -> ResponseReturnValue:
    """Send what the page of a study says to programs."""
    return page_data.data_response(page_data.of_study(page_queries.show_study(reading(), identifier)))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("New study")
def new() -> ResponseReturnValue:
    """Add a study; `claim` or `candidate` in the query say what it is for, and where its form leads."""
    defaults = {"publication_state": PublicationState.PUBLISHED.value, "standing": Standing.CURRENT.value}
    form = NewStudyForm(data=defaults if request.method == "GET" else None)
    if request.method == "GET":
        form.prefill(request.args)

    def work(session: WriteSession) -> Record:
        meant = form.duplicate_is_meant.data
        made = studies.create_study(session, form.values(), duplicate_is_meant=meant)
        try:
            studies.keep_abstract(session, made, form.abstract.data)
        except Invalid as refused:
            raise Invalid({"abstract": refused.errors.get("content", [str(refused)])}) from None
        return made

    done = "The study was added."
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done=done, onward=form.onward)):
            return saved
    except LooksLike as duplicate:
        return _form_page(form, None, duplicate=duplicate)
    return _form_page(form, None)


@bp.route("/<identifier>/edit", methods=["GET", "POST"])
@signed_in
@keeps_drafts("Edit of {identifier}")
@edits(RecordType.STUDY)
def edit(identifier: str) -> ResponseReturnValue:
    """Edit a study; editing an outdated version shows both versions."""
    study = records.find(reading(), Study, identifier)
    form = StudyForm() if request.method == "POST" else StudyForm.of(study)
    if request.method == "GET":
        form.prefill(request.args)

    def work(session: WriteSession) -> Record:
        current = records.get(session, Study, study.id)
        return proposals.change(session, current, editing.version_of(form), form.values())

    page = functools.partial(_form_page, form, study)
    return editing.edit_page(form, study, work, page, done="The study was saved.")


@bp.get("/<identifier>/evidence/new")
@requires(Permission.CREATE)
def new_evidence(identifier: str) -> ResponseReturnValue:
    """Choose the claim that a study is evidence for, and continue with the form for it."""
    study = records.find(reading(), Study, identifier)
    asked = "claim" in request.args
    form = EvidenceForForm(request.args if asked else None)
    if asked and form.claim.validate(form):
        try:
            claim = records.find(reading(), Claim, form.claim.data or "")
        except (NotFound, Gone, Merged) as absent:
            form.add_errors({"claim": [str(absent)]})
        else:
            return redirect(url_for("evidence.new", identifier=claim.public_id, study=study.public_id), 303)
    describe_picked(form)
    texts = loaded(study, "texts").texts
    abstract = next((text.content for text in texts if text.is_abstract), None)
    likely = claim_suggestions.likely_claims(reading(), study.title, abstract or "")
    page = render_template("studies/evidence_for.html", form=form, study=study, likely=likely)
    return page, 422 if asked else 200


@bp.post("/<identifier>/standing")
@requires(Permission.EDIT)
def take_over_standing(identifier: str) -> ResponseReturnValue:
    """Change the standing of a study to that of the loaded retraction notices."""
    study = records.find(reading(), Study, identifier)
    version = request.form.get("version", "")
    try:
        with writing() as session:
            current = records.get(session, Study, study.id)
            found = retractions.offered(session, current)
            if found is None or version != str(current.version):
                raise Refused(
                    "Nothing was changed, because the study or its notices have changed. Check them again."
                )
            outcome = retractions.take_over(session, current, current.version, found)
            waits = isinstance(outcome, Proposal)
            done = (
                f"The change waits for review as {outcome.public_id}."
                if waits
                else "The standing was changed."
            )
    except (Invalid, Refused) as refused:
        flash(str(refused), "error")
    else:
        flash(done, "success")
    return redirect(address_of(study), 303)


@bp.route("/<identifier>/delete", methods=["GET", "POST"])
@signed_in
def delete(identifier: str) -> ResponseReturnValue:
    """Confirm and delete a study that no other record depends on."""
    study = records.find(reading(), Study, identifier)
    return editing.delete_page(study, study.title, url_for("studies.index"))


@bp.route("/<identifier>/texts/new", methods=["GET", "POST"])
@requires(Permission.EDIT)
def new_text(identifier: str) -> ResponseReturnValue:
    """Attach a text to a study for checking its quotes."""
    study = records.find(reading(), Study, identifier)
    form = TextForm()
    if request.method == "GET":
        form.prefill(request.args)

    def work(session: WriteSession) -> str:
        attached = studies.attach_text(session, records.get(session, Study, study.id), form.values())
        return form.onward(study) or address_of(attached)

    done = "The text was attached, and the quotes from the study were checked against it."
    if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
        return saved
    return editing.form_page("studies/text_form.html", form, study=study)


@bp.route("/<identifier>/texts/<text_identifier>/delete", methods=["GET", "POST"])
@requires(Permission.DELETE)
def delete_text(identifier: str, text_identifier: str) -> ResponseReturnValue:
    """Confirm and delete a text of a study."""
    study = records.find(reading(), Study, identifier)
    text = records.find(reading(), StudyText, text_identifier)
    if text.study_id != study.id:
        raise NoSuchPage
    return editing.delete_page(
        text, f"{text.label} of {study.public_id}", address_of(text), studies.delete_text
    )


overlap_routes.register(bp)
quote_routes.register(bp)
duplicate_routes.register(bp)


def _form_page(form: StudyForm, study: Study | None, **context: Any) -> ResponseReturnValue:
    return editing.form_page(
        "studies/form.html",
        form,
        study=study,
        groups=page_queries.all_groups(reading()),
        noticed=retractions.offered(reading(), study) if study is not None else None,
        effect=access.effect_of_saving(study),
        **context,
    )
