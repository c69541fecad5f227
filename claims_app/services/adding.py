"""What a curator sees of a report that was looked up, and adding it as a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Study
from claims_app.rules import records as schemas
from claims_app.rules.reference import Reference
from claims_app.services import matching, retractions, studies
from claims_app.services.errors import Invalid
from claims_app.services.looking_up import LookedUp

ABSTRACT = "abstract"
DEFAULTS: Mapping[str, object] = {"publication_state": "published", "standing": "current"}
"""Of what no file and no service says; as the form of a study has them."""


@dataclass(frozen=True)
class Shown:
    """A report that was looked up: what is known of it, here and elsewhere."""

    looked_up: LookedUp
    values: Mapping[str, Any]
    study: Study | None
    near: Sequence[matching.FoundMatch]
    notice: str | None


def show(session: Session, looked_up: LookedUp) -> Shown:
    """Return what is known of a report: whether it is here, what it may be the same as, and what notices say of it."""
    reference = looked_up.known
    cleaned, _ = schemas.STUDY.clean({**DEFAULTS, **reference.values})
    values: Mapping[str, Any] = cleaned
    found = [] if looked_up.reference is None else matching.matches(session, reference.values)
    study = _with_identifier(session, values)
    verdict = retractions.retraction_for(session, values.get("doi"), values.get("pmid"))
    return Shown(
        looked_up,
        values,
        study,
        [one for one in found if study is None or one.study.id != study.id],
        verdict.sentence if verdict else None,
    )


def _with_identifier(session: Session, values: Mapping[str, Any]) -> Study | None:
    named = {**DEFAULTS, "title": "?", **{n: values.get(n) for n in (*studies.OF_ONE_REPORT, "registry_id")}}
    try:
        return studies.known_study(session, named)
    except Invalid:
        return None


def add_study(session: Session, reference: Reference) -> Study:
    """Make a study of `reference`, with its abstract as a text to quote from. Raises NotAllowed and Invalid."""
    study = studies.create_study(session, {**DEFAULTS, **reference.values})
    if reference.abstract.strip():
        studies.attach_text(session, study, {"label": ABSTRACT, "content": reference.abstract})
    return study
