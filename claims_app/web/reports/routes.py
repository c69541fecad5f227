"""Reporting a problem without an account (if switched on), and the list of reports for editors."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim
from claims_app.permissions import Permission
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.services.discussion import reports
from claims_app.web import access, application, editing, request_origin
from claims_app.web.access import requires
from claims_app.web.forms import SentForm
from claims_app.web.record_links import address_of
from claims_app.web.reports.forms import AcceptForm, DismissForm, ReportForm
from claims_app.web.session import reading, writing

bp = Blueprint("reports", __name__)


@bp.route("/claims/<identifier>/report", methods=["GET", "POST"])
def report(identifier: str) -> ResponseReturnValue:
    """Take a report from a reader without an account; signed-in users are redirected to the flag form."""
    if not application.settings().reports:
        abort(404)
    claim = records.find(reading(), Claim, identifier)
    form = ReportForm()
    if access.may(Permission.FLAG) and not form.is_submitted():
        return redirect(url_for("discussion.flag", identifier=identifier), 303)
    if form.validate_on_submit():
        try:
            # A bot that fills in the honeypot gets the same answer, but nothing is saved.
            if not form.website.data:
                with writing() as session:
                    current = records.get(session, Claim, claim.id)
                    reports.report(session, current, form.values(), request_origin.place())
            flash("Thank you. An editor will look at it.", "success")
            return redirect(address_of(claim), 303)
        except Invalid as refused:
            form.add_errors(refused.errors)
    return editing.form_page("reports/form.html", form, claim=claim)


@bp.get("/reports")
@requires(Permission.RESOLVE)
def index() -> ResponseReturnValue:
    """Show the reader reports, waiting ones first."""
    return _page()


@bp.post("/reports/<int:number>/accept")
@requires(Permission.RESOLVE)
def accept(number: int) -> ResponseReturnValue:
    """Accept a report as a flag."""
    form = AcceptForm()

    def work(session: WriteSession) -> str:
        reports.accept(session, number, form.kind.data)
        return url_for(".index")

    done = "The report was accepted. The claim now has a flag from a reader."
    if form.validate_on_submit() and (saved := editing.save(form, work, done=done)):
        return saved
    return _page(number, form)


@bp.post("/reports/<int:number>/dismiss")
@requires(Permission.RESOLVE)
def dismiss(number: int) -> ResponseReturnValue:
    """Dismiss a report, with a reason."""
    form = DismissForm()

    def work(session: WriteSession) -> str:
        reports.dismiss(session, number, form.values())
        return url_for(".index")

    if form.validate_on_submit() and (saved := editing.save(form, work, done="The report was dismissed.")):
        return saved
    return _page(number, form)


def _page(number: int | None = None, refused: SentForm | None = None) -> ResponseReturnValue:
    """Return the list, with the rejected form `refused` at the report with this number."""

    def forms(report_number: int) -> tuple[SentForm, SentForm]:
        here = refused if report_number == number else None
        # Field ids must be unique on the page.
        accepting = here if isinstance(here, AcceptForm) else AcceptForm(formdata=None)
        dismissing = here if isinstance(here, DismissForm) else DismissForm(formdata=None)
        for form in (accepting, dismissing):
            for field in form:
                field.id = f"{field.name}-{report_number}"
                field.label.field_id = field.id
        return accepting, dismissing

    waiting = [(held, *forms(held.id)) for held in reports.waiting(reading())]
    page = render_template("reports/index.html", waiting=waiting, decided=reports.decided(reading()))
    return page, 422 if refused is not None else 200
