"""Adding studies by identifiers: one box for whatever is pasted, and what the services say of it."""

from typing import cast

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from claims_app.permissions import Permission
from claims_app.rules.pasted import LONGEST
from claims_app.services.adding import Shown, add_study, show
from claims_app.services.errors import Invalid
from claims_app.services.looking_up import Answers, Lookup, look_up, make_lookup
from claims_app.web.access import requires
from claims_app.web.links import address_of
from claims_app.web.session import reading, writing
from config import Settings

bp = Blueprint("adding", __name__)


class AddForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Takes identifiers."""

    identifiers = TextAreaField(
        "Identifiers",
        description="DOI, PubMed or PubMed Central number, arXiv, ClinicalTrials.gov or ISRCTN number, or "
        "addresses of pages that contain one; as many as you like.",
        render_kw={"rows": 4, "maxlength": LONGEST},
    )


def register(app: Flask) -> None:
    """Give `app` what looks things up."""
    settings: Settings = app.extensions["claims_settings"]
    app.extensions["claims_lookup"] = make_lookup(
        settings.contact_email, settings.instance / "looked-up", settings.services
    )


def lookup() -> Lookup:
    """Return what looks things up."""
    return cast(Lookup, current_app.extensions["claims_lookup"])


@bp.route("/studies/add", methods=["GET", "POST"])
@requires(Permission.CREATE)
def add() -> ResponseReturnValue:
    """Look up what was pasted; add what was chosen of it."""
    form = AddForm()
    if not form.validate_on_submit():
        form.identifiers.data = form.identifiers.data or request.args.get("identifiers", "")
        return _page(form, None)
    chosen = request.form.get("add")
    text = chosen or form.identifiers.data or ""
    # Nothing is read before: no transaction waits for a service.
    answers = look_up(lookup(), text)
    if chosen and answers.found:
        try:
            with writing() as session:
                study = add_study(session, answers.found[0].known)
                address = address_of(study)
            flash(f"{study.public_id} was added.", "success")
            return redirect(address, 303)
        except Invalid as refused:
            form.identifiers.errors = [s for sentences in refused.errors.values() for s in sentences]
            answers = look_up(lookup(), form.identifiers.data or text)
    if not answers.found:
        form.identifiers.errors = ["There is no identifier in this that is known here."]
    return _page(form, answers)


def _page(form: AddForm, answers: Answers | None) -> ResponseReturnValue:
    shown: list[Shown] = [show(reading(), one) for one in answers.found] if answers else []
    page = render_template("adding/add.html", form=form, answers=answers, shown=shown)
    return page, 422 if form.identifiers.errors else 200
