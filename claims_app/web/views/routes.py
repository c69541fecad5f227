"""The user's saved views: list, save, rename and delete."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.services.accounts import saved_views
from claims_app.services.core.errors import BadFilter, Invalid, Refused
from claims_app.services.core.filter_words import in_words
from claims_app.services.core.query import Filters
from claims_app.services.pages.selections import topic_names
from claims_app.vocabulary import ViewOf
from claims_app.web import access
from claims_app.web.account.forms import ButtonForm
from claims_app.web.session import reading, writing
from claims_app.web.views.forms import ViewForm

bp = Blueprint("views", __name__, url_prefix="/views")
bp.before_request(access.needs_session)


@bp.get("")
def index() -> ResponseReturnValue:
    """Show the user's saved views."""
    found = saved_views.views_of(reading(), _my_id())
    return render_template(
        "views/index.html",
        views=[(view, _described(view.section, view.query)) for view in found],
        form=ButtonForm(),
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Save a list with its filters: `section` in the query is the list, `query` its filters and order."""
    section, query = _asked()
    filters, kept = saved_views.filters_in(section, query)
    form = ViewForm()
    if form.validate_on_submit():
        try:
            with writing() as session:
                saved_views.save(session, _my_id(), form.name.data, section, kept)
        except Invalid as refused:
            form.name.errors = refused.errors["name"]
        except Refused as refused:
            form.name.errors = [str(refused)]
        else:
            flash("The view was saved.", "success")
            return redirect(url_for(".index"), 303)
    return _form_page(form, "Save this view", section, filters)


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    """Rename one of the user's saved views."""
    view = saved_views.view_of(reading(), _my_id(), number)
    form = ViewForm(data={"name": view.name})
    if form.validate_on_submit():
        try:
            with writing() as session:
                saved_views.rename(session, _my_id(), number, form.name.data)
        except Invalid as refused:
            form.name.errors = refused.errors["name"]
        else:
            flash("The view was renamed.", "success")
            return redirect(url_for(".index"), 303)
    filters, _ = saved_views.filters_in(view.section, view.query)
    return _form_page(form, "Rename the view", view.section, filters)


@bp.post("/<int:number>/delete")
def delete(number: int) -> ResponseReturnValue:
    """Delete one of the user's saved views."""
    with writing() as session:
        saved_views.delete(session, _my_id(), number)
    flash("The view was deleted.", "success")
    return redirect(url_for(".index"), 303)


def _asked() -> tuple[ViewOf, str]:
    """Return the list and the query of the view to save. Raises BadFilter."""
    section = request.args.get("section", ViewOf.CLAIMS.value)
    if section not in ViewOf.values():
        raise BadFilter(f"“{section}” cannot be saved as a view. Choose from: {', '.join(ViewOf.values())}.")
    return ViewOf.of(section), request.args.get("query", "")


def _described(section: ViewOf, query: str) -> str:
    """Return the filters of a view in words, or an empty string for a view that no longer has valid ones."""
    try:
        filters, _ = saved_views.filters_in(section, query)
    except BadFilter:
        return ""
    return in_words(filters, topic_names(reading(), getattr(filters, "topic", ())))


def _form_page(form: ViewForm, heading: str, section: ViewOf, filters: Filters) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    words = in_words(filters, topic_names(reading(), getattr(filters, "topic", ())))
    return render_template(
        "views/form.html", form=form, heading=heading, section=section, words=words
    ), status


def _my_id() -> int:
    return access.account().id
