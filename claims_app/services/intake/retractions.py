"""Notices about papers: kept as Retraction Watch has them, and what they say about the studies that are here.

A notice is about the *original* paper, by its DOI or PubMed number; the notice's own identifiers find nothing.
Loading writes batches, each whole by itself: broken off half-way, it is done again from the beginning and comes to
the same. The standing of a study changes by the same door as through its form.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, delete, func, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from claims_app.database import changed_at
from claims_app.models import (
    Claim,
    EvidenceItem,
    Proposal,
    RetractionLoad,
    RetractionNotice,
    Revision,
    Study,
)
from claims_app.models.appraisal import AppraisalEvidence
from claims_app.rules.retractions import TAKEN_BACK, Notice, NoticeOutcome, verdict
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NotAllowed, Refused, StaleVersion
from claims_app.services.core.filters import stands_or_waits
from claims_app.services.core.record_states import read_changes
from claims_app.services.records import kinds, proposals
from claims_app.vocabulary import Action, RecordType, ReviewState, Standing

MOST_SHOWN = 50
_FEWER = 0.5
"""A file with a smaller share of the notices that are here is cut off, and takes none away."""

_KEPT = (
    "nature",
    "noticed_on",
    "notice_doi",
    "notice_pmid",
    "original_doi",
    "original_pmid",
    "reasons",
    "title",
)


@dataclass(frozen=True)
class LeftAlone:
    """A study whose standing stays although a notice says another one, and why, in a sentence."""

    study: Study
    verdict: NoticeOutcome
    why: str


@dataclass
class Applied:
    """What the notices came to for the studies that are here."""

    matched: int = 0
    changed: list[tuple[Study, NoticeOutcome]] = field(default_factory=list)
    proposed: list[tuple[Proposal, NoticeOutcome]] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)


@dataclass(frozen=True)
class RestsOn:
    """A claim whose level was appraised on studies that were taken back since."""

    claim: Claim
    studies: list[Study]


def begin(session: Session, file_name: str, sha256: str) -> RetractionLoad:
    """Note that a file is being loaded."""
    load = RetractionLoad(file_name=file_name[-300:], sha256=sha256, begun_at=changed_at(session))
    session.add(load)
    session.flush()
    return load


def keep(session: Session, load_id: int, notices: Iterable[Notice]) -> int:
    """Write a batch of notices over those with the same numbers, and return how many these were."""
    rows = {
        notice.number: {
            "number": notice.number,
            "load_id": load_id,
            "nature": notice.nature,
            "noticed_on": notice.on,
            "notice_doi": notice.doi,
            "notice_pmid": notice.pmid,
            "original_doi": notice.original_doi,
            "original_pmid": notice.original_pmid,
            "reasons": notice.reasons or None,
            "title": notice.title or None,
        }
        for notice in notices
    }
    if rows:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insert = (sqlite.insert if is_sqlite else postgresql.insert)(RetractionNotice)
        changes = {name: insert.excluded[name] for name in ("load_id", *_KEPT)}
        session.execute(
            insert.on_conflict_do_update(index_elements=["number"], set_=changes), list(rows.values())
        )
    return len(rows)


def finish(
    session: Session, load_id: int, n_without_identifier: int, n_refused: int
) -> tuple[RetractionLoad, bool]:
    """Note that a file was loaded, and take away the notices that it does not have any more.

    Returns also whether that was done: a file with far fewer notices than there are is not believed.
    """
    load = session.get_one(RetractionLoad, load_id)
    load.n_loaded = _count(session, RetractionNotice.load_id == load_id)
    load.n_without_identifier, load.n_refused = n_without_identifier, n_refused
    load.ended_at = changed_at(session)
    older = RetractionNotice.load_id != load_id
    whole = load.n_loaded >= _FEWER * _count(session, older)
    if whole:
        session.execute(delete(RetractionNotice).where(older))
    session.flush()
    return load, whole


def apply(session: Session) -> Applied:
    """Give the studies that notices are about the standing that these come to.

    Left alone is what has it already, and what a curator set at or after the day of the notice. Where review is on,
    the changes are proposed.
    """
    done = Applied()
    for study, found in _matched(session):
        done.matched += 1
        if found.says(study.standing):
            continue
        if why := _why_not(session, study, found):
            done.left_alone.append(LeftAlone(study, found, why))
            continue
        try:
            with session.begin_nested():
                outcome = take_over(session, study, study.version, found)
        except (Invalid, NotAllowed, Refused, StaleVersion) as refused:
            done.left_alone.append(LeftAlone(study, found, str(refused)))
            continue
        if isinstance(outcome, Proposal):
            done.proposed.append((outcome, found))
        else:
            done.changed.append((outcome, found))
    return done


def take_over(session: Session, study: Study, version: int, found: NoticeOutcome) -> Study | Proposal:
    """Give `study`, which was read at `version`, the standing that its notices come to, as one change.

    Returns the proposal to, where that waits for review. Raises NotAllowed, StaleVersion and Invalid.
    """
    notice = found.notice
    # A retraction often stands under the DOI of the paper itself.
    doi = notice.doi if notice.doi != study.doi else None
    typed = {
        **kinds.typed_now(session, study),
        "standing": found.standing.value,
        "standing_date": notice.on.isoformat() if notice.on else None,
        "standing_reason": notice.reasons or None,
        "standing_notice_doi": doi,
    }
    on = f" of {notice.on.isoformat()}" if notice.on else ""
    with authorization.saying(
        session, f"{notice.nature.label}{on}: Retraction Watch, record {notice.number}."
    ):
        return proposals.change(session, study, version, typed)


def retraction_for(session: Session, doi: str | None, pmid: str | None) -> NoticeOutcome | None:
    """Return the standing of the paper with these identifiers (in their normal forms) by the notices about it.

    None if there is no notice about it, or it has no identifiers. A PubMed number finds no notice about a paper with
    another DOI.
    """
    wanted: list[ColumnElement[bool]] = []
    if doi:
        wanted.append(RetractionNotice.original_doi == doi)
    if pmid:
        same = RetractionNotice.original_pmid == pmid
        wanted.append(same & RetractionNotice.original_doi.is_(None) if doi else same)
    if not wanted:
        return None
    return verdict(map(_notice, session.scalars(select(RetractionNotice).where(or_(*wanted)))))


def offered(session: Session, study: Study) -> NoticeOutcome | None:
    """Return what notices say about `study` that it does not say of itself, unless a curator decided on that."""
    found = retraction_for(session, study.doi, study.pmid)
    if found is None or found.says(study.standing) or _why_not(session, study, found):
        return None
    return found


def last_load(session: Session) -> RetractionLoad | None:
    """Return the newest loading that came to its end, or None if there was none."""
    return session.scalar(
        select(RetractionLoad)
        .where(RetractionLoad.ended_at.is_not(None))
        .order_by(RetractionLoad.id.desc())
        .limit(1)
    )


def newly_retracted(session: Session) -> list[RestsOn]:
    """Return the claims whose newest appraisal saw a study that was taken back since; the first of them."""
    taken_back = select(Study.id).where(Study.standing.in_(TAKEN_BACK))
    # Evidence of a preprint does not count either once the paper is taken back.
    preprints = select(Study.id).where(Study.version_of_id.in_(taken_back))
    rows = session.execute(
        select(Claim, Study)
        .join(EvidenceItem, EvidenceItem.claim_id == Claim.id)
        .join(Study, EvidenceItem.study_id == Study.id)
        .join(
            AppraisalEvidence,
            (AppraisalEvidence.appraisal_id == Claim.appraisal_id)
            & (AppraisalEvidence.evidence_id == EvidenceItem.id),
        )
        .where(
            Study.id.in_(union(taken_back, preprints)),
            EvidenceItem.review_state == ReviewState.ACCEPTED,
            stands_or_waits(Claim),
        )
        .order_by(Claim.id, Study.id)
        .limit(MOST_SHOWN)
    )
    studies: dict[Claim, list[Study]] = defaultdict(list)
    for claim, study in rows:
        if study not in studies[claim]:
            studies[claim].append(study)
    return [RestsOn(claim, listed) for claim, listed in studies.items()]


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(RetractionNotice).where(condition)) or 0


def _notice(row: RetractionNotice) -> Notice:
    return Notice(
        number=row.number,
        nature=row.nature,
        on=row.noticed_on,
        doi=row.notice_doi,
        pmid=row.notice_pmid,
        reasons=row.reasons or "",
        original_doi=row.original_doi,
        original_pmid=row.original_pmid,
        title=row.title or "",
    )


def _matched(session: Session) -> Sequence[tuple[Study, NoticeOutcome]]:
    """Return the studies that notices are about, in the order of their numbers, and what these come to."""
    other_doi = Study.doi.is_not(None) & RetractionNotice.original_doi.is_not(None)
    found: dict[Study, dict[int, Notice]] = defaultdict(dict)
    for same in (
        Study.doi == RetractionNotice.original_doi,
        (Study.pmid == RetractionNotice.original_pmid) & ~other_doi,
    ):
        pairs = select(Study, RetractionNotice).join(RetractionNotice, same)
        for study, row in session.execute(pairs.where(Study.review_state != ReviewState.REJECTED)):
            # What was merged into another study is it: its identifiers are those of that one, too.
            found[records.standing_for(session, study)][row.number] = _notice(row)
    verdicts = ((study, verdict(notices.values())) for study, notices in found.items())
    return sorted(((study, one) for study, one in verdicts if one), key=lambda pair: pair[0].id)


def _why_not(session: Session, study: Study, found: NoticeOutcome) -> str | None:
    """Return why the standing of `study` is not changed, as a sentence, or None if nothing speaks against it."""
    waiting = session.scalars(
        select(Proposal).where(
            Proposal.target_type == RecordType.STUDY,
            Proposal.target_id == study.id,
            Proposal.state == ReviewState.SUBMITTED,
        )
    )
    for proposal in waiting:
        if "standing" in proposal.changes:
            return f"{proposal.public_id} proposes another standing already, and waits for review."
    on = found.notice.on
    said = _decided_on(session, study)
    if said is not None and (on is None or said >= on):
        return f"A curator set “{study.standing.label}” on {said.isoformat()}, after the notice."
    if (
        study.standing is not Standing.CURRENT
        and study.standing_date
        and (on is None or study.standing_date >= on)
    ):
        return f"Its own notice, of {study.standing_date.isoformat()}, is not older."
    return None


def _decided_on(session: Session, study: Study) -> datetime.date | None:
    """Return the day on which somebody set the standing of `study`; that a new one is current is no decision."""
    newest = session.scalars(
        select(Revision)
        .where(Revision.record_type == RecordType.STUDY, Revision.record_id == study.id)
        .order_by(Revision.version.desc())
    )
    for revision in read_changes(session, newest):
        if "standing" in revision.changes:
            made = revision.action is Action.CREATE and study.standing is Standing.CURRENT
            return None if made or revision.actor_id is None else revision.day
    return None
