"""Completes candidates that have only an identifier because a service was down when they were added."""

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
"""A function that looks up the identifiers in a text."""


class LookedUpInVain(ServiceError):
    """No service knows the identifier, or none answered."""


def incomplete(session: Session, limit: int) -> list[int]:
    """Return the numbers of up to `limit` undecided candidates that have only an identifier, oldest first."""
    undecided = Candidate.state.in_((CandidateState.WAITING, CandidateState.LATER))
    chosen = select(Candidate.id).where(Candidate.title.is_(None), undecided)
    return list(session.scalars(chosen.order_by(Candidate.id).limit(limit)))


def ask(look_up: Ask, candidate: Candidate) -> Reference:
    """Look up the identifier of `candidate` and return the reference found.

    Raises LookedUpInVain with the reason if nothing was found, and whatever `look_up` raises.
    """
    known = (f"{_KINDS[name]}{value}" for name in IDENTIFIERS if (value := getattr(candidate, name)))
    text = next(known, None)
    if text is None:
        raise LookedUpInVain("It has no identifier that a service could look up.")
    for one in look_up(text).found:
        if one.reference is not None and one.reference.values.get("title"):
            return one.reference
        raise LookedUpInVain(one.problem or one.unanswered or "The service returned no title.")
    raise LookedUpInVain(f"No service can look up {text}.")


_KINDS = {"doi": "", "pmid": "PMID ", "pmcid": "", "registry_id": ""}
"""The prefix by which `look_up` recognises each kind of identifier."""
