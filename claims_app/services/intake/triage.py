"""Deciding on what waits in the inbox. Each decision says who, when and why, and stays.

Each takes the version that was looked at: of two people at once the second is told.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import changed_at
from claims_app.models import Candidate, CandidateDecision, Claim, EvidenceItem, Study, User
from claims_app.permissions import Permission, permits
from claims_app.rules import records as schemas
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, Refused, StaleVersion
from claims_app.services.intake import inbox
from claims_app.services.records import studies
from claims_app.vocabulary import CandidateAction, CandidateState, Role

_OPEN = (CandidateState.WAITING, CandidateState.LATER)


def open_one(session: Session, number: int, version: int) -> Candidate:
    """Return a candidate that nobody has decided on, as it was at `version`.

    Raises NotFound, NotAllowed, StaleVersion, and Refused if it is decided.
    """
    candidate = _at(session, number, version)
    if candidate.state not in _OPEN:
        raise Refused(f"It is decided already: {candidate.state.label.lower()}. Bring it back first.")
    return candidate


def put_off(session: Session, number: int, version: int) -> Candidate:
    """Put a candidate off until later. Raises NotFound, NotAllowed, StaleVersion, and Refused if it is decided."""
    candidate = open_one(session, number, version)
    _decided(session, candidate, CandidateState.LATER)
    inbox.decide(session, candidate, CandidateAction.LATER)
    return candidate


def judge_not_relevant(session: Session, number: int, version: int, raw: Mapping[str, object]) -> Candidate:
    """Judge a candidate not relevant, for a reason that keeps it from coming back.

    Raises NotFound, NotAllowed, StaleVersion, Invalid, and Refused if it is decided.
    """
    candidate = open_one(session, number, version)
    reason = records.clean(schemas.NOT_RELEVANT, raw)["reason"]
    _decided(session, candidate, CandidateState.NOT_RELEVANT, reason)
    inbox.decide(session, candidate, CandidateAction.NOT_RELEVANT, reason=reason)
    return candidate


def hand_on(session: Session, number: int, version: int, username: str) -> Candidate:
    """Give a candidate to somebody else to decide on, or to oneself.

    Raises NotFound, NotAllowed, StaleVersion, Refused if it is decided, and Invalid for somebody who cannot.
    """
    candidate = open_one(session, number, version)
    user = session.scalar(select(User).where(User.username == username.strip().removeprefix("@")))
    if user is None or not user.is_active or not permits(user.role, Permission.CREATE):
        raise Invalid(
            {"username": ["Choose somebody who may add records: a curator, an editor or an admin."]}
        )
    if candidate.assigned_to_id == user.id and candidate.state is CandidateState.WAITING:
        raise Invalid({"username": [f"It is with {user.username} already."]})
    candidate.assigned_to_id = user.id
    candidate.state = CandidateState.WAITING
    candidate.decided_at = candidate.decided_by_id = candidate.reason = None
    inbox.decide(session, candidate, CandidateAction.HANDED_ON, to_id=user.id)
    return candidate


def bring_back(session: Session, number: int, version: int) -> Candidate:
    """Let a candidate wait again that was put off or judged not relevant; what was decided stays in its history.

    Raises NotFound, NotAllowed, StaleVersion, and Refused if it waits, or was taken.
    """
    candidate = _at(session, number, version)
    if candidate.state not in (CandidateState.LATER, CandidateState.NOT_RELEVANT):
        raise Refused("Only what was put off or judged not relevant is brought back.")
    candidate.state = CandidateState.WAITING
    candidate.decided_at = candidate.decided_by_id = candidate.reason = None
    inbox.decide(session, candidate, CandidateAction.BROUGHT_BACK)
    return candidate


def choose_claim(session: Session, number: int, version: int, claim: Claim) -> Study:
    """Return the study of a candidate, to take evidence for `claim` from; it is made if it is not there.

    The candidate waits on until that evidence is saved. Raises NotFound, NotAllowed, StaleVersion, Invalid, and
    Refused if it is decided.
    """
    candidate = open_one(session, number, version)
    study = _study_of(session, candidate)
    candidate.study_id = study.id
    # Whoever looks at it meanwhile is told, even where the study was there before.
    candidate.assigned_to_id = authorization.change_of(session).actor_id
    inbox.decide(session, candidate, CandidateAction.STUDY_MADE, claim_id=claim.id, study_id=study.id)
    return study


def take_as_study(session: Session, number: int, version: int) -> Study:
    """Make a study of a candidate, and no evidence. Raises what `choose_claim` raises."""
    candidate = open_one(session, number, version)
    study = _study_of(session, candidate)
    candidate.study_id = study.id
    _decided(session, candidate, CandidateState.LINKED)
    inbox.decide(session, candidate, CandidateAction.TAKEN_AS_STUDY, study_id=study.id)
    return study


def evidence_saved(session: Session, number: int, item: EvidenceItem) -> None:
    """Note that `item` was taken from a candidate, whatever was decided meanwhile: the evidence stands.

    Nothing happens for a candidate that is not there, or is not the study of the evidence. Raises StaleVersion.
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
    """Return the names of those whom a candidate can be given to."""
    roles = [role for role in Role if permits(role, Permission.CREATE)]
    chosen = select(User.username).where(User.is_active, User.role.in_(roles)).order_by(User.username)
    return list(session.scalars(chosen))


def _at(session: Session, number: int, version: int) -> Candidate:
    authorization.require(session, Permission.CREATE)
    candidate = inbox.find(session, number)
    if candidate.version != version:
        raise StaleVersion
    return candidate


def _decided(
    session: Session, candidate: Candidate, state: CandidateState, reason: str | None = None
) -> None:
    candidate.state, candidate.reason = state, reason
    candidate.decided_at = changed_at(session)
    candidate.decided_by_id = authorization.change_of(session).actor_id


def _study_of(session: Session, candidate: Candidate) -> Study:
    """Return the study that the candidate is; make it, with its abstract to check quotes against, if it is new."""
    study = None
    if candidate.study_id is not None:
        study = records.look_up(session, Study, candidate.study_id)
    study = study or studies.study_with(session, candidate.content)
    if study is None:
        if not candidate.is_complete:
            raise Refused("Only its identifier is known so far. Complete it first, or add the study by hand.")
        study = studies.create_study(session, {**studies.USUAL, **candidate.content})
    studies.keep_abstract(session, study, candidate.abstract)
    return study
