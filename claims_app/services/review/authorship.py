"""Detects whether a user is an author of a study, to warn them when they curate or review it."""

from sqlalchemy.orm import Session

from claims_app.models import EvidenceItem, Limitation, Proposal, Record, Study, User
from claims_app.rules.overlap import author_key
from claims_app.vocabulary import RecordType


def is_author(user: User, study: Study) -> bool:
    """Return whether the authors of `study` include the name or the ORCID iD of `user`."""
    mine = author_key(user.full_name or "")._replace(orcid=user.orcid)
    return any(author_key(name).is_same(mine) for name in study.author_list)


def wrote(session: Session, user_id: int, record: Record) -> bool:
    """Return whether a user is an author of the study that `record` is, or is about."""
    user = session.get(User, user_id)
    study = _study_of(session, record)
    return user is not None and study is not None and is_author(user, study)


def _study_of(session: Session, record: Record) -> Study | None:
    """Return the study that `record` is, or is about; None if there is none."""
    match record:
        case Study():
            return record
        case EvidenceItem():
            return record.study
        case Limitation():
            return record.evidence.study if record.evidence else None
        case Proposal(target_type=RecordType.STUDY):
            return session.get(Study, record.target_id)
        case Proposal(target_type=RecordType.EVIDENCE):
            item = session.get(EvidenceItem, record.target_id)
            return item.study if item else None
    return None
