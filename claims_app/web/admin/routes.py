"""How the site is doing, on one page for admins, with the buttons that an admin needs most."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from claims_app.permissions import Permission
from claims_app.services.accounts import tokens
from claims_app.services.jobs import queue
from claims_app.services.system import nodes, report
from claims_app.web import access, application
from claims_app.web.access import requires
from claims_app.web.background_jobs import background, cancel_of
from claims_app.web.session import reading, writing

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.before_request(access.needs_session)


@bp.get("")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    """Show what needs attention, then everything else."""
    found = report.report(reading(), application.database(), application.settings().instance)
    return render_template(
        "admin/index.html",
        report=found,
        most=report.MOST_LISTED,
        in_words=report.in_words,
        node_in_words=nodes.in_words,
        form=FlaskForm(),
        can_be_cancelled={job.kind for job in found.jobs if cancel_of(job.kind) is not None},
        is_sqlite=application.database().is_sqlite,
    )


@bp.post("/jobs/<int:number>/retry")
@requires(Permission.OPERATE)
def retry(number: int) -> ResponseReturnValue:
    """Let a job that failed wait again."""
    with writing() as transaction:
        job = queue.find_by_number(transaction, number)
        again = job is not None and queue.try_again(transaction, job.kind, job.subject)
    background().wake()
    if again:
        flash("The job will be tried again.", "success")
    else:
        flash("The job is not one that failed any more.", "warning")
    return redirect(url_for(".index", _anchor="jobs"), 303)


@bp.post("/jobs/<int:number>/cancel")
@requires(Permission.OPERATE)
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a job of a kind that can be cancelled."""
    with writing() as transaction:
        job = queue.find_by_number(transaction, number)
        cancel_job = cancel_of(job.kind) if job is not None else None
        if job is not None and cancel_job is not None:
            cancel_job(transaction, job.subject)
    if cancel_job is not None:
        flash("The job was cancelled.", "success")
    else:
        flash("The job has ended already.", "warning")
    return redirect(url_for(".index", _anchor="jobs"), 303)


@bp.post("/tokens/<int:token_id>/revoke")
@requires(Permission.OPERATE)
def revoke(token_id: int) -> ResponseReturnValue:
    """Revoke a token of any account."""
    with writing() as transaction:
        token = tokens.revoke(transaction, token_id)
    flash(f"The token “{token.label}” was revoked.", "success")
    return redirect(url_for(".index", _anchor="tokens"), 303)
