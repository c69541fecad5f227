"""Adding studies by identifier, with data from bibliographic services."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from claims_app.models import Claim
from claims_app.permissions import Permission
from claims_app.rules.identifier_parsing import LONGEST
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, TooManyAttempts
from claims_app.services.intake.inbox import Put
from claims_app.services.intake.lookup import Answers, LookedUp
from claims_app.services.intake.study_intake import add_new, put_in_inbox, show
from claims_app.web import editing, lookup, session
from claims_app.web.access import requires
from claims_app.web.record_links import address_of
from claims_app.web.session import reading, writing

bp = Blueprint("study_intake", __name__)


class AddForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Takes identifiers."""

    identifiers = TextAreaField(
        "Identifiers",
        description="DOIs, PubMed IDs, PubMed Central IDs, arXiv, ClinicalTrials.gov or ISRCTN numbers, or "
        "links that contain one. You can paste several.",
        render_kw={"rows": 4, "maxlength": LONGEST},
    )


@bp.route("/studies/add", methods=["GET", "POST"])
@requires(Permission.CREATE)
def add() -> ResponseReturnValue:
    """Look up identifiers, and add the results as chosen; `claim` in the query is the claim they are for."""
    form = AddForm()
    claim = _claim(request.args.get("claim"))
    if not form.validate_on_submit():
        form.identifiers.data = form.identifiers.data or request.args.get("identifiers", "")
        return _page(form, claim, None)
    try:
        # No write transaction is open while waiting for the services.
        answers = lookup.ask(form.identifiers.data or "")
    except TooManyAttempts as refused:
        form.identifiers.errors = [str(refused)]
        return _page(form, claim, None, 429)
    if not answers.found:
        form.identifiers.errors = ["No supported identifier was found."]
    elif request.form.get("do"):
        try:
            if (address := _do(answers, claim)) is not None:
                return redirect(address, 303)
        except Invalid as refused:
            form.identifiers.errors = [s for sentences in refused.errors.values() for s in sentences]
    return _page(form, claim, answers)


def _do(answers: Answers, claim: Claim | None) -> str | None:
    """Perform the chosen action, and return the next address, or None for the same page. Raises Invalid."""
    verb, _, named = request.form["do"].partition(" ")
    whose, _, value = named.rpartition(" ")
    chosen = [one for one in answers.found if not named or one.identifier.value == value]
    if verb == "inbox" and chosen:
        return _to_inbox(chosen, claim, alone=len(answers.found) == 1)
    # “Add all” leaves out what was not found, and known or possibly known studies.
    usable = [one for one in chosen if one.reference is not None and (named or show(reading(), one).is_new)]
    if verb != "study" or not usable:
        raise Invalid({"identifiers": ["This is not among the results. Look it up again."]})
    wanted = _claim(whose) or claim
    with writing() as now:
        made = add_new(now, usable)
        if not made:
            raise Invalid({"identifiers": ["Someone else has added it in the meantime."]})
        message = editing.outcome_message(made[-1], f"{', '.join(study.public_id for study in made)} added.")
        address = address_of(made[-1])
        if wanted is not None:
            address = url_for("evidence.new", identifier=wanted.public_id, study=made[-1].public_id)
    flash(message, "success")
    return address if len(made) == 1 and (whose or len(answers.found) == 1) else None


def _to_inbox(chosen: Sequence[LookedUp], claim: Claim | None, *, alone: bool) -> str | None:
    """Send the chosen papers to the inbox; return the address of the candidate if it was `alone`."""
    with writing() as now:
        put = put_in_inbox(now, chosen, claim)
        candidate = put[0].candidate
        number = candidate.id if candidate is not None else None
        messages = _sentences(put)
    for message in messages:
        flash(message, "success")
    return url_for("inbox.show", number=number) if alone and number is not None else None


def _sentences(put: Sequence[Put]) -> list[str]:
    """Return a message for a single paper, or the number of papers per outcome."""
    if len(put) == 1:
        return [put[0].sentence]
    counted = Counter(one.outcome for one in put)
    return [
        f"{number} × {outcome.label.lower()}: {outcome.definition}" for outcome, number in counted.items()
    ]


def _claim(identifier: str | None) -> Claim | None:
    return records.find(reading(), Claim, identifier) if identifier else None


def _page(
    form: AddForm, claim: Claim | None, answers: Answers | None, status: int = 422
) -> ResponseReturnValue:
    # A new session: the one of this request may have started before something was added.
    with session.database().reading() as now:
        shown = [show(now, one) for one in answers.found] if answers else []
        page = render_template("study_intake/add.html", form=form, claim=claim, answers=answers, shown=shown)
    return page, status if form.identifiers.errors else 200
