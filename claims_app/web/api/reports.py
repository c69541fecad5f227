"""Reports from readers without an account, for editors."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import ReaderReport
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.services.core.paging import Page
from claims_app.services.discussion import reports
from claims_app.vocabulary import RecordType, TokenScope
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import Body, Sent
from claims_app.web.api.discussion import FLAG, flag_object, name_of
from claims_app.web.api.operations import Answer, Operations
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.session import reading

operations = Operations("discussion")

REPORT = Shape.of(
    "ReaderReport",
    column("number", Kind.INTEGER, "The number of the report."),
    column("claim_id", Kind.TERM, "The claim that it is about."),
    column("text", Kind.TEXT, "What the reader wrote."),
    column("contact", Kind.TEXT, "How to reach the reader; never public."),
    column("sent_at", Kind.DATETIME, "When it was sent (UTC)."),
    column("decided_at", Kind.DATETIME, "When it was decided on."),
    column("decided_by", Kind.TEXT, "Who decided."),
    column("dismissal", Kind.TEXT, "Why it was dismissed."),
    column("flag", Kind.INTEGER, "The number of the flag that it became."),
)


@operations.add(
    "list_reports",
    "GET",
    "/reports",
    "Reports from readers without an account",
    description="Those that wait, oldest first, then those decided on; at most 100 of each.",
    answers={200: Answer("The reports.", REPORT, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.RESOLVE)
def list_reports() -> ResponseReturnValue:
    """Send the reports of readers."""
    found = [*reports.waiting(reading()), *reports.decided(reading())]
    return answers.page(Page([_report_object(one) for one in found], len(found), None, None))


def _decide_on_report(
    name: str, path: str, summary: str, takes: Body, shape: Shape
) -> Callable[[Callable[[WriteSession, int, Sent], dict[str, Any]]], None]:
    def declare(work: Callable[[WriteSession, int, Sent], dict[str, Any]]) -> None:
        @requires(Permission.RESOLVE)
        def decide(number: int, sent: Sent) -> ResponseReturnValue:
            return saved(sent, lambda session: answers.send(work(session, number, sent)))

        operations.add(
            name,
            "POST",
            f"/reports/{{number}}/{path}",
            summary,
            numbered="report",
            takes=takes,
            answers={200: Answer(f"The {shape.name.lower()}.", shape)},
            scope=TokenScope.WRITE,
        )(decide)

    return declare


_KIND = schemas.FLAG.field("kind")
_decide_on_report(
    "accept_report",
    "accept",
    "Accept a report as a flag on its claim",
    Body("AcceptReport", None, (_KIND,), required=("kind",), example={"kind": "unclear"}),
    FLAG,
)(lambda session, number, sent: flag_object(reports.accept(session, number, sent.options["kind"])))
_decide_on_report(
    "dismiss_report",
    "dismiss",
    "Dismiss a report",
    Body("DismissReport", schemas.DISMISSAL, example={"dismissal": "It is an advertisement."}),
    REPORT,
)(lambda session, number, sent: _report_object(reports.dismiss(session, number, sent.fields)))


def _report_object(report: ReaderReport) -> dict[str, Any]:
    return {
        "number": report.id,
        "claim_id": public_id(RecordType.CLAIM, report.claim_id),
        "text": report.text,
        "contact": report.contact,
        "sent_at": report.sent_at,
        "decided_at": report.decided_at,
        "decided_by": name_of(report.decided_by),
        "dismissal": report.dismissal,
        "flag": report.flag_id,
    }
