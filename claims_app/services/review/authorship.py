"""Detects whether a user is an author of a study, to warn them when they curate or review it."""

from sqlalchemy.orm import Session

from claims_app.models import RECORD_MODELS, Proposal, Record, Study, User
from claims_app.models.revision import study_of
from claims_app.rules.overlap import author_key


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
    target: Record | None = record
    if isinstance(record, Proposal):
        target = session.get(RECORD_MODELS[record.target_type], record.target_id)
    number = None if target is None else study_of(session, target)
    return None if number is None else session.get(Study, number)
