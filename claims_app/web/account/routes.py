"""The user's own account: profile, contributions, sessions and API tokens."""

from typing import cast

from flask import Blueprint, Response, flash, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from claims_app.models import User
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import activity, passwords, sessions, throttling, tokens, users
from claims_app.services.core.errors import Invalid
from claims_app.vocabulary import AttemptKind, TokenScope
from claims_app.web import access, security
from claims_app.web.access import SignedInUser
from claims_app.web.account.forms import (
    ButtonForm,
    EmailForm,
    NameForm,
    PasswordForm,
    PresentPasswordForm,
    TokenForm,
)
from claims_app.web.auth.sign_in import confirm_password, open_account
from claims_app.web.session import reading, writing

bp = Blueprint("account", __name__)
bp.before_request(access.needs_session)


@bp.get("/account")
def show() -> ResponseReturnValue:
    """Show the user's own account and contributions."""
    me = _me()
    return render_template(
        "account/show.html",
        account=reading().get_one(User, me.id),
        work=activity.own_work(reading(), me.id, me.username),
        sessions=sessions.list_sessions(reading(), me.id),
        tokens=tokens.list_tokens(reading(), me.id),
        this_session=me.session_id,
        form=ButtonForm(),
    )


@bp.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change the password; all other sessions end, and this one continues with a new secret."""
    me, form = _me(), PasswordForm()
    # What is wrong with the new password is no attempt to guess the current one.
    if (
        form.validate_on_submit()
        and form.is_allowed(me.username)
        and form.is_right(confirm_password, me.username)
    ):
        hashed = passwords.hash_password(form.new_password.data or "")
        with writing() as transaction:
            user = transaction.get_one(User, me.id)
            users.replace_password(transaction, user, hashed)
            throttling.forget(transaction, AttemptKind.LOGIN, me.username)
            open_account(transaction, user)
        flash("Your password was changed. You were logged out of all other browsers.", "success")
        return redirect(url_for(".show"), 303)
    return _form_page("account/password.html", form)


@bp.route("/account/name", methods=["GET", "POST"])
def name() -> ResponseReturnValue:
    """Change the user's author name."""
    me = _me()
    form = NameForm(data={"full_name": reading().get_one(User, me.id).full_name or ""})
    if form.validate_on_submit():
        try:
            with writing() as transaction:
                users.set_full_name(transaction, transaction.get_one(User, me.id), form.full_name.data or "")
        except Invalid as refused:
            form.full_name.errors = refused.errors["full_name"]
        else:
            flash("Your author name was changed.", "success")
            return redirect(url_for(".show"), 303)
    return _form_page("account/name.html", form)


@bp.route("/account/email", methods=["GET", "POST"])
def email() -> ResponseReturnValue:
    """Change the email address."""
    me = _me()
    form = EmailForm(data={"email": reading().get_one(User, me.id).email or ""})
    if form.validate_on_submit() and form.is_right(confirm_password, me.username):
        try:
            with writing() as transaction:
                users.set_email(transaction, transaction.get_one(User, me.id), form.email.data or "")
        except Invalid as refused:
            form.email.errors = refused.errors["email"]
        else:
            flash("Your email address was changed.", "success")
            return redirect(url_for(".show"), 303)
    return _form_page("account/email.html", form)


@bp.post("/account/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """End the session of another browser."""
    me = _me()
    with writing() as transaction:
        sessions.end_one(transaction, me.id, session_id)
        transaction.log_when_saved(SecurityEvent.SESSIONS_ENDED, account=me.username, all=False)
    flash("The session was ended.", "success")
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions/end")
def end_all_sessions() -> ResponseReturnValue:
    """End all sessions, including this one."""
    me = _me()
    with writing() as transaction:
        sessions.end_all(transaction, me.id)
        transaction.log_when_saved(SecurityEvent.SESSIONS_ENDED, account=me.username, all=True)
    logout_user()
    session.clear()
    flash("You were logged out everywhere.", "success")
    return security.forgotten_by_browser(cast(Response, redirect(url_for("home.index"), 303)))


@bp.route("/account/tokens/new", methods=["GET", "POST"])
def new_token() -> ResponseReturnValue:
    """Create an API token and show it once."""
    me, form = _me(), TokenForm()
    if form.validate_on_submit() and form.is_right(confirm_password, me.username):
        try:
            with writing() as transaction:
                token, text = tokens.make_token(
                    transaction,
                    transaction.get_one(User, me.id),
                    TokenScope.of(form.scope.data),
                    form.label.data or "",
                    int(form.days.data) if form.days.data else None,
                )
        except Invalid as refused:
            form.label.errors = [s for sentences in refused.errors.values() for s in sentences]
        else:
            response = make_response(render_template("account/token.html", token=token, text=text))
            response.headers["Cache-Control"] = "no-store"
            return response
    return _form_page("account/token_form.html", form)


@bp.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Revoke one of the user's own tokens."""
    me = _me()
    with writing() as transaction:
        token = tokens.revoke(transaction, token_id, me.id)
    flash(f"The token “{token.label}” was revoked.", "success")
    return redirect(url_for(".show"), 303)


def _me() -> SignedInUser:
    user = access.account()
    return user


def _form_page(template: str, form: PresentPasswordForm | NameForm) -> ResponseReturnValue:
    return render_template(template, form=form), 422 if form.is_submitted() else 200
