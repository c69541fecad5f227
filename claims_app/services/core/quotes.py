"""Checks quotes against the stored texts of their study, and against what was found in texts that are not kept."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager

from claims_app.models import Claim, EvidenceItem, Limitation, QuoteVerification, Study, StudyText
from claims_app.rules.extraction import sentences
from claims_app.rules.quotes import Quote, near_match, nearest, with_context
from claims_app.rules.schemas import ORIGIN_QUOTE, OWN_QUOTE, QuoteFields
from claims_app.services.core.errors import Invalid
from claims_app.services.core.many import one_of
from claims_app.vocabulary import QuoteCheck

Quoting = Claim | EvidenceItem | Limitation
"""A record with a quote."""

VERIFIED = (QuoteCheck.VERIFIED, QuoteCheck.TYPOGRAPHY)


@dataclass(frozen=True)
class KnownTexts:
    """What quotes can be checked with: the stored texts of studies, and the quotes found in texts that are not kept."""

    stored: Mapping[int | None, Sequence[str]] = field(default_factory=dict)
    found: Mapping[int | None, Mapping[str, QuoteCheck]] = field(default_factory=dict)
    """For each study the digests of these quotes, with how they were found."""

    def compare(self, study_id: int | None, quote: Quote) -> tuple[QuoteCheck, str | None]:
        """Return the result of checking `quote`, and the stored text that has it, if one does.

        What a reader sees decides, but that the text has other characters is part of the result.
        """
        texts = self.stored.get(study_id, ())
        for text in texts:
            if quote.is_in(text):
                return QuoteCheck.VERIFIED, text
        for text in texts:
            if quote.looks_as_in(text):
                return QuoteCheck.TYPOGRAPHY, text
        if (found := self.found.get(study_id, {}).get(quote.digest)) is not None:
            return found, None
        return QuoteCheck.NOT_FOUND if texts else QuoteCheck.TEXT_UNAVAILABLE, None


def known_texts(
    session: Session, study_ids: Collection[int | None], *, of: Quote | None = None
) -> KnownTexts:
    """Return what the quotes of these studies, or only the quote `of`, can be checked with, in two queries."""
    numbers = {number for number in study_ids if number is not None}
    if not numbers:
        return KnownTexts()
    asked = [QuoteVerification.quote_sha256 == of.digest] if of is not None else []
    return KnownTexts(stored_texts_of(session, numbers), _found(session, numbers, *asked))


def _found(
    session: Session, numbers: Collection[int], *conditions: ColumnElement[bool]
) -> dict[int | None, dict[str, QuoteCheck]]:
    """Return the quotes of these studies that were found in texts that are not kept.

    What was found for a study still holds after it was merged into another one.
    """
    found: dict[int | None, dict[str, QuoteCheck]] = defaultdict(dict)
    merged = select(Study.id).where(one_of(session, Study.merged_into_id, numbers))
    of_studies = or_(
        one_of(session, QuoteVerification.study_id, numbers), QuoteVerification.study_id.in_(merged)
    )
    rows = (
        select(
            QuoteVerification.study_id,
            Study.merged_into_id,
            QuoteVerification.quote_sha256,
            QuoteVerification.outcome,
        )
        .join(QuoteVerification.study)
        .where(of_studies, *conditions)
    )
    for study_id, merged_into, digest, outcome in session.execute(rows):
        for number in (study_id, merged_into):
            if found[number].get(digest) is not QuoteCheck.VERIFIED:
                found[number][digest] = outcome
    return found


def stored_texts_of(session: Session, study_ids: Collection[int | None]) -> dict[int | None, list[str]]:
    """Return the stored texts of each of these studies, in one query; other studies have none."""
    texts: dict[int | None, list[str]] = defaultdict(list)
    numbers = {number for number in study_ids if number is not None}
    rows = select(StudyText.study_id, StudyText.content).where(
        one_of(session, StudyText.study_id, numbers), StudyText.content.is_not(None)
    )
    for study_id, content in session.execute(rows.order_by(StudyText.id)):
        texts[study_id].append(content or "")
    return texts


def check_quote(
    session: Session,
    study_id: int | None,
    values: dict[str, Any],
    names: QuoteFields,
    record: Quoting | None = None,
    texts: KnownTexts | None = None,
) -> None:
    """Check the quote in `values`; add the result, and the surrounding words if they are missing.

    `texts` is what the quotes of several studies are checked with, if it was read before (`known_texts`).
    `record` is the edited record if its study stays the same: its unchanged quote may be missing from texts that
    were attached later, so that other fields can still be edited. Raises Invalid for any other quote that is in
    none of the study's stored texts.
    """
    exact = values[names.exact]
    if exact is None:
        values[names.check] = None
        return
    quote = Quote(exact, values[names.prefix], values[names.suffix])
    if texts is None:
        texts = known_texts(session, {study_id}, of=quote)
    check, text = texts.compare(study_id, quote)
    if text is not None:
        quote = with_context(quote, text)
        values[names.prefix], values[names.suffix] = quote.prefix, quote.suffix
    if check is not QuoteCheck.NOT_FOUND or (
        record is not None
        and getattr(record, names.check) is QuoteCheck.NOT_FOUND
        and quote == quote_of(record, names)
    ):
        values[names.check] = check
        return
    stored = list(texts.stored.get(study_id, ()))
    if any(Quote(exact).looks_as_in(text) for text in stored):
        raise Invalid(
            {
                names.prefix: [
                    "The quote is in the text, but not between these words. Correct them or leave both empty."
                ]
            }
        )
    raise Invalid(
        {names.exact: [f"The stored text does not contain these exact words. {_hint(exact, stored)}"]}
    )


def quote_of(record: Quoting, names: QuoteFields) -> Quote:
    """Return the quote of a record that has one."""
    return Quote(getattr(record, names.exact), getattr(record, names.prefix), getattr(record, names.suffix))


def _hint(exact: str, texts: list[str]) -> str:
    """Return a sentence with the most similar passage."""
    for text in texts:
        if (near := near_match(exact, text)) is not None:
            return f"The text reads: “{near}”"
    cut = (text[start:end] for text in texts for start, end in sentences(text))
    if (near := nearest(exact, cut)) is not None:
        return f"The nearest sentence is: “{near}”"
    return "Copy the quote from the text."


def recheck(session: Session, study_id: int) -> None:
    """Check all quotes from a study again after its texts changed."""
    texts = known_texts(session, {study_id})
    for record, names in quoting(session, study_id):
        _set_check(record, names, texts, study_id)


def recheck_limitations(session: Session, claim: Claim) -> None:
    """Check the quotes of a claim's limitations again after its origin changed."""
    texts = known_texts(session, {claim.origin_study_id})
    quoted = select(Limitation).where(Limitation.claim_id == claim.id, Limitation.quote.is_not(None))
    for limitation in session.scalars(quoted):
        _set_check(limitation, OWN_QUOTE, texts, claim.origin_study_id)


def _set_check(record: Quoting, names: QuoteFields, texts: KnownTexts, study_id: int | None) -> None:
    check, _ = texts.compare(study_id, quote_of(record, names))
    if getattr(record, names.check) is not check:
        setattr(record, names.check, check)


def quoting(
    session: Session, study_id: int, limit: int | None = None
) -> Iterator[tuple[Quoting, QuoteFields]]:
    """Yield every record with a quote from the study, or up to `limit` of each kind, and the names of its fields."""
    for claim in session.scalars(
        select(Claim)
        .where(Claim.origin_study_id == study_id, Claim.origin_quote.is_not(None))
        .order_by(Claim.id)
        .limit(limit)
    ):
        yield claim, ORIGIN_QUOTE
    for item in session.scalars(
        select(EvidenceItem)
        .where(EvidenceItem.study_id == study_id, EvidenceItem.quote.is_not(None))
        .order_by(EvidenceItem.id)
        .limit(limit)
    ):
        yield item, OWN_QUOTE
    for limitation in session.scalars(
        select(Limitation)
        .outerjoin(Limitation.claim)
        .outerjoin(Limitation.evidence)
        .where(Limitation.quote.is_not(None))
        .where(or_(Claim.origin_study_id == study_id, EvidenceItem.study_id == study_id))
        .options(contains_eager(Limitation.claim), contains_eager(Limitation.evidence))
        .order_by(Limitation.id)
        .limit(limit)
    ):
        yield limitation, OWN_QUOTE
