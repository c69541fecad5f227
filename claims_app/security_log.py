"""The log of security events: who logged in or failed, what changed about accounts, and what was refused.

`SecurityEvent` is the whole vocabulary, which `docs/security.md` lists. Each event is one line of the logger
`claims.security`, with its name in the field `event`, and with the request, its account and its address. A change is
logged once it is committed: `WriteSession.log_when_saved` keeps its event until then.

No secret and nothing that somebody typed is ever a field, not even an unknown user name, which may be a password in the
wrong field. Accounts are named by their user names.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from claims_app import logs

LOGGER = "claims.security"
"""The name of the logger, by which other programs find the events."""

_log = logging.getLogger(LOGGER)
_counting = threading.Lock()
_counted: "Counter[SecurityEvent]" = Counter()


class SecurityEvent(StrEnum):
    """What the log of security events may say; the value is the name of the event, `level` how bad it is."""

    level: int
    sentence: str

    def __new__(cls, name: str, level: int, sentence: str) -> "SecurityEvent":
        event = str.__new__(cls, name)
        event._value_ = name
        event.level = level
        event.sentence = sentence
        return event

    LOGIN_SUCCEEDED = "login.succeeded", logging.INFO, "logged in"
    LOGIN_FAILED = "login.failed", logging.WARNING, "failed to log in"
    LOGIN_THROTTLED = "login.throttled", logging.WARNING, "made too many attempts to log in"
    LOGOUT = "logout", logging.INFO, "logged out"
    PASSWORD_CONFIRMED = "password.confirmed", logging.INFO, "confirmed the password for a change"
    PASSWORD_NOT_CONFIRMED = (
        "password.not_confirmed",
        logging.WARNING,
        "entered a wrong password for a change",
    )
    PASSWORD_CHANGED = "password.changed", logging.INFO, "the password was changed"
    RESET_REQUESTED = "reset.requested", logging.INFO, "a password reset was requested"
    RESET_LINK_CREATED = "reset.link_created", logging.INFO, "a password reset link was created"
    SESSIONS_ENDED = "sessions.ended", logging.INFO, "sessions were ended"
    ACCOUNT_CREATED = "account.created", logging.INFO, "an account was created"
    ACCOUNT_DISABLED = "account.disabled", logging.INFO, "an account was disabled"
    ACCOUNT_ENABLED = "account.enabled", logging.INFO, "an account was enabled"
    ROLE_CHANGED = "account.role_changed", logging.WARNING, "the role of an account was changed"
    EMAIL_CHANGED = "account.email_changed", logging.INFO, "the email address of an account was changed"
    ORCID_LINKED = "account.orcid_linked", logging.INFO, "an ORCID iD was linked to an account"
    ORCID_UNLINKED = "account.orcid_unlinked", logging.INFO, "an ORCID iD was unlinked from an account"
    TOKEN_CREATED = "token.created", logging.INFO, "an API token was created"
    TOKEN_REVOKED = "token.revoked", logging.INFO, "an API token was revoked"
    TOKEN_REFUSED = "token.refused", logging.WARNING, "an API token was refused"
    TOKEN_NEW_ADDRESS = "token.new_address", logging.INFO, "an API token is used from another address"
    ACCESS_REFUSED = "access.refused", logging.WARNING, "access was refused"
    CSRF_REFUSED = "csrf.refused", logging.WARNING, "a form of another session or site was refused"
    INPUT_REFUSED = "input.refused", logging.WARNING, "a request that no form or link makes was refused"
    RATE_LIMITED = "rate.limited", logging.WARNING, "too many requests were made"
    OUTGOING_REFUSED = "outgoing.refused", logging.WARNING, "a request to a private address was not sent"
    WEBHOOK_ADDED = "webhook.added", logging.WARNING, "a webhook was added"
    WEBHOOK_CHANGED = "webhook.changed", logging.WARNING, "a webhook was changed"
    WEBHOOK_SECRET = "webhook.secret_replaced", logging.INFO, "the secret of a webhook was replaced"
    WEBHOOK_PAUSED = "webhook.paused", logging.INFO, "a webhook was paused"
    WEBHOOK_RESUMED = "webhook.resumed", logging.INFO, "a webhook was resumed"
    WEBHOOK_DELETED = "webhook.deleted", logging.WARNING, "a webhook was deleted"
    SETTING_UNSAFE = "setting.unsafe", logging.WARNING, "a setting is unsafe"


def log_event(event: SecurityEvent, **fields: object) -> None:
    """Count `event`, and log it with its fields and with the address that the request of this thread comes from."""
    with _counting:
        _counted[event] += 1
    task = logs.current()
    if task is not None and task.address is not None:
        fields = {"address": task.address, **fields}
    # A process with its own handlers may write what it gets as it is, so nothing here can begin a line.
    safe = {
        name: logs.printable(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    _log.log(event.level, event.sentence, extra={"event": event.value, **safe})


def event_counts() -> Mapping[SecurityEvent, int]:
    """Return how often this process logged each event; those that never happened count 0."""
    with _counting:
        return {event: _counted[event] for event in SecurityEvent}
