"""Retraction notices: stored as Retraction Watch publishes them, and applied to the studies they are about.

Notices are matched by the DOI or PubMed number of the *original* paper, never by the notice's own identifiers.
A file is loaded in batches, each in its own transaction; after an interruption it is loaded again from the start,
with the same result. The standing of a study changes through the same service as in its form.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import ColumnElement, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from claims_app.database import WriteSession
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
from claims_app.models.levels import lock_claims_of
from claims_app.rules.retractions import TAKEN_BACK, Notice, NoticeOutcome, verdict
from claims_app.services.browsing.selection import browse
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NotAllowed, Refused, StaleVersion
from claims_app.services.core.filters import ClaimFilters, is_listed
from claims_app.services.core.many import one_of
from claims_app.services.core.record_states import read_changes
from claims_app.services.records import kinds, proposals
from claims_app.vocabulary import Action, LevelState, RecordType, ReviewState, Standing

MOST_SHOWN = 50
_FEWER = 0.5
"""A file with a smaller share of the stored notices is taken as truncated, and does not remove any."""

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
    """A study whose standing was not changed despite a notice, with the reason in a sentence."""

    study: Study
    verdict: NoticeOutcome
    why: str


@dataclass
class Applied:
    """The result of applying the notices: matched studies, changes, proposals, and studies left unchanged."""

    matched: int = 0
    changed: list[tuple[Study, NoticeOutcome]] = field(default_factory=list)
    proposed: list[tuple[Proposal, NoticeOutcome]] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)


@dataclass(frozen=True)
class RestsOn:
    """A claim whose level is based on studies that have been retracted or withdrawn since the appraisal."""

    claim: Claim
    studies: list[Study]


def begin(session: WriteSession, file_name: str, sha256: str) -> RetractionLoad:
    """Record that a file with this hash is being loaded, and return the record."""
    load = RetractionLoad(file_name=file_name[-300:], sha256=sha256, begun_at=session.changed_at)
    session.add(load)
    session.flush()
    return load


def keep(session: Session, load_id: int, notices: Iterable[Notice]) -> int:
    """Insert or update a batch of notices by number, and return how many there were."""
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
        changes: dict[str, ColumnElement[object]] = {name: insert.excluded[name] for name in _KEPT}
        # Another file may be loaded at the same time; a row that both have belongs to the later one.
        before = RetractionNotice.load_id
        changes["load_id"] = case((before > load_id, before), else_=load_id)
        session.execute(
            insert.on_conflict_do_update(index_elements=["number"], set_=changes), list(rows.values())
        )
    return len(rows)


def finish(
    session: WriteSession, load_id: int, n_without_identifier: int, n_refused: int
) -> tuple[RetractionLoad, bool]:
    """Record that a file was loaded completely, and delete the notices that it no longer has.

    Returns the record and whether notices were deleted: that is skipped if the file seems truncated (see _FEWER).
    """
    load = session.get_one(RetractionLoad, load_id)
    load.n_loaded = _count(session, RetractionNotice.load_id == load_id)
    load.n_without_identifier, load.n_refused = n_without_identifier, n_refused
    load.ended_at = session.changed_at
    older = RetractionNotice.load_id < load_id
    whole = load.n_loaded >= _FEWER * _count(session, older)
    if whole:
        session.execute(delete(RetractionNotice).where(older))
    session.flush()
    return load, whole


def apply(session: WriteSession) -> Applied:
    """Update the standing of studies according to the notices about them, and return what was done.

    A standing that a curator set on or after the date of the notice is kept. If review is required, the changes are
    proposed.
    """
    done = Applied()
    matched = _matched(session)
    lock_claims_of(session, *(study for study, found in matched if not found.says(study.standing)))
    for study, found in matched:
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


def take_over(session: WriteSession, study: Study, version: int, found: NoticeOutcome) -> Study | Proposal:
    """Set the standing of `study`, which was read at `version`, to that of its notices.

    Returns the study, or a proposal if review is required. Raises NotAllowed, Refused, StaleVersion and Invalid.
    """
    notice = found.notice
    # A retraction notice often has the DOI of the paper itself.
    doi = notice.doi if notice.doi != study.doi else None
    typed = {
        **kinds.form_values(session, study),
        "standing": found.standing.value,
        "standing_date": notice.on.isoformat() if notice.on else None,
        "standing_reason": notice.reasons or None,
        "standing_notice_doi": doi,
    }
    on = f" of {notice.on.isoformat()}" if notice.on else ""
    with authorization.with_reason(
        session, f"{notice.nature.label}{on}: Retraction Watch, record {notice.number}."
    ):
        return proposals.change(session, study, version, typed)


def retraction_for(session: Session, doi: str | None, pmid: str | None) -> NoticeOutcome | None:
    """Return the standing of the paper with these normalised identifiers according to the notices about it.

    Returns None without identifiers or notices. A notice about a paper with a different DOI does not match, even if
    the PubMed number is the same.
    """
    return retractions_for(session, [(doi, pmid)]).get((doi, pmid))


def retractions_for(
    session: Session, papers: Iterable[tuple[str | None, str | None]]
) -> dict[tuple[str | None, str | None], NoticeOutcome]:
    """Return what `retraction_for` returns for each of the papers, given by DOI and PubMed number, that has notices."""
    wanted = set(papers)
    by_doi: dict[str, list[RetractionNotice]] = defaultdict(list)
    by_pmid: dict[str, list[RetractionNotice]] = defaultdict(list)
    for column, values, found in (
        (RetractionNotice.original_doi, {doi for doi, _ in wanted if doi}, by_doi),
        (RetractionNotice.original_pmid, {pmid for _, pmid in wanted if pmid}, by_pmid),
    ):
        if values:
            for row in session.scalars(select(RetractionNotice).where(one_of(session, column, values))):
                found[getattr(row, column.key)].append(row)
    outcomes = {}
    for doi, pmid in wanted:
        of_pmid = [row for row in by_pmid.get(pmid or "", ()) if not doi or row.original_doi in (None, doi)]
        rows = {row.number: row for row in (*by_doi.get(doi or "", ()), *of_pmid)}
        if (outcome := verdict(map(_notice, rows.values()))) is not None:
            outcomes[doi, pmid] = outcome
    return outcomes


def offered(session: Session, study: Study) -> NoticeOutcome | None:
    """Return the standing that notices suggest for `study`.

    Returns None if it has that standing already or a curator has decided on it since.
    """
    found = retraction_for(session, study.doi, study.pmid)
    if found is None or found.says(study.standing) or _why_not(session, study, found):
        return None
    return found


def last_load(session: Session) -> RetractionLoad | None:
    """Return the latest completed load, or None."""
    return session.scalar(
        select(RetractionLoad)
        .where(RetractionLoad.ended_at.is_not(None))
        .order_by(RetractionLoad.id.desc())
        .limit(1)
    )


def newly_retracted(session: Session, most: int = MOST_SHOWN) -> list[RestsOn]:
    """Return up to `most` claims whose current appraisal is based on a study that was retracted since."""
    found: list[RestsOn] = []
    stale = list(_stale_with_retracted(session))
    for start in range(0, len(stale), _LOOKED_AT):
        found += _based_on_retracted(session, stale[start : start + _LOOKED_AT])
        if len(found) >= most:
            break
    return found[:most]


_LOOKED_AT = 200
"""So many stale claims are looked at in one statement."""


def _stale_with_retracted(session: Session) -> Sequence[int]:
    """Return the stale claims with evidence from a study that was retracted, or from an earlier version of one."""
    stale = browse(session, ClaimFilters(state=(LevelState.STALE,)))
    if stale is None:
        return session.scalars(
            select(Claim.id).where(Claim.stale_since.is_not(None)).order_by(Claim.id)
        ).all()
    if not stale.total:
        return []
    retracted = aliased(Study)
    # Evidence from a preprint does not count either once the paper is retracted.
    of_preprints = (
        select(EvidenceItem.claim_id)
        .join(Study, Study.id == EvidenceItem.study_id)
        .join(retracted, retracted.id == Study.version_of_id)
        .where(retracted.standing.in_(TAKEN_BACK))
    )
    of_papers = stale.other(ClaimFilters(standing=tuple(TAKEN_BACK)))
    return list(stale.numbers & (of_papers.numbers | BitMap(session.scalars(of_preprints).all())))


def _based_on_retracted(session: Session, claims: Sequence[int]) -> list[RestsOn]:
    """Return those of these stale claims whose appraisal saw a study that was retracted since, with the studies."""
    published = aliased(Study)
    rows = session.execute(
        select(Claim, Study)
        .join(EvidenceItem, EvidenceItem.claim_id == Claim.id)
        .join(Study, EvidenceItem.study_id == Study.id)
        .outerjoin(published, published.id == Study.version_of_id)
        .join(
            AppraisalEvidence,
            (AppraisalEvidence.appraisal_id == Claim.appraisal_id)
            & (AppraisalEvidence.evidence_id == EvidenceItem.id),
        )
        .where(
            Claim.id.in_(claims),
            or_(Study.standing.in_(TAKEN_BACK), published.standing.in_(TAKEN_BACK)),
            EvidenceItem.review_state == ReviewState.ACCEPTED,
            is_listed(Claim),
        )
        .order_by(Claim.id, Study.id)
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
    """Return the studies that notices are about, sorted by id, each with the resulting standing."""
    other_doi = Study.doi.is_not(None) & RetractionNotice.original_doi.is_not(None)
    found: dict[Study, dict[int, Notice]] = defaultdict(dict)
    for same in (
        Study.doi == RetractionNotice.original_doi,
        (Study.pmid == RetractionNotice.original_pmid) & ~other_doi,
    ):
        pairs = select(Study, RetractionNotice).join(RetractionNotice, same)
        for study, row in session.execute(pairs.where(Study.review_state != ReviewState.REJECTED)):
            # A merged study gives its identifiers to the study it was merged into.
            found[records.resolve_merge(session, study)][row.number] = _notice(row)
    outcomes = ((study, verdict(notices.values())) for study, notices in found.items())
    return sorted(((study, outcome) for study, outcome in outcomes if outcome), key=lambda pair: pair[0].id)


def _why_not(session: Session, study: Study, found: NoticeOutcome) -> str | None:
    """Return the reason for not changing the standing of `study`, as a sentence, or None if it can be changed."""
    waiting = session.scalars(
        select(Proposal).where(
            Proposal.target_type == RecordType.STUDY,
            Proposal.target_id == study.id,
            Proposal.state == ReviewState.SUBMITTED,
        )
    )
    for proposal in waiting:
        if "standing" in proposal.changes:
            return f"{proposal.public_id} already proposes another standing and is waiting for review."
    on = found.notice.on
    decided = _decided_on(session, study)
    if decided is not None and (on is None or decided >= on):
        return f"A curator set “{study.standing.label}” on {decided.isoformat()}, after the notice."
    if (
        study.standing is not Standing.CURRENT
        and study.standing_date
        and (on is None or study.standing_date >= on)
    ):
        return f"The study already has a notice of {study.standing_date.isoformat()}, which is not older."
    return None


def _decided_on(session: Session, study: Study) -> datetime.date | None:
    """Return the day on which a user last set the standing of `study`, or None.

    A new study that was created as current does not count as a decision.
    """
    revisions = session.scalars(
        select(Revision)
        .where(Revision.record_type == RecordType.STUDY, Revision.record_id == study.id)
        .order_by(Revision.version.desc())
    )
    for revision in read_changes(session, revisions):
        if "standing" in revision.changes:
            default = revision.action is Action.CREATE and study.standing is Standing.CURRENT
            return None if default or revision.actor_id is None else revision.day
    return None
