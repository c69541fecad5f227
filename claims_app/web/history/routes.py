"""The history of a record, single revisions, version comparison, all changes and the feed."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from claims_app.database import WriteSession
from claims_app.models import RECORD_MODELS, Record, Revision, User
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.rules.text import whole_number
from claims_app.services.browsing.selection import browse
from claims_app.services.core import records
from claims_app.services.core.errors import BadFilter, Refused, StaleVersion
from claims_app.services.core.filter_words import in_words
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.core.query import PAGING
from claims_app.services.history import changes, merge_queries, record_history, restore
from claims_app.services.history.changes import ChangeFilters
from claims_app.services.pages.selections import topic_names
from claims_app.vocabulary import RecordType
from claims_app.web import access, application, editing, listing
from claims_app.web.access import requires
from claims_app.web.history import presenters
from claims_app.web.history.forms import LookForm, RestoreForm, RevertForm
from claims_app.web.return_address import login_address
from claims_app.web.session import reading, reading_again, writing
from claims_app.web.templating import with_query

bp = Blueprint("history", __name__)

_TYPES = {record_type.section: record_type for record_type in RecordType}
for _function in (
    presenters.address_as_of,
    presenters.author_of,
    presenters.headline,
    presenters.history_address,
    presenters.label_of,
    presenters.merged_history,
    presenters.parts_of,
    presenters.record_address,
    presenters.revision_address,
    presenters.shown,
):
    bp.add_app_template_global(_function)

_SECTION = f"/<any({', '.join(_TYPES)}):section>/<identifier>"


@bp.get(f"{_SECTION}/history")
def index(section: str, identifier: str) -> ResponseReturnValue:
    """Show the history of a record; with `first` and `second`, compare two versions."""
    record_type = _TYPES[section]
    page = record_history.history_of(reading(), record_type, identifier, listing.page_request())
    versions = record_history.versions_of(reading(), record_type, identifier)
    first, second = request.args.get("first"), request.args.get("second")
    number = versions[0].record_id
    comparison = (
        record_history.compare_versions(reading(), record_type, identifier, _version(first), _version(second))
        if first and second
        else None
    )
    return render_template(
        "history/index.html",
        record_type=record_type,
        name=_name(record_type, versions[0]),
        page=page,
        versions=versions,
        comparison=comparison,
        section=section,
        merge=merge_queries.merge_of(reading(), record_type, number),
        merges=merge_queries.merges_into(reading(), record_type, number),
        older_url=_turned(page.next, "after"),
        newer_url=_turned(page.previous, "before"),
    )


@bp.route(f"{_SECTION}/history/<int:version>", methods=["GET", "POST"])
def show(section: str, identifier: str, version: int) -> ResponseReturnValue:
    """Show one revision field by field; POST reverts the record to it."""
    record_type = _TYPES[section]
    if request.method == "POST":
        return _revert(record_type, identifier, version)
    return _revision_page(record_type, identifier, version)


@bp.post(f"{_SECTION}/restore", endpoint="restore")
@requires(Permission.RESTORE)
def restore_record(section: str, identifier: str) -> ResponseReturnValue:
    """Restore a deleted record."""
    record_type = _TYPES[section]
    form = RestoreForm()

    def work(session: WriteSession) -> Record:
        return restore.restore(session, record_type, identifier)

    if form.validate_on_submit():
        try:
            if saved := editing.save(
                form, work, done="The record was restored, with its identifier and history."
            ):
                return saved
        except Refused as refused:
            flash(str(refused), "error")
    versions = record_history.versions_of(reading(), record_type, identifier)
    return _revision_page(record_type, identifier, versions[-1].version, form=form)


@bp.get("/changes")
def all_changes() -> ResponseReturnValue:
    """Show all changes, newest first; with `new=1`, only those the user has not seen."""
    query = listing.query()
    filters = ChangeFilters.read(query, (*PAGING, "new"))
    user = _user()
    if "new" in query and user is None:
        return redirect(login_address(), 303)
    wanted = listing.page_request()
    page = changes.list_changes(
        reading(), filters, wanted, new_to=user if request.args.get("new") == "1" else None
    )
    return render_template(
        "history/changes.html",
        listing=listing.Listing(page, filters, "newest", "newest", wanted.size),
        n_new=changes.count_new(reading(), user) if user else None,
        most_counted=changes.MOST_COUNTED,
        newest=page.items[0].id if page.items else 0,
        form=LookForm() if user else None,
    )


@bp.post("/changes/seen")
def look() -> ResponseReturnValue:
    """Mark all changes up to one as seen by the user."""
    user = access.account()
    newest = whole_number(request.form.get("newest"))
    if newest is None:
        raise BadFilter("The form does not say which changes you have seen.")
    with writing() as session:
        changes.mark_seen(session, user.id, newest)
    flash("All changes were marked as seen.", "success")
    return redirect(url_for(".all_changes"), 303)


@bp.get("/feed.atom")
def feed() -> ResponseReturnValue:
    """Send the newest changes as an Atom feed: all, or those that match the filters of the list of changes."""
    filters = ChangeFilters.read(listing.query())
    about = filters.claim or (f"“{filters.topic}”" if filters.topic else None)
    title = f"Claims: changes of {about}" if about else "Claims: all changes"
    query = with_query(list(filters.pairs()))
    return _feed(title, changes.latest(reading(), filters), f"/feed.atom{query}", f"/changes{query}")


@bp.get("/claims.atom")
def feed_of_claims() -> ResponseReturnValue:
    """Send the newest changes of the claims that match the filters of their list as an Atom feed."""
    filters = ClaimFilters.read(listing.query(), ("sort",))
    filters.check(reading())
    found = browse(reading(), filters)
    words = in_words(filters, topic_names(reading(), filters.topic))
    title = f"Claims: changes of claims with {words}" if words else "Claims: changes of all claims"
    query = with_query(list(filters.pairs()))
    revisions = changes.latest_of_claims(reading(), found.numbers) if found is not None else []
    return _feed(title, revisions, f"/claims.atom{query}", f"/claims{query}")


def _feed(title: str, revisions: Sequence[Revision], address: str, page: str) -> ResponseReturnValue:
    """Return an Atom feed (RFC 4287) of revisions, at `address`, whose content is also on `page`."""
    response = Response(
        render_template(
            "history/feed.xml",
            title=title,
            revisions=revisions,
            summary_of_changes=presenters.summary_of_changes,
            address=address,
            page=page,
            base=application.settings().base_url,
        ),
        content_type="application/atom+xml; charset=utf-8",
    )
    response.add_etag()
    return response.make_conditional(request)


@requires(Permission.EDIT)
def _revert(record_type: RecordType, identifier: str, version: int) -> ResponseReturnValue:
    record = records.find(reading(), RECORD_MODELS[record_type], identifier)
    form = RevertForm()

    def work(session: WriteSession) -> Record:
        current = records.get(session, type(record), record.id)
        return restore.revert(session, current, editing.version_of(form), version)

    try:
        if form.validate_on_submit() and (
            saved := editing.save(form, work, done=f"The record was reverted to version {version}.")
        ):
            return saved
    except StaleVersion:
        flash(
            "Someone else changed this record. Nothing was saved. Check the current version first.", "error"
        )
        return _revision_page(record_type, identifier, version, status=409)
    except Refused as refused:
        flash(str(refused), "error")
    return _revision_page(record_type, identifier, version, form=form, status=422)


def _revision_page(
    record_type: RecordType,
    identifier: str,
    version: int,
    *,
    form: RevertForm | RestoreForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    # A new session: the one of this request may still see an older state.
    with reading_again() as now:
        page = record_history.show_revision(now, record_type, identifier, version)
        if form is None and access.signed_in_user() is not None:
            form = RevertForm(formdata=None, data={"version": str(page.newest)})
        if request.method == "POST" and status == 200:
            status = 422
        return render_template(
            "history/show.html",
            page=page,
            revision=page.revision,
            name=_name(record_type, page.revision),
            section=record_type.section,
            form=form,
        ), status


def _name(record_type: RecordType, revision: Revision) -> str:
    return public_id(record_type, revision.record_id)


def _version(text: str) -> int:
    version = whole_number(text)
    if version is None:
        raise NoSuchPage(f"“{text}” is not a version number.")
    return version


def _turned(cursor: str | None, direction: str) -> str | None:
    """Return the address of the next or previous page, or None."""
    if cursor is None:
        return None
    return request.path + with_query([(direction, cursor)], per_page=request.args.get("per_page") or None)


def _user() -> User | None:
    user = access.signed_in_user()
    return reading().get(User, user.id) if user else None
