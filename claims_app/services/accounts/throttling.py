"""Slowing down whoever tries too often: see `rules.throttling` for how much is too much."""

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from claims_app.models import Attempt
from claims_app.models.types import utc_now
from claims_app.rules.throttling import KEPT_FOR, LIMITS, Limit, in_words
from claims_app.services.core.errors import TooManyAttempts
from claims_app.vocabulary import AttemptKind

_KNOWN = "browser:"


def known_source(key: str) -> str:
    """Return the source of what comes from a browser in which the account was opened before."""
    return f"{_KNOWN}{key}"


def check(session: Session, kind: AttemptKind, subject: str, source: str) -> None:
    """Raise TooManyAttempts if the next attempt has to wait. It only reads."""
    for limit in LIMITS[kind]:
        # From a browser of the owner, what others try for this name elsewhere does not count.
        if limit.subject and not limit.source and source.startswith(_KNOWN):
            continue
        _check(session, kind, limit, subject, source)


def note(session: Session, kind: AttemptKind, subject: str, source: str) -> None:
    """Count an attempt, before it is known how it goes: of many at once, none is then forgotten.

    Raises TooManyAttempts if it has to wait; it is not counted then.
    """
    session.execute(delete(Attempt).where(Attempt.made_at < utc_now() - KEPT_FOR))
    check(session, kind, subject, source)
    session.add(Attempt(kind=kind, subject=subject, source=source))
    session.flush()


def forget(session: Session, kind: AttemptKind, subject: str, source: str | None = None) -> None:
    """Forget the attempts for a name (from one source) after one that went well."""
    query = delete(Attempt).where(Attempt.kind == kind, Attempt.subject == subject)
    session.execute(query if source is None else query.where(Attempt.source == source))


def _check(session: Session, kind: AttemptKind, limit: Limit, subject: str, source: str) -> None:
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
    # Without a wait the newest attempt does not matter: another one at this very moment may be later than now.
    if newest is None or not wait:
        return
    left = newest + wait - now
    if left.total_seconds() > 0:
        sentence = f"That was tried too often. Wait {in_words(left)} and try again."
        raise TooManyAttempts(sentence, left, of_name=limit.subject and not limit.source)
