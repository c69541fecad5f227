"""Addresses for monitors: whether the process lives, whether it can answer, and its metrics.

None of them is rate-limited or kept, and none needs a session. Details are for operators: they send the token of
`CLAIMS_METRICS_TOKEN`, or are logged in as an admin.
"""

import hmac
import json
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden

from claims_app.database import RECENT
from claims_app.permissions import Doer, Permission, cannot, permits
from claims_app.services.system import condition, nodes
from claims_app.services.system.condition import Readiness, readiness
from claims_app.web import application, bearer
from claims_app.web.access import signed_in_user
from claims_app.web.metrics import metrics

bp = Blueprint("health", __name__)

_NOT_KEPT = {"Cache-Control": "no-store"}


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process answers; it asks nothing else."""
    return _json({"status": "alive"})


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether requests can be answered: 200, or 503 if the database or its schema is in the way."""
    try:
        # Readers are served while a replica answers, even without the primary.
        with application.database().reading(since=RECENT) as session:
            found = readiness(session)
    except SQLAlchemyError:
        found = Readiness(database=False)
    checks: dict[str, Any] = {name: _WORDS[getattr(found, name)] for name in ("database", "schema", "writes")}
    if replicas := condition.replicas(application.database()):
        checks["replicas"] = [
            {"status": _WORDS[node.is_in], "lag_seconds": node.lag_seconds and round(node.lag_seconds, 2)}
            for node in replicas
        ]
    said: dict[str, Any] = {"status": "ready" if found.is_ready else "not ready", "checks": checks}
    if _has_token():
        said["revision"] = found.revision
        said["replicas"] = {node.name: nodes.in_words(node) for node in replicas}
    return _json(said), 200 if found.is_ready else 503


_WORDS = {True: "ok", False: "failed", None: "unknown"}


@bp.get("/metrics")
def show_metrics() -> ResponseReturnValue:
    """Return the metrics, to a program with the token or to an admin."""
    if not _has_token():
        user = signed_in_user()
        if user is None:
            sentence = "Send the token in CLAIMS_METRICS_TOKEN, as “Authorization: Bearer …”.\n"
            headers = {**_NOT_KEPT, "WWW-Authenticate": 'Bearer realm="metrics"'}
            return Response(sentence, 401, headers, mimetype="text/plain")
        if user.scope is not None or not permits(user.role, Permission.OPERATE):
            raise Forbidden(cannot(Doer.of(user.role.value), Permission.OPERATE))
    return Response(metrics().text(), headers=_NOT_KEPT, content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    token, sent = application.settings().metrics_token, bearer.presented(request)
    return bool(token and sent) and hmac.compare_digest(str(token).encode(), str(sent).encode())


def _json(said: dict[str, Any]) -> Response:
    return Response(json.dumps(said) + "\n", mimetype="application/json", headers=_NOT_KEPT)
