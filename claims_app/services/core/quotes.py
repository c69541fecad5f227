"""Checks quotes against the stored texts of their study."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Limitation, StudyText
from claims_app.rules.extraction import sentences
from claims_app.rules.quotes import Quote, near_match, nearest, with_context
from claims_app.rules.schemas import ORIGIN_QUOTE, OWN_QUOTE, QuoteFields
from claims_app.services.core.errors import Invalid
from claims_app.services.core.many import one_of
from claims_app.vocabulary import QuoteCheck


def stored_texts(session: Session, study_id: int | None) -> list[str]:
    """Return the stored texts of a study."""
    if study_id is None:
        return []
    return list(
        session.scalars(
            select(StudyText.content)
            .where(StudyText.study_id == study_id, StudyText.content.is_not(None))
            .order_by(StudyText.id)
        )
    )


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
    record: Claim | EvidenceItem | Limitation | None = None,
    texts: Mapping[int | None, Sequence[str]] | None = None,
) -> None:
    """Check the quote in `values`; add the result, and the surrounding words if they are missing.

    `texts` are the stored texts of several studies, if they were read before (`stored_texts_of`).
    `record` is the edited record if its study stays the same: its unchanged quote may be missing from texts that
    were attached later, so that other fields can still be edited. Raises Invalid for any other quote that is in
    none of the study's stored texts.
    """
    exact = values[names.exact]
    if exact is None:
        values[names.check] = None
        return
    stored = stored_texts(session, study_id) if texts is None else list(texts.get(study_id, ()))
    if not stored:
        values[names.check] = QuoteCheck.TEXT_UNAVAILABLE
        return
    quote = Quote(exact, values[names.prefix], values[names.suffix])
    check, text = _compare(quote, stored)
    if text is not None:
        quote = with_context(quote, text)
        values[names.prefix], values[names.suffix] = quote.prefix, quote.suffix
        values[names.check] = check
        return
    if (
        record is not None
        and getattr(record, names.check) is QuoteCheck.NOT_FOUND
        and all(getattr(record, n) == values[n] for n in (names.exact, names.prefix, names.suffix))
    ):
        values[names.check] = QuoteCheck.NOT_FOUND
        return
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


def _compare(quote: Quote, texts: list[str]) -> tuple[QuoteCheck, str | None]:
    """Return whether one of `texts` contains `quote`, and that text.

    What a reader sees decides, but that the text has other characters is part of the result.
    """
    if not texts:
        return QuoteCheck.TEXT_UNAVAILABLE, None
    for text in texts:
        if quote.is_in(text):
            return QuoteCheck.VERIFIED, text
    for text in texts:
        if quote.looks_as_in(text):
            return QuoteCheck.TYPOGRAPHY, text
    return QuoteCheck.NOT_FOUND, None


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
    texts = stored_texts(session, study_id)
    for record, names in quoting(session, study_id):
        _set_check(record, names, texts)


def recheck_limitations(session: Session, claim: Claim) -> None:
    """Check the quotes of a claim's limitations again after its origin changed."""
    texts = stored_texts(session, claim.origin_study_id)
    quoted = select(Limitation).where(Limitation.claim_id == claim.id, Limitation.quote.is_not(None))
    for limitation in session.scalars(quoted):
        _set_check(limitation, OWN_QUOTE, texts)


def _set_check(record: Claim | EvidenceItem | Limitation, names: QuoteFields, texts: list[str]) -> None:
    quote = Quote(getattr(record, names.exact), getattr(record, names.prefix), getattr(record, names.suffix))
    check, _ = _compare(quote, texts)
    if getattr(record, names.check) is not check:
        setattr(record, names.check, check)


def quoting(
    session: Session, study_id: int
) -> Iterator[tuple[Claim | EvidenceItem | Limitation, QuoteFields]]:
    """Yield every record with a quote from the study, and the names of its quote fields."""
    for claim in session.scalars(
        select(Claim).where(Claim.origin_study_id == study_id, Claim.origin_quote.is_not(None))
    ):
        yield claim, ORIGIN_QUOTE
    for item in session.scalars(
        select(EvidenceItem).where(EvidenceItem.study_id == study_id, EvidenceItem.quote.is_not(None))
    ):
        yield item, OWN_QUOTE
    for limitation in session.scalars(
        select(Limitation)
        .outerjoin(Limitation.claim)
        .outerjoin(Limitation.evidence)
        .where(Limitation.quote.is_not(None))
        .where(or_(Claim.origin_study_id == study_id, EvidenceItem.study_id == study_id))
    ):
        yield limitation, OWN_QUOTE
