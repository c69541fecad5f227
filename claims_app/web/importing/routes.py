"""Uploading a file, previewing its rows, and importing the selected ones."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, StringField

from claims_app.models import Claim, Import
from claims_app.permissions import Permission
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import Gone, Merged, NotFound, Refused
from claims_app.services.transfer.importing import background, files, uploads
from claims_app.services.transfer.importing.background import Progress
from claims_app.vocabulary import ImportState, RowState
from claims_app.web import access, background_jobs
from claims_app.web.access import requires
from claims_app.web.forms import choice
from claims_app.web.request_limits import takes_file
from claims_app.web.session import database, reading, release, writing

bp = Blueprint("importing", __name__)

PATIENCE = 1.5
"""Seconds for which a request does a short job itself, so that no page has to say that it is waiting."""
SMALL_FILE = 1_000_000
"""The most bytes of a file that a request reads itself."""
FEW_ROWS = 500
"""The most rows that a request saves itself."""
RELOAD = 5
"""Seconds after which a page that shows progress reloads, in browsers without scripts."""


class UploadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Uploads a file."""

    file = FileField("File")
    encoding = SelectField(
        "Encoding",
        description="Only if accented letters look wrong in the preview.",
        default="",
        choices=[choice("", "Detect automatically"), *(choice(*one) for one in files.ENCODINGS.items())],
    )


class ApplyForm(FlaskForm):  # type: ignore[misc]
    """Imports the selected rows, with a reason."""

    edit_summary = StringField(
        "Reason",
        description="Shown in the history of every record that is added or changed.",
        render_kw={"maxlength": REASON_LENGTH},
    )
    claim = StringField(
        "Claim",
        description="Such as CLM-1. Leave it empty to have likely claims suggested for each paper.",
        render_kw={"maxlength": 14},
    )


@bp.route("/studies/import", methods=["GET", "POST"])
@requires(Permission.CREATE)
@takes_file("file", files.LARGEST_FILE)
def upload() -> ResponseReturnValue:
    """Take a file, which a job reads; no record is written."""
    form = UploadForm()
    problem = None
    if form.validate_on_submit():
        sent = form.file.data
        data = sent.read() if sent else b""
        try:
            number = _keep(sent.filename or "file" if sent else "file", data, form.encoding.data or None)
            return redirect(url_for("importing.show", number=number), 303)
        except Refused as refused:
            problem = str(refused)
    mine = uploads.of_user(reading(), access.account().id)
    page = render_template(
        "importing/upload.html",
        form=form,
        problem=problem,
        uploads=mine,
        progress=background.find_all(reading(), mine, database().clock()),
        largest=files.LARGEST_FILE,
    )
    return page, 422 if problem or form.errors else 200


@bp.get("/imports/<int:number>")
@requires(Permission.CREATE)
def show(number: int) -> ResponseReturnValue:
    """Show the preview of a file, page by page; while a job reads or saves its rows, how far that is."""
    found = _find(number)
    if (progress := _progress(found)) is not None:
        return _waiting_page(found, progress)
    return _page(number, ApplyForm())


@bp.post("/imports/<int:number>")
@requires(Permission.CREATE)
def decide(number: int) -> ResponseReturnValue:
    """Save the selection of this page; continue to the next page, or import all selected rows."""
    form = ApplyForm()
    intent = request.form.get("intent", "")
    upload = _find(number)
    if intent == "discard":
        with writing() as session:
            background.discard(session, upload)
        flash("The file was discarded.", "success")
        return redirect(url_for("importing.upload"), 303)
    here = redirect(url_for("importing.show", number=number), 303)
    if _progress(upload) is not None:
        return _stop_or_retry(upload, intent) or here
    if upload.state is ImportState.OPEN:
        with writing() as session:
            uploads.choose(session, upload, _numbers("shown"), _numbers("row"), _fields(), _meant())
            if intent.partition(":")[0] in ("all", "none") and (state := _state(intent.partition(":")[2])):
                uploads.choose_all(session, upload, state, intent.startswith("all"))
        if intent == "import":
            reason = records.clean_reason((form.edit_summary.data or "").strip() or background.reason(upload))
            with writing() as session:
                background.save(session, upload, reason or "")
            return _saved(upload)
        if intent == "inbox":
            return _put_in_inbox(upload, form)
    after = request.form.get("next") if intent == "next" else None
    return redirect(
        url_for("importing.show", number=number, state=request.args.get("state"), after=after), 303
    )


@bp.get("/imports/<int:number>/refused")
@requires(Permission.CREATE)
def refused(number: int) -> ResponseReturnValue:
    """Send the rejected rows as they are in the file."""
    upload = _find(number)
    name = upload.file_name.encode("ascii", "ignore").decode().replace('"', "").replace("\\", "")
    return Response(
        list(uploads.refused(reading(), upload)),
        mimetype="text/plain",
        headers={"Content-Disposition": f'attachment; filename="refused-{name}"'},
    )


def _keep(file_name: str, data: bytes, encoding: str | None) -> int:
    """Store a file and let it be read, at once if it is small; return the number of the upload.

    Raises Refused if it is empty or too large, and for a small file if it cannot be read.
    """
    with writing() as session:
        number = background.upload(session, access.account().id, file_name, data, encoding)
    if len(data) > SMALL_FILE:
        background_jobs.background().wake()
        return number
    _do_now(number)
    upload = _find(number)
    if (progress := _progress(upload)) is not None and progress.problem:
        with writing() as session:
            background.discard(session, upload)
        raise Refused(progress.problem)
    return number


def _do_now(number: int) -> None:
    """Do the job of an upload for a short time; if it is not done then, it goes on in the background."""
    release()
    background_jobs.background().runner().run_now(uploads.JOB, number, PATIENCE)
    background_jobs.background().wake()


def _saved(upload: Import) -> ResponseReturnValue:
    """Save the selected rows, at once if there are few, and lead to the page that shows them or the progress."""
    release()
    if uploads.count_waiting(reading(), upload) > FEW_ROWS:
        background_jobs.background().wake()
    else:
        _do_now(upload.id)
        if _find(upload.id).state is ImportState.DONE:
            flash("The selected rows were imported.", "success")
    return redirect(url_for("importing.show", number=upload.id), 303)


def _put_in_inbox(upload: Import, form: ApplyForm) -> ResponseReturnValue:
    """Send the selected rows to the inbox, for the claim in the form, if any."""
    name = (form.claim.data or "").strip()
    try:
        claim = records.find(reading(), Claim, name) if name else None
    except (NotFound, Gone, Merged) as refused:
        form.claim.errors = [str(refused)]
        return _page(upload.id, form), 422
    with writing() as session:
        background.to_inbox(session, upload, claim.id if claim else None)
    return _saved(upload)


def _stop_or_retry(upload: Import, intent: str) -> ResponseReturnValue | None:
    """Cancel the job of an upload, or let it begin again; return None if the upload is there as before."""
    with writing() as session:
        if intent == "again":
            background.try_again(session, upload)
        elif intent == "cancel" and not background.cancel(session, upload):
            flash("The upload was cancelled. Nothing was imported.", "success")
            return redirect(url_for("importing.upload"), 303)
        elif intent == "cancel":
            flash("The import was cancelled. The rows that were imported before are kept.", "success")
    background_jobs.background().wake()
    return None


def _waiting_page(upload: Import, progress: Progress) -> ResponseReturnValue:
    """Return the page that shows how far the job of an upload is."""
    reload = None if progress.problem or request.args.get("reload") == "off" else RELOAD
    return render_template(
        "importing/progress.html", upload=upload, progress=progress, reload=reload, form=FlaskForm()
    )


def _page(number: int, form: ApplyForm) -> str:
    after = request.args.get("after", "0")
    state = _state(request.args.get("state", ""))
    page = uploads.show(reading(), _find(number), state, whole_number(after) or 0)
    return render_template("importing/show.html", page=page, form=form, state=state)


def _find(number: int) -> Import:
    return uploads.find(reading(), number, access.account().id)


def _progress(upload: Import) -> Progress | None:
    return background.find(reading(), upload, database().clock())


def _state(text: str) -> RowState | None:
    return RowState.of(text) if text in RowState.values() else None


def _numbers(name: str) -> set[int]:
    return {int(text) for text in request.form.getlist(name) if text.isdecimal() and len(text) < 10}


def _meant() -> dict[int, str]:
    """Return the choices for unsure rows, by row number."""
    said = ((name.removeprefix("as-"), text) for name, text in request.form.items() if name.startswith("as-"))
    return {int(number): text for number, text in said if number.isdecimal() and len(number) < 10}


def _fields() -> set[tuple[int, str]]:
    pairs = (text.partition(":") for text in request.form.getlist("field"))
    return {(int(number), name) for number, _, name in pairs if number.isdecimal() and len(number) < 10}
