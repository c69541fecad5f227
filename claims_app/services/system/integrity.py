"""Checks the integrity of the data, beyond the constraints of the database."""

from collections.abc import Iterator
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased, selectinload, undefer

from claims_app.models import (
    LINKS,
    Appraisal,
    Claim,
    Merge,
    Study,
    StudyText,
)
from claims_app.models.levels import bodies_of, has_evidence, newest_appraisals
from claims_app.rules.appraisal.level import SCHEME_VERSION
from claims_app.rules.identifiers import public_id
from claims_app.rules.quotes import Quote
from claims_app.services.accounts import users
from claims_app.services.appraisal.appraisals import body_seen, recomputed
from claims_app.services.core.quotes import quoting, stored_texts
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import retractions
from claims_app.services.records.kinds import KINDS
from claims_app.services.records.studies import text_digest
from claims_app.services.system import history_checks
from claims_app.vocabulary import QuoteCheck

_AT_ONCE = 200


def problems(session: Session) -> Iterator[str]:
    """Yield a sentence for each problem with the data."""
    if session.get_bind().dialect.name == "sqlite":
        for line in session.scalars(text("PRAGMA integrity_check")):
            if line != "ok":
                yield f"SQLite: {line}"
        for table, row, *_ in session.execute(text("PRAGMA foreign_key_check")):
            yield f"Row {row} of {table} points to a record that does not exist."
    yield from _wrong_texts(session)
    yield from _wrong_quotes(session)
    yield from _wrong_appraisals(session)
    yield from _wrong_levels(session)
    yield from _wrong_merges(session)
    yield from history_checks.problems(session)


def warnings(session: Session) -> Iterator[str]:
    """Yield a sentence for each thing that an operator should know or change."""
    if not users.has_admin(session):
        yield "There is no admin yet. Create one with “claims user add NAME --role admin”."
    for affected in retractions.newly_retracted(session):
        listed = ", ".join(study.public_id for study in affected.studies)
        yield f"{affected.claim.public_id} is based on {listed}, retracted or withdrawn since its appraisal."
    if missing := study_matching.count_missing(session):
        yield f"{missing} studies cannot be found as duplicates. Run “claims db upgrade” again."


def _wrong_texts(session: Session) -> Iterator[str]:
    query = select(StudyText).options(undefer(StudyText.content)).where(StudyText.content.is_not(None))
    for stored in session.scalars(query.execution_options(yield_per=20)):
        if stored.content is not None and text_digest(stored.content) != stored.sha256:
            yield f"The text {stored.public_id} does not match its SHA-256."


def _wrong_quotes(session: Session) -> Iterator[str]:
    """Yield a sentence for each verified quote that is in no stored text of its study."""
    for study_id in session.scalars(
        select(StudyText.study_id).where(StudyText.content.is_not(None)).distinct()
    ).all():
        texts = stored_texts(session, study_id)
        for record, names in quoting(session, study_id):
            quote = Quote(
                getattr(record, names.exact), getattr(record, names.prefix), getattr(record, names.suffix)
            )
            if getattr(record, names.check) is QuoteCheck.VERIFIED and not any(quote.is_in(t) for t in texts):
                yield f"The quote of {record.public_id} is marked as verified, but is in no stored text of its study."


def _wrong_appraisals(session: Session) -> Iterator[str]:
    """Yield a sentence for each appraisal whose stored evidence does not lead to its level."""
    query = select(Appraisal).options(selectinload(Appraisal.seen)).order_by(Appraisal.id)
    for appraisal in session.scalars(query.execution_options(yield_per=200)):
        if body_seen(appraisal).digest() != appraisal.evidence_digest:
            yield f"The stored evidence of {appraisal.public_id} does not match its digest."
        elif appraisal.scheme_version == SCHEME_VERSION and recomputed(appraisal) != appraisal.computed_level:
            yield f"{appraisal.public_id} has another computed level than its stored domains lead to."


def _wrong_levels(session: Session) -> Iterator[str]:
    """Yield a sentence for each claim whose level or its state contradicts its newest appraisal or evidence."""
    claims = select(Claim).where(Claim.id.in_(select(Appraisal.claim_id))).order_by(Claim.id)
    for claims_at_once in session.scalars(claims).partitions(200):
        numbers = [claim.id for claim in claims_at_once]
        bodies = bodies_of(session, numbers)
        newest = {appraisal.claim_id: appraisal for appraisal in newest_appraisals(session, numbers)}
        for claim in claims_at_once:
            appraisal = newest.get(claim.id)
            if appraisal is None or not has_evidence(session, claim.id):
                continue
            if claim.appraisal_id != appraisal.id:
                yield f"{claim.public_id} does not have the level of its newest appraisal, {appraisal.public_id}."
            elif (claim.stale_since is None) != (bodies[claim.id].digest() == appraisal.evidence_digest):
                state = "current" if claim.stale_since is None else "stale"
                yield f"The level of {claim.public_id} is marked as {state}, but is not."


def _wrong_merges(session: Session) -> Iterator[str]:
    """Yield a sentence for each record that contradicts its merge, and for each record linked to a merged one."""
    mergeable = [cast(type[Claim | Study], kind.model) for kind in KINDS.values() if kind.is_mergeable]
    for model in mergeable:
        merges = {
            merge.merged_id: merge
            for merge in session.scalars(
                select(Merge).where(Merge.record_type == model.record_type, Merge.undone_at.is_(None))
            )
        }
        rows = session.execute(
            select(model.id, model.merged_into_id).where(model.merged_into_id.is_not(None))
        )
        merged = {number: kept_id for number, kept_id in rows}  # noqa: C416  # dict() has no types for rows
        for number in sorted(merges.keys() | merged.keys()):
            if number not in merges or merges[number].kept_id != merged.get(number):
                name = public_id(model.record_type, number)
                yield f"{name} and its merge disagree about the record that it was merged into."
    parents = {model.__tablename__: model for model in mergeable}
    for linked, link, target in LINKS:
        if target not in parents or link.may_stay:
            continue
        parent = aliased(parents[target])
        pairs = select(linked.id, parent.id).join(parent, getattr(linked, link.column) == parent.id)
        for number, on in session.execute(pairs.where(parent.merged_into_id.is_not(None))):
            name = public_id(parents[target].record_type, on)
            yield (
                f"{public_id(linked.record_type, number)} is linked to {name}, which was merged into another record."
            )
