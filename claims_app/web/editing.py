"""What all forms that write share: saving once, and showing a form again that could not be saved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from claims_app.database import WriteSession
from claims_app.models import Proposal, Record, Reviewed, Revision
from claims_app.permissions import Permission
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import InUse, Invalid, StaleVersion
from claims_app.services.forms import idempotency
from claims_app.services.pages import page_queries
from claims_app.services.records import proposals
from claims_app.services.review import authorship
from claims_app.vocabulary import Effect
from claims_app.web import access, session
from claims_app.web.drafts import autosave
from claims_app.web.forms import DeleteForm, RecordForm, SentForm, typed_value
from claims_app.web.picking.fields import describe_picked
from claims_app.web.record_links import way_to
from claims_app.web.submissions import submission_of

Work = Callable[[WriteSession], str | Record]
"""What a form does when it is sent. It returns an address to go to, or the record that was written."""

Delete = Callable[[WriteSession, Any, int], Record | None]
"""Deletes a record that was read at a version, and returns the proposal where it needs review."""


@dataclass(frozen=True)
class FieldConflict:
    """A field that has one value in the form and another in the record."""

    label: str
    now: str
    yours: str


@dataclass(frozen=True)
class Conflict:
    """How a form relates to the record as it was saved meanwhile; fields are given by their labels."""

    changes: Sequence[Revision]
    """What was saved meanwhile, latest first: by whom, when and why."""

    mine: bool
    """Whether the person who sent the form saved all of it, such as before going back to an older form."""

    fields: list[FieldConflict]
    """The fields that both changed, to different values."""

    taken_over: list[str]
    """The fields that only the others changed: the form now has their values."""

    kept: list[str]
    """The fields that only the form changes."""


def save(
    form: SentForm,
    work: Work,
    *,
    done: str,
    reason_needed: bool = False,
    onward: Callable[[Record], str | None] = lambda _record: None,
) -> Response | None:
    """Do `work` in a transaction, with the form's reason, and redirect to the address or record that it returns.

    `onward` returns where a record leads instead of its own page, or None.
    Returns None if the form has to be shown again, with its errors. A form that was saved with the same content
    before redirects where it did the first time. Raises NotSignedIn, and what `work` raises except Invalid; nothing
    is saved then.
    """
    user = access.account()
    submission = submission_of(user.id)
    try:
        reason = _reason(form, reason_needed)
        with session.writing(reason) as transaction:
            row = idempotency.begin(transaction, submission)
            outcome = work(transaction)
            if isinstance(form, RecordForm):
                autosave.finish(transaction, user.id)
            row.location = location = _address(outcome, onward)
            done = outcome_message(outcome, done)
            mine = isinstance(outcome, Record) and authorship.wrote(transaction, user.id, outcome)
    except idempotency.AlreadySent:
        with session.database().reading() as fresh:
            location = idempotency.location_of(fresh, submission) or "/"
        flash("This form was already saved. It was not saved again.", "info")
        return redirect(location, 303)
    except Invalid as refused:
        form.add_errors(refused.errors)
        return None
    flash(done, "success")
    if mine:
        flash(
            "You seem to be an author of this study. Consider asking another curator to check it.", "warning"
        )
    return redirect(location, 303)


def _address(outcome: str | Record, onward: Callable[[Record], str | None]) -> str:
    return outcome if isinstance(outcome, str) else onward(outcome) or way_to(outcome)


def outcome_message(outcome: str | Record, done: str) -> str:
    """Return what became of a form that was sent."""
    if isinstance(outcome, Proposal):
        return f"Submitted for review as {outcome.public_id}. Nothing changes until an editor accepts it."
    if isinstance(outcome, Reviewed) and not outcome.is_accepted:
        return f"{done} It is marked as waiting for review until an editor accepts it."
    return done


def _reason(form: SentForm, needed: bool) -> str | None:
    typed = form.edit_summary.data if "edit_summary" in form else None
    return records.clean_reason(typed, required=needed)


def version_of(form: SentForm) -> int:
    """Return the version that the form was filled in from. Raises StaleVersion if it says none."""
    version = whole_number(form.version.data)
    if version is None:
        raise StaleVersion
    return version


def compare(reading: Session, form: RecordForm, record: Record) -> Conflict:
    """Compare `form` with `record` as it is now, and put the new version number into the form.

    Values that somebody else changed and this form did not are taken over into it, so that saving it again does not
    undo them. Fields that both changed are returned with both values, for the person to decide.
    """
    version = whole_number(form.version.data) or 0
    before = page_queries.before_others(reading, record, version)
    # Without an earlier version, it is unknown which values the form left alone.
    changes = page_queries.revisions_since(reading, record, version) if version else ()
    user = access.signed_in_user()
    mine = bool(changes) and user is not None and all(change.actor_id == user.id for change in changes)
    conflict = Conflict(changes, mine, [], [], [])
    sent = form.values()
    for field in form.schema.fields:
        now = typed_value(field, getattr(record, field.name))
        yours = sent[field.name] or type(now)()
        if _comparable(yours) == _comparable(now):
            continue
        if changes and field.name not in before:
            conflict.kept.append(field.label)
        elif field.name in before and _comparable(yours) == _comparable(
            typed_value(field, before[field.name])
        ):
            form[field.name].data = now
            conflict.taken_over.append(field.label)
        else:
            conflict.fields.append(FieldConflict(field.label, _shown(now), _shown(yours)))
    form.version.data = str(record.version)
    return conflict


def edit_page(
    form: RecordForm,
    record: Record,
    work: Work,
    page: Callable[..., ResponseReturnValue],
    *,
    done: str,
) -> ResponseReturnValue:
    """Show the form of `record` with `page`; when it is sent, do `work`.

    If somebody else saved the record first, `page` gets the `conflict` between both versions. Raises Gone if the
    record was deleted in the meantime, and NotAllowed.
    """
    if access.require(Permission.EDIT, record) is Effect.REVIEW:
        form.edit_summary.render_kw = {**form.edit_summary.render_kw, "required": True}
    try:
        if form.validate_on_submit() and (saved := save(form, work, done=done)):
            return saved
    except StaleVersion:
        # A session of its own: the one of this request may still see the older version.
        with session.database().reading() as now:
            return page(conflict=compare(now, form, records.get(now, type(record), record.id)))
    return page()


def form_page(template: str, form: SentForm, *, saving: bool = True, **context: Any) -> ResponseReturnValue:
    """Return the page of a form: 200 when it is opened, 409 with a conflict, 422 with errors.

    A form that was sent without `saving` it, such as to check a quote, is shown again with 200.
    """
    status = 200
    if form.is_submitted() and saving:
        status = 409 if "conflict" in context else 422
    draft = autosave.offer(form)
    describe_picked(form)
    return render_template(template, form=form, draft=draft, **context), status


def delete_page(
    record: Record, name: str, after: str, delete: Delete = proposals.delete
) -> ResponseReturnValue:
    """Ask for confirmation and a reason to delete `record`, called `name`; when the form is sent, `delete` it.

    Redirects to `after`, or to the proposal that `delete` returns. If other records belong to it, or it was changed
    in the meantime, that is shown with status 409. Raises NotAllowed.
    """
    access.require(Permission.DELETE, record)
    # A form that was sent without a version must not be taken for one of the present version.
    form = DeleteForm(data={"version": str(record.version)} if request.method == "GET" else None)
    refused: Exception | None = None

    def work(session: WriteSession) -> str | Record:
        current = records.get(session, type(record), record.id)
        return delete(session, current, version_of(form)) or after

    try:
        if form.validate_on_submit():
            done = f"{record.public_id} was deleted. Its identifier and history are kept."
            if saved := save(form, work, done=done, reason_needed=True):
                return saved
    except (InUse, StaleVersion) as error:
        refused = error
    page = render_template("records/delete.html", form=form, record=record, name=name, refused=refused)
    if refused:
        return page, 409
    return page, 422 if form.is_submitted() else 200


def _comparable(value: object) -> object:
    return sorted(value) if isinstance(value, list) else str(value).replace("\r\n", "\n").strip()


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
