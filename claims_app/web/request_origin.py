"""The origin of a request for rate limiting: an IP address, or a browser in which the account was used before.

After a login, the browser keeps a signed device cookie (as OWASP calls it) for a year. It does not sign
anyone in. It keeps attackers elsewhere from locking the owner out.
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
    """Return the network address of the request, as used for counting attempts."""
    return place_of(request.remote_addr)


def source_for(username: str) -> str:
    """Return the origin of a login attempt for the account `username`."""
    key = _known(normal_username(username))
    return known_source(key) if key else place()


def remember(response: Response, username: str) -> None:
    """Set the device cookie for the account `username`, unless the browser has it already."""
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
    """Return the key of this browser if the account `username` was used in it before."""
    try:
        owner, key = _serializer().loads(request.cookies.get(security.cookie_name(_NAME), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(key) if owner == username else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="claims known browser")
