"""The list of watches, the page of a watch, and the forms to add, edit and delete one."""

import functools
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Record, Watch
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.intake import watch_queries
from claims_app.services.pages import page_queries
from claims_app.services.records import proposals, watches
from claims_app.vocabulary import RecordType, WatchService, WatchState
from claims_app.web import access, editing, time_travel
from claims_app.web.access import requires, signed_in
from claims_app.web.drafts.autosave import keeps_drafts
from claims_app.web.loading import loaded
from claims_app.web.record_links import edits, shows
from claims_app.web.session import reading
from claims_app.web.time_travel import answers_as_of
from claims_app.web.watches.forms import WatchForm

bp = Blueprint("watches", __name__, url_prefix="/watches")


@bp.get("")
def index() -> ResponseReturnValue:
    """Show all watches."""
    return render_template("watches/index.html", rows=watch_queries.list_watches(reading()))


@bp.get("/<identifier>")
@answers_as_of
@shows(RecordType.WATCH)
def show(identifier: str) -> ResponseReturnValue:
    """Show one watch; the current version also shows its runs."""
    watch = loaded(records.find(reading(), Watch, identifier), "claim", "topic")
    today = time_travel.asked() is None
    return render_template(
        "watches/show.html",
        watch=watch,
        rights=access.rights_over([watch], Permission.EDIT, Permission.DELETE),
        row=watch_queries.row_of(reading(), watch) if today else None,
        runs=watch_queries.runs_of(reading(), watch) if today else [],
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.CREATE)
@keeps_drafts("New watch")
def new() -> ResponseReturnValue:
    """Add a watch; `claim` in the query fills in the claim."""
    defaults = {
        "service": WatchService.PUBMED.value,
        "state": WatchState.ACTIVE.value,
        "claim_id": request.args.get("claim", ""),
    }
    form = WatchForm(data=defaults if request.method == "GET" else None)

    def work(session: WriteSession) -> Record:
        return watches.create_watch(session, form.values())

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The watch was added.")):
        return saved
    return _form_page(form, None)


@bp.route("/<identifier>/edit", methods=["GET", "POST"])
@signed_in
@keeps_drafts("Edit of {identifier}")
@edits(RecordType.WATCH)
def edit(identifier: str) -> ResponseReturnValue:
    """Edit a watch; editing an outdated version shows both versions."""
    watch = records.find(reading(), Watch, identifier)
    form = WatchForm() if request.method == "POST" else WatchForm.of(watch)

    def work(session: WriteSession) -> Record:
        current = records.get(session, Watch, watch.id)
        return proposals.change(session, current, editing.version_of(form), form.values())

    page = functools.partial(_form_page, form, watch)
    return editing.edit_page(form, watch, work, page, done="The watch was saved.")


@bp.route("/<identifier>/delete", methods=["GET", "POST"])
@signed_in
def delete(identifier: str) -> ResponseReturnValue:
    """Confirm and delete a watch; its results stay."""
    watch = records.find(reading(), Watch, identifier)
    return editing.delete_page(watch, watch.query, url_for(".index"))


def _form_page(form: WatchForm, watch: Watch | None, **context: Any) -> ResponseReturnValue:
    form.offer_topics(page_queries.all_topics(reading()))
    return editing.form_page(
        "watches/form.html", form, watch=watch, effect=access.effect_of_saving(watch), **context
    )
