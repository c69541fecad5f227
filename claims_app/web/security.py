"""What every answer carries and every request keeps to: headers, cookies, CSRF, limits."""

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from claims_app.services.accounts import sessions

LARGEST_REQUEST = 8 * 1024 * 1024
"""Bytes; a text of two million characters fits, with what its encoding adds."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Set the limits, the cookies and the headers of `app`."""
    secure = app.extensions["claims_settings"].base_url.startswith("https://")
    proxies = app.extensions["claims_settings"].proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME=cookie_name("claims_session", secure),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # The cookie may lie there as long as a session lasts at most; the session itself may end before.
        PERMANENT_SESSION_LIFETIME=sessions.LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # `access` does it, for all but requests with a token.
        WTF_CSRF_TIME_LIMIT=None,  # A form may lie open as long as its session lasts.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    app.after_request(_add_headers)


def is_https() -> bool:
    """Return whether the site is reached by https, as the setting says: cookies then travel no other way."""
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def cookie_name(name: str, secure: bool | None = None) -> str:
    """Return what a cookie is called; by https, so that no other site under the same domain can set it."""
    return f"__Host-{name}" if (is_https() if secure is None else secure) else name


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        # Pages differ by who is signed in, and a form must never come out of a shared cache.
        response.vary.update(("Cookie", "Authorization"))
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
