"""The user's own drafts."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.services.accounts import activity
from claims_app.services.forms import drafts
from claims_app.web import access
from claims_app.web.session import reading, writing

bp = Blueprint("drafts", __name__)
bp.before_request(access.needs_session)


@bp.get("/drafts")
def index() -> ResponseReturnValue:
    """Show the user's unfinished forms and appraisals."""
    return render_template(
        "drafts/index.html",
        drafts=drafts.drafts_of(reading(), _my_id()),
        appraisals=activity.appraisal_drafts(reading(), _my_id()),
    )


@bp.post("/drafts/<int:number>/discard")
def discard(number: int) -> ResponseReturnValue:
    """Discard one of the user's drafts; with `back`, return to its form."""
    with writing() as session:
        address = drafts.throw_away(session, _my_id(), number)
    flash("The draft was discarded." if address else "This draft no longer exists.", "info")
    return redirect(address if address and request.form.get("back") else url_for(".index"), 303)


def _my_id() -> int:
    return access.account().id
