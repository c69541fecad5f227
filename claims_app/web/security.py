"""Security of all requests and responses: headers, cookies and CSRF protection."""

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from claims_app.services.accounts import sessions
from claims_app.web.reader_pages import OF_ONE_PERSON

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_OF_ACCOUNTS = frozenset({"account", "admin", "auth", "orcid", "users", "webhooks"})
"""Blueprints whose pages hold personal data or secrets, so that no browser keeps them."""

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Set the cookies and the headers of `app`."""
    secure = app.extensions["claims_settings"].base_url.startswith("https://")
    proxies = app.extensions["claims_settings"].proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name("claims_session", secure),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # The cookie lasts as long as the longest session; the session itself may end earlier.
        PERMANENT_SESSION_LIFETIME=sessions.LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # `access` checks it, except for requests with a token.
        WTF_CSRF_TIME_LIMIT=None,  # A form stays valid as long as its session.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    app.after_request(_add_headers)


def is_https() -> bool:
    """Return whether the configured base URL uses HTTPS; cookies are then sent only over HTTPS."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def cookie_name(name: str, secure: bool | None = None) -> str:
    """Return the full name of a cookie; over HTTPS with `__Host-`, so that no sibling domain can set it."""
    return f"__Host-{name}" if (is_https() if secure is None else secure) else name


def forgotten_by_browser(response: Response) -> Response:
    """Let the browser delete what it keeps of this site, when somebody logs out: others may use it."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if is_https() or request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.blueprint in _OF_ACCOUNTS:
        response.headers["Cache-Control"] = "no-store"
    if request.endpoint != "static":
        # Pages depend on the signed-in user, and a form must never come from a shared cache.
        response.vary.update(("Cookie", "Authorization"))
        response.headers.setdefault("Cache-Control", OF_ONE_PERSON)
    return response
