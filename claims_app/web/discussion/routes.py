"""Comments, mentions and flags."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, Comment, EvidenceItem
from claims_app.permissions import Permission
from claims_app.rules.text import whole_number
from claims_app.services.core.errors import Gone, Merged, NotFound
from claims_app.services.discussion import comments, flags
from claims_app.services.discussion.comments import claim_id_of, find_subject
from claims_app.services.discussion.flags import Flagged
from claims_app.web import access, editing
from claims_app.web.access import requires
from claims_app.web.discussion import presenters
from claims_app.web.discussion.forms import CommentForm, FlagForm, HidingForm, ResolutionForm
from claims_app.web.loading import loaded
from claims_app.web.record_links import address_of
from claims_app.web.session import reading, writing

bp = Blueprint("discussion", __name__)
bp.add_app_template_global(presenters.address_of_subject)
bp.add_app_template_filter(presenters.parts_of_comment)


@bp.route("/comments/on/<identifier>", methods=["GET", "POST"])
@requires(Permission.COMMENT)
def comment(identifier: str) -> ResponseReturnValue:
    """Write a comment on a claim, an evidence item or a proposal."""
    subject = find_subject(reading(), identifier)
    form = CommentForm()

    def work(session: WriteSession) -> str:
        about = find_subject(session, identifier)
        written = comments.comment_on(session, about, form.values())
        return presenters.address_of_comment(written, claim_id_of(about))

    if form.validate_on_submit() and (saved := editing.save(form, work, done="Your comment was added.")):
        return saved
    talk = presenters.talk_about(reading(), subject)
    return editing.form_page("discussion/comment.html", form, subject=loaded(subject, "study"), talk=talk)


@bp.post("/comments/<int:number>/withdraw")
@requires(Permission.COMMENT)
def withdraw(number: int) -> ResponseReturnValue:
    """Withdraw the user's own comment."""
    with writing() as session:
        taken = comments.withdraw(session, number)
    flash("Your comment was withdrawn.", "success")
    return redirect(presenters.address_of_comment(taken, _claim_on_page(taken)), 303)


@bp.route("/comments/<int:number>/hide", methods=["GET", "POST"])
@requires(Permission.RESOLVE)
def hide(number: int) -> ResponseReturnValue:
    """Hide a comment, with a reason."""
    found = comments.get_comment(reading(), number)
    form = HidingForm()

    def work(session: WriteSession) -> str:
        hidden = comments.hide(session, number, form.values())
        return presenters.address_of_comment(hidden, _claim_on_page(hidden))

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The comment was hidden.")):
        return saved
    return editing.form_page("discussion/hide.html", form, comment=loaded(found, "author", "mentions.user"))


@bp.get("/mentions")
@requires(Permission.COMMENT)
def mentions() -> ResponseReturnValue:
    """Show the user's mentions, unread first."""
    return render_template("discussion/mentions.html", mentions=comments.mentions_of(reading(), _my_id()))


@bp.get("/comments/<int:number>")
def show_comment(number: int) -> ResponseReturnValue:
    """Redirect to a comment on the page where it is shown."""
    found = comments.get_comment(reading(), number)
    return redirect(presenters.address_of_comment(found, _claim_on_page(found)))


@bp.post("/mentions/read")
@requires(Permission.COMMENT)
def mark_read() -> ResponseReturnValue:
    """Mark the mentions that the page showed as read."""
    up_to = whole_number(request.form.get("up_to"))
    if up_to is not None:
        with writing() as session:
            comments.mark_read(session, _my_id(), up_to)
    return redirect(url_for(".mentions"), 303)


@bp.route("/flags/on/<identifier>", methods=["GET", "POST"])
@requires(Permission.FLAG)
def flag(identifier: str) -> ResponseReturnValue:
    """Flag a claim or an evidence item."""
    record = _flagged(reading(), identifier)
    form = FlagForm()

    def work(session: WriteSession) -> str:
        current = _flagged(session, identifier)
        flags.raise_flag(session, current, form.values())
        return address_of(current if isinstance(current, Claim) else current.claim)

    done = "The flag was added. It stays until an editor resolves it."
    if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
        return saved
    return editing.form_page("discussion/flag.html", form, record=loaded(record, "study"))


@bp.route("/flags/<int:number>/resolve", methods=["GET", "POST"])
@requires(Permission.RESOLVE)
def resolve(number: int) -> ResponseReturnValue:
    """Resolve a flag, with an explanation."""
    found = flags.get_flag(reading(), number)
    form = ResolutionForm()

    def work(session: WriteSession) -> str:
        return presenters.address_of_subject(flags.resolve(session, number, form.values()))

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The flag was resolved.")):
        return saved
    return editing.form_page("discussion/resolve.html", form, flag=loaded(found, "author"))


@bp.post("/flags/<int:number>/take-back")
@requires(Permission.FLAG)
def take_back(number: int) -> ResponseReturnValue:
    """Withdraw the user's own flag."""
    with writing() as session:
        taken = flags.take_back(session, number)
    flash("Your flag was withdrawn.", "success")
    return redirect(presenters.address_of_subject(taken), 303)


def _flagged(session: Session, identifier: str) -> Flagged:
    subject = find_subject(session, identifier)
    if not isinstance(subject, Claim | EvidenceItem):
        raise NotFound(f"“{identifier}” cannot be flagged. Flag a claim or an evidence item.")
    return subject


def _claim_on_page(said: Comment) -> int | None:
    """Return the claim on whose page a comment is shown; its subject may be deleted or merged."""
    try:
        return claim_id_of(find_subject(reading(), said.record_name))
    except (Gone, Merged, NotFound):
        return said.claim_id


def _my_id() -> int:
    return access.account().id
