"""The review queue, the review of one record or proposal, and conflicts of interest."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Proposal, Record, Reviewed
from claims_app.permissions import Permission
from claims_app.rules.text import whole_number
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import InUse, Invalid, NotAllowed, Refused, StaleVersion, Undecided
from claims_app.services.core.query import Query
from claims_app.services.core.record_states import read_edits
from claims_app.services.history import record_history
from claims_app.services.pages import page_queries
from claims_app.services.review import authorship, conflicts, decisions, proposing_again, review_queue
from claims_app.services.review.review_queue import View
from claims_app.vocabulary import RecordType
from claims_app.web import access, editing, listing
from claims_app.web.access import requires
from claims_app.web.discussion.presenters import talk_about
from claims_app.web.record_links import shows
from claims_app.web.review import presenters
from claims_app.web.review.forms import ConflictForm, DecisionForm, QueueForm, WithdrawForm
from claims_app.web.session import reading, reading_again, writing

bp = Blueprint("review", __name__)

ACCEPT = "accept"
REJECT = "reject"
DONE = {ACCEPT: "Accepted.", REJECT: "Rejected. The author can see the reason."}


@bp.get("/review")
def index() -> ResponseReturnValue:
    """Show the review queue, oldest first."""
    return _queue_page(_view(listing.query(), access.signed_in_user() is not None))


def _queue_page(view: View) -> str:
    user = access.signed_in_user()
    number = user.id if user else None
    queue = review_queue.queue_of(reading(), view, number)
    if view is View.MINE and number is not None and review_queue.count_unseen_decisions(reading(), number):
        with writing() as session:
            decisions.mark_decisions_seen(session, number)
    form = QueueForm() if access.may(Permission.REVIEW) and view is not View.MINE else None
    rights = access.rights_over([item.record for item in queue.items], Permission.REVIEW)
    return render_template(
        "review/index.html", queue=queue, rights=rights, view=view, views=list(View), form=form
    )


@bp.post("/review")
@requires(Permission.REVIEW)
def decide_several() -> ResponseReturnValue:
    """Accept or reject all selected items, each in its own transaction."""
    form = QueueForm()
    decision = request.form.get("decision", "")
    items = request.form.getlist("item")
    done: list[str] = []
    refused: list[str] = []
    if decision not in DONE or not form.validate_on_submit():
        flash("Choose whether to accept or reject.", "error")
    elif not items:
        flash("Select the items to decide on.", "error")
    else:
        for item in items[: review_queue.AT_ONCE]:
            name, _, version = item.partition(":")
            try:
                with writing() as session:
                    record = review_queue.find_reviewed(session, name)
                    _decide(session, record, decision, _number(version), form.decision_reason.data, {})
                done.append(name)
            except Invalid as invalid:
                refused.append(" ".join(s for sentences in invalid.errors.values() for s in sentences))
            except (NotAllowed, Refused, InUse) as error:
                refused.append(f"{name}: {error}")
            except (Undecided, StaleVersion):
                refused.append(f"{name} was changed. Open it to decide.")
        if done:
            flash(f"{'Accepted' if decision == ACCEPT else 'Rejected'}: {', '.join(done)}.", "success")
        for sentence in dict.fromkeys(refused):
            flash(sentence, "error")
    view = request.form.get("view") or None
    if not done and form.decision_reason.data:
        # Shown again with the reason, which would be lost on another page.
        return _queue_page(_view({"view": [view or ""]}, True)), 422
    return redirect(url_for(".index", view=view), 303)


@bp.route("/review/<identifier>", methods=["GET", "POST"])
@shows(RecordType.PROPOSAL)
def show(identifier: str) -> ResponseReturnValue:
    """Show one submitted record or proposal field by field; POST decides on it."""
    if request.method == "POST":
        return _decision(identifier)
    return _page(identifier, None)


@bp.get("/proposals/<identifier>")
def proposal(identifier: str) -> ResponseReturnValue:
    """Redirect to a proposal."""
    return redirect(url_for(".show", identifier=identifier), 301)


@bp.post("/review/<identifier>/withdraw")
@requires(Permission.WITHDRAW)
def withdraw(identifier: str) -> ResponseReturnValue:
    """Withdraw the user's own proposal."""
    form = WithdrawForm()
    found = records.find(reading(), Proposal, identifier)

    def work(session: WriteSession) -> Record:
        current = records.get(session, Proposal, found.id)
        decisions.withdraw(session, current, editing.version_of(form))
        return current

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The proposal was withdrawn.")):
        return saved
    return _page(identifier, None)


@bp.post("/review/<identifier>/again")
@requires(Permission.WITHDRAW)
def propose_again(identifier: str) -> ResponseReturnValue:
    """Propose again what is left of the user's own proposal."""
    form = WithdrawForm()
    found = records.find(reading(), Proposal, identifier)

    def work(session: WriteSession) -> Record:
        current = records.get(session, Proposal, found.id)
        return proposing_again.propose_again(session, current, editing.version_of(form))

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The change was saved.")):
        return saved
    return _page(identifier, None)


@bp.route("/review/conflicts", methods=["GET", "POST"])
@requires(Permission.REVIEW)
def declare() -> ResponseReturnValue:
    """Show the user's conflicts of interest, and declare one."""
    user = access.account()
    form = ConflictForm()
    form.topic.choices = [("", "Choose one"), *((t.slug, t.name) for t in page_queries.all_topics(reading()))]

    def work(session: WriteSession) -> str:
        conflicts.declare(session, user.id, form.topic.data or "", form.text.data)
        return url_for(".declare")

    done = "Declared. You cannot review work on this topic for a year."
    if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
        return saved
    page = render_template(
        "review/conflicts.html", form=form, declared=conflicts.declared_by(reading(), user.id)
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/review/conflicts/<int:number>/end")
@requires(Permission.REVIEW)
def end_conflict(number: int) -> ResponseReturnValue:
    """End one of the user's own declarations."""
    user = access.account()
    with writing() as session:
        conflicts.end(session, user.id, number)
    flash("The declaration was ended. It stays on record.", "info")
    return redirect(url_for(".declare"), 303)


@requires(Permission.REVIEW)
def _decision(identifier: str) -> ResponseReturnValue:
    form = DecisionForm()
    decision = request.form.get("decision", "")
    found = review_queue.find_reviewed(reading(), identifier)
    access.require(Permission.REVIEW, found)

    def work(session: WriteSession) -> str:
        current = review_queue.find_reviewed(session, identifier)
        version = editing.version_of(form)
        _decide(session, current, decision, version, form.decision_reason.data, dict(_choices()))
        return url_for(".show", identifier=identifier)

    if decision not in DONE:
        form.form_errors.append("Choose whether to accept or reject.")
        return _page(identifier, form, 422)
    try:
        if form.validate_on_submit() and (saved := editing.save(form, work, done=DONE[decision])):
            return saved
    except (Refused, InUse) as refused:
        form.form_errors.append(str(refused))
    except Undecided as undecided:
        form.form_errors.append(str(undecided))
        return _page(identifier, form, 409)
    except StaleVersion:
        form.form_errors.append(
            "This was changed while you were reviewing it. Check the current version, then decide."
        )
        return _page(identifier, form, 409)
    return _page(identifier, form, 422)


def _decide(
    session: WriteSession,
    record: Record,
    decision: str,
    version: int,
    reason: str | None,
    choices: dict[str, str],
) -> None:
    if decision == ACCEPT:
        decisions.accept(session, record, version, reason, choices)
    else:
        decisions.reject(session, record, version, reason)


def _page(identifier: str, form: DecisionForm | None, status: int = 200) -> ResponseReturnValue:
    # A new session: the one of this request may still see an older state.
    with reading_again() as now:
        record = review_queue.find_reviewed(now, identifier)
        may_decide = access.may(Permission.REVIEW, record)
        user = access.signed_in_user()
        left: Sequence[str] = ()
        if isinstance(record, Proposal) and user is not None and record.author_id == user.id:
            left = presenters.left_over(now, record)
        if form is None:
            form = DecisionForm(formdata=None)
        form.version.data = str(record.version)
        page = render_template(
            "review/show.html",
            record=record,
            proposal=record if isinstance(record, Proposal) else None,
            state=authorization.state_of(record),
            fields=presenters.fields_of(now, record, dict(_choices())),
            verdict=presenters.verdict_of(now, record),
            target=presenters.target_of(now, record),
            versions=read_edits(now, record_history.versions_of(now, record.record_type, record.public_id)),
            author=presenters.author_of(now, record),
            may_decide=may_decide,
            conflict=conflicts.blocking(now, user.id, record) if user and may_decide else None,
            left=left,
            may_withdraw=isinstance(record, Proposal) and access.may(Permission.WITHDRAW, record),
            may_edit=isinstance(record, Reviewed)
            and not record.is_accepted
            and access.may(Permission.EDIT, record),
            wrote_study=user is not None and authorship.wrote(now, user.id, record),
            form=form,
            talk=talk_about(now, record) if isinstance(record, Proposal) else None,
            withdrawal=WithdrawForm(formdata=None, data={"version": str(record.version)}),
        )
    return page, status


def _choices() -> Iterator[tuple[str, str]]:
    """Yield the choice for each field in conflict."""
    for name, value in request.form.items():
        if name.startswith("choice-"):
            yield name.removeprefix("choice-"), value


def _view(query: Query, signed_in: bool) -> View:
    """Return the requested view of the queue."""
    wanted = next(iter(query.get("view", ())), "")
    if wanted in View.values():
        return View.of(wanted)
    return View.WAITING if signed_in else View.ALL


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise StaleVersion
    return number
