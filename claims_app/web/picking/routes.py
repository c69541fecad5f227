"""What `picker.js` asks while a person types."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from claims_app.permissions import Permission
from claims_app.services.pages import choosing
from claims_app.vocabulary import RecordType
from claims_app.web.access import requires
from claims_app.web.session import reading

bp = Blueprint("picking", __name__)


@bp.get("/choices/<any(studies, claims):section>")
@requires(Permission.CREATE)
def choices(section: str) -> ResponseReturnValue:
    """Send the records that the text `q` may mean, each with its identifier and its name."""
    record_type = RecordType.STUDY if section == "studies" else RecordType.CLAIM
    found = choosing.options(reading(), record_type, request.args.get("q", ""))
    return jsonify([{"id": one.public_id, "label": one.label} for one in found])
