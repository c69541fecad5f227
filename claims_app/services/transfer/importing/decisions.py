"""Remembers what was decided on the records of files, so that the same record is not asked about again."""

import hashlib
import json
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import DecidedReference, Study
from claims_app.rules.text import one_line
from claims_app.services.core import authorization
from claims_app.services.core.many import one_of
from claims_app.vocabulary import ReferenceDecision


def digest_of(values: Mapping[str, object], abstract: str) -> str:
    """Return what identifies a record of a file: a SHA-256 of its values, which are cleaned, and its abstract."""
    content = {name: _plain(value) for name, value in values.items() if value not in (None, "", [], ())}
    text = json.dumps([content, one_line(abstract)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_all(session: Session, digests: Collection[str]) -> dict[str, DecidedReference]:
    """Return what was decided on the records with these digests, by digest."""
    known = select(DecidedReference).where(one_of(session, DecidedReference.digest, digests))
    found = session.scalars(known.options(joinedload(DecidedReference.decided_by)))
    return {decided.digest: decided for decided in found}


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


def remember_added(session: WriteSession, added: Mapping[str, Study]) -> None:
    """Record that the records with these digests were added as studies, in place of earlier decisions, all at once.

    Raises IntegrityError if another transaction imported one of them at the same moment.
    """
    known = find_all(session, added.keys())
    for digest, study in added.items():
        decided = known.get(digest) or DecidedReference(digest=digest)
        decided.decision, decided.study_id = ReferenceDecision.ADDED, study.id
        decided.decided_by_id = authorization.change_of(session).actor_id
        decided.decided_at = session.changed_at
        session.add(decided)
    session.flush()


def _plain(value: object) -> object:
    return [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
