"""Drafts: forms left half-way. They need not be right, and belong to their authors alone."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.models import Draft
from claims_app.models.types import utc_now
from claims_app.rules.drafts import ADDRESS_LENGTH, CONTENT_LENGTH, LABEL_LENGTH, MOST
from claims_app.services.core.errors import NotFound, Refused, StaleVersion


class DraftTooLong(Refused):
    """There is more in the form than a draft keeps."""


def keep(
    session: Session,
    author_id: int,
    address: str,
    label: str,
    content: Mapping[str, Sequence[str]],
    seen: int | None,
) -> Draft:
    """Keep what was typed into the form at `address`, in place of the draft that was at `seen` (None: of none).

    Raises StaleVersion if there is another draft of this form by now, as from another window; DraftTooLong; and
    Refused where the account has too many drafts.
    """
    kept = {name: list(values) for name, values in content.items()}
    if len(json.dumps(kept, ensure_ascii=False)) > CONTENT_LENGTH:
        raise DraftTooLong("This is too long to be kept as a draft. It can be saved, if it is finished.")
    if len(address) > ADDRESS_LENGTH:
        raise NotFound("There is no such form.")
    # Of two windows at once the second one waits for the first one here, and sees what it kept.
    own = select(Draft).where(Draft.author_id == author_id, Draft.address == address)
    draft = session.scalar(own.with_for_update())
    now = utc_now()
    if draft is None:
        count = session.scalar(select(func.count(Draft.id)).where(Draft.author_id == author_id)) or 0
        if count >= MOST:
            raise Refused(
                f"You have {MOST} drafts, which is as many as are kept. Finish some, or throw them away."
            )
        draft = Draft(author_id=author_id, address=address, state=0, begun_at=now)
        session.add(draft)
    elif draft.state != seen:
        raise StaleVersion
    draft.label, draft.content, draft.saved_at = label[:LABEL_LENGTH], kept, now
    draft.state += 1
    try:
        session.flush()
    except IntegrityError:
        # Another window was faster by a moment.
        raise StaleVersion from None
    return draft


def draft_of(session: Session, author_id: int, address: str) -> Draft | None:
    """Return the draft of this author for the form at `address`, or None."""
    return session.scalar(select(Draft).where(Draft.author_id == author_id, Draft.address == address))


def drafts_of(session: Session, author_id: int) -> Sequence[Draft]:
    """Return the drafts of an author, the newest first."""
    own = select(Draft).where(Draft.author_id == author_id)
    return session.scalars(own.order_by(Draft.saved_at.desc(), Draft.id.desc())).all()


def finish(session: Session, author_id: int, address: str) -> None:
    """Throw the draft for the form at `address` away, if there is one: the form was saved."""
    session.execute(delete(Draft).where(Draft.author_id == author_id, Draft.address == address))


def throw_away(session: Session, author_id: int, number: int) -> str | None:
    """Throw a draft of one's own away, and return the address of its form; None if it is gone already."""
    draft = session.get(Draft, number)
    if draft is None or draft.author_id != author_id:
        return None
    session.delete(draft)
    session.flush()
    return draft.address
