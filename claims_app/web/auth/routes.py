"""Login, logout and password reset by link."""

from typing import cast

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from claims_app.config import MailSettings, Settings
from claims_app.database import Change, Database
from claims_app.security_log import SecurityEvent, log_event
from claims_app.services.accounts import mail, passwords, resets, sessions, throttling
from claims_app.services.core.errors import Refused, TooBusy, TooManyAttempts
from claims_app.vocabulary import AttemptKind, Via
from claims_app.web import application, errors, request_origin, security
from claims_app.web.auth.forms import ForgotForm, LoginForm, NewPasswordForm
from claims_app.web.auth.sign_in import SESSION_SECRET, check_password, open_account
from claims_app.web.background_mail import post
from claims_app.web.return_address import wanted
from claims_app.web.session import database, read_newest, reading, release, writing

bp = Blueprint("auth", __name__)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Log in, and continue to the page the user wanted."""
    form = LoginForm()
    if not form.validate_on_submit():
        return _login_page(form), 422 if form.is_submitted() else 200
    try:
        user = check_password(form.username.data or "", form.password.data or "")
    except TooBusy as busy:
        form.form_errors.append(str(busy))
        return _login_page(form), 503, errors.retry_after(busy.wait)
    if user is not None:
        with writing() as transaction:
            if passwords.is_still_that_of(transaction, user):
                open_account(transaction, user)
                transaction.log_when_saved(
                    SecurityEvent.LOGIN_SUCCEEDED, account=user.username, method="password"
                )
            else:
                user = None
    if user is None:
        form.form_errors.append("Wrong user name or password. Check both and try again.")
        return _login_page(form), 422
    flash(f"You are logged in as {user.username}.", "success")
    response = cast(Response, redirect(wanted() or url_for("home.index"), 303))
    request_origin.remember(response, user.username)
    return response


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Log out and end the session on the server, so that copies of its cookie are invalid too."""
    if secret := session.get(SESSION_SECRET):
        with writing() as transaction:
            sessions.end(transaction, secret)
            transaction.log_when_saved(SecurityEvent.LOGOUT)
    logout_user()
    session.clear()
    flash("You were logged out.", "info")
    return security.forgotten_by_browser(cast(Response, redirect(url_for("home.index"), 303)))


@bp.route("/login/forgot", methods=["GET", "POST"])
def forgot() -> ResponseReturnValue:
    """Email a password reset link; the response does not reveal whether the account exists."""
    form = ForgotForm()
    server = _settings().mail
    if server is None or not form.validate_on_submit():
        return render_template("auth/forgot.html", form=form, can_mail=server is not None)
    name = (form.username.data or "").strip().lower()[:254].replace("\0", "")
    try:
        if name:  # an empty field is no attempt
            with writing() as transaction:
                throttling.note(transaction, AttemptKind.RESET, name, request_origin.place())
    except TooManyAttempts as refused:
        # Do not reveal that a name was tried often: silently send nothing.
        if not refused.of_name:
            raise
        log_event(SecurityEvent.RATE_LIMITED, limit="resets of one account")
    else:
        log_event(SecurityEvent.RESET_REQUESTED)
        here, base = database(), _settings().base_url
        post().later(lambda: _mail_link(here, server, base, name))
    flash(
        "If there is an account with this name and an email address, a password reset link is on its way. "
        f"It works once and expires after {resets.HOURS} hours.",
        "info",
    )
    return redirect(url_for(".login", next=wanted()), 303)


@bp.route("/reset/<secret>", methods=["GET", "POST"])
def reset(secret: str) -> ResponseReturnValue:
    """Choose a new password with a reset link."""
    read_newest()
    link = resets.find(reading(), secret)
    if link is None:
        return _never_stored(render_template("auth/reset_ended.html"), 410)
    form = NewPasswordForm()
    release()
    if form.validate_on_submit() and form.is_allowed(link.user.username, link.user.email or ""):
        hashed = passwords.hash_password(form.new_password.data or "")
        try:
            with writing() as transaction:
                resets.use(transaction, secret, hashed)
        except Refused:
            return _never_stored(render_template("auth/reset_ended.html"), 410)
        flash("Your password was changed. Log in with it.", "success")
        return redirect(url_for(".login"), 303)
    page = render_template("auth/reset.html", form=form, username=link.user.username)
    return _never_stored(page, 422 if form.is_submitted() else 200)


def _mail_link(here: Database, server: MailSettings, base: str, name: str) -> None:
    with here.writing(Change(via=Via.WEB)) as transaction:
        user = resets.for_name(transaction, name)
        if user is None or not resets.may_be_mailed(transaction, user):
            return
        letter = resets.letter(user, base + resets.path_of(resets.give_out(transaction, user)))
    if letter is not None:
        mail.send(server, letter)


def _login_page(form: LoginForm) -> str:
    return render_template("auth/login.html", form=form, next=wanted())


def _never_stored(page: str, status: int) -> Response:
    """Return a page with a secret address: it is not cached, and sends no referrer."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _settings() -> Settings:
    return application.settings()
