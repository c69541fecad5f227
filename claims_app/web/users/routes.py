"""User accounts: add, change, disable, and reset passwords."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from claims_app.config import Settings
from claims_app.models import User
from claims_app.permissions import Permission
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import mail, resets, sessions, tokens, users
from claims_app.services.core.errors import Invalid
from claims_app.vocabulary import Role
from claims_app.web import access, application
from claims_app.web.access import requires
from claims_app.web.auth.sign_in import open_account
from claims_app.web.background_mail import post
from claims_app.web.session import reading, writing
from claims_app.web.users.forms import NewAccountForm, RoleForm

bp = Blueprint("users", __name__)
bp.before_request(access.needs_session)


@bp.route("/users", methods=["GET", "POST"])
@requires(Permission.MANAGE_ACCOUNTS)
def index() -> ResponseReturnValue:
    """List the accounts; POST adds one."""
    form = NewAccountForm()
    if form.validate_on_submit():
        try:
            with writing() as transaction:
                added = users.add_user(
                    transaction,
                    form.username.data or "",
                    Role.of(form.role.data),
                    email=form.email.data or "",
                )
                link = _address(resets.give_out(transaction, added))
        except Invalid as refused:
            for name, sentences in refused.errors.items():
                form[name].errors = sentences
        else:
            return _hand_out(added, link, f"Added {added.username} as {added.role.label.lower()}.")
    page = render_template("users/index.html", form=form, accounts=users.list_users(reading()))
    return page, 422 if form.is_submitted() else 200


@bp.get("/users/<username>")
@requires(Permission.MANAGE_ACCOUNTS)
def show(username: str) -> ResponseReturnValue:
    """Show one account and its settings."""
    account = users.find_user(reading(), username)
    return render_template(
        "users/show.html",
        account=account,
        form=RoleForm(data={"role": account.role.value}),
        n_sessions=len(sessions.list_sessions(reading(), account.id)),
        tokens=tokens.list_tokens(reading(), account.id),
    )


@bp.post("/users/<username>/role")
@requires(Permission.MANAGE_ACCOUNTS)
def change_role(username: str) -> ResponseReturnValue:
    """Change the role of an account."""
    form = RoleForm()
    if form.validate_on_submit():
        with writing() as transaction:
            changed = users.set_role(transaction, username, Role.of(form.role.data))
            me = access.signed_in_user()
            if me is not None and me.id == changed.id:
                # The user's own sessions ended too; this one continues with a new secret.
                open_account(transaction, changed)
        flash(
            f"{changed.username} now has the role {changed.role.label.lower()} and was logged out everywhere.",
            "success",
        )
    return redirect(url_for(".show", username=username), 303)


@bp.post("/users/<username>/disable")
@requires(Permission.MANAGE_ACCOUNTS)
def disable(username: str) -> ResponseReturnValue:
    """Disable an account; its contributions stay."""
    with writing() as transaction:
        closed = users.disable_user(transaction, username)
    flash(f"{closed.username} was disabled and logged out. Its contributions stay in the history.", "success")
    return redirect(url_for(".show", username=username), 303)


@bp.post("/users/<username>/enable")
@requires(Permission.MANAGE_ACCOUNTS)
def enable(username: str) -> ResponseReturnValue:
    """Enable an account again."""
    with writing() as transaction:
        opened = users.enable_user(transaction, username)
    flash(f"{opened.username} was enabled. Its API tokens stay revoked.", "success")
    return redirect(url_for(".show", username=username), 303)


@bp.post("/users/<username>/sign-out")
@requires(Permission.MANAGE_ACCOUNTS)
def sign_out(username: str) -> ResponseReturnValue:
    """Log an account out everywhere."""
    with writing() as transaction:
        account = users.find_user(transaction, username)
        sessions.end_all(transaction, account.id)
        transaction.log_when_saved(SecurityEvent.SESSIONS_ENDED, account=account.username, all=True)
    flash(f"{account.username} was logged out everywhere.", "success")
    return redirect(url_for(".show", username=username), 303)


@bp.post("/users/<username>/reset")
@requires(Permission.MANAGE_ACCOUNTS)
def reset(username: str) -> ResponseReturnValue:
    """Create a password reset link: email it if possible, otherwise show it to the admin once."""
    with writing() as transaction:
        account = users.find_user(transaction, username)
        link = _address(resets.give_out(transaction, account))
    return _hand_out(account, link, f"The password reset link for {account.username} was created.")


@bp.post("/users/<username>/tokens/<int:token_id>/revoke")
@requires(Permission.MANAGE_ACCOUNTS)
def revoke_token(username: str, token_id: int) -> ResponseReturnValue:
    """Revoke a token of an account."""
    with writing() as transaction:
        account = users.find_user(transaction, username)
        token = tokens.revoke(transaction, token_id, account.id)
    flash(f"The token “{token.label}” was revoked.", "success")
    return redirect(url_for(".show", username=username), 303)


def _address(secret: str) -> str:
    return _settings().base_url + resets.path_of(secret)


def _hand_out(user: User, link: str, done: str) -> ResponseReturnValue:
    """Email `link` to its owner if possible, otherwise show it."""
    server, letter = _settings().mail, resets.letter(user, link)
    if server is not None and letter is not None:
        post().later(lambda: mail.send(server, letter))
        flash(f"{done} A link to set the password was emailed to {user.email}.", "success")
        return redirect(url_for(".show", username=user.username), 303)
    response = make_response(render_template("users/link.html", account=user, link=link, done=done))
    response.headers["Cache-Control"] = "no-store"
    return response


def _settings() -> Settings:
    return application.settings()
