"""Completing candidates of which only an identifier was known, because a service was down when it was typed."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Candidate
from claims_app.rules.reference import Reference
from claims_app.services.core.errors import ServiceError
from claims_app.services.intake.inbox import IDENTIFIERS
from claims_app.services.intake.lookup import Answers
from claims_app.vocabulary import CandidateState

Ask = Callable[[str], Answers]
"""Looks up the identifiers in a text."""


class LookedUpInVain(ServiceError):
    """No service knows it, or none answers."""


def incomplete(session: Session, limit: int) -> list[int]:
    """Return the numbers of the candidates of which only an identifier is known, and that nobody has decided on."""
    undecided = Candidate.state.in_((CandidateState.WAITING, CandidateState.LATER))
    chosen = select(Candidate.id).where(Candidate.title.is_(None), undecided)
    return list(session.scalars(chosen.order_by(Candidate.id).limit(limit)))


def ask(look_up: Ask, candidate: Candidate) -> Reference:
    """Return what `look_up` tells of `candidate`. Raises LookedUpInVain, with why, and what `look_up` raises."""
    text = next(f"{_KINDS[name]}{value}" for name in IDENTIFIERS if (value := getattr(candidate, name)))
    for one in look_up(text).found:
        if one.reference is not None and one.reference.values.get("title"):
            return one.reference
        raise LookedUpInVain(one.problem or "The service knows no title of it.")
    raise LookedUpInVain(f"Nobody can be asked for {text}.")


_KINDS = {"doi": "", "pmid": "PMID ", "pmcid": "", "registry_id": ""}
"""What stands before an identifier so that it is taken for one of its kind."""
