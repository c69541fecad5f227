"""Logging in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from claims_app.rules.text import forbidden_character
from claims_app.services import users
from claims_app.web.access import SignedInUser
from claims_app.web.auth.forms import LoginForm
from claims_app.web.session import reading, writing

bp = Blueprint("auth", __name__)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Log in, and go on to where one wanted to go."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("auth/login.html", form=form)
    name, password = form.username.data or "", form.password.data or ""
    user = users.check_login(reading(), name, password)
    with writing() as transaction:
        if user is None:
            users.note_failure(transaction, name)
        else:
            users.forget_failures(transaction, name)
    if user is None:
        form.form_errors.append(
            "This name and this password do not belong together. Check both and try again."
        )
        return render_template("auth/login.html", form=form), 422
    # A session from before the log-in must not be carried over into it.
    session.clear()
    session.permanent = True
    login_user(SignedInUser.of(user))
    flash(f"You are logged in as {user.username}.", "success")
    return redirect(_local(request.args.get("next")) or url_for("home.index"), 303)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Log out."""
    logout_user()
    session.clear()
    flash("You are logged out.", "info")
    return redirect(url_for("home.index"), 303)


def _local(address: str | None) -> str | None:
    """Return `address` if it is a path on this site, so that nobody is led elsewhere after logging in."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if forbidden_character(address, multiline=False):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else address
