"""Throttling repeated attempts. The limits are defined in `rules.throttling`."""

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Attempt
from claims_app.models.types import utc_now
from claims_app.rules.throttling import KEPT_FOR, LIMITS, Limit, in_words
from claims_app.services.core.errors import TooManyAttempts
from claims_app.vocabulary import AttemptKind

_KNOWN = "browser:"


def known_source(key: str) -> str:
    """Return the source name for a browser that has logged in to the account before."""
    return f"{_KNOWN}{key}"


def check(session: Session, kind: AttemptKind, subject: str, source: str) -> None:
    """Raise TooManyAttempts if the next attempt has to wait. Writes nothing."""
    for limit in LIMITS[kind]:
        # Attempts made elsewhere for this name must not lock the owner out of a known browser.
        if limit.subject and not limit.source and source.startswith(_KNOWN):
            continue
        _check(session, kind, limit, subject, source)


def note(session: WriteSession, kind: AttemptKind, subject: str, source: str) -> None:
    """Count an attempt before its result is known, so that parallel attempts are all counted.

    Raises TooManyAttempts, without counting it, if the attempt has to wait.
    """
    session.execute(delete(Attempt).where(Attempt.made_at < utc_now() - KEPT_FOR))
    check(session, kind, subject, source)
    session.add(Attempt(kind=kind, subject=subject, source=source))
    session.flush()


def forget(session: Session, kind: AttemptKind, subject: str, source: str | None = None) -> None:
    """Clear the attempts for a name (from one source, if given) after a successful one."""
    query = delete(Attempt).where(Attempt.kind == kind, Attempt.subject == subject)
    session.execute(query if source is None else query.where(Attempt.source == source))


def _check(session: Session, kind: AttemptKind, limit: Limit, subject: str, source: str) -> None:
    """Check one limit. Raises TooManyAttempts."""
    now = utc_now()
    conditions: list[ColumnElement[bool]] = [Attempt.kind == kind, Attempt.made_at > now - KEPT_FOR]
    if limit.subject:
        conditions.append(Attempt.subject == subject)
    if limit.source:
        conditions.append(Attempt.source == source)
    elif limit.subject:
        conditions.append(Attempt.source.not_like(f"{_KNOWN}%"))
    count, newest = session.execute(
        select(func.count(Attempt.id), func.max(Attempt.made_at)).where(*conditions)
    ).one()
    wait = limit.wait(count)
    # Without a wait, ignore the newest attempt: one made at this moment may be later than `now`.
    if newest is None or not wait:
        return
    left = min(newest, now) + wait - now  # the clock may have been set back since
    if left.total_seconds() > 0:
        sentence = f"Too many attempts. Wait {in_words(left)} and try again."
        raise TooManyAttempts(sentence, left, of_name=limit.subject and not limit.source)
