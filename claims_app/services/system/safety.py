"""Which settings are unsafe; `claims check` prints it, and a process that serves the pages logs it at its start."""

import stat
from collections.abc import Iterator

from sqlalchemy import make_url

from claims_app.config import Settings
from claims_app.security_log import SecurityEvent, log_event

_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
_LOCAL_HOSTS = ("", "127.0.0.1", "::1", "localhost")
_CHECKED = ("verify-ca", "verify-full")


def unsafe_settings(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each setting that is unsafe on a public site."""
    if not settings.base_url.startswith(("https://", *_LOOPBACK)):
        yield "CLAIMS_BASE_URL is not https, so session cookies are sent unencrypted."
    if settings.base_url.startswith("https://") and not settings.proxies:
        yield (
            "If the site is behind reverse proxies, set CLAIMS_PROXIES to their number. Otherwise all visitors "
            "share one address, and a few failed logins slow down everyone."
        )
    if settings.webhooks_private:
        yield (
            "CLAIMS_WEBHOOKS_PRIVATE is allow, so admins can make the program send requests to any host that it "
            "reaches."
        )
    if _is_read_by_others(settings):
        yield "Other accounts of this machine can read instance/secret_key. Run “chmod 600 instance/secret_key”."
    if not _checks_its_database(settings.database_url):
        yield "DATABASE_URL does not check the certificate of the database. Add ?sslmode=verify-full."


def log_unsafe_settings(settings: Settings) -> None:
    """Log each setting that is unsafe."""
    for sentence in unsafe_settings(settings):
        log_event(SecurityEvent.SETTING_UNSAFE, reason=sentence)


def _checks_its_database(address: str) -> bool:
    """Return whether the connection to the database is encrypted to the right server, or leaves no machine."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" or url.query.get("sslmode") in _CHECKED:
        return True
    more = url.query.get("host", ())
    hosts = (url.host or "", *((more,) if isinstance(more, str) else more))
    return all(host.partition(":")[0] in _LOCAL_HOSTS or host.startswith(("/", "::1")) for host in hosts)


def _is_read_by_others(settings: Settings) -> bool:
    try:
        mode = (settings.instance / "secret_key").stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IRGRP | stat.S_IROTH)) and stat.S_ISREG(mode)
