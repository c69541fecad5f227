"""Authentication of requests, and permission checks for the signed-in user."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import ParamSpec

from flask import Flask, Request, g, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import object_session
from werkzeug.exceptions import Forbidden

from claims_app.database import RECENT, Change
from claims_app.models import Record, User
from claims_app.permissions import Decision, Doer, Permission, cannot, decide, permits
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import sessions
from claims_app.services.core import authorization
from claims_app.services.core.errors import NotAllowed
from claims_app.vocabulary import Effect, Role, TokenScope, Via
from claims_app.web import application, bearer, observing, outage, security_events, time_travel
from claims_app.web.return_address import login_address
from claims_app.web.security import csrf

P = ParamSpec("P")

BOOKMARK = "position"
"""The key in the session of a browser of the position after its last change; see `web.session`."""


_FOR_MONITORS = "health"


@dataclass(frozen=True)
class SignedInUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no type hints
    """The account of a request, authenticated by a browser session or by an API token with a scope."""

    id: int
    username: str
    role: Role
    session_id: int | None = None
    scope: TokenScope | None = None
    secret: str = field(default="", repr=False)
    token_id: int | None = None

    @classmethod
    def of(
        cls,
        user: User,
        *,
        session_id: int | None = None,
        scope: TokenScope | None = None,
        secret: str = "",
        token_id: int | None = None,
    ) -> "SignedInUser":
        """Return the signed-in user for an account."""
        return cls(user.id, user.username, user.role, session_id, scope, secret, token_id)

    @property
    def via(self) -> Via:
        """How changes of this request are recorded: made via the web or via the API."""
        return Via.WEB if self.scope is None else Via.API

    def get_id(self) -> str:
        """Return the value of the session cookie: the secret of the session, and nothing about the account."""
        return self.secret


class NotSignedIn(Forbidden):
    """A form was sent without a valid session."""

    description = (
        "You are not logged in, so nothing was saved. Your input is shown below. Log in, go back to the form "
        "and submit it again."
    )


def signed_in_user() -> SignedInUser | None:
    """Return the signed-in user, or None."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def account() -> SignedInUser:
    """Return the signed-in user. Raises NotSignedIn if there is none."""
    user = signed_in_user()
    if user is None:
        raise NotSignedIn
    return user


def change_now(summary: str | None = None) -> Change:
    """Return the change that this request makes on behalf of the signed-in user."""
    user = signed_in_user()
    settings = application.settings()
    return Change(
        via=user.via if user else Via.WEB,
        actor_id=user.id if user else None,
        actor_role=user.role if user else None,
        summary=summary,
        review=settings.review_required,
    )


def may_ever(permission: Permission) -> Decision:
    """Return whether the signed-in user may do this to any record at all. Runs no query."""
    if time_travel.asked() is not None:
        return Decision(Effect.NO, "Past data cannot be changed. View the current data first.")
    change = change_now()
    if change.actor_role is None:
        return decide(Doer.NOBODY, permission, review=change.review)
    accepted = decide(Doer.of(change.actor_role.value), permission, review=change.review)
    permitted = permits(change.actor_role, permission)
    return accepted or Decision(Effect.NOW if permitted else Effect.NO, accepted.why)


def may(permission: Permission, record: Record | None = None) -> Decision:
    """Return the decision of the policy for the signed-in user, for `record` if it is given.

    Runs a query for a record that is not accepted, so views ask for it before they render a page.
    """
    if record is None or time_travel.asked() is not None or signed_in_user() is None:
        return may_ever(permission)
    session = object_session(record)
    assert session is not None, "records are shown while their session is open"
    return authorization.decision(session, change_now(), permission, record)


@dataclass(frozen=True)
class Rights:
    """What the signed-in user may do to the records of a page."""

    decisions: Mapping[tuple[Permission, Record], Decision]

    def may(self, permission: Permission, record: Record) -> Decision:
        """Return the decision about one of the records that the rights cover."""
        return self.decisions[permission, record]

    def __or__(self, other: "Rights") -> "Rights":
        """Return the rights over the records of both."""
        return Rights({**self.decisions, **other.decisions})


def rights_over(records: Iterable[Record], *permissions: Permission) -> Rights:
    """Return the decisions about `permissions` for each of the records; views compute them for their template."""
    decisions: dict[tuple[Permission, Record], Decision] = {}
    listed = list(records)
    for permission in permissions:
        ever = may_ever(permission)
        decisions |= {(permission, record): may(permission, record) if ever else ever for record in listed}
    return Rights(decisions)


def effect_of_saving(record: Record | None) -> Effect:
    """Return the effect of submitting the form of `record`, or of a new record if it is None."""
    return (may(Permission.EDIT, record) if record is not None else may_ever(Permission.CREATE)).effect


def require(permission: Permission, record: Record) -> Effect:
    """Return the effect if the signed-in user does this to `record`. Raises NotAllowed with the reason."""
    decision = may(permission, record)
    if not decision:
        raise NotAllowed(decision.why)
    return decision.effect


def requires(
    permission: Permission,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Restrict a view to users with `permission`; others are asked to log in, or get 403 with the reason."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            user = account()
            if not permits(user.role, permission):
                raise Forbidden(cannot(Doer.of(user.role.value), permission))
            return view(*args, **kwargs)

        return signed_in(guarded)

    return decorate


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Restrict a view to signed-in users; it asks the policy about its record itself, as `editing` does."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return ask_to_log_in() or view(*args, **kwargs)

    return guarded


def ask_to_log_in() -> ResponseReturnValue | None:
    """Return the way to the log-in page if nobody is signed in, else None. Raises NotSignedIn for a sent form."""
    if signed_in_user() is not None:
        return None
    if request.method == "POST":
        raise NotSignedIn
    return redirect(login_address(), 303)


def needs_session() -> ResponseReturnValue | None:
    """Restrict a blueprint about accounts to browser sessions.

    A token gives access to records but not to the account: it must not lead to a password or another token.
    """
    if (answer := ask_to_log_in()) is not None:
        return answer
    if account().scope is not None:
        raise Forbidden("API tokens cannot be used for account settings. Log in with a browser.")
    return None


def _refuse_forged() -> None:
    """Raise CSRFError for a form that is not of this session."""
    try:
        csrf.protect(apply_exemptions=True)
    except CSRFError:
        security_events.log_refusal(SecurityEvent.CSRF_REFUSED)
        raise


def register(app: Flask) -> None:
    """Authenticate each request, and protect forms against cross-site request forgery."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=True)
    manager.session_protection = None
    app.session_interface = bearer.CookieSessions()

    @app.before_request
    def authenticate() -> None:
        if request.blueprint == _FOR_MONITORS:
            return  # their token is not one of an account
        text = bearer.presented(request)
        if text is None:
            _refuse_forged()
            return
        token = bearer.token_of_request(text)
        g.claims_user = SignedInUser.of(token.user, scope=token.scope, token_id=token.id)
        g.csrf_valid = True  # Flask-WTF sets this after its own check; its forms read it

    @manager.request_loader  # type: ignore[untyped-decorator]
    def by_token(_request: Request) -> SignedInUser | None:
        user: SignedInUser | None = g.get("claims_user")
        return user

    @manager.user_loader  # type: ignore[untyped-decorator]
    def by_session(secret: str) -> SignedInUser | None:
        if outage.is_on():
            return None
        database = application.database()
        # Nobody can end a session while there is no primary. Until there is one again, people can at least read.
        bookmark = cookie.get(BOOKMARK, RECENT) if database.is_lost else None
        with database.reading(since=bookmark) as session:
            found = sessions.find(session, secret)
            g.claims_position = database.position(session) if bookmark is None else bookmark
        if found is None:
            return None
        observing.note_account(found.user.id)
        sessions.note_use(database, found)
        return SignedInUser.of(found.user, session_id=found.id, secret=secret)
