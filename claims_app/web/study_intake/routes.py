"""Adding studies by identifiers: one box for whatever is pasted, and what the services say of it."""

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
        description="DOI, PubMed or PubMed Central number, arXiv, ClinicalTrials.gov or ISRCTN number, or "
        "addresses of pages that contain one; as many as you like.",
        render_kw={"rows": 4, "maxlength": LONGEST},
    )


@bp.route("/studies/add", methods=["GET", "POST"])
@requires(Permission.CREATE)
def add() -> ResponseReturnValue:
    """Look up what was pasted, and do what was chosen with it; the address may name the claim that it is for."""
    form = AddForm()
    claim = _claim(request.args.get("claim"))
    if not form.validate_on_submit():
        form.identifiers.data = form.identifiers.data or request.args.get("identifiers", "")
        return _page(form, claim, None)
    try:
        # No transaction for writing is open while services are waited for.
        answers = lookup.ask(form.identifiers.data or "")
    except TooManyAttempts as refused:
        form.identifiers.errors = [str(refused)]
        return _page(form, claim, None, 429)
    if not answers.found:
        form.identifiers.errors = ["There is no identifier in this that is known here."]
    elif request.form.get("do"):
        try:
            if (address := _do(answers, claim)) is not None:
                return redirect(address, 303)
        except Invalid as refused:
            form.identifiers.errors = [s for sentences in refused.errors.values() for s in sentences]
    return _page(form, claim, answers)


def _do(answers: Answers, claim: Claim | None) -> str | None:
    """Do what the button says, and return where to go then, or None for the same page. Raises Invalid."""
    verb, _, named = request.form["do"].partition(" ")
    whose, _, value = named.rpartition(" ")
    chosen = [one for one in answers.found if not named or one.identifier.value == value]
    if verb == "inbox" and chosen:
        return _to_inbox(chosen, claim, alone=len(answers.found) == 1)
    # Of all at once, those are left out that nobody could find, that are here, or that may be.
    usable = [one for one in chosen if one.reference is not None and (named or show(reading(), one).is_new)]
    if verb != "study" or not usable:
        raise Invalid({"identifiers": ["This is not among what was looked up; look it up again."]})
    wanted = _claim(whose) or claim
    with writing() as now:
        made = add_new(now, usable)
        if not made:
            raise Invalid({"identifiers": ["Somebody else has added it meanwhile."]})
        told = editing.outcome_message(made[-1], f"{', '.join(study.public_id for study in made)} added.")
        address = address_of(made[-1])
        if wanted is not None:
            address = url_for("evidence.new", identifier=wanted.public_id, study=made[-1].public_id)
    flash(told, "success")
    return address if len(made) == 1 and (whose or len(answers.found) == 1) else None


def _to_inbox(chosen: Sequence[LookedUp], claim: Claim | None, *, alone: bool) -> str | None:
    """Put what was chosen into the inbox, and return where it stands, if it was `alone` in the box."""
    with writing() as now:
        put = put_in_inbox(now, chosen, claim)
        candidate = put[0].candidate
        number = candidate.id if candidate is not None else None
        told = _sentences(put)
    for sentence in told:
        flash(sentence, "success")
    return url_for("inbox.show", number=number) if alone and number is not None else None


def _sentences(put: Sequence[Put]) -> list[str]:
    """Return what to tell of each, or how many there are of each kind where there are several."""
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
    # A session of its own: the one of this request may have begun before something was added.
    with session.database().reading() as now:
        shown = [show(now, one) for one in answers.found] if answers else []
        page = render_template("study_intake/add.html", form=form, claim=claim, answers=answers, shown=shown)
    return page, status if form.identifiers.errors else 200
