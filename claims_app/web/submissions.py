"""The submission that a request makes, for saving each only once."""

from flask import request

from claims_app.services.forms import idempotency
from claims_app.services.forms.idempotency import Submission

DRAFT_STATE = "draft_state"
"""The hidden field with the state of the draft that a form continues."""

NOT_CONTENT = frozenset({"csrf_token", "form_token", "intent", DRAFT_STATE})
"""Fields that say how a form is sent, rather than what was typed."""


def content() -> dict[str, list[str]]:
    """Return what was typed into the submitted form, by field."""
    return {name: values for name, values in request.form.lists() if name not in NOT_CONTENT}


def submission_of(user_id: int) -> Submission:
    """Return what the user submits with this request."""
    token = idempotency.valid(request.form.get("form_token"))
    return Submission(user_id, request.path, token, content())
