"""Lookups at bibliographic services, rate-limited per user, outside any write transaction."""

import functools

from flask import Flask, current_app

from claims_app.config import Settings
from claims_app.rules.identifier_parsing import find_identifiers
from claims_app.services.accounts import throttling
from claims_app.services.intake.lookup import Answers, Lookup, look_up, make_lookup
from claims_app.vocabulary import AttemptKind
from claims_app.web import access, session

_EXTENSION = "claims_lookup"


def register(app: Flask) -> None:
    """Add the lookup to `app`; it is made when somebody first looks something up."""
    settings: Settings = app.extensions["claims_settings"]
    app.extensions[_EXTENSION] = functools.cache(
        lambda: make_lookup(settings.contact_email, settings.instance / "looked-up", settings.services)
    )


def ask(text: str) -> Answers:
    """Return the lookup results for each identifier in `text`. Raises TooManyAttempts."""
    lookup: Lookup = current_app.extensions[_EXTENSION]()
    identifiers, _ = find_identifiers(text)
    if identifiers:  # nothing is asked about other text, so it does not count
        with session.writing() as writing:
            throttling.note(writing, AttemptKind.LOOKUP, access.account().username, "")
    session.release()
    return look_up(lookup, text)
