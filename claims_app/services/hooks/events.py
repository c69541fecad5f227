"""What is announced: events, derived from the revisions that were committed, and the releases.

Only what readers can see is announced: claims that were accepted, that are no drafts, and that were not merged.
What waits for review and what was rejected leaves no event.
"""

import datetime
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from claims_app.models import Appraisal, Claim, EvidenceItem, Revision
from claims_app.models.versions import VERSIONS
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.identifiers import public_id
from claims_app.services.appraisal.levels import explanation_of
from claims_app.services.core.record_states import EDITS, State, differences, states_around
from claims_app.vocabulary import (
    Action,
    AppraisalStage,
    ClaimStatus,
    EvidenceLevel,
    HookEvent,
    LevelState,
    RecordType,
    ReviewState,
    Standing,
)

FORMAT = "1"
"""The version of the content. Within one, members are added, and none is changed or removed."""

ANNOUNCED = (RecordType.CLAIM, RecordType.APPRAISAL, RecordType.STUDY)
"""The kinds of records whose revisions may be events."""

_MOST_CLAIMS = 100
"""How many claims the event of a study names."""

_NOT_ASSESSED = Verdict(None, EvidenceLevel.NOT_ASSESSED)


@dataclass(frozen=True)
class Event:
    """Something to announce: its identifier, what it is, when and about what, and the content that is sent."""

    id: str
    event: HookEvent
    at: datetime.datetime
    subject: str
    content: Mapping[str, Any]

    @property
    def body(self) -> str:
        """What is sent: the content as JSON."""
        about = {"id": self.id, "type": self.event.value, "timestamp": _moment(self.at), "format": FORMAT}
        return json.dumps({**about, **self.content}, ensure_ascii=False, separators=(",", ":"))


def events_of(session: Session, revisions: Sequence[Revision], base_url: str) -> list[Event]:
    """Return what these revisions announce, in their order, with a constant number of queries for 200 of them."""
    by_type: dict[RecordType, list[Revision]] = defaultdict(list)
    for revision in revisions:
        by_type[revision.record_type].append(revision)
    found = [
        *_of_claims(session, by_type[RecordType.CLAIM], base_url),
        *_of_appraisals(session, by_type[RecordType.APPRAISAL], base_url),
        *_of_studies(session, by_type[RecordType.STUDY], base_url),
    ]
    places = {f"evt_{revision.id}": place for place, revision in enumerate(revisions)}
    return sorted(found, key=lambda event: places[event.id])


def release_event(version: str, at: datetime.datetime, base_url: str, about: Mapping[str, Any]) -> Event:
    """Return the event of a release that was published, with what there is to say `about` it."""
    release = {"version": version, "url": f"{base_url}/releases/{version}", **about}
    content = {
        "record": {"identifier": version, "version": version, "url": release["url"]},
        "release": release,
    }
    return Event(f"evt_release_{version}", HookEvent.RELEASE_PUBLISHED, at, version, content)


def ping_event(number: int, at: datetime.datetime, base_url: str) -> Event:
    """Return a test of the webhook `number`."""
    content = {"record": None, "message": f"A test of webhook {number} of {base_url}."}
    return Event(f"evt_ping_{number}_{int(at.timestamp() * 1000)}", HookEvent.PING, at, "", content)


# Claims


def _of_claims(session: Session, revisions: Sequence[Revision], base_url: str) -> list[Event]:
    around = states_around(session, revisions)
    was_shown = {number: (_is_public(then), _is_public(now)) for number, (then, now) in around.items()}
    shown = [revision for revision in revisions if any(was_shown[revision.id])]
    keys = {(revision.record_id, revision.version) for revision in shown if was_shown[revision.id][1]}
    claims = _claims_at(session, keys, base_url)
    found = []
    for revision in shown:
        then, now = around[revision.id]
        before, after = was_shown[revision.id]
        content: dict[str, Any] = {"record": _record(RecordType.CLAIM, revision, base_url)}
        if not after:
            event = HookEvent.CLAIM_DELETED
            content["reason"] = _why_gone(revision, now)
            if merged_into := now.get("merged_into_id"):
                content["merged_into"] = public_id(RecordType.CLAIM, merged_into)
        else:
            event = HookEvent.CLAIM_CHANGED if before else HookEvent.CLAIM_CREATED
            content["reason"] = _why_shown(revision, then)
            if before:
                content["fields"] = sorted(differences(Claim, then, now))
            content["claim"] = claims[revision.record_id, revision.version]
        found.append(_event(revision, event, content["record"]["identifier"], content))
    return found


def _is_public(claim: State) -> bool:
    """Return whether readers see a claim in this state as one that holds; there is none if it is empty."""
    return _is_accepted(claim) and claim.get("status") != ClaimStatus.DRAFT


def _is_accepted(state: State) -> bool:
    """Return whether there is a record in this state that was accepted and not merged."""
    accepted = state.get("review_state", ReviewState.ACCEPTED) == ReviewState.ACCEPTED
    return bool(state) and accepted and state.get("merged_into_id") is None


def _why_gone(revision: Revision, now: State) -> str:
    if revision.action in (Action.DELETE, Action.MERGE):
        return {Action.DELETE: "deleted", Action.MERGE: "merged"}[revision.action]
    return "draft" if now.get("status") == ClaimStatus.DRAFT else "not accepted"


def _why_shown(revision: Revision, then: State) -> str:
    if revision.action in (Action.CREATE, Action.RESTORE, Action.UNMERGE):
        return {Action.CREATE: "created", Action.RESTORE: "restored", Action.UNMERGE: "unmerged"}[
            revision.action
        ]
    if then.get("status") == ClaimStatus.DRAFT:
        return "published"
    return "changed" if _is_public(then) else "accepted"


def _claims_at(
    session: Session, keys: Collection[tuple[int, int]], base_url: str
) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what is said of claims at versions, with the level and the conclusion that they had last."""
    if not keys:
        return {}
    table = VERSIONS["claims"]
    columns = [table.c[name] for name in ("id", "version", *_SAID)]
    numbers = {number for number, _ in keys}
    rows = session.execute(select(*columns).where(table.c.id.in_(numbers)).order_by(table.c.valid_from))
    found = {}
    for row in rows:
        if (row.id, row.version) in keys:
            found[row.id, row.version] = _said(row, base_url)
    return found


_SAID = (
    "statement",
    "kind",
    "status",
    "evidence_level",
    "conclusion",
    "conclusion_derived",
    "appraisal_id",
    "stale_since",
)


def _said(claim: Any, base_url: str) -> dict[str, Any]:
    """Return the statement of a claim, and always with it what the evidence says and how certain that is."""
    state = LevelState.NOT_ASSESSED
    if claim.appraisal_id is not None:
        state = LevelState.CURRENT if claim.stale_since is None else LevelState.STALE
    verdict = Verdict(claim.conclusion, claim.evidence_level, claim.conclusion_derived)
    return {
        "statement": claim.statement,
        **_verdict(verdict),
        "level_state": state.value,
        "kind": claim.kind.value,
        "status": claim.status.value,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    conclusion = verdict.conclusion.value if verdict.conclusion else None
    in_words = f"{verdict} ({verdict.mark})" if verdict.mark else str(verdict)
    return {"evidence_level": verdict.level.value, "conclusion": conclusion, "in_words": in_words}


# Levels


def _of_appraisals(session: Session, revisions: Sequence[Revision], base_url: str) -> list[Event]:
    """Return the events of the appraisals that changed a level or a conclusion; independent ones of a round do not."""
    if not revisions:
        return []
    earlier, deciding = aliased(Appraisal), Appraisal.stage != AppraisalStage.INDEPENDENT
    before = (
        select(earlier.id)
        .where(earlier.claim_id == Appraisal.claim_id, earlier.id < Appraisal.id)
        .where(earlier.stage != AppraisalStage.INDEPENDENT)
        .order_by(earlier.id.desc())
        .limit(1)
        .correlate(Appraisal)
        .scalar_subquery()
    )
    wanted = {revision.record_id for revision in revisions}
    rows = session.execute(select(Appraisal, before).where(Appraisal.id.in_(wanted), deciding)).all()
    appraisals = {appraisal.id: appraisal for appraisal, _ in rows}
    previous = {appraisal.id: number for appraisal, number in rows if number is not None}
    older = session.scalars(select(Appraisal).where(Appraisal.id.in_(previous.values())))
    verdicts = {appraisal.id: appraisal.verdict for appraisal in older}
    claims = _public_claims(session, {appraisal.claim_id for appraisal in appraisals.values()})
    found = []
    for revision in revisions:
        appraisal = appraisals.get(revision.record_id)
        if appraisal is None or revision.action is not Action.CREATE or appraisal.claim_id not in claims:
            continue
        verdict_before = verdicts.get(previous.get(appraisal.id, 0), _NOT_ASSESSED)
        if appraisal.verdict != verdict_before:
            claim = claims[appraisal.claim_id]
            content = {
                "record": _record_of(RecordType.CLAIM, claim.id, claim.version, base_url),
                "claim": {**_said(claim, base_url), **_verdict(appraisal.verdict)},
                "level": {
                    "from": _verdict(verdict_before),
                    "to": _verdict(appraisal.verdict),
                    "why": explanation_of(appraisal),
                    "appraisal": public_id(RecordType.APPRAISAL, appraisal.id),
                },
            }
            subject = public_id(RecordType.CLAIM, claim.id)
            found.append(_event(revision, HookEvent.LEVEL_CHANGED, subject, content))
    return found


def _public_claims(session: Session, numbers: Collection[int]) -> dict[int, Claim]:
    """Return those of the claims that readers see now, by number."""
    return {claim.id: claim for claim in session.scalars(select(Claim).where(Claim.id.in_(numbers), *_SHOWN))}


_SHOWN = (
    Claim.review_state == ReviewState.ACCEPTED,
    Claim.status != ClaimStatus.DRAFT,
    Claim.merged_into_id.is_(None),
)


# Studies


def _of_studies(session: Session, revisions: Sequence[Revision], base_url: str) -> list[Event]:
    """Return the events of the studies that were counted before a revision, and are not counted since."""
    edits = [revision for revision in revisions if revision.action in EDITS]
    found = []
    for revision, (then, now) in zip(edits, _in_order(session, edits), strict=True):
        if _counts(then) and not _counts(now) and _is_accepted(now):
            content = {
                "record": _record(RecordType.STUDY, revision, base_url),
                "study": {
                    **{name: now.get(name) for name in ("title", "doi", "pmid")},
                    **{name: now.get(name) for name in ("standing", "standing_date", "standing_reason")},
                },
                "claims": _claims_on(session, revision.record_id),
            }
            subject = public_id(RecordType.STUDY, revision.record_id)
            found.append(_event(revision, HookEvent.STUDY_RETRACTED, subject, content))
    return found


def _counts(study: State) -> bool:
    return _is_accepted(study) and Standing.of(study.get("standing", Standing.CURRENT.value)).counts


def _in_order(session: Session, revisions: Sequence[Revision]) -> list[tuple[State, State]]:
    around = states_around(session, revisions)
    return [around[revision.id] for revision in revisions]


def _claims_on(session: Session, study: int) -> list[str]:
    """Return the identifiers of claims that count evidence of a study, or did until it was retracted."""
    linked = select(EvidenceItem.claim_id).where(
        EvidenceItem.study_id == study, EvidenceItem.review_state == ReviewState.ACCEPTED
    )
    some = select(Claim.id).where(Claim.id.in_(linked), *_SHOWN).order_by(Claim.id).limit(_MOST_CLAIMS)
    return [public_id(RecordType.CLAIM, number) for number in session.scalars(some)]


# All


def _event(revision: Revision, event: HookEvent, subject: str, content: Mapping[str, Any]) -> Event:
    # By the revision, so that an event that is derived again has the same identifier.
    return Event(f"evt_{revision.id}", event, revision.changed_at, subject, content)


def _record(record_type: RecordType, revision: Revision, base_url: str) -> dict[str, Any]:
    return _record_of(record_type, revision.record_id, revision.version, base_url)


def _record_of(record_type: RecordType, number: int, version: int, base_url: str) -> dict[str, Any]:
    name = public_id(record_type, number)
    return {"identifier": name, "version": version, "url": f"{base_url}/{record_type.section}/{name}"}


def _moment(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
