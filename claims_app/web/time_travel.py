"""Pages of the past: with `as_of` in its address, a page shows the database as it was at that time.

A view that supports this is marked with `answers_as_of`. It then reads the data of that time, its page says so,
its links lead to pages of the same time, and it offers no changes.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, request

from claims_app.database import RECENT, Database
from claims_app.services.core.errors import NoSuchMoment, NotFound
from claims_app.services.history import as_of
from claims_app.services.history.as_of import AsOf
from claims_app.web import application, reader_pages

View = TypeVar("View", bound=Callable[..., Any])

AS_OF = "as_of"
"""The name of the parameter."""

_OF_ONE_MOMENT = (AS_OF, "after", "before")
"""Parameters that are not valid at another time: cursors depend on the rows that existed."""


def answers_as_of(view: View) -> View:
    """Mark a view that can show the past. It reads through `session.reading()` and changes nothing."""
    view.answers_as_of = True  # type: ignore[attr-defined]
    return view


def asks_again(view: View) -> View:
    """Mark a view with a field for the time: it says itself what is wrong with one (`wrong`), and is `asked` none."""
    view.asks_again = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class WrongMoment:
    """What was given as a time, and what is wrong with it."""

    text: str
    sentence: str


def wrong() -> WrongMoment | None:
    """Return what is wrong with the time that was given, for a view that `asks_again`."""
    return cast(WrongMoment | None, g.get("wrong_moment"))


def asked() -> AsOf | None:
    """Return the time that this request asks for; None for the present."""
    return cast(AsOf | None, g.get(AS_OF))


def shown_at() -> datetime.datetime:
    """Return the time that this page shows."""
    moment = asked()
    return moment.at if moment else _database().clock()


def not_there_yet(error: NotFound) -> str | None:
    """Return a sentence about a record that was added after the requested time, or None."""
    moment = asked()
    if moment is None or error.record is None:
        return None
    with _database().reading(since=RECENT) as today:
        return as_of.not_there_yet(today, error, moment)


def address_then(moment: datetime.datetime) -> str | None:
    """Return the value of `as_of` for `moment`, or None while that time cannot be shown yet."""
    if as_of.is_settled(moment, _database().clock()):
        return as_of.address_of_moment(moment)
    reader_pages.good_until(moment + as_of.SETTLED_AFTER)
    return None


def address_today() -> str:
    """Return the address of the current version of this page."""
    query = urlencode([pair for pair in request.args.items(multi=True) if pair[0] not in _OF_ONE_MOMENT])
    return f"{request.path}?{query}" if query else request.path


def register(app: Flask) -> None:
    """Read `as_of` from each request, and keep it in the links of its page."""

    @app.before_request
    def read() -> None:
        given = [text for text in request.args.getlist(AS_OF) if text.strip()]
        if not given:
            return
        if not _answers(request.endpoint):
            raise NoSuchMoment("This page only shows current data. Leave out as_of.")
        try:
            if len(given) > 1:
                raise NoSuchMoment("Use as_of only once.")
            g.as_of = as_of.read(given[0], _database().clock())
        except NoSuchMoment as error:
            if not _is_marked(request.endpoint, "asks_again"):
                raise
            g.wrong_moment = WrongMoment(given[0], str(error))

    @app.url_defaults
    def keep(endpoint: str, values: dict[str, Any]) -> None:
        moment = asked()
        if moment is not None and _answers(endpoint):
            values.setdefault(AS_OF, moment.text)

    @app.context_processor
    def add_as_of() -> dict[str, Any]:
        return {AS_OF: asked()}

    app.add_template_global(address_today)


def _answers(endpoint: str | None) -> bool:
    return _is_marked(endpoint, "answers_as_of")


def _is_marked(endpoint: str | None, mark: str) -> bool:
    return getattr(current_app.view_functions.get(endpoint or ""), mark, False)


def _database() -> Database:
    return application.database()
