"""Agreement between pairs of independent appraisers over a set of claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Appraisal, Claim
from claims_app.rules.agreement import Agreement, Weights, weighted_kappa
from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.appraisal.level import LEVELS
from claims_app.services.core.filters import ClaimFilters
from claims_app.vocabulary import AppraisalStage, Conclusion


@dataclass(frozen=True)
class RatingPair:
    """The two independent appraisals of a claim in one round; `first` was submitted first."""

    claim: Claim
    first: Appraisal
    second: Appraisal


@dataclass(frozen=True)
class ClaimsAgreement:
    """The pairs, and the agreement on the level (with linear and quadratic weights), conclusion and each domain."""

    pairs: Sequence[RatingPair]
    linear: Agreement
    quadratic: Agreement
    conclusion: Agreement
    """Without weights: conclusions have no order. Derived ones are left out, as nobody decided them."""

    domains: Sequence[tuple[DomainRule, Agreement]]


def agreement_of_claims(session: Session, filters: ClaimFilters) -> ClaimsAgreement:
    """Return the agreement between independent appraisals of the claims that match `filters`."""
    chosen = filters.searched(session).claims().with_only_columns(Claim.id)
    appraisals = session.scalars(
        select(Appraisal)
        .where(Appraisal.stage == AppraisalStage.INDEPENDENT, Appraisal.claim_id.in_(chosen))
        .options(joinedload(Appraisal.claim), joinedload(Appraisal.appraised_by))
        .order_by(Appraisal.round_id, Appraisal.id)
    ).all()
    # Both appraisals of a round are written in one transaction, so they are always adjacent.
    pairs = [
        RatingPair(first.claim, first, second)
        for first, second in zip(appraisals[::2], appraisals[1::2], strict=True)
    ]
    levels = [(pair.first.level.rank - 1, pair.second.level.rank - 1) for pair in pairs]
    return ClaimsAgreement(
        pairs,
        weighted_kappa(levels, len(LEVELS), Weights.LINEAR),
        weighted_kappa(levels, len(LEVELS), Weights.QUADRATIC),
        _on_conclusion(pairs),
        [(rule, _on_domain(pairs, rule)) for rule in DOMAINS],
    )


def _on_conclusion(pairs: Sequence[RatingPair]) -> Agreement:
    numbers = {conclusion: number for number, conclusion in enumerate(Conclusion)}
    decided = [
        (numbers[pair.first.conclusion], numbers[pair.second.conclusion])
        for pair in pairs
        if not (pair.first.conclusion_derived or pair.second.conclusion_derived)
    ]
    return weighted_kappa(decided, len(numbers), Weights.NONE)


def _on_domain(pairs: Sequence[RatingPair], rule: DomainRule) -> Agreement:
    moves = [
        (
            pair.first.moves[rule.domain] - rule.lowest,
            pair.second.moves[rule.domain] - rule.lowest,
        )
        for pair in pairs
    ]
    return weighted_kappa(moves, rule.highest - rule.lowest + 1, Weights.LINEAR)
