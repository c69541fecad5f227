"""Uploading a file, previewing its rows, and importing the selected ones."""

import time

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, StringField

from claims_app.database import WriteSession, retrying
from claims_app.models import Claim, Import
from claims_app.permissions import Permission
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.rules.text import whole_number
from claims_app.services.core import records
from claims_app.services.core.errors import Gone, Merged, NotFound, Refused
from claims_app.services.intake.inbox import Origin
from claims_app.services.transfer.importing import applying, files, together, uploads
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.batches import Pace
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.services.transfer.importing.seen import Seen
from claims_app.services.transfer.importing.together import Save
from claims_app.vocabulary import ImportState, OriginKind, RowState
from claims_app.web import access
from claims_app.web.access import requires
from claims_app.web.forms import choice
from claims_app.web.record_links import base_url
from claims_app.web.request_limits import takes_file
from claims_app.web.session import database, judging, reading, writing

bp = Blueprint("importing", __name__)

BUDGET = 25.0
"""Seconds that one request may write, so that browsers and proxies do not time out."""


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
    """Take a file and analyse its rows; no record is written."""
    form = UploadForm()
    problem = None
    if form.validate_on_submit():
        sent = form.file.data
        data = sent.read() if sent else b""
        try:
            if not data:
                raise Refused("Choose a file. It must not be empty.")
            return redirect(
                url_for(
                    "importing.show", number=_keep(sent.filename or "file", data, form.encoding.data or None)
                ),
                303,
            )
        except Refused as refused:
            problem = str(refused)
    mine = uploads.of_user(reading(), access.account().id)
    page = render_template(
        "importing/upload.html", form=form, problem=problem, uploads=mine, largest=files.LARGEST_FILE
    )
    return page, 422 if problem or form.errors else 200


@bp.get("/imports/<int:number>")
@requires(Permission.CREATE)
def show(number: int) -> ResponseReturnValue:
    """Show the preview of a file, page by page."""
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
            uploads.discard(session, upload)
        flash("The file was discarded.", "success")
        return redirect(url_for("importing.upload"), 303)
    if upload.state is ImportState.OPEN:
        with writing() as session:
            uploads.choose(session, upload, _numbers("shown"), _numbers("row"), _fields(), _meant())
            if intent.partition(":")[0] in ("all", "none") and (state := _state(intent.partition(":")[2])):
                uploads.choose_all(session, upload, state, intent.startswith("all"))
    if intent == "import":
        return _import(
            number, (form.edit_summary.data or "").strip() or _reason(upload.file_name), together.apply
        )
    if intent == "inbox":
        return _put_in_inbox(number, form)
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
    """Store a file with its analysed rows, in parts, so that others can write in between."""
    opened = files.open_file(data, encoding)
    with writing() as session:
        number = uploads.begin(session, access.account().id, file_name, opened).id
    seen = Seen()
    first = 1
    for part in opened.chunks(files.PART):
        # The policy asks for a reason, as it does for the final import.
        with judging(_reason(file_name)) as session:
            planned = list(files.plan(session, opened, part, seen, base_url()))
        with writing() as session:
            first = uploads.add(session, number, first, planned)
    return number


def _reason(file_name: str) -> str:
    return f"Import of {file_name}"[:REASON_LENGTH]


def _import(number: int, summary: str, save: Save) -> ResponseReturnValue:
    until = time.monotonic() + BUDGET
    pace = Pace(files.PART)
    more = True

    def write() -> None:
        nonlocal more
        with writing(summary) as session:
            upload = uploads.find(session, number, access.account().id)
            more = uploads.write_part(session, upload, pace.rows, save)

    while more:
        if database().is_sqlite:
            pace.wait()
        pace.timed(lambda: retrying(write), pace.rows)
        if time.monotonic() > until:
            break
    if more:
        flash(
            "Part of the file was imported. Press the button again to continue. Nothing is imported twice.",
            "info",
        )
    else:
        flash("The selected rows were imported.", "success")
    return redirect(url_for("importing.show", number=number), 303)


def _put_in_inbox(number: int, form: ApplyForm) -> ResponseReturnValue:
    """Send the selected rows to the inbox, for the claim in the form, if any."""
    upload = _find(number)
    name = (form.claim.data or "").strip()
    try:
        claim = records.find(reading(), Claim, name) if name else None
    except (NotFound, Gone, Merged) as refused:
        form.claim.errors = [str(refused)]
        return _page(number, form), 422
    claim_id = claim.id if claim else None
    origin = Origin(kind=OriginKind.FILE, detail=upload.file_name, claim_id=claim_id)

    def put(session: WriteSession, row: PlannedRow) -> Done:
        return applying.to_inbox(session, row, origin)

    return _import(number, _reason(upload.file_name), together.one_by_one(put))


def _page(number: int, form: ApplyForm) -> str:
    after = request.args.get("after", "0")
    state = _state(request.args.get("state", ""))
    page = uploads.show(reading(), _find(number), state, whole_number(after) or 0)
    return render_template("importing/show.html", page=page, form=form, state=state)


def _find(number: int) -> Import:
    return uploads.find(reading(), number, access.account().id)


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
