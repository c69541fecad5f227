"""Where to go after logging in: back to the page that a visitor came from."""

from urllib.parse import urlsplit

from flask import request, url_for
from flask.globals import request_ctx

from claims_app.rules.text import forbidden_character

_OF_LOGIN = frozenset({"auth", "orcid"})
"""The blueprints whose pages are on the way to a session, rather than pages to return to."""


def local(address: str | None) -> str | None:
    """Return `address` if it is a path on this site, to prevent open redirects after login, else None."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if forbidden_character(address, multiline=False):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else address


def wanted() -> str | None:
    """Return the page that the visitor of this login page wanted, or None."""
    return local(request.args.get("next"))


def here() -> str | None:
    """Return the page to come back to from this one; for a form that was sent, the page that it is on."""
    if request.blueprint in _OF_LOGIN:
        return wanted()
    if request.method in ("GET", "HEAD") or _can_be_opened(request.path):
        return local(request.full_path.rstrip("?"))
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return None
    return local(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def login_address() -> str:
    """Return the address of the login page, which leads back here."""
    back = here()
    return url_for("auth.login", next=None if back == url_for("home.index") else back)


def _can_be_opened(path: str) -> bool:
    adapter = request_ctx.url_adapter
    return adapter is not None and adapter.test(path, "GET")
