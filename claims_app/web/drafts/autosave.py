"""Saving unfinished forms as drafts, and offering them when the author returns.

A view with such a form is marked with `keeps_drafts`; `editing` does the rest.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

from flask import Response, current_app, flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from claims_app.database import WriteSession
from claims_app.models import Draft
from claims_app.rules.text import whole_number
from claims_app.services.core.errors import Refused, StaleVersion
from claims_app.services.forms import drafts, idempotency
from claims_app.web import access, errors
from claims_app.web.forms import SentForm
from claims_app.web.session import reading, writing
from claims_app.web.submissions import DRAFT_STATE, content, submission_of

P = ParamSpec("P")

DRAFT = "draft"
"""The value of `intent` that saves a form as a draft, and the query parameter that loads it."""

_INSTEAD = "instead"
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_ANOTHER = (
    "Another window has saved a newer draft of this form. It was not overwritten, so your input here is not "
    "saved as a draft."
)


@dataclass(frozen=True)
class Offer:
    """The drafts of a form, for its page."""

    state: str = ""
    """The state of the draft that the form continues."""

    older: Draft | None = None
    """An existing draft that is not loaded into the form."""


def keeps_drafts(
    label: str,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Allow the form of a view to be saved as a draft; `label` may contain arguments of the view."""

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @functools.wraps(view)
        def keeping(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if request.method == "POST" and request.form.get("intent") == DRAFT:
                return _keep(label.format(**kwargs))
            return view(*args, **kwargs)

        keeping.keeps_drafts = True  # type: ignore[attr-defined]
        return keeping

    return decorate


def offer(form: SentForm) -> Offer | None:
    """Return the drafts for the page of `form`, and load the draft into the form if requested.

    None if the view keeps no drafts. The form keeps the version from which the draft was started.
    """
    user = access.signed_in_user()
    view = current_app.view_functions.get(request.endpoint or "")
    if user is None or not getattr(view, "keeps_drafts", False):
        return None
    found = drafts.draft_of(reading(), user.id, request.path)
    if form.is_submitted():
        state = request.form.get(DRAFT_STATE, "")
        return Offer(state, found if found and state != str(found.state) else None)
    if found is None or not request.args.get(DRAFT):
        return Offer(older=found)
    typed = MultiDict([(name, value) for name, values in found.content.items() for value in values])
    form.process(typed, data=form.data)
    return Offer(str(found.state))


def finish(session: WriteSession, user_id: int) -> None:
    """Delete the draft that the submitted form continues, since the form is saved."""
    state = whole_number(request.form.get(DRAFT_STATE))
    drafts.finish(session, user_id, request.path, state, content())


def _keep(label: str) -> ResponseReturnValue:
    """Save the form as a draft, without validation."""
    user = access.account()
    by_script = request.headers.get("X-Part") == DRAFT
    submission = submission_of(user.id)
    seen = request.args.get(_INSTEAD) or request.form.get(DRAFT_STATE, "")
    try:
        with writing() as session:
            # A draft sent by the script may arrive after the form itself was saved.
            if by_script and idempotency.location_of(session, submission) is not None:
                return _done()
            kept = drafts.keep(session, user.id, request.path, label, submission.content, whole_number(seen))
            state = str(kept.state)
    except StaleVersion:
        return (_ANOTHER, 409, _PLAIN) if by_script else errors.answer(409, "Another draft", _ANOTHER)
    except Refused as refused:
        return (
            (str(refused), 422, _PLAIN) if by_script else errors.answer(422, "Draft not saved", str(refused))
        )
    if by_script:
        return _done(state)
    flash("The draft was saved. Only you can see it.", "success")
    return redirect(f"{request.path}?{DRAFT}=1", 303)


def _done(state: str = "") -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    if state:
        response.headers["X-Draft-State"] = state
    return response
