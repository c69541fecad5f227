"""In which form an error is sent from the address of a file: a script reads a sentence better than a page.

A browser that follows a link asks for HTML and gets the page. curl and the like ask for anything.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request

View = TypeVar("View", bound=Callable[..., Any])

TEXT, PAGE, PROBLEM = "text/plain", "text/html", "application/problem+json"
_JSON = "application/json"


def sends_file(view: View) -> View:
    """Mark a view that sends a file, so that its errors are text, unless HTML or JSON is asked for."""
    view.sends_file = True  # type: ignore[attr-defined]
    return view


def is_of_a_file() -> bool:
    """Return whether the request is for a file."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "sends_file", False)


def form() -> str:
    """Return the form of an error that a request for a file accepts best: TEXT, PAGE or PROBLEM."""
    best = request.accept_mimetypes.best_match((TEXT, PAGE, PROBLEM, _JSON), default=TEXT)
    return PROBLEM if best == _JSON else best
