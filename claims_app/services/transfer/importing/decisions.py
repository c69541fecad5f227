"""Remembers what was decided on the records of files, so that the same record is not asked about again."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
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
    _remember(session, decision, {digest: None if study is None else study.id})


def remember_added(session: WriteSession, added: Mapping[str, Study]) -> None:
    """Record that the records with these digests were added as studies, in place of earlier decisions, all at once."""
    _remember(session, ReferenceDecision.ADDED, {digest: study.id for digest, study in added.items()})


def remember_skipped(session: WriteSession, digests: Iterable[str]) -> None:
    """Record that a person has left out the records with these digests, in place of earlier decisions, all at once."""
    _remember(session, ReferenceDecision.SKIPPED, dict.fromkeys(digests))


def _remember(session: WriteSession, decision: ReferenceDecision, studies: Mapping[str, int | None]) -> None:
    rows = [
        {
            "digest": digest,
            "decision": decision,
            "study_id": study_id,
            "decided_by_id": authorization.change_of(session).actor_id,
            "decided_at": session.changed_at,
        }
        for digest, study_id in sorted(studies.items())
    ]
    if rows:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        insert = (sqlite.insert if is_sqlite else postgresql.insert)(DecidedReference)
        changes = {name: insert.excluded[name] for name in rows[0] if name != "digest"}
        session.execute(insert.on_conflict_do_update(index_elements=["digest"], set_=changes), rows)


def _plain(value: object) -> object:
    return [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
