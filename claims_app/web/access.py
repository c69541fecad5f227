"""Who is signed in, and what they may do."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import object_session
from werkzeug.exceptions import Forbidden

from claims_app.database import Change
from claims_app.models import Record, User
from claims_app.permissions import Decision, Doer, Permission, decide, permits
from claims_app.services.accounts import sessions
from claims_app.services.core import authorization
from claims_app.services.core.errors import NotAllowed
from claims_app.vocabulary import Effect, Role, TokenScope, Via
from claims_app.web import bearer, time_travel
from claims_app.web.security import csrf
from config import Settings

P = ParamSpec("P")


@dataclass(frozen=True)
class SignedInUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no type hints
    """The account of a request, and what opened it: a session of a browser, or a token with a scope."""

    id: int
    username: str
    role: Role
    session_id: int | None = None
    scope: TokenScope | None = None
    secret: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        user: User,
        *,
        session_id: int | None = None,
        scope: TokenScope | None = None,
        secret: str = "",
    ) -> "SignedInUser":
        """Return what a request needs to know of an account."""
        return cls(user.id, user.username, user.role, session_id, scope, secret)

    @property
    def via(self) -> Via:
        """The door through which changes of this request come."""
        return Via.WEB if self.scope is None else Via.API

    def get_id(self) -> str:
        """Return what the session cookie holds: the secret of the session, and nothing about the account."""
        return self.secret


class NotSignedIn(Forbidden):
    """A form arrived from somebody who is not signed in (any more)."""

    description = (
        "You are not signed in, so nothing was saved. What you typed stands below: log in, go back to the form "
        "and send it again."
    )


def signed_in_user() -> SignedInUser | None:
    """Return who is signed in, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def account() -> SignedInUser:
    """Return who is signed in, where a view lets nobody else in. Raises NotSignedIn."""
    user = signed_in_user()
    if user is None:
        raise NotSignedIn
    return user


def change_now(summary: str | None = None) -> Change:
    """Return the change that this request makes, in the name of whoever is signed in."""
    user = signed_in_user()
    settings: Settings = current_app.extensions["claims_settings"]
    return Change(
        via=user.via if user else Via.WEB,
        actor_id=user.id if user else None,
        actor_role=user.role if user else None,
        summary=summary,
        review=settings.review_required,
    )


def may(permission: Permission, record: Record | None = None) -> Decision:
    """Return what the policy says to whoever is signed in; templates offer nothing else.

    Without a `record`, whether there is any that they may do this to.
    """
    if time_travel.asked() is not None:
        return Decision(Effect.NO, "The past cannot be changed. Go back to today first.")
    change = change_now()
    if change.actor_role is None:
        return decide(Doer.NOBODY, permission, review=change.review)
    if record is None:
        here = decide(Doer.of(change.actor_role.value), permission, review=change.review)
        return here or Decision(Effect.NOW if permits(change.actor_role, permission) else Effect.NO, here.why)
    session = object_session(record)
    assert session is not None, "records are shown while their session is open"
    return authorization.decision(session, change, permission, record)


def require(permission: Permission, record: Record) -> Effect:
    """Return what becomes of it if whoever is signed in does this to `record`. Raises NotAllowed, with the reason."""
    decision = may(permission, record)
    if not decision:
        raise NotAllowed(decision.why)
    return decision.effect


def requires(
    permission: Permission,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only those with `permission` into a view; others are sent to log in, or told why not."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            user = signed_in_user()
            if user is None:
                if request.method == "POST":
                    raise NotSignedIn
                return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303)
            if not permits(user.role, permission):
                raise Forbidden(f"A {user.role.label.lower()} cannot do this: {permission.definition}")
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def needs_session() -> ResponseReturnValue | None:
    """Let in those who are logged in with a browser alone; for blueprints about accounts themselves.

    A token opens records, and not the account: whoever has one does not get a password or another token.
    """
    user = signed_in_user()
    if user is None:
        if request.method == "POST":
            raise NotSignedIn
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303)
    if user.scope is not None:
        raise Forbidden("API tokens are not for accounts. Log in with a browser for this.")
    return None


def register(app: Flask) -> None:
    """Find out who makes each request, and check that no other site sent its form."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=True)
    manager.session_protection = None
    app.session_interface = bearer.CookieSessions()

    @app.before_request
    def authenticate() -> None:
        text = bearer.presented(request)
        if text is None:
            csrf.protect(apply_exemptions=True)
            return
        token = bearer.token_of_request(text)
        g.claims_user = SignedInUser.of(token.user, scope=token.scope)
        g.csrf_valid = True  # what Flask-WTF sets after its own check, and its forms look at

    @manager.request_loader  # type: ignore[untyped-decorator]
    def by_token(_request: Request) -> SignedInUser | None:
        user: SignedInUser | None = g.get("claims_user")
        return user

    @manager.user_loader  # type: ignore[untyped-decorator]
    def by_session(secret: str) -> SignedInUser | None:
        database = current_app.extensions["claims_database"]
        with database.reading() as session:
            found = sessions.find(session, secret)
        if found is None:
            return None
        sessions.note_use(database, found)
        return SignedInUser.of(found.user, session_id=found.id, secret=secret)
