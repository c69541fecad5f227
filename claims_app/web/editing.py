"""What all forms that write have in common: saving once, and what happens when it cannot be saved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from claims_app.database import WriteSession
from claims_app.models import Proposal, Record, Reviewed
from claims_app.permissions import Permission
from claims_app.rules.fields import Text
from claims_app.rules.records import REASON_LENGTH
from claims_app.services.core import records
from claims_app.services.core.errors import InUse, Invalid, StaleVersion
from claims_app.services.forms import drafts, idempotency
from claims_app.services.pages import page_queries
from claims_app.services.review import authorship
from claims_app.vocabulary import Effect
from claims_app.web import access, session
from claims_app.web.drafts import autosave
from claims_app.web.forms import DeleteForm, RecordForm, SentForm, typed_value
from claims_app.web.record_links import address_of

Work = Callable[[WriteSession], str | Record]
"""What a form does when it is sent; it returns where to go then: an address, or the record that was written."""

_REASON = Text(name="edit_summary", label="A reason", max_length=REASON_LENGTH)


@dataclass(frozen=True)
class FieldConflict:
    """A field that stands differently in the form and in the record."""

    label: str
    now: str
    yours: str


@dataclass(frozen=True)
class Conflict:
    """What two people did to one record: where they differ, and what was taken over from the other one."""

    fields: list[FieldConflict]
    taken_over: list[str]


def save(form: SentForm, work: Work, *, done: str, reason_needed: bool = False) -> Response | None:
    """Do `work` in a transaction, with the form's reason, and go to what it returns: an address, or a record.

    Returns None when the form has to be shown again, with its errors. A form that was saved before
    leads where it led the first time. Raises what `work` raises, except Invalid; nothing is saved then.
    """
    user = access.signed_in_user()
    if user is None:
        raise access.NotSignedIn
    token = idempotency.valid(form.form_token.data)
    try:
        reason = _reason(form, reason_needed)
        with session.writing(reason) as transaction:
            submission = idempotency.begin(transaction, token, user.id)
            outcome = work(transaction)
            if isinstance(form, RecordForm):
                drafts.finish(transaction, user.id, request.path)
            submission.location = location = outcome if isinstance(outcome, str) else address_of(outcome)
            done = outcome_message(outcome, done)
            mine = isinstance(outcome, Record) and authorship.wrote(transaction, user.id, outcome)
    except idempotency.AlreadySent:
        with session.database().reading() as fresh:
            location = idempotency.location_of(fresh, token, user.id) or "/"
        flash("This form had arrived before and was saved once.", "info")
        return redirect(location, 303)
    except Invalid as refused:
        form.add_errors(refused.errors)
        return None
    flash(done, "success")
    if mine:
        flash("You seem to be an author of this study; another curator may see what you do not.", "warning")
    return redirect(location, 303)


def outcome_message(outcome: str | Record, done: str) -> str:
    """Return what became of a form that was sent."""
    if isinstance(outcome, Proposal):
        return f"It waits for review as {outcome.public_id}. Nothing changes until an editor accepts it."
    if isinstance(outcome, Reviewed) and not outcome.is_accepted:
        return f"{done} It waits for review, and is marked so until an editor accepts it."
    return done


def _reason(form: SentForm, needed: bool) -> str | None:
    try:
        reason = _REASON.clean(form.edit_summary.data if "edit_summary" in form else None)
    except ValueError as refused:
        raise Invalid({"edit_summary": [str(refused)]}) from None
    if needed and reason is None:
        raise Invalid(
            {"edit_summary": ["Say in a few words why; it is shown at the address of the deleted record."]}
        )
    return str(reason) if reason is not None else None


def version_of(form: SentForm) -> int:
    """Return the version that the form was filled in from. Raises StaleVersion if it says none."""
    text = form.version.data or ""
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise StaleVersion
    return int(text)


def compare(reading: Session, form: RecordForm, record: Record) -> Conflict:
    """Compare `form` with `record` as it stands now, and take the new version into the form.

    What somebody else changed and this form left as it was is taken over, so that sending the form
    again does not undo it; the rest is for the person to decide, who has then seen both versions.
    """
    try:
        before = page_queries.before_others(reading, record, version_of(form))
    except StaleVersion:  # the form says no version, so nobody can tell what it left as it was
        before = {}
    conflict = Conflict([], [])
    for field in form.schema.fields:
        now = typed_value(field, getattr(record, field.name))
        yours = form[field.name].data or type(now)()
        if _comparable(yours) == _comparable(now):
            continue
        if field.name in before and _comparable(yours) == _comparable(typed_value(field, before[field.name])):
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

    When somebody else was faster, `page` gets the `conflict` between both versions. Raises Gone if
    the record was deleted meanwhile, and NotAllowed where the policy refuses.
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
    """Return the page of a form: 200 when it is opened, 409 with conflicts, 422 with errors.

    One that was sent for something else than `saving` it is just shown again.
    """
    status = 200
    if form.is_submitted() and saving:
        status = 409 if "conflict" in context else 422
    return render_template(template, form=form, draft=autosave.offer(form), **context), status


def delete_page(form: DeleteForm, record: Record, name: str, work: Work) -> ResponseReturnValue:
    """Ask whether `record` shall be deleted and why; when the form is sent, do `work`.

    What hangs on the record, or changed meanwhile, is shown with status 409.
    """
    access.require(Permission.DELETE, record)
    refused: Exception | None = None
    try:
        if form.validate_on_submit():
            done = f"{record.public_id} was deleted. Its identifier and its history stay."
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
