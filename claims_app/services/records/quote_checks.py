"""Checks the quotes from a study against a text that is not kept: only what was found in which text stays."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from claims_app.database import WriteSession
from claims_app.models import QuoteVerification, Study
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.quotes import Quote
from claims_app.rules.schemas import QuoteFields
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.quotes import KnownTexts, Quoting
from claims_app.services.records.studies import text_digest
from claims_app.vocabulary import QuoteCheck


@dataclass(frozen=True)
class CheckedQuote:
    """A record, the words that it quotes, and whether the text has them."""

    record: Quoting
    quote: Quote
    outcome: QuoteCheck

    @property
    def is_found(self) -> bool:
        """Whether the text has these words."""
        return self.outcome in quotes.VERIFIED


@dataclass(frozen=True)
class CheckedText:
    """What a text is known by, and the quotes that were compared with it."""

    length: int
    sha256: str
    quotes: Sequence[CheckedQuote]

    @property
    def missing(self) -> list[CheckedQuote]:
        """The quotes that the text does not have."""
        return [one for one in self.quotes if not one.is_found]


def check_text(session: WriteSession, study: Study, content: object) -> CheckedText:
    """Check all quotes from `study` against `content`, and keep which of them it has, but nothing of the text.

    A quote that the text does not have keeps its earlier result, since it may be from another text of the study.
    Raises NotAllowed, Invalid for an empty or too long text, and StaleVersion.
    """
    authorization.require(session, Permission.CREATE)
    try:
        text = str(schemas.STUDY_TEXT.field("content").clean(content))
    except ValueError as refused:
        raise Invalid({"content": [str(refused)]}) from None
    given = KnownTexts({study.id: [text]})
    checked = CheckedText(
        len(text),
        text_digest(text),
        [
            CheckedQuote(record, quote, given.compare(study.id, quote)[0])
            for record, names in quotes.quoting(session, study.id)
            for quote in [quotes.quote_of(record, names)]
        ],
    )
    _keep(session, study, checked)
    quotes.recheck(session, study.id)
    records.save(session)
    return checked


def keep_verification(
    session: WriteSession,
    study: Study,
    record: Quoting,
    names: QuoteFields,
    length: int,
    sha256: str,
    checked_at: datetime.datetime,
) -> None:
    """Keep that the quote of `record` was found in a text of `study` before, as the seed knows of its article."""
    quote = quotes.quote_of(record, names)
    found = CheckedQuote(record, quote, QuoteCheck.VERIFIED)
    session.add(_verification(session, study, found, length, sha256, checked_at))
    setattr(record, names.check, QuoteCheck.VERIFIED)
    records.save(session)


def _keep(session: WriteSession, study: Study, checked: CheckedText) -> None:
    rows = session.execute(
        select(
            QuoteVerification.record_type, QuoteVerification.record_id, QuoteVerification.quote_sha256
        ).where(QuoteVerification.study_id == study.id, QuoteVerification.text_sha256 == checked.sha256)
    )
    known = {(record_type, number, digest) for record_type, number, digest in rows}
    for one in checked.quotes:
        if one.is_found and (one.record.record_type, one.record.id, one.quote.digest) not in known:
            session.add(
                _verification(session, study, one, checked.length, checked.sha256, session.changed_at)
            )
    records.save(session)


def _verification(
    session: WriteSession,
    study: Study,
    one: CheckedQuote,
    length: int,
    sha256: str,
    checked_at: datetime.datetime,
) -> QuoteVerification:
    change = authorization.change_of(session)
    return QuoteVerification(
        study_id=study.id,
        record_type=one.record.record_type,
        record_id=one.record.id,
        quote_sha256=one.quote.digest,
        outcome=one.outcome,
        text_length=length,
        text_sha256=sha256,
        checked_by_id=change.actor_id,
        checked_at=checked_at,
        via=change.via,
    )
