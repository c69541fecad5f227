"""Decisions on overlapping studies: which of them are one line of evidence."""

from collections.abc import Callable
from urllib.parse import parse_qs

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.database import WriteSession
from claims_app.models import Claim, Study
from claims_app.permissions import Permission
from claims_app.services.appraisal import overlaps
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid
from claims_app.web.access import requires, signed_in_user
from claims_app.web.session import reading, writing

MOST_SHOWN = 100
"""Maximum number of suggestions on the page; the strongest come first."""


def register(bp: Blueprint) -> None:
    """Add these pages to the blueprint of the studies."""
    bp.add_url_rule("/overlaps", "overlaps", show)
    bp.add_url_rule("/overlaps/group", "group_overlap", group, methods=["POST"])
    bp.add_url_rule("/overlaps/dismiss", "dismiss_overlap", dismiss, methods=["POST"])


def show() -> ResponseReturnValue:
    """Show possible overlaps: all, those of one study, or those between the studies of one claim."""
    study = request.args.get("study")
    claim = request.args.get("claim")
    study_id = records.find(reading(), Study, study).id if study else None
    claim_id = records.find(reading(), Claim, claim).id if claim else None
    about = f"with {study}" if study else f"between studies of {claim}" if claim else None
    found, total = overlaps.strongest(reading(), MOST_SHOWN, study_id=study_id, claim_id=claim_id)
    return render_template(
        "studies/overlaps.html",
        overlaps=found,
        n_overlaps=total,
        dismissals=overlaps.dismissals(reading()).items if about is None else [],
        about=about,
        back=request.query_string.decode(),
    )


@requires(Permission.APPRAISE)
def group() -> ResponseReturnValue:
    """Add two studies to one study group."""

    def work(session: WriteSession, first: Study, second: Study) -> str:
        name = request.form.get("group")
        if proposals := overlaps.group_together(session, first, second, name):
            listed = " and ".join(proposal.public_id for proposal in proposals)
            return f"The change waits for review as {listed}."
        return f"{first.public_id} and {second.public_id} are now one line of evidence, “{name}”."

    return _decide(work)


@requires(Permission.APPRAISE)
def dismiss() -> ResponseReturnValue:
    """Keep two studies as separate lines of evidence."""
    user = signed_in_user()

    def work(session: WriteSession, first: Study, second: Study) -> str:
        overlaps.dismiss(session, first, second, request.form.get("reason"), user.id if user else None)
        return f"{first.public_id} and {second.public_id} are kept separate."

    return _decide(work)


def _decide(work: Callable[[WriteSession, Study, Study], str]) -> ResponseReturnValue:
    query = parse_qs(request.form.get("back", ""))
    back = url_for("studies.overlaps", study=query.get("study"), claim=query.get("claim"))
    try:
        with writing("Grouped because of an overlap.") as session:
            pair = [records.find(session, Study, request.form.get(name, "")) for name in ("first", "second")]
            done = work(session, *pair)
    except Invalid as refused:
        flash(" ".join(sentence for sentences in refused.errors.values() for sentence in sentences), "error")
        return redirect(back, 303)
    flash(done, "success")
    return redirect(back, 303)
