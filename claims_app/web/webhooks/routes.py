"""Webhooks: add, change, pause, test and delete them, and see what was sent."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from claims_app.models import Webhook
from claims_app.permissions import Permission
from claims_app.services.core.errors import Invalid
from claims_app.services.hooks import delivering, queueing, webhooks
from claims_app.web import access, application, listing, session
from claims_app.web.access import requires
from claims_app.web.session import reading, writing
from claims_app.web.webhooks.forms import WebhookForm

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")
bp.before_request(access.needs_session)


@bp.get("")
@requires(Permission.MANAGE_WEBHOOKS)
def index() -> ResponseReturnValue:
    """List the webhooks."""
    return render_template("webhooks/index.html", rows=webhooks.list_all(reading()))


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_WEBHOOKS)
def new() -> ResponseReturnValue:
    """Add a webhook, and show its secret once."""
    form = WebhookForm()
    if form.validate_on_submit():
        here = application.settings()
        try:
            with writing() as transaction:
                hook, secret = webhooks.add(
                    transaction, form.wanted, here.secret_key, private_allowed=here.webhooks_private
                )
        except Invalid as refused:
            _add_errors(form, refused)
        else:
            return _secret_page(hook, secret)
    return _form_page(form, "Add a webhook", url_for(".index"))


@bp.get("/<int:number>")
@requires(Permission.MANAGE_WEBHOOKS)
def show(number: int) -> ResponseReturnValue:
    """Show one webhook and its deliveries."""
    hook = webhooks.find(reading(), number)
    page = delivering.list_deliveries(reading(), hook.id, listing.page_request())
    return render_template("webhooks/show.html", hook=hook, page=page, form=WebhookForm())


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_WEBHOOKS)
def edit(number: int) -> ResponseReturnValue:
    """Change the address, the description and the events of a webhook."""
    form = WebhookForm() if request.method == "POST" else WebhookForm.of(webhooks.find(reading(), number))
    if form.validate_on_submit():
        private_allowed = application.settings().webhooks_private
        try:
            with writing() as transaction:
                webhooks.change(transaction, number, form.wanted, private_allowed=private_allowed)
        except Invalid as refused:
            _add_errors(form, refused)
        else:
            flash("The webhook was changed.", "success")
            return _back(number)
    return _form_page(form, f"Edit webhook {number}", url_for(".show", number=number))


@bp.post("/<int:number>/secret")
@requires(Permission.MANAGE_WEBHOOKS)
def new_secret(number: int) -> ResponseReturnValue:
    """Replace the secret of a webhook, and show the new one once."""
    with writing() as transaction:
        hook, secret = webhooks.new_secret(transaction, number, application.settings().secret_key)
    return _secret_page(hook, secret)


@bp.post("/<int:number>/pause")
@requires(Permission.MANAGE_WEBHOOKS)
def pause(number: int) -> ResponseReturnValue:
    """Pause a webhook."""
    with writing() as transaction:
        webhooks.pause(transaction, number)
    flash("The webhook was paused. What changes meanwhile is kept for it.", "success")
    return _back(number)


@bp.post("/<int:number>/resume")
@requires(Permission.MANAGE_WEBHOOKS)
def resume(number: int) -> ResponseReturnValue:
    """Resume a webhook, with or without what it missed."""
    skip = request.form.get("missed") == "skip"
    with writing() as transaction:
        webhooks.resume(transaction, number, skip=skip)
    flash(
        "The webhook was resumed from now on."
        if skip
        else "The webhook was resumed; what it missed will be sent.",
        "success",
    )
    return _back(number)


@bp.post("/<int:number>/delete")
@requires(Permission.MANAGE_WEBHOOKS)
def delete(number: int) -> ResponseReturnValue:
    """Delete a webhook."""
    with writing() as transaction:
        deleted = webhooks.delete(transaction, number)
    flash(f"The webhook for {deleted.address} was deleted.", "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:number>/test")
@requires(Permission.MANAGE_WEBHOOKS)
def test(number: int) -> ResponseReturnValue:
    """Send a test now, and say what became of it."""
    here = application.settings()
    with writing() as transaction:
        delivery = queueing.queue_ping(transaction, number, here.base_url)
    session.release()  # no transaction is open while waiting for the receiver
    outcome = delivering.deliver_one(session.database(), here, delivering.sender(here), delivery.id)
    problem = outcome.problem if outcome is not None else None
    if problem is None:
        flash("The test was delivered.", "success")
    else:
        flash(f"The test was not delivered: {problem}.", "error")
    return _back(number)


@bp.post("/<int:number>/deliveries/<int:delivery_id>/again")
@requires(Permission.MANAGE_WEBHOOKS)
def again(number: int, delivery_id: int) -> ResponseReturnValue:
    """Send a delivery again, or earlier."""
    with writing() as transaction:
        delivery = delivering.deliver_again(transaction, number, delivery_id)
    flash(f"{delivery.event_id} will be sent within a few seconds.", "success")
    return _back(number)


def _back(number: int) -> ResponseReturnValue:
    return redirect(url_for(".show", number=number), 303)


def _form_page(form: WebhookForm, heading: str, cancel: str) -> ResponseReturnValue:
    page = render_template("webhooks/form.html", form=form, heading=heading, cancel=cancel)
    return page, 422 if form.is_submitted() else 200


def _secret_page(hook: Webhook, secret: str) -> ResponseReturnValue:
    response = make_response(render_template("webhooks/secret.html", hook=hook, secret=secret))
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_errors(form: WebhookForm, refused: Invalid) -> None:
    for name, sentences in refused.errors.items():
        form[name].errors = sentences
