"""Reads what an assistant asks for, by the services of the pages; each answer is of one state of the data."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.assistants.answers import (
    ChangedClaim,
    Changes,
    ClaimInShort,
    FindingOfStudy,
    FoundClaims,
    LevelThen,
    ReleaseInShort,
    StudyAnswer,
    TakenBack,
    TopicInShort,
    WholeAnswer,
    Word,
    Words,
)
from claims_app.assistants.writing import cut, day, whole_answer
from claims_app.formats.linked.whole import claim_warnings
from claims_app.models import Appraisal, Claim, EvidenceItem, Record, Revision, Study
from claims_app.models.versions import VERSIONS
from claims_app.rules.identifiers import public_id
from claims_app.rules.retractions import TAKEN_BACK
from claims_app.services.appraisal.levels import levels_over_time
from claims_app.services.core import records
from claims_app.services.core.errors import BadFilter, NotFound
from claims_app.services.core.filters import BEST_MATCH, CLAIM_ORDERS, ClaimFilters, is_listed
from claims_app.services.core.paging import PageRequest
from claims_app.services.core.query import Query
from claims_app.services.history.as_of import AsOf
from claims_app.services.history.changes import ChangeFilters, latest
from claims_app.services.pages.choosing import record_named
from claims_app.services.pages.selections import select_claims
from claims_app.services.pages.topic_pages import TopicLine, all_topics
from claims_app.services.releases.store import list_releases
from claims_app.services.transfer.whole_claims import (
    said_of,
    study_of,
    whole,
    why_unreviewed,
)
from claims_app.vocabulary import (
    Action,
    AppraisalStage,
    ClaimKind,
    ClaimStatus,
    Conclusion,
    Direction,
    EvidenceLevel,
    LevelState,
    RecordType,
    ReviewState,
    Species,
    StudyDesign,
    Term,
)

MOST_CLAIMS = 20
MOST_EVIDENCE = 50
MOST_FINDINGS = 50
_LOOKED_AT = 500
"""So many of the newest changes are looked through for the claims that changed."""

_MOST_RELEASES = 20
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OF_CLAIMS = [
    kind.value
    for kind in (RecordType.CLAIM, RecordType.EVIDENCE, RecordType.LIMITATION, RecordType.APPRAISAL)
]

FILTERS: dict[str, type[Term]] = {
    "level": EvidenceLevel,
    "conclusion": Conclusion,
    "state": LevelState,
    "kind": ClaimKind,
    "status": ClaimStatus,
    "direction": Direction,
    "design": StudyDesign,
    "species": Species,
}
"""The filters of a search for claims that take terms."""


def search_claims(session: Session, site: str, query: Query, limit: int, after: str | None) -> FoundClaims:
    """Return the claims that match. Raises BadFilter for an unknown value of a filter, and for a broken cursor."""
    filters = ClaimFilters.read(query)
    named = record_named(session, Claim, filters.q) if filters.q else None
    if isinstance(named, Claim):
        return FoundClaims(1, claims_in_short(session, site, [named.id]), None)
    selection = select_claims(session, filters)
    sort = BEST_MATCH if filters.q else next(iter(CLAIM_ORDERS))
    page = selection.page(sort, PageRequest(_within(limit, MOST_CLAIMS), after))
    return FoundClaims(page.total, claims_in_short(session, site, page.items), page.next)


def get_claim(session: Session, site: str, identifier: str, most: int, then: AsOf | None) -> WholeAnswer:
    """Return a claim with reasons, evidence and limitations. Raises NotFound, Gone, Merged and BadFilter."""
    claim = records.find(session, Claim, identifier.strip().upper())
    steps = levels_over_time(session, claim)
    levels = [
        LevelThen(
            day(step.view.appraisal.appraised_at),
            str(step.view.appraisal.verdict),
            step.view.appraisal.public_id,
        )
        for step in steps
    ]
    return whole_answer(site, whole(session, claim), levels, _within(most, MOST_EVIDENCE), then)


def list_changes(session: Session, site: str, since: str, limit: int) -> Changes:
    """Return the claims that changed since a day or a release, last changed first, and studies that were taken back.

    Raises BadFilter.
    """
    wanted = _within(limit, MOST_CLAIMS)
    start = _moment_of(session, since)
    filters = ChangeFilters.read({"since": [start.date().isoformat()], "record": _OF_CLAIMS})
    revisions = latest(session, filters, _LOOKED_AT)
    by_claim: dict[int, list[Revision]] = defaultdict(list)
    for revision in revisions:
        if revision.claim_id is not None and revision.changed_at >= start:
            by_claim[revision.claim_id].append(revision)
    numbers = list(by_claim)[:wanted]
    moved = _moves(session, numbers, start)
    changed = [
        ChangedClaim(now, [*moved.get(number, ()), *_what(by_claim[number])])
        for number, now in _by_number(claims_in_short(session, site, numbers))
    ]
    taken_back = _taken_back(session, site, start, wanted + 1)
    left_out = max(len(by_claim), len(taken_back)) > wanted or len(revisions) == _LOOKED_AT
    return Changes(since.strip(), changed, taken_back[:wanted], left_out)


def _moment_of(session: Session, since: str) -> datetime.datetime:
    """Return the first moment of the day, or after the release, that `since` names. Raises BadFilter."""
    text = since.strip()
    # First the releases, since the version of one can read as a day.
    releases = {release.version: release.moment for release in list_releases(session)}
    if text in releases:
        return releases[text] + datetime.timedelta.resolution
    try:
        if _DAY.fullmatch(text) is None:
            raise ValueError
        return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(), datetime.UTC)
    except ValueError:
        choice = f"a release: {', '.join(list(releases)[:_MOST_RELEASES])}" if releases else "a release"
        raise BadFilter(
            f"“{cut(text)}” is neither a day nor a release. Enter a day, such as 2026-01-31, or {choice}."
        ) from None


def get_study(session: Session, site: str, identifier: str) -> StudyAnswer:
    """Return a study, by its identifier, DOI or PubMed number. Raises NotFound, Gone and Merged."""
    study = _find_study(session, identifier)
    items = session.scalars(_ITEMS_OF_STUDY, {"study": study.id}).all()
    shown = items[:MOST_FINDINGS]
    claims = dict(_by_number(claims_in_short(session, site, [item.claim_id for item in shown])))
    known = study_of(study)
    return StudyAnswer(
        study_id=study.public_id,
        version=study.version,
        updated_on=day(study.updated_at),
        address=f"{site}/studies/{study.public_id}",
        citation=study.citation,
        title=study.title,
        authors=study.author_list[:20],
        year=study.year,
        journal=study.journal,
        doi=study.doi,
        pmid=study.pmid,
        design=study.design.label if study.design else None,
        publication=study.publication_state.label,
        standing=study.standing.label,
        warning=known.warning,
        findings=[
            FindingOfStudy(
                claims[item.claim_id],
                item.public_id,
                f"{item.direction.label}: {item.direction.definition}",
                cut(item.summary),
                item.why_uncounted,
            )
            for item in shown
            if item.claim_id in claims
        ],
        findings_in_all=len(items),
    )


def list_vocabulary(session: Session) -> Words:
    """Return the topics, the newest releases, and the values of each filter with what they mean."""

    def lines(found: Iterable[TopicLine], broader: str | None) -> Iterable[TopicInShort]:
        for one in found:
            n_claims = one.verdicts.n_claims
            yield TopicInShort(one.slug, one.name, cut(one.definition), n_claims, one.verdicts.words, broader)
            yield from lines(one.narrower, one.slug)

    return Words(
        list(lines(all_topics(session), None)),
        [ReleaseInShort(one.version, day(one.moment)) for one in list_releases(session)[:_MOST_RELEASES]],
        {
            name: [Word(term.value, term.label, term.definition) for term in terms]
            for name, terms in FILTERS.items()
        },
    )


def claims_in_short(session: Session, site: str, numbers: Sequence[int]) -> list[ClaimInShort]:
    """Return the claims with these numbers in their order, each once, in three statements."""
    if not numbers:
        return []
    found = {claim.id: claim for claim in session.scalars(_CLAIMS, {"numbers": list(numbers)})}
    wanted = [claim.appraisal_id for claim in found.values() if claim.appraisal_id is not None]
    appraisals = {one.id: one for one in session.scalars(_APPRAISALS, {"numbers": wanted})} if wanted else {}
    retracted = dict(session.execute(_RETRACTED, {"numbers": list(found)}).all())
    return [
        ClaimInShort(
            claim.public_id,
            claim.version,
            day(claim.updated_at),
            f"{site}/claims/{claim.public_id}",
            said_of(claim, appraisals.get(claim.appraisal_id or 0)),
            claim.verdict.certainty,
            [
                *claim_warnings(
                    claim.status, claim.verdict, claim.stale_since, why_unreviewed(claim.review_state)
                ),
                *(_about_retracted(retracted[claim.id]) for _ in [0] if claim.id in retracted),
            ],
        )
        for number in dict.fromkeys(numbers)
        if (claim := found.get(number)) is not None
    ]


_CLAIMS = select(Claim).where(Claim.id.in_(bindparam("numbers", expanding=True)), is_listed(Claim))
_APPRAISALS = select(Appraisal).where(Appraisal.id.in_(bindparam("numbers", expanding=True)))
_RETRACTED = (
    select(EvidenceItem.claim_id, func.count())
    .join(EvidenceItem.study)
    .where(
        EvidenceItem.claim_id.in_(bindparam("numbers", expanding=True)),
        or_(Study.standing.in_(TAKEN_BACK), Study.version_of.has(Study.standing.in_(TAKEN_BACK))),
        is_listed(EvidenceItem),
    )
    .group_by(EvidenceItem.claim_id)
)
_ITEMS_OF_STUDY = (
    select(EvidenceItem)
    .where(EvidenceItem.study_id == bindparam("study"), is_listed(EvidenceItem))
    .options(joinedload(EvidenceItem.study).joinedload(Study.version_of))
    .order_by(EvidenceItem.claim_id, EvidenceItem.id)
)


def _about_retracted(number: int) -> str:
    items = "1 evidence item is" if number == 1 else f"{number} evidence items are"
    return f"{items} from studies that were retracted or withdrawn, and not counted."


def _within(asked: int, most: int) -> int:
    if not 1 <= asked <= most:
        raise BadFilter(f"Ask for 1 to {most} at a time, not for {asked}.")
    return asked


def _by_number(claims: Iterable[ClaimInShort]) -> Iterable[tuple[int, ClaimInShort]]:
    return ((int(claim.claim_id.partition("-")[2]), claim) for claim in claims)


def _moves(session: Session, numbers: Sequence[int], since: datetime.datetime) -> dict[int, list[str]]:
    """Return how the appraisals from a moment on changed what the evidence says, newest first, by claim."""
    moved: dict[int, list[str]] = defaultdict(list)
    before: dict[int, Appraisal] = {}
    for appraisal in session.scalars(_APPRAISALS_OF, {"numbers": list(numbers)}):
        earlier = before.get(appraisal.claim_id)
        before[appraisal.claim_id] = appraisal
        if appraisal.appraised_at < since:
            continue
        before_it = "First appraised" if earlier is None else f"Appraised again; before, “{earlier.verdict}”"
        reason = cut(appraisal.override_reason or appraisal.conclusion_reason or appraisal.rationale)
        sentence = f"{before_it}: “{appraisal.verdict}” ({appraisal.public_id}). {reason or ''}".rstrip()
        moved[appraisal.claim_id].insert(0, f"{day(appraisal.appraised_at)}: {sentence}")
    return moved


_APPRAISALS_OF = (
    select(Appraisal)
    .where(
        Appraisal.claim_id.in_(bindparam("numbers", expanding=True)),
        Appraisal.stage != AppraisalStage.INDEPENDENT,
    )
    .order_by(Appraisal.id)
)


def _what(revisions: Sequence[Revision]) -> list[str]:
    """Return the changes of a claim and of what belongs to it, by day, as sentences; appraisals have their own."""
    found: dict[tuple[str, RecordType, Action], list[str]] = defaultdict(list)
    for one in revisions:
        if one.record_type is not RecordType.APPRAISAL:
            what = (day(one.changed_at), one.record_type, one.action)
            found[what].append(public_id(one.record_type, one.record_id))
    return [
        f"{on}: {kind.label} {names[0]} {action.label.lower()}"
        if len(names) == 1
        else f"{on}: {len(names)} {kind.label.lower()}s {action.label.lower()}"
        for (on, kind, action), names in found.items()
    ]


_versions = VERSIONS["studies"]
_taken_back_at = (
    select(func.max(_versions.c.valid_to))
    .where(
        _versions.c.id == Study.id,
        _versions.c.standing.not_in(TAKEN_BACK),
        _versions.c.review_state == ReviewState.ACCEPTED,
    )
    .correlate(Study)
    .scalar_subquery()
)
"""Until when a study counted; its retraction may have an earlier date, or none."""

_TAKEN_BACK = (
    select(Study)
    .where(
        Study.standing.in_(TAKEN_BACK),
        # Only for speed: this can be found by an index.
        Study.updated_at >= bindparam("since"),
        _taken_back_at >= bindparam("since"),
        is_listed(Study),
    )
    .order_by(_taken_back_at.desc(), Study.id.desc())
    .limit(bindparam("most"))
)


def _taken_back(session: Session, site: str, since: datetime.datetime, most: int) -> list[TakenBack]:
    """Return the studies that counted at `since` or later and do not any more, those of the last changes first."""
    studies = session.scalars(_TAKEN_BACK, {"since": since, "most": most}).all()
    numbers = {study.id for study in studies}
    claims: dict[int, set[int]] = defaultdict(set)
    linked = (
        select(EvidenceItem.claim_id, Study.id, Study.version_of_id)
        .join(EvidenceItem.study)
        .where(or_(Study.id.in_(numbers), Study.version_of_id.in_(numbers)), is_listed(EvidenceItem))
    )
    for claim_id, *reports in session.execute(linked) if studies else ():
        for number in numbers.intersection(reports):
            claims[number].add(claim_id)
    return [
        TakenBack(
            study.public_id,
            study.citation,
            f"{site}/studies/{study.public_id}",
            study_of(study).warning or "",
            study.standing_date.isoformat() if study.standing_date else None,
            [public_id(RecordType.CLAIM, number) for number in sorted(claims[study.id])],
        )
        for study in studies
    ]


def _find_study(session: Session, identifier: str) -> Study:
    found: Record | None = record_named(session, Study, identifier)
    if isinstance(found, Study):
        return found
    if identifier.strip().upper().startswith(f"{RecordType.STUDY.prefix}-"):
        return records.find(session, Study, identifier.strip().upper())
    raise NotFound(
        f"There is no study “{cut(identifier)}”. Give its identifier (STU-1), its DOI or its PubMed number."
    )
