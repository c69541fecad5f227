"""Reads the moment of a request for past data (`as_of`)."""

import datetime
import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.models import Revision
from claims_app.rules.identifiers import public_id
from claims_app.services.core.errors import NoSuchMoment, NotFound
from claims_app.vocabulary import RecordType

SETTLED_AFTER = datetime.timedelta(minutes=1)
"""The time after which a moment can be requested: by then, transactions that began before it have ended."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+ -]\d\d:\d\d)")
_LAST = datetime.time(23, 59, 59, 999_999, datetime.UTC)


@dataclass(frozen=True)
class AsOf:
    """A moment that has passed: the end of a `day` in UTC, or a point in time."""

    at: datetime.datetime
    is_day: bool

    @property
    def day(self) -> datetime.date:
        """The day, in UTC."""
        return self.at.date()

    @property
    def text(self) -> str:
        """Its form in URLs."""
        return self.day.isoformat() if self.is_day else _iso(self.at)

    @property
    def words(self) -> str:
        """Its form in a sentence, such as “at the end of 31 January 2024 (UTC)”."""
        day = f"{self.at.day} {self.at:%B} {self.at.year}"
        if self.is_day:
            return f"at the end of {day} (UTC)"
        seconds = (
            f"{self.at:%H:%M:%S.%f}".rstrip("0").rstrip(".") if self.at.microsecond else f"{self.at:%H:%M:%S}"
        )
        return f"on {day}, {seconds} UTC"


def read(text: str, now: datetime.datetime) -> AsOf:
    """Return the moment given by `text`: a day, such as 2024-01-01, or a time with its zone.

    Raises NoSuchMoment for anything else, and for a moment that is not over at `now`, as its data may still change.
    """
    text = text.strip()
    try:
        if _DAY.fullmatch(text):
            asked = AsOf(datetime.datetime.combine(datetime.date.fromisoformat(text), _LAST), True)
        elif match := _TIME.fullmatch(text):
            # In a URL, + means a space.
            moment = datetime.datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3].replace(' ', '+')}")
            asked = AsOf(moment.astimezone(datetime.UTC), False)
        else:
            raise ValueError
    except (ValueError, OverflowError):
        raise NoSuchMoment(
            f"“{text[:40]}” is not a date or time. Enter year-month-day, such as 2024-01-31, for the end of that "
            "day in UTC, or a time with its zone, such as 2024-01-31T09:30:00Z."
        ) from None
    if is_settled(asked.at, now):
        return asked
    if not asked.is_day:
        raise NoSuchMoment(
            "That time has not passed yet, or only just. Try again in a minute, or remove as_of."
        )
    if asked.day == datetime.date.max:
        raise NoSuchMoment("That day is never over. Remove as_of to see the present.")
    over = asked.at.replace(microsecond=0) + datetime.timedelta(seconds=1) + SETTLED_AFTER
    raise NoSuchMoment(
        f"{asked.day} is not over, or only just, so its data could still change. It is available from "
        f"{over:%Y-%m-%d, %H:%M} UTC. Remove as_of to see the present."
    )


def is_settled(moment: datetime.datetime, now: datetime.datetime) -> bool:
    """Return whether the data as of `moment` can no longer change at `now`."""
    return moment < now - SETTLED_AFTER


def address_of_moment(moment: datetime.datetime) -> str:
    """Return the form of a moment in URLs."""
    return AsOf(moment.astimezone(datetime.UTC), False).text


def added_at(session: Session, record_type: RecordType, number: int) -> datetime.datetime | None:
    """Return when a record was created, or None if it never existed."""
    return session.scalar(
        select(func.min(Revision.changed_at)).where(
            Revision.record_type == record_type, Revision.record_id == number
        )
    )


def not_there_yet(today: Session, error: NotFound, moment: AsOf) -> str | None:
    """Return a sentence about a record that was added after `moment`, or None; `today` reads the present."""
    added = added_at(today, *error.record) if error.record else None
    if error.record is None or added is None:
        return None
    return (
        f"{public_id(*error.record)} did not exist {moment.words}. "
        f"It was added on {added.day} {added:%B %Y, %H:%M} UTC."
    )


def _iso(moment: datetime.datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
