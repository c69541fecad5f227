"""Previews reports that were looked up, and adds them as studies or to the inbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Candidate, Claim, Study
from claims_app.rules import schemas
from claims_app.rules.reference import Reference
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import claim_suggestions, inbox, retractions
from claims_app.services.intake.inbox import Origin, Put
from claims_app.services.intake.lookup import LookedUp
from claims_app.services.records import studies
from claims_app.vocabulary import OriginKind

LIKELY = 3
"""How many likely claims are shown for each report."""


@dataclass(frozen=True)
class ReportPreview:
    """A report that was looked up, with its values, duplicates in the database, likely claims and notices."""

    looked_up: LookedUp
    values: Mapping[str, Any]
    study: Study | None
    candidate: Candidate | None
    near: Sequence[study_matching.FoundMatch]
    likely: Sequence[claim_suggestions.Likely]
    notice: str | None

    @property
    def is_new(self) -> bool:
        """Whether it can be added as a study: it has a title and no similar study is in the database."""
        return self.study is None and not self.near and bool(self.values.get("title"))


def show(session: Session, looked_up: LookedUp) -> ReportPreview:
    """Return the preview of a report."""
    reference = looked_up.known
    cleaned, _ = schemas.STUDY.clean({**studies.DEFAULT_VALUES, **reference.values})
    values: Mapping[str, Any] = cleaned
    identity = study_matching.identify(session, reference.values)
    study = identity.same
    verdict = retractions.retraction_for(session, values.get("doi"), values.get("pmid"))
    return ReportPreview(
        looked_up=looked_up,
        values=values,
        study=study,
        candidate=None if study else inbox.find_same(session, reference),
        near=[one for one in identity.matches if study is None or one.study.id != study.id],
        likely=claim_suggestions.likely_claims(
            session, values.get("title") or "", reference.abstract, LIKELY
        ),
        notice=verdict.sentence if verdict else None,
    )


def add_study(session: WriteSession, reference: Reference) -> Study:
    """Create a study from `reference`, store its abstract as a text to quote from, and return the study.

    Raises NotAllowed and Invalid.
    """
    study = studies.create_study(
        session, {**studies.DEFAULT_VALUES, **reference.values}, duplicate_is_meant=True
    )
    studies.keep_abstract(session, study, reference.abstract)
    return study


def add_new(session: WriteSession, found: Iterable[LookedUp]) -> list[Study]:
    """Create studies from the reports that are not in the database yet, and return them.

    A report that was given by several identifiers is added once. Raises NotAllowed and Invalid.
    """
    made = []
    for one in found:
        if study_matching.identified(session, one.known.values) is None:
            made.append(add_study(session, one.known))
    return made


def put_in_inbox(session: WriteSession, found: Iterable[LookedUp], claim: Claim | None) -> list[Put]:
    """Put reports into the inbox, for `claim` if given; some may have only an identifier. Return the results.

    Raises NotAllowed, and Invalid.
    """
    claim_id = None if claim is None else claim.id
    return [
        inbox.put(
            session,
            one.known,
            Origin(kind=OriginKind.IDENTIFIER, detail=one.identifier.text, claim_id=claim_id),
        )
        for one in found
    ]
