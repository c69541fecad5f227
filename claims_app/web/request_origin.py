"""Where a request comes from, for counting attempts: an address, or a browser in which the account was opened before.

After a log-in the browser keeps a signed cookie that says so, for a year. It opens nothing. It keeps whoever
guesses elsewhere from shutting the owner out: OWASP calls these device cookies.
"""

import datetime
import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from claims_app.rules.accounts import normal_username
from claims_app.rules.throttling import place_of
from claims_app.services.accounts.throttling import known_source
from claims_app.web import security

_NAME = "claims_browser"
_KEPT_FOR = datetime.timedelta(days=365)


def place() -> str:
    """Return the address that the request comes from, as attempts are counted by it."""
    return place_of(request.remote_addr)


def source_for(username: str) -> str:
    """Return where an attempt to open the account `username` comes from."""
    key = _known(normal_username(username))
    return known_source(key) if key else place()


def remember(response: Response, username: str) -> None:
    """Let the browser remember that the account was opened in it."""
    if _known(username) is None:
        response.set_cookie(
            security.cookie_name(_NAME),
            _serializer().dumps([username, secrets.token_urlsafe(12)]),
            max_age=_KEPT_FOR,
            secure=security.is_https(),
            httponly=True,
            samesite="Lax",
        )


def _known(username: str) -> str | None:
    """Return the key of this browser, if the account `username` was opened in it before."""
    try:
        owner, key = _serializer().loads(request.cookies.get(security.cookie_name(_NAME), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(key) if owner == username else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="claims known browser")
