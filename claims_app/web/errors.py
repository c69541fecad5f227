"""Error handlers: map each exception to a page with a sentence that tells the user what to do."""

import datetime
import math
from collections.abc import Mapping, Sequence

from flask import Flask, Response, current_app, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from claims_app import logs
from claims_app.database_file import DatabaseFileLost
from claims_app.services.core.errors import (
    AlreadyDecided,
    BadFilter,
    DataChanged,
    DuplicateEvidence,
    EvidenceChanged,
    Gone,
    InUse,
    Invalid,
    LooksLike,
    NoSuchMoment,
    NotAllowed,
    NotFound,
    NotInstalled,
    Refused,
    StaleVersion,
    TooBusy,
    TooManyAttempts,
)
from claims_app.services.forms.api_requests import InProgress, OtherContent
from claims_app.web import file_errors, observing, outage, time_travel, tracebacks
from claims_app.web.access import NotSignedIn, signed_in_user
from claims_app.web.api.problems import first_reason, problem
from claims_app.web.bearer import CHALLENGES, BadToken, ReadOnlyToken
from claims_app.web.submissions import NOT_CONTENT

_NOT_SHOWN = NOT_CONTENT | {
    "password",
    "present_password",
    "new_password",
    "again",
    "version",
    "evidence_digest",
}
"""Fields that are secret or that nobody typed."""

_ON_A_PAGE = {
    404: "There is no page at this address. Use the links above to find claims and studies.",
    405: "This address does not accept this kind of request. Go back and use the links and buttons of the page.",
    413: "The request is larger than the limit of 8 MB. Send less, or send it in parts.",
    500: "Something went wrong, and nothing was saved. Try again. If the problem persists, contact the site operator.",
}
"""The sentences for people, who see them on a page with links."""

_OF_THE_SERVER = (500, 503)
"""The errors that an operator may be asked about."""

_GIVE_NUMBER = "If you write to the site operator, give them this number:"

_FOR_A_PROGRAM = {
    404: "There is nothing at this address of the API.",
    405: "This address of the API does not accept this method. The header Allow lists those that it accepts.",
    413: _ON_A_PAGE[413],
    500: _ON_A_PAGE[500],
}
"""The sentences for programs, which see no page."""


def _is_for_a_program() -> bool:
    return request.path.startswith("/api/") and not request.path.startswith("/api/docs")


def _sentence(status: int) -> str | None:
    return (_FOR_A_PROGRAM if _is_for_a_program() else _ON_A_PAGE).get(status)


def answer(
    status: int,
    title: str,
    sentence: str,
    fields: Mapping[str, Sequence[str]] | None = None,
    **context: object,
) -> tuple[str | Response, int]:
    """Return an error page with `status`. It shows the submitted form input, so that nothing is lost.

    API clients get a problem document with the same sentence and the errors of each field; who asks for a file gets
    the sentence as text (see `file_errors`).
    """
    if _is_for_a_program():
        return problem(status, title, sentence, fields)
    if file_errors.is_of_a_file():
        return _of_a_file(status, title, sentence, context)
    return _page(status, title, sentence, fields, **context), status


def _of_a_file(
    status: int, title: str, sentence: str, context: Mapping[str, object]
) -> tuple[str | Response, int]:
    """Return the answer to a request for a file: the sentence, unless a page or a problem document is asked for."""
    form = file_errors.form()
    if form == file_errors.PROBLEM:
        response, _ = problem(status, title, sentence)
    elif form == file_errors.PAGE:
        response = Response(_page(status, title, sentence, None, **context))
    else:
        number = f"{_GIVE_NUMBER} {observing.request_id()}\n" if status in _OF_THE_SERVER else ""
        response = Response(f"{sentence}\n{number}", mimetype=file_errors.TEXT)
    response.vary.add("Accept")
    return response, status


def _page(
    status: int, title: str, sentence: str, fields: Mapping[str, Sequence[str]] | None, **context: object
) -> str:
    typed = _typed() if request.method == "POST" and status != 413 else []
    shown = {"status": status, "title": title, "sentence": sentence, "fields": fields or {}, "typed": typed}
    if status in _OF_THE_SERVER:
        shown |= {"give_number": _GIVE_NUMBER, "request_id": observing.request_id()}
    if request_ctx.url_adapter is None:  # The header Host is no host, so there can be no links.
        return _plain_page(shown)
    try:
        return render_template("errors/error.html", **shown, **context)
    except Exception as error:
        # The page of an error must not be lost to another error: what was typed is on it.
        if outage.is_outage(error) and not outage.is_on():
            outage.begin()
            return _page(status, title, sentence, fields, **context)
        _log_traceback("error page failed", error)
        return _plain_page(shown)


def _plain_page(shown: Mapping[str, object]) -> str:
    return current_app.jinja_env.get_template("errors/plain.html").render(shown)


def _typed() -> list[tuple[str, str]]:
    """Return what was typed into the form, unless the error is that the form cannot be read."""
    try:
        return [(n, v) for n, v in request.form.items(multi=True) if n not in _NOT_SHOWN and v.strip()]
    except HTTPException:
        return []


def _log_traceback(message: str, error: Exception) -> None:
    logs.log_traceback(current_app.logger, message, tracebacks.without_input(error))


def retry_after(wait: datetime.timedelta) -> dict[str, str]:
    """Return the header that says when to try again."""
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}


def _later(explained: outage.Explained) -> ResponseReturnValue:
    page, status = answer(503, *explained)
    return page, status, {"Retry-After": str(outage.RETRY_SECONDS)}


def register(app: Flask) -> None:
    """Register the error handlers with `app`."""

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> ResponseReturnValue:
        if sentence := time_travel.not_there_yet(error):
            return answer(404, "Not there yet", sentence)
        return answer(404, "Not found", f"{error} Check the identifier, or search the lists.")

    @app.errorhandler(Gone)
    def gone(error: Gone) -> ResponseReturnValue:
        return answer(410, "Deleted", str(error), revision=error.revision)

    @app.errorhandler(NotAllowed)
    def not_allowed(error: NotAllowed) -> ResponseReturnValue:
        return answer(403, "Not allowed", str(error))

    @app.errorhandler(AlreadyDecided)
    def already_decided(error: AlreadyDecided) -> ResponseReturnValue:
        return answer(409, "Not done", str(error)) if _is_for_a_program() else not_allowed(error)

    @app.errorhandler(Invalid)
    def invalid(error: Invalid) -> ResponseReturnValue:
        sentence = first_reason(error.errors) if _is_for_a_program() else "Please fix the following."
        return answer(422, "Not accepted", sentence, fields=error.errors)

    @app.errorhandler(DuplicateEvidence)
    def duplicate(error: DuplicateEvidence) -> ResponseReturnValue:
        again = " To link it once more, send duplicate_is_meant: true." if _is_for_a_program() else ""
        return answer(409, "Not done", f"{error}{again}")

    @app.errorhandler(LooksLike)
    def looks_like(error: LooksLike) -> ResponseReturnValue:
        again = " To add it all the same, send duplicate_is_meant: true." if _is_for_a_program() else ""
        return answer(409, "Not done", f"{error}{again}")

    @app.errorhandler(EvidenceChanged)
    @app.errorhandler(InUse)
    def in_the_way(error: EvidenceChanged | InUse) -> ResponseReturnValue:
        return answer(409, "Not done", str(error))

    @app.errorhandler(NoSuchMoment)
    def no_such_moment(error: NoSuchMoment) -> ResponseReturnValue:
        return answer(400, "Invalid date", str(error))

    @app.errorhandler(BadFilter)
    def bad_filter(error: BadFilter) -> ResponseReturnValue:
        return answer(400, "Unknown filter", str(error))

    @app.errorhandler(DataChanged)
    def data_changed(error: DataChanged) -> ResponseReturnValue:
        return answer(409, "The data has changed", str(error))

    @app.errorhandler(NotInstalled)
    def not_installed(error: NotInstalled) -> ResponseReturnValue:
        return answer(501, "Format not available", str(error))

    @app.errorhandler(StaleVersion)
    def stale(error: StaleVersion) -> ResponseReturnValue:
        if _is_for_a_program():
            if "If-Match" in request.headers:
                return answer(
                    412, "Precondition failed", "The record is no longer at the version in If-Match."
                )
            sentence = "Someone changed the record after you read it. Nothing was saved. Read it again for its version."
        else:
            sentence = f"{error} Nothing was saved. Reload the page to see the current version."
        return answer(409, "Changed by someone else", sentence)

    @app.errorhandler(TooManyAttempts)
    def too_many(error: TooManyAttempts) -> ResponseReturnValue:
        return *answer(429, "Too many attempts", str(error)), retry_after(error.wait)

    @app.errorhandler(TooBusy)
    def too_busy(error: TooBusy) -> ResponseReturnValue:
        return *answer(503, "Busy", str(error)), retry_after(error.wait)

    @app.errorhandler(BadToken)
    @app.errorhandler(ReadOnlyToken)
    def token(error: BadToken | ReadOnlyToken) -> ResponseReturnValue:
        page, status = answer(error.code, error.name.capitalize(), str(error.description))
        return page, status, {"WWW-Authenticate": CHALLENGES[type(error)]}

    @app.errorhandler(InProgress)
    def in_progress(error: InProgress) -> ResponseReturnValue:
        return answer(409, "In progress", str(error))

    @app.errorhandler(OtherContent)
    def other_content(error: OtherContent) -> ResponseReturnValue:
        return answer(422, "Key was used before", str(error))

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return answer(409, "Not done", str(error))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> ResponseReturnValue:
        open_to_all = request.blueprint == "auth" or request.endpoint == "reports.report"
        if signed_in_user() is None and not open_to_all:
            return answer(403, "Not logged in", NotSignedIn.description)
        return answer(
            400,
            "Form not accepted",
            "This form does not belong to your current session, so nothing was saved. Open the form again, "
            "copy your input from below, and submit it.",
        )

    @app.errorhandler(SQLAlchemyError)
    def database_failed(error: SQLAlchemyError) -> ResponseReturnValue:
        if not outage.is_outage(error):
            return unexpected(error)
        if isinstance(error, DatabaseFileLost):
            app.logger.critical("%s", error)
        else:
            app.logger.error("database error: %s", getattr(error, "orig", error))
        outage.begin()
        return _later(outage.explained(error))

    @app.errorhandler(OSError)
    def no_file(error: OSError) -> ResponseReturnValue:
        if not outage.is_full(error):
            return unexpected(error)
        app.logger.critical("no room for a file: %s", error)
        return _later(outage.FULL)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        cause = getattr(error, "original_exception", None)
        if isinstance(cause, SQLAlchemyError):  # raised by another error handler
            return database_failed(cause)
        status = error.code or 500
        if status < 400:
            return error
        page, _ = answer(
            status, error.name.capitalize(), _sentence(status) or error.description or error.name
        )
        # The headers of the error say more, such as which methods are allowed.
        headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
        return page, status, headers

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        _log_traceback("unexpected error", error)
        observing.note_error(error)
        return answer(500, "Something went wrong", _sentence(500) or "")
