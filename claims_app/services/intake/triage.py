"""Deciding on the candidates in the inbox. Each decision is recorded permanently: who, when and why.

Every function takes the version of the candidate that the user was shown, and raises StaleVersion if another user
has changed it since.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Candidate, CandidateDecision, Claim, EvidenceItem, Study, User
from claims_app.permissions import Permission, permits
from claims_app.rules import schemas
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, Refused, StaleVersion
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import inbox
from claims_app.services.records import studies
from claims_app.vocabulary import CandidateAction, CandidateState, Role

_OPEN = (CandidateState.WAITING, CandidateState.LATER)


def open_one(session: WriteSession, number: int, version: int) -> Candidate:
    """Return an undecided candidate at `version`.

    Raises NotFound, NotAllowed, StaleVersion, and Refused if it has been decided on.
    """
    candidate = _at(session, number, version)
    if candidate.state not in _OPEN:
        raise Refused(
            f"This candidate has been decided on ({candidate.state.label.lower()}). Return it to the inbox first."
        )
    return candidate


def put_off(session: WriteSession, number: int, version: int) -> Candidate:
    """Postpone the decision on a candidate, and return it.

    Raises NotFound, NotAllowed, StaleVersion, and Refused if it has been decided on.
    """
    candidate = open_one(session, number, version)
    _decided(session, candidate, CandidateState.LATER)
    inbox.decide(session, candidate, CandidateAction.LATER)
    return candidate


def judge_not_relevant(
    session: WriteSession, number: int, version: int, raw: Mapping[str, object]
) -> Candidate:
    """Judge a candidate not relevant for the reason in `raw`, and return it. It will not be added again.

    Raises NotFound, NotAllowed, StaleVersion, Invalid, and Refused if it has been decided on.
    """
    candidate = open_one(session, number, version)
    reason = records.clean(schemas.NOT_RELEVANT, raw)["reason"]
    _decided(session, candidate, CandidateState.NOT_RELEVANT, reason)
    inbox.decide(session, candidate, CandidateAction.NOT_RELEVANT, reason=reason)
    return candidate


def hand_on(session: WriteSession, number: int, version: int, username: str) -> Candidate:
    """Assign a candidate to a curator, possibly oneself, and return it.

    Raises NotFound, NotAllowed, StaleVersion, Refused if it has been decided on, and Invalid if the user may not add
    records or has the candidate already.
    """
    candidate = open_one(session, number, version)
    user = session.scalar(select(User).where(User.username == username.strip().removeprefix("@")))
    if user is None or not user.is_active or not permits(user.role, Permission.CREATE):
        raise Invalid({"username": ["Choose a user who can add records: a curator, an editor or an admin."]})
    if candidate.assigned_to_id == user.id and candidate.state is CandidateState.WAITING:
        raise Invalid({"username": [f"Already assigned to {user.username}."]})
    candidate.assigned_to_id = user.id
    candidate.state = CandidateState.WAITING
    candidate.decided_at = candidate.decided_by_id = candidate.reason = None
    inbox.decide(session, candidate, CandidateAction.HANDED_ON, to_id=user.id)
    return candidate


def bring_back(session: WriteSession, number: int, version: int) -> Candidate:
    """Return a candidate to the inbox that was postponed or judged not relevant; its history keeps the decision.

    Raises NotFound, NotAllowed, StaleVersion, and Refused if it is waiting or has been added.
    """
    candidate = _at(session, number, version)
    if candidate.state not in (CandidateState.LATER, CandidateState.NOT_RELEVANT):
        raise Refused(
            "Only candidates that were postponed or judged not relevant can be returned to the inbox."
        )
    candidate.state = CandidateState.WAITING
    candidate.decided_at = candidate.decided_by_id = candidate.reason = None
    inbox.decide(session, candidate, CandidateAction.BROUGHT_BACK)
    return candidate


def choose_claim(session: WriteSession, number: int, version: int, claim: Claim) -> Study:
    """Return the study of a candidate, creating it if needed, so that evidence for `claim` can be added from it.

    The candidate stays in the inbox until that evidence is saved. Raises NotFound, NotAllowed, StaleVersion, Invalid,
    and Refused if it has been decided on or has only an identifier.
    """
    candidate = open_one(session, number, version)
    study = _study_of(session, candidate)
    candidate.study_id = study.id
    # Always a change, even if the study existed: other users who have the candidate open get StaleVersion.
    candidate.assigned_to_id = authorization.change_of(session).actor_id
    inbox.decide(session, candidate, CandidateAction.STUDY_MADE, claim_id=claim.id, study_id=study.id)
    return study


def take_as_study(session: WriteSession, number: int, version: int, same_as: str = "") -> Study:
    """Add a candidate as a study, without evidence, and return the study.

    `same_as` is the identifier of the study that it is, if a person has recognised it; then no study is added. Raises
    what `choose_claim` raises, and Gone and Merged.
    """
    candidate = open_one(session, number, version)
    if same_as:
        candidate.study_id = records.find(session, Study, same_as).id
    study = _study_of(session, candidate)
    candidate.study_id = study.id
    _decided(session, candidate, CandidateState.LINKED)
    inbox.decide(session, candidate, CandidateAction.TAKEN_AS_STUDY, study_id=study.id)
    return study


def evidence_saved(session: WriteSession, number: int, item: EvidenceItem) -> None:
    """Record that `item` is evidence from a candidate, even if another decision was made meanwhile.

    Does nothing if the candidate does not exist or is not the study of the evidence. Raises StaleVersion.
    """
    candidate = session.get(Candidate, number)
    if candidate is None or candidate.study_id is None:
        return
    study = records.look_up(session, Study, candidate.study_id)
    if study is None or study.id != item.study_id:
        return
    noted = select(CandidateDecision.id).where(
        CandidateDecision.candidate_id == number, CandidateDecision.evidence_id == item.id
    )
    if session.scalar(noted.limit(1)) is not None:
        return
    if candidate.state is not CandidateState.LINKED:
        _decided(session, candidate, CandidateState.LINKED)
    inbox.decide(
        session,
        candidate,
        CandidateAction.LINKED,
        claim_id=item.claim_id,
        study_id=study.id,
        evidence_id=item.id,
    )


def curators(session: Session) -> list[str]:
    """Return the usernames of those to whom a candidate can be assigned, sorted."""
    roles = [role for role in Role if permits(role, Permission.CREATE)]
    chosen = select(User.username).where(User.is_active, User.role.in_(roles)).order_by(User.username)
    return list(session.scalars(chosen))


def _at(session: WriteSession, number: int, version: int) -> Candidate:
    authorization.require(session, Permission.CREATE)
    candidate = inbox.find(session, number)
    if candidate.version != version:
        raise StaleVersion
    return candidate


def _decided(
    session: WriteSession, candidate: Candidate, state: CandidateState, reason: str | None = None
) -> None:
    candidate.state, candidate.reason = state, reason
    candidate.decided_at = session.changed_at
    candidate.decided_by_id = authorization.change_of(session).actor_id


def _study_of(session: WriteSession, candidate: Candidate) -> Study:
    """Return the study of a candidate, creating it if needed, and store the abstract to check quotes against.

    A study that has an identifier of the candidate, but another title, is another one. It keeps the identifier, and
    the new study is created without it.
    """
    study = None
    if candidate.study_id is not None:
        study = records.look_up(session, Study, candidate.study_id)
    study = study or study_matching.identified(session, candidate.content)
    if study is None:
        if not candidate.is_complete:
            raise Refused("Only the identifier is known so far. Complete it first, or add the study by hand.")
        taken = studies.known_identifiers(session, candidate.content)
        content = {name: value for name, value in candidate.content.items() if name not in taken}
        study = studies.create_study(session, {**studies.DEFAULT_VALUES, **content}, duplicate_is_meant=True)
    studies.keep_abstract(session, study, candidate.abstract)
    return study
