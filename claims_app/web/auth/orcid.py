"""Login with ORCID, and linking an ORCID iD to an account."""

import time
from typing import TYPE_CHECKING, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from claims_app.config import Settings
from claims_app.models import User
from claims_app.security_log import SecurityEvent, log_event
from claims_app.services.accounts import users
from claims_app.services.core.errors import Refused
from claims_app.web import access, application, request_origin
from claims_app.web.account.forms import PresentPasswordForm
from claims_app.web.auth.sign_in import confirm_password, open_account
from claims_app.web.return_address import local, wanted
from claims_app.web.session import writing

if TYPE_CHECKING:
    from claims_app.web.auth.orcid_client import Orcid

SECONDS = 600
"""Seconds allowed for the visit to ORCID, and for confirming the link."""

bp = Blueprint("orcid", __name__)

_BEGUN, _CONFIRMED = "orcid_begun", "orcid_confirmed"


def offered() -> bool:
    """Return whether login with ORCID is configured."""
    return "claims_orcid" in current_app.extensions


@bp.get("/login/orcid")
def login() -> ResponseReturnValue:
    """Redirect to ORCID to log in, unless another site led here: nobody logs in without meaning to."""
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return redirect(url_for("auth.login", next=wanted()), 303)
    return _begin({"next": wanted(), "user_id": None})


@bp.get("/account/orcid")
def link() -> ResponseReturnValue:
    """Redirect to ORCID to link the iD; after the return, ask for confirmation."""
    refused = access.needs_session()
    if refused is not None:
        return refused
    orcid = _confirmed()
    if orcid is not None:
        return render_template("account/orcid.html", form=PresentPasswordForm(), orcid=orcid)
    return _begin({"next": None, "user_id": _user_id()})


@bp.post("/account/orcid")
def confirm_link() -> ResponseReturnValue:
    """Link the iD that ORCID has confirmed to the account that requested it."""
    refused = access.needs_session()
    if refused is not None:
        return refused
    orcid = _confirmed()
    if orcid is None:
        flash("The request took too long or was not started in this browser. Try again.", "error")
        return redirect(url_for("account.show"), 303)
    user, form = access.signed_in_user(), PresentPasswordForm()
    assert user is not None
    if not form.validate_on_submit() or not form.is_right(confirm_password, user.username):
        return render_template("account/orcid.html", form=form, orcid=orcid), 422
    session.pop(_CONFIRMED, None)
    try:
        with writing() as transaction:
            users.link_orcid(transaction, transaction.get_one(User, user.id), orcid)
    except Refused as error:
        flash(str(error), "error")
    else:
        flash(f"You can now log in with the ORCID iD {orcid}.", "success")
    return redirect(url_for("account.show"), 303)


@bp.get("/login/orcid/back")
def back() -> ResponseReturnValue:
    """Handle the return from ORCID: log in, or continue to the confirmation of the link."""
    from claims_app.web.auth.orcid_client import OrcidFailed

    begun = session.pop(_BEGUN, None)
    leads_to = begun and begun["next"]
    try:
        orcid = _orcid().answer()
    except OrcidFailed as failed:
        return _failed(failed.cancelled, leads_to)
    if begun is None or begun["at"] < time.time() - SECONDS:
        return _failed(False, leads_to)
    if begun["user_id"] is not None:
        session[_CONFIRMED] = {"orcid": orcid, "user_id": begun["user_id"], "at": time.time()}
        return redirect(url_for(".link"), 303)
    with writing() as transaction:
        user = users.account_of_orcid(transaction, orcid)
        if user is not None:
            open_account(transaction, user)
            transaction.log_when_saved(SecurityEvent.LOGIN_SUCCEEDED, account=user.username, method="ORCID")
    if user is None:
        log_event(SecurityEvent.LOGIN_FAILED, account=None, method="ORCID")
        return render_template("auth/orcid_unknown.html", orcid=orcid, next=leads_to), 403
    flash(f"You are logged in as {user.username}.", "success")
    response = cast(Response, redirect(local(leads_to) or url_for("home.index"), 303))
    request_origin.remember(response, user.username)
    return response


@bp.route("/account/orcid/unlink", methods=["GET", "POST"])
def unlink() -> ResponseReturnValue:
    """Unlink the ORCID iD from the account; this needs the password, as every change of what it logs in with."""
    refused = access.needs_session()
    if refused is not None:
        return refused
    form = PresentPasswordForm()
    if not form.validate_on_submit() or not form.is_right(confirm_password, access.account().username):
        page = render_template("account/orcid_unlink.html", form=form)
        return page, 422 if form.is_submitted() else 200
    with writing() as transaction:
        users.unlink_orcid(transaction, transaction.get_one(User, _user_id()))
    flash("Your ORCID iD was unlinked.", "success")
    return redirect(url_for("account.show"), 303)


def register(app: Flask) -> None:
    """Set up ORCID in `app` if the operator has configured it."""
    settings = cast(Settings, app.extensions["claims_settings"])
    app.jinja_env.globals["orcid_is_offered"] = offered
    if settings.orcid is not None:
        # Imported here, since it needs optional packages.
        from claims_app.web.auth.orcid_client import Orcid

        app.extensions["claims_orcid"] = Orcid(app, settings.orcid)


def _begin(purpose: dict[str, object]) -> ResponseReturnValue:
    from claims_app.web.auth.orcid_client import OrcidFailed

    settings = application.settings()
    client = _orcid()
    session[_BEGUN] = {**purpose, "at": time.time()}
    try:
        return client.ask(settings.base_url + url_for(".back"))
    except OrcidFailed:
        return _failed(False, wanted())


def _failed(cancelled: bool, leads_to: str | None) -> ResponseReturnValue:
    page = render_template("auth/orcid_failed.html", cancelled=cancelled, next=local(leads_to))
    return page, 403 if cancelled else 502


def _orcid() -> "Orcid":
    if not offered():
        abort(404)
    return cast("Orcid", current_app.extensions["claims_orcid"])


def _confirmed() -> str | None:
    """Return the iD that ORCID has recently confirmed for the account of this request, or None."""
    kept = session.get(_CONFIRMED)
    if kept is None or kept["user_id"] != _user_id() or kept["at"] < time.time() - SECONDS:
        return None
    return str(kept["orcid"])


def _user_id() -> int:
    return access.account().id
