"""Studies that may share participants: suggestions, and the decisions of curators.

Studies are never grouped automatically. A curator puts two studies into one study group, or records that they are
separate lines of evidence, with a reason; the pair is then not suggested again.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from claims_app.database import WriteSession
from claims_app.models import EvidenceItem, OverlapDismissal, Proposal, Study
from claims_app.permissions import Permission
from claims_app.rules.fields import Text
from claims_app.rules.overlap import OverlapSuggestion, Reason, Report, suggestions
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.many import one_of
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.memory.remembering import Remembering
from claims_app.services.records import kinds, proposals

MOST_STUDIES = 20_000
"""How many studies are compared with each other, latest records first."""

_LATEST = PageRequest(size=200)
_LATEST_FIRST = Order(
    "Latest first",
    (
        (OverlapDismissal.decided_at, True),
        (OverlapDismissal.first_id, False),
        (OverlapDismissal.second_id, False),
    ),
)
_NAME = Text(name="group", label="Group name", required=True, max_length=200)


@dataclass(frozen=True)
class Overlap:
    """Two studies that may be one line of evidence, and the reasons."""

    first: Study
    second: Study
    reasons: Sequence[Reason]

    @property
    def group_name(self) -> str:
        """The name of the group that one of them belongs to, or a name for a new group."""
        group = self.first.group or self.second.group
        if group is not None:
            return group.name
        earlier = min(self.first, self.second, key=lambda study: (study.year or 9999, study.id))
        return f"{earlier.citation} and related reports"


def overlaps(session: Session, *, study_id: int | None = None, claim_id: int | None = None) -> list[Overlap]:
    """Return suggested overlaps, strongest first: for one study, among the studies of one claim, or for all studies."""
    return strongest(session, None, study_id=study_id, claim_id=claim_id)[0]


def strongest(
    session: Session, most: int | None, *, study_id: int | None = None, claim_id: int | None = None
) -> tuple[list[Overlap], int]:
    """Return up to `most` of the suggestions that `overlaps` returns, and how many there are."""
    reports = _reports(session, claim_id)
    settled = _dismissed(session, {report.study_id for report in reports})
    found = [
        one for one in _suggestions(session, reports, study_id) if (one.first, one.second) not in settled
    ]
    shown = found[:most]
    numbers = {number for one in shown for number in (one.first, one.second)}
    query = select(Study).where(one_of(session, Study.id, numbers))
    loaded = session.scalars(query.options(joinedload(Study.group), joinedload(Study.version_of)))
    studies = {study.id: study for study in loaded}
    return [Overlap(studies[one.first], studies[one.second], one.reasons) for one in shown], len(found)


def group_together(session: WriteSession, first: Study, second: Study, name: str | None) -> list[Proposal]:
    """Put two studies into the study group `name`. Returns the proposals made, where review is required.

    If the studies belong to two groups, all studies of both move to the group `name`. Raises NotAllowed, and Invalid
    if one of the studies has a group and `name` is not its name, or if both are the same study.
    """
    try:
        wanted = str(_NAME.clean(name))
    except ValueError as refused:
        raise Invalid({"group": [str(refused)]}) from None
    _refuse_same_study(first, second)
    known = {study.group.name: study.group for study in (first, second) if study.group is not None}
    if known and wanted not in known:
        names = " or ".join(f"“{name}”" for name in known)
        raise Invalid({"group": [f"A study already has a group. Use its name: {names}."]})
    moved = {study.id: study for study in (first, second)}
    for other in known.values():
        moved |= {
            study.id: study
            for study in session.scalars(
                select(Study).where(Study.group_id == other.id, Study.merged_into_id.is_(None))
            )
        }
    outcomes = [
        proposals.change(
            session, study, study.version, {**kinds.form_values(session, study), "group": wanted}
        )
        for study in moved.values()
    ]
    return [outcome for outcome in outcomes if isinstance(outcome, Proposal)]


def dismiss(
    session: WriteSession, first: Study, second: Study, reason: str | None, by_id: int | None
) -> None:
    """Record that two studies are separate lines of evidence, with the reason. Raises NotAllowed and Invalid."""
    authorization.require(session, Permission.APPRAISE)
    cleaned = records.clean_reason(reason, "reason", required=True)
    _refuse_same_study(first, second)
    low, high = sorted((first.id, second.id))
    dismissal = session.get(OverlapDismissal, (low, high)) or OverlapDismissal(first_id=low, second_id=high)
    dismissal.reason, dismissal.decided_by_id = str(cleaned), by_id
    session.add(dismissal)
    records.save(session)


def dismissals(session: Session, request: PageRequest = _LATEST) -> Page[OverlapDismissal]:
    """Return a page of the pairs recorded as separate lines of evidence, latest first. Raises BadFilter."""
    query = select(OverlapDismissal).options(joinedload(OverlapDismissal.decided_by))
    return fetch_page(session, query, _LATEST_FIRST, request)


def _refuse_same_study(first: Study, second: Study) -> None:
    if first.id == second.id:
        raise Invalid({"second": ["Choose two different studies."]})


def _dismissed(session: Session, study_ids: Collection[int]) -> set[tuple[int, int]]:
    rows = session.execute(select(OverlapDismissal.first_id, OverlapDismissal.second_id))
    return {(first, second) for first, second in rows if first in study_ids and second in study_ids}


def _reports(session: Session, claim_id: int | None) -> list[Report]:
    """Return what is compared of the newest studies, or of those of a claim."""
    published = aliased(Study)
    query = (
        select(
            Study.id,
            Study.title,
            Study.authors,
            Study.year,
            Study.registry_id,
            Study.version_of_id,
            Study.publication_state,
            func.coalesce(published.group_id, Study.group_id),
            Study.centre,
            Study.data_from,
            Study.data_to,
        )
        .outerjoin(published, published.id == Study.version_of_id)
        .where(Study.merged_into_id.is_(None))
        .order_by(Study.id.desc())
        .limit(MOST_STUDIES)
    )
    if claim_id is not None:
        linked = select(EvidenceItem.study_id).where(EvidenceItem.claim_id == claim_id)
        query = query.where(Study.id.in_(linked))
    return [
        Report(number, title, tuple(authors.split("\n")) if authors else (), *others)
        for number, title, authors, *others in session.execute(query)
    ]


def _suggestions(
    session: Session, reports: Sequence[Report], study_id: int | None
) -> Sequence[OverlapSuggestion]:
    """Return the suggestions for some reports, for one study or for all.

    Those for all are kept for the last reports, until one of these changes.
    """
    if study_id is not None or len(reports) <= _FEW:
        return suggestions(reports, of=study_id)
    digest = hashlib.sha256(repr(reports).encode("utf-8", "surrogatepass")).digest()
    memory = Remembering(session, "overlaps", most=1, state=digest)
    return memory.answer(None, lambda: suggestions(reports))


_FEW = 500
"""Up to so many reports are compared each time, which takes less than reading them."""
