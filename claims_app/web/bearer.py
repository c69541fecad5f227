"""Bearer authentication: a token in the `Authorization` header signs its account in for one request.

For such requests, cookies are neither read nor set, and no CSRF token is required: no browser sends
this header on behalf of another site.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, Response, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from werkzeug.exceptions import Forbidden, Unauthorized

from claims_app.database import Change
from claims_app.models import ApiToken
from claims_app.security_log import SecurityEvent, log_event
from claims_app.services.accounts import throttling, tokens
from claims_app.vocabulary import AttemptKind, TokenScope, Via
from claims_app.web import application, observing, request_origin, security_events
from claims_app.web.methods import READS

WRONG_TOKEN = "claims.wrong_token"  # nosec B105 - a name, no secret
"""A note in the environment of a request that its token is not valid."""


class BadToken(Unauthorized):
    """The token of a request is not valid."""

    description = (
        "This API token is unknown, expired or revoked, or its account is disabled. Create a new one "
        "at /account."
    )


class ReadOnlyToken(Forbidden):
    """A read-only token was used to change something."""

    description = "This API token is read-only. Create one with the scope “Read and write”."


CHALLENGES: Mapping[type[Exception], str] = {
    BadToken: 'Bearer realm="claims", error="invalid_token"',
    ReadOnlyToken: 'Bearer realm="claims", error="insufficient_scope", scope="write"',
}
"""The `WWW-Authenticate` header for each error (RFC 6750)."""


class _Signer(TimestampSigner):
    """Accepts what was signed in the future: by a host whose clock is ahead, or before the clock was set back."""

    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> Any:
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        if max_age is not None and self.get_timestamp() - signed_at.timestamp() > max_age:
            raise SignatureExpired("The signature is too old.", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


class CookieSessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, except for requests with a token."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if presented(request) is not None else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if presented(request) is None:
            super().save_session(app, session, response)


def presented(request: Request) -> str | None:
    """Return the bearer token of a request, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def token_of_request(text: str) -> ApiToken:
    """Return the API token `text` with its account.

    Raises BadToken, ReadOnlyToken, or TooManyAttempts after many wrong tokens from one address.
    """
    if not text:
        raise BadToken  # no attempt to guess one
    database = application.database()
    with database.reading() as session:
        token = tokens.find(session, text)
        g.claims_position = database.position(session)
        if token is None:
            request.environ[WRONG_TOKEN] = True
            throttling.check(session, AttemptKind.TOKEN, "", request_origin.place())
    if token is None:
        with database.writing(Change(via=Via.API)) as transaction:
            throttling.note(transaction, AttemptKind.TOKEN, "", request_origin.place())
        log_event(SecurityEvent.TOKEN_REFUSED)
        raise BadToken
    observing.note_account(token.user_id)
    if token.scope is TokenScope.READ and request.method not in READS:
        raise ReadOnlyToken
    if security_events.is_new_address(token.id, request_origin.place()):
        log_event(SecurityEvent.TOKEN_NEW_ADDRESS, account=token.user.username, token=token.id)
    tokens.note_use(database, token)
    return token
