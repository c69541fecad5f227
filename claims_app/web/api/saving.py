"""Saves in one transaction, with the answer: a request with an Idempotency-Key is carried out only once."""

import re
from collections.abc import Callable
from contextlib import nullcontext

from flask import Response, request
from werkzeug.exceptions import BadRequest

from claims_app.database import WriteSession
from claims_app.services.forms import api_requests
from claims_app.services.forms.api_requests import AlreadyDone, KeyedRequest
from claims_app.web import access
from claims_app.web.api.bodies import Sent
from claims_app.web.session import writing

KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
"""The header of an answer that was given before."""

_KEY_FORM = re.compile(r'"?([\x21\x23-\x7e]{1,200})"?')


def saved(sent: Sent, work: Callable[[WriteSession], Response]) -> Response:
    """Return the answer that `work` makes, in a transaction with the reason that was sent.

    With an Idempotency-Key, the answer is kept in this transaction, and given again if the same request comes again.
    Raises BadRequest for a malformed key, OtherContent, InProgress, and the errors of `work`.
    """
    keyed = _keyed_request()
    with api_requests.running(keyed) if keyed else nullcontext():
        try:
            with writing(sent.options.get("edit_summary")) as session:
                if keyed:
                    api_requests.begin(session, keyed)
                response = work(session)
                if keyed:
                    api_requests.keep(
                        session,
                        keyed,
                        status=response.status_code,
                        body=response.get_data(as_text=True),
                        location=response.headers.get("Location"),
                        tag=response.headers.get("ETag"),
                    )
                return response
        except AlreadyDone as done:
            return _again(done)


def _keyed_request() -> KeyedRequest | None:
    given = request.headers.get(KEY)
    user = access.signed_in_user()
    if given is None or request.method != "POST" or user is None or user.token_id is None:
        return None
    match = _KEY_FORM.fullmatch(given.strip())
    if match is None:
        raise BadRequest(f"{KEY} must have 1 to 200 printable ASCII characters, such as a UUID.")
    content = request.get_data(cache=True)
    return KeyedRequest(user.token_id, match[1], request.method, request.full_path, content)


def _again(done: AlreadyDone) -> Response:
    answer = done.answer
    response = Response(answer.body, answer.status, mimetype="application/json")
    for name, value in (("Location", answer.location), ("ETag", answer.tag), (REPLAYED, "true")):
        if value is not None:
            response.headers[name] = value
    return response
