"""Remembers what was decided on the records of files, so that the same record is not asked about again."""

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import DecidedReference, Study
from claims_app.rules.text import one_line
from claims_app.services.core import authorization
from claims_app.vocabulary import ReferenceDecision


def digest_of(values: Mapping[str, object], abstract: str) -> str:
    """Return what identifies a record of a file: a SHA-256 of its values, which are cleaned, and its abstract."""
    content = {name: _plain(value) for name, value in values.items() if value not in (None, "", [], ())}
    text = json.dumps([content, one_line(abstract)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find(session: Session, digest: str) -> DecidedReference | None:
    """Return what was decided on the record with this digest, or None."""
    known = select(DecidedReference).where(DecidedReference.digest == digest)
    return session.scalar(known.options(joinedload(DecidedReference.decided_by)))


def remember(session: WriteSession, digest: str, decision: ReferenceDecision, study: Study | None) -> None:
    """Record a decision on a record of a file, in place of an earlier one."""
    values = {
        "decision": decision,
        "study_id": None if study is None else study.id,
        "decided_by_id": authorization.change_of(session).actor_id,
        "decided_at": session.changed_at,
    }
    known = session.get(DecidedReference, digest)
    if known is None:
        try:
            with session.begin_nested():
                session.add(DecidedReference(digest=digest, **values))
            return
        except IntegrityError:
            # Another transaction imported the same record at the same moment.
            known = session.get_one(DecidedReference, digest)
    for name, value in values.items():
        setattr(known, name, value)
    session.flush()


def _plain(value: object) -> object:
    return [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
