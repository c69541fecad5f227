"""Drafts of unfinished forms. They are not validated and are visible to their author only."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Draft
from claims_app.models.types import utc_now
from claims_app.rules.drafts import ADDRESS_LENGTH, CONTENT_LENGTH, LABEL_LENGTH, MOST
from claims_app.services.core.errors import NotFound, Refused, StaleVersion


class DraftTooLong(Refused):
    """The content of the form is too long for a draft."""


def keep(
    session: WriteSession,
    author_id: int,
    address: str,
    label: str,
    content: Mapping[str, Sequence[str]],
    seen: int | None,
) -> Draft:
    """Save `content` as the author's draft of the form at `address`, and return the draft.

    `seen` is the state of the draft that the form was opened with, or None if there was none. Raises StaleVersion if
    the draft has been saved since, for example in another window; DraftTooLong; NotFound if `address` is too long to
    be a form; and Refused if the account has too many drafts.
    """
    kept = _plain(content)
    if len(json.dumps(kept, ensure_ascii=False)) > CONTENT_LENGTH:
        raise DraftTooLong("This is too long to save as a draft. You can still save the finished form.")
    if len(address) > ADDRESS_LENGTH:
        raise NotFound("There is no such form.")
    # If two windows save at once, the second waits here for the first and then sees its draft.
    own = select(Draft).where(Draft.author_id == author_id, Draft.address == address)
    draft = session.scalar(own.with_for_update())
    now = utc_now()
    if draft is None:
        count = session.scalar(select(func.count(Draft.id)).where(Draft.author_id == author_id)) or 0
        if count >= MOST:
            raise Refused(f"You have {MOST} drafts, which is the maximum. Finish or discard some of them.")
        draft = Draft(author_id=author_id, address=address, state=0, begun_at=now)
        session.add(draft)
    elif draft.state != seen:
        raise StaleVersion
    draft.label, draft.content, draft.saved_at = label[:LABEL_LENGTH], kept, now
    draft.state += 1
    try:
        session.flush()
    except IntegrityError:
        # Another window saved its first draft at the same moment.
        raise StaleVersion from None
    return draft


def draft_of(session: Session, author_id: int, address: str) -> Draft | None:
    """Return the draft of this author for the form at `address`, or None."""
    return session.scalar(select(Draft).where(Draft.author_id == author_id, Draft.address == address))


def drafts_of(session: Session, author_id: int) -> Sequence[Draft]:
    """Return the drafts of an author, latest first."""
    own = select(Draft).where(Draft.author_id == author_id)
    return session.scalars(own.order_by(Draft.saved_at.desc(), Draft.id.desc())).all()


def finish(
    session: WriteSession,
    author_id: int,
    address: str,
    seen: int | None,
    content: Mapping[str, Sequence[str]],
) -> None:
    """Delete the author's draft of the form at `address` after the form was saved with `content`.

    `seen` is the state of the draft that the form continued, or None. A draft with other content that the form did
    not continue is kept: it has what was typed in another window.
    """
    draft = draft_of(session, author_id, address)
    if draft is not None and (draft.state == seen or draft.content == _plain(content)):
        session.delete(draft)
        session.flush()


def throw_away(session: WriteSession, author_id: int, number: int) -> str | None:
    """Delete a draft of this author and return the address of its form, or None if there is no such draft."""
    draft = session.get(Draft, number)
    if draft is None or draft.author_id != author_id:
        return None
    session.delete(draft)
    session.flush()
    return draft.address


def _plain(content: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in content.items()}
