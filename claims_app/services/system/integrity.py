"""Checks the integrity of the data, beyond the constraints of the database.

Every check takes a constant number of statements for each part of its rows, however much there is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Select, Table, and_, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, selectinload, undefer

from claims_app.models import (
    LINKS,
    Appraisal,
    Claim,
    EvidenceItem,
    Limitation,
    Merge,
    Record,
    Study,
    StudyText,
)
from claims_app.models.levels import bodies_of, newest_appraisals
from claims_app.rules.appraisal.conclusion import propose
from claims_app.rules.appraisal.level import SCHEME_VERSION
from claims_app.rules.identifiers import public_id
from claims_app.rules.schemas import ORIGIN_QUOTE, OWN_QUOTE, QuoteFields
from claims_app.services.accounts import users
from claims_app.services.appraisal.appraisals import body_seen, recomputed
from claims_app.services.core.quotes import VERIFIED, KnownTexts, Quoting, known_texts, quote_of
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import retractions
from claims_app.services.records.kinds import KINDS
from claims_app.services.records.studies import text_digest
from claims_app.services.system import checking, history_checks, pair_checks, search_checks, summary_checks
from claims_app.services.system.checking import Check, Part
from claims_app.vocabulary import QuoteCheck, ReviewState

_TEXTS_AT_ONCE = 20
"""How many stored texts are read at once; each may have some megabytes."""


def checks(session: Session) -> list[Check]:
    """Return the checks for the kind of database that `session` reads."""
    of_file = [_FILE] if session.get_bind().dialect.name == "sqlite" else []
    of_records = [
        Check("stored texts", _size(_texts()), _wrong_texts),
        *(Check(f"quotes of {label}", _size(query), _quotes(query)) for label, query in _QUOTES.items()),
        Check("appraisals", _size(select(Appraisal)), _wrong_appraisals),
        Check("evidence levels", _size(_with_level()), _wrong_levels),
        *(_merges(model) for model in _mergeable()),
        *_links_to_merged(),
        summary_checks.CHECK,
        pair_checks.CHECK,
        search_checks.CHECK,
    ]
    return [*of_file, *of_records, *history_checks.checks()]


def problems(session: Session) -> Iterator[str]:
    """Yield a sentence for each problem with the data. The session forgets the records that it has read."""
    for check in checks(session):
        for part in check.parts(session):
            yield from part.problems


def warnings(session: Session) -> Iterator[str]:
    """Yield a sentence for each thing that an operator should know or change."""
    if not users.has_admin(session):
        yield "There is no admin yet. Create one with “claims user add NAME --role admin”."
    for affected in retractions.newly_retracted(session):
        listed = ", ".join(study.public_id for study in affected.studies)
        yield f"{affected.claim.public_id} is based on {listed}, retracted or withdrawn since its appraisal."
    if missing := study_matching.count_missing(session):
        yield f"{missing} studies cannot be found as duplicates. Run “claims db upgrade” again."


def _size(query: Select[Any]) -> Callable[[Session], int]:
    return lambda session: session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _wrong_file(session: Session) -> Iterator[Part]:
    """Find what SQLite itself finds wrong with its file."""
    for line in session.scalars(text("PRAGMA integrity_check")):
        if line != "ok":
            yield Part(0, [f"SQLite: {line}"])
    for table, row, *_ in session.execute(text("PRAGMA foreign_key_check")):
        yield Part(0, [f"Row {row} of {table} points to a record that does not exist."])
    yield Part(1)


_FILE = Check("the database file", lambda _session: 1, _wrong_file)


def _texts() -> Select[StudyText]:
    return select(StudyText).where(StudyText.content.is_not(None))


def _wrong_texts(session: Session) -> Iterator[Part]:
    """Find stored texts that do not match their digest."""
    query = _texts().options(undefer(StudyText.content))
    for page in checking.pages(session, query, StudyText.id, _TEXTS_AT_ONCE):
        yield Part(
            len(page),
            [
                f"The text {stored.public_id} does not match its SHA-256."
                for stored in page
                if stored.content is not None and text_digest(stored.content) != stored.sha256
            ],
        )


_QUOTES: Mapping[str, Select[Any]] = {
    "claims": select(Claim).where(Claim.origin_quote_check.in_(VERIFIED)),
    "evidence": select(EvidenceItem).where(EvidenceItem.quote_check.in_(VERIFIED)),
    "limitations": select(Limitation)
    .where(Limitation.quote_check.in_(VERIFIED))
    .options(selectinload(Limitation.claim), selectinload(Limitation.evidence)),
}
"""The records with verified quotes."""


def _quotes(query: Select[Any]) -> Callable[[Session], Iterator[Part]]:
    """Return the function that finds verified quotes of `query` that were found in no text of their study."""
    model: type[Record] = query.column_descriptions[0]["entity"]

    def parts(session: Session) -> Iterator[Part]:
        for page in checking.pages(session, query, cast(Any, model.id), _TEXTS_AT_ONCE):
            texts = known_texts(session, {_quoted_study(record) for record in page})
            yield Part(
                len(page),
                [
                    f"The quote of {record.public_id} is marked as verified, but was found in no text of its study."
                    for record in page
                    if not _is_verified(record, texts)
                ],
            )

    return parts


def _quoted_study(record: Quoting) -> int | None:
    """Return the number of the study that `record` quotes; None if what it belongs to is lost."""
    of = (record.claim or record.evidence) if isinstance(record, Limitation) else record
    if of is None:
        return None
    return of.origin_study_id if isinstance(of, Claim) else of.study_id


def _is_verified(record: Quoting, texts: KnownTexts) -> bool:
    names: QuoteFields = ORIGIN_QUOTE if isinstance(record, Claim) else OWN_QUOTE
    check, _ = texts.compare(_quoted_study(record), quote_of(record, names))
    return check is QuoteCheck.VERIFIED or check is getattr(record, names.check)


def _wrong_appraisals(session: Session) -> Iterator[Part]:
    """Find appraisals whose stored evidence does not lead to their level."""
    query = select(Appraisal).options(selectinload(Appraisal.seen))
    for page in checking.pages(session, query, Appraisal.id):
        found = []
        for appraisal in page:
            if body_seen(appraisal).digest() != appraisal.evidence_digest:
                found.append(f"The stored evidence of {appraisal.public_id} does not match its digest.")
            elif (
                appraisal.scheme_version == SCHEME_VERSION
                and recomputed(appraisal) != appraisal.computed_level
            ):
                found.append(
                    f"{appraisal.public_id} has another computed level than its stored domains lead to."
                )
            elif (
                appraisal.scheme_version == SCHEME_VERSION
                and propose(body_seen(appraisal).balance) != appraisal.proposed_conclusion
            ):
                found.append(
                    f"{appraisal.public_id} has another proposed conclusion than its stored evidence leads to."
                )
        yield Part(len(page), found)


def _with_level() -> Select[Claim]:
    """Return the query for the claims that have a level, or could have one."""
    appraised = select(Appraisal.claim_id).distinct()
    return select(Claim).where(or_(Claim.appraisal_id.is_not(None), Claim.id.in_(appraised)))


def _wrong_levels(session: Session) -> Iterator[Part]:
    """Find claims whose level or its state contradicts their newest appraisal or their evidence."""
    for page in checking.pages(session, _with_level(), Claim.id):
        yield Part(len(page), list(wrong_levels(session, page)))


def wrong_levels(session: Session, claims: Sequence[Claim]) -> Iterator[str]:
    """Yield a sentence for each of the claims whose level is not what its appraisals and evidence lead to."""
    numbers = [claim.id for claim in claims]
    accepted = select(EvidenceItem.claim_id).where(
        EvidenceItem.claim_id.in_(numbers), EvidenceItem.review_state == ReviewState.ACCEPTED
    )
    with_evidence = set(session.scalars(accepted.distinct()))
    bodies = bodies_of(session, numbers)
    newest = {appraisal.claim_id: appraisal for appraisal in newest_appraisals(session, numbers)}
    for claim in claims:
        appraisal = newest.get(claim.id)
        if appraisal is None or claim.id not in with_evidence:
            if claim.appraisal_id is not None:
                yield f"{claim.public_id} has a level, but no {'evidence' if appraisal else 'appraisal'}."
        elif claim.appraisal_id != appraisal.id or claim.verdict != appraisal.verdict:
            yield f"{claim.public_id} does not have the level of its newest appraisal, {appraisal.public_id}."
        elif (claim.stale_since is None) != (bodies[claim.id].digest() == appraisal.evidence_digest):
            state = "current" if claim.stale_since is None else "stale"
            yield f"The level of {claim.public_id} is marked as {state}, but is not."


def _mergeable() -> list[type[Claim] | type[Study]]:
    return [cast(type[Claim] | type[Study], kind.model) for kind in KINDS.values() if kind.is_mergeable]


def _merges(model: type[Claim] | type[Study]) -> Check:
    """Return the check that records and their merges agree."""
    present = and_(Merge.record_type == model.record_type, Merge.undone_at.is_(None))
    differs = Merge.kept_id.is_distinct_from(model.merged_into_id)
    of_records = (
        select(model.id)
        .outerjoin(Merge, and_(present, Merge.merged_id == model.id))
        .where(or_(model.merged_into_id.is_not(None), Merge.id.is_not(None)), differs)
    )
    of_merges = select(Merge.merged_id).where(present, Merge.merged_id.not_in(select(model.id)))

    def describe(row: Any) -> Iterator[str]:
        name = public_id(model.record_type, row[0])
        yield f"{name} and its merge disagree about the record that it was merged into."

    return checking.by_query(
        f"merges of {model.record_type.section}",
        cast(Table, model.__table__),
        lambda: iter([(of_records.order_by(model.id), describe), (of_merges, describe)]),
    )


def _links_to_merged() -> Iterator[Check]:
    """Yield the checks that no record is linked to one that was merged into another."""
    parents = {model.__tablename__: model for model in _mergeable()}
    for linked, link, target in LINKS:
        if target in parents and not link.may_stay:
            yield _links(linked, getattr(linked, link.column), parents[target])


def _links(
    linked: type[Record], column: InstrumentedAttribute[int | None], parent: type[Claim] | type[Study]
) -> Check:
    merged = aliased(parent)
    pairs = (
        select(linked.id, merged.id)
        .join(merged, column == merged.id)
        .where(merged.merged_into_id.is_not(None))
        .order_by(linked.id)
    )

    def describe(row: Any) -> Iterator[str]:
        name, on = public_id(linked.record_type, row[0]), public_id(parent.record_type, row[1])
        yield f"{name} is linked to {on}, which was merged into another record."

    label = f"links of {linked.record_type.section} to {parent.record_type.section}"
    return checking.by_query(label, cast(Table, linked.__table__), lambda: iter([(pairs, describe)]))
