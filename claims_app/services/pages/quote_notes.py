"""What the pages say of quotes that were checked against a text that is not kept."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import moment_of
from claims_app.models import Claim, EvidenceItem, Limitation, QuoteVerification, Study
from claims_app.rules.quotes import Quote
from claims_app.rules.schemas import ORIGIN_QUOTE, OWN_QUOTE
from claims_app.services.core.many import one_of
from claims_app.services.core.quotes import VERIFIED, Quoting, quote_of, quoting
from claims_app.vocabulary import QuoteCheck, RecordType


@dataclass(frozen=True)
class QuoteNote:
    """When and against which text a quote was checked, and whether it was edited after that."""

    verification: QuoteVerification
    is_stale: bool


@dataclass(frozen=True)
class QuoteNotes:
    """The notes on the quotes of several records."""

    notes: Mapping[tuple[RecordType, int], QuoteNote] = field(default_factory=dict)

    def of(self, record: Quoting) -> QuoteNote | None:
        """Return the note on the quote of `record`, or None if it was never checked against a given text."""
        return self.notes.get((record.record_type, record.id))


@dataclass(frozen=True)
class QuotedWords:
    """A quote on a page, the study that it is from, and what is known of it."""

    record: Quoting
    study_id: int | None
    quote: Quote
    check: QuoteCheck | None
    note: QuoteNote | None = None

    def is_about(self, one: QuoteVerification) -> bool:
        """Whether this record was checked, with these or other words."""
        return (one.record_type, one.record_id) == (self.record.record_type, self.record.id)

    def has_words_of(self, one: QuoteVerification) -> bool:
        """Whether the same words of the same study were checked, for this or another record."""
        return one.quote_sha256 == self.quote.digest and (one.study_id == self.study_id or self.is_about(one))


def notes_of_claim(
    session: Session, claim: Claim, limitations: Sequence[Limitation], items: Sequence[EvidenceItem]
) -> QuoteNotes:
    """Return the notes on the quotes on the page of a claim: its own, and those of its limitations and evidence."""
    own: list[tuple[Quoting, int | None]] = [(claim, claim.origin_study_id)]
    own += [(one, claim.origin_study_id) for one in limitations]
    return _notes(session, _quoted([*own, *_of_items(items)]))


def notes_of_items(session: Session, items: Sequence[EvidenceItem]) -> QuoteNotes:
    """Return the notes on the quotes of evidence items and of their limitations."""
    return _notes(session, _quoted(_of_items(items)))


def _of_items(items: Sequence[EvidenceItem]) -> list[tuple[Quoting, int | None]]:
    quoting_items: list[tuple[Quoting, int | None]] = []
    for item in items:
        quoting_items += [(item, item.study_id), *((one, item.study_id) for one in item.limitations)]
    return quoting_items


def quotes_from(session: Session, study: Study, most: int) -> list[QuotedWords]:
    """Return the first quotes from `study`, up to `most` of claims, evidence and limitations each, with their notes."""
    shown = [
        QuotedWords(record, study.id, quote_of(record, names), getattr(record, names.check))
        for record, names in quoting(session, study.id, most)
    ]
    notes = _notes(session, shown)
    return [dataclasses.replace(one, note=notes.of(one.record)) for one in shown]


def _quoted(records: Iterable[tuple[Quoting, int | None]]) -> list[QuotedWords]:
    return [
        QuotedWords(record, study_id, quote_of(record, names), getattr(record, names.check))
        for record, study_id in records
        for names in [ORIGIN_QUOTE if isinstance(record, Claim) else OWN_QUOTE]
        if getattr(record, names.exact) is not None
    ]


def _notes(session: Session, shown: Sequence[QuotedWords]) -> QuoteNotes:
    """Return the notes in one query, or without a query if nothing is quoted."""
    if not shown:
        return QuoteNotes()
    query = (
        select(QuoteVerification)
        .where(or_(*_asked(session, shown)))
        .options(joinedload(QuoteVerification.checked_by))
        .order_by(QuoteVerification.checked_at.desc(), QuoteVerification.id.desc())
    )
    if (moment := moment_of(session)) is not None:
        query = query.where(QuoteVerification.checked_at <= moment)
    found = session.scalars(query).all()
    notes = {}
    for one in shown:
        is_stale = one.check not in VERIFIED
        about = one.is_about if is_stale else one.has_words_of
        if (newest := next(filter(about, found), None)) is not None:
            notes[one.record.record_type, one.record.id] = QuoteNote(newest, is_stale)
    return QuoteNotes(notes)


def _asked(session: Session, shown: Sequence[QuotedWords]) -> list[ColumnElement[bool]]:
    """Return the conditions for the same words of these studies, and for these records."""
    numbers: dict[RecordType, list[int]] = {}
    for one in shown:
        numbers.setdefault(one.record.record_type, []).append(one.record.id)
    return [
        and_(
            one_of(session, QuoteVerification.study_id, {one.study_id for one in shown if one.study_id}),
            one_of(session, QuoteVerification.quote_sha256, {one.quote.digest for one in shown}),
        ),
        *(
            and_(
                QuoteVerification.record_type == record_type,
                one_of(session, QuoteVerification.record_id, of_type),
            )
            for record_type, of_type in numbers.items()
        ),
    ]
