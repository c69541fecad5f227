"""Decisions on possible duplicate studies."""

import time
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Proposal, Study
from claims_app.permissions import Permission
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, NotAllowed
from claims_app.services.deduplication import kept_pairs, study_matching
from claims_app.web.access import requires
from claims_app.web.session import reading, release, writing

BUDGET = 1.0
"""Seconds that a page may spend on comparing studies that changed; what is left waits for the next page."""


def register(bp: Blueprint) -> None:
    """Add these pages to the blueprint of the studies."""
    bp.add_url_rule("/duplicates", "duplicates", show)
    bp.add_url_rule("/duplicates/preprint", "duplicate_preprint", preprint, methods=["POST"])
    bp.add_url_rule("/duplicates/distinct", "duplicate_distinct", distinct, methods=["POST"])
    bp.add_url_rule("/duplicates/forget", "duplicate_forget", forget, methods=["POST"])


@requires(Permission.EDIT)
def show() -> ResponseReturnValue:
    """Show the possible duplicates, and the pairs that are kept separate."""
    more = compare_changed()
    return render_template(
        "studies/duplicates.html",
        more=more,
        pairs=study_matching.suspicious_pairs(reading()),
        distinctions=study_matching.distinctions(reading()),
    )


def compare_changed() -> bool:
    """Compare the studies that changed since the last time, for a second at most; return whether there may be more."""
    if not kept_pairs.waiting(reading()):
        return False
    until = time.monotonic() + BUDGET
    more = True
    while more and time.monotonic() < until:
        with writing() as session:
            more = kept_pairs.complete(session)
    release()  # so that this page shows the result
    return more


@requires(Permission.EDIT)
def preprint() -> ResponseReturnValue:
    """Record that one study is a preprint of the other."""

    def work(session: WriteSession) -> str:
        early, paper = _study(session, "first"), _study(session, "second")
        outcome = study_matching.link_preprint(session, early, paper)
        if isinstance(outcome, Proposal):
            return f"The change waits for review as {outcome.public_id}."
        return f"{early.public_id} is now recorded as a preprint of {paper.public_id}."

    return _decide(work, "Preprint and published version, found as possible duplicates.")


@requires(Permission.EDIT)
def distinct() -> ResponseReturnValue:
    """Keep two studies separate, with a reason."""

    def work(session: WriteSession) -> str:
        first, second = _study(session, "first"), _study(session, "second")
        study_matching.mark_distinct(session, first, second, request.form.get("reason"))
        return f"{first.public_id} and {second.public_id} are kept separate and will not be suggested again."

    return _decide(work, "Possible duplicate studies.")


@requires(Permission.EDIT)
def forget() -> ResponseReturnValue:
    """Undo the decision to keep two studies separate."""

    def work(session: WriteSession) -> str:
        number = whole_number(request.form.get("number"))
        if number is not None:
            study_matching.remove_distinction(session, number)
        return "The pair can be suggested again."

    return _decide(work, "Possible duplicate studies.")


def _study(session: Session, name: str) -> Study:
    return records.find(session, Study, request.form.get(name, ""))


def _decide(work: Callable[[WriteSession], str], summary: str) -> ResponseReturnValue:
    back = redirect(url_for("studies.duplicates"), 303)
    try:
        with writing(summary) as session:
            done = work(session)
    except Invalid as refused:
        flash(" ".join(sentence for sentences in refused.errors.values() for sentence in sentences), "error")
        return back
    except NotAllowed as refused:
        flash(str(refused), "error")
        return back
    flash(done, "success")
    return back
