"""Why a claim has its level: read models of appraisals, for readers and for appraisers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.models import Appraisal, AppraisalDraft, AppraisalRound, Claim
from claims_app.rules.appraisal.advice import Advice, advise
from claims_app.rules.appraisal.body import Body, Finding, changes
from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.appraisal.judgement import Judgement
from claims_app.rules.appraisal.outlook import Obstacle, why_not_higher
from claims_app.rules.appraisal.wording import PlainSentence, explanation, override, plain_sentence
from claims_app.services import appraisals, records, rounds
from claims_app.services.errors import NotFound
from claims_app.vocabulary import AppraisalStage, CertaintyDomain


@dataclass(frozen=True)
class AppraisalView:
    """One appraisal as people read it."""

    appraisal: Appraisal

    @cached_property
    def body(self) -> Body:
        """The evidence that it saw."""
        return appraisals.body_seen(self.appraisal)

    @property
    def explanation(self) -> str:
        """Why it came to its level, as one paragraph."""
        return explanation_of(self.appraisal)

    @property
    def override(self) -> str | None:
        """“Computed low, set to moderate because …”, or None."""
        return override(self.appraisal.computed_level, self.appraisal.level, self.appraisal.override_reason)

    @property
    def domains(self) -> list[tuple[DomainRule, int, str | None]]:
        """Each domain with its move and its reason, in GRADE's order."""
        moves, reasons = self.appraisal.moves, self.appraisal.reasons
        return [(rule, moves[rule.domain], reasons[rule.domain]) for rule in DOMAINS]

    @property
    def obstacles(self) -> Sequence[Obstacle]:
        """Why it is not higher."""
        return why_not_higher(
            self.appraisal.claim_kind,
            self.appraisal.level,
            self.appraisal.start_level,
            self.appraisal.start_reason,
            self.appraisal.moves,
            self.appraisal.reasons,
        )


@dataclass(frozen=True)
class ClaimLevel:
    """The level of a claim, with all that explains it."""

    sentence: PlainSentence
    view: AppraisalView | None
    changed: Sequence[str]
    """What changed since the appraisal, where it is stale."""


@dataclass(frozen=True)
class Move:
    """One appraisal of a claim on the way through time, and the studies that came in or went since the one before."""

    view: AppraisalView
    added: Sequence[str]
    removed: Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """Two appraisals of one claim, side by side."""

    first: AppraisalView
    second: AppraisalView

    @property
    def evidence_changes(self) -> list[str]:
        """What changed in the evidence from the first to the second."""
        return changes(self.first.body, self.second.body)

    @property
    def rows(self) -> list[tuple[DomainRule, tuple[int, str | None], tuple[int, str | None]]]:
        """Each domain with both moves and reasons."""
        return [
            (rule, (move, reason), (other_move, other_reason))
            for (rule, move, reason), (_, other_move, other_reason) in zip(
                self.first.domains, self.second.domains, strict=True
            )
        ]


@dataclass(frozen=True)
class Desk:
    """What an appraiser has in front of her."""

    claim: Claim
    body: Body
    judgement: Judgement
    advice: Mapping[CertaintyDomain, Advice]
    draft: AppraisalDraft | None
    round: AppraisalRound | None
    n_handed_in: int
    independent: Sequence[AppraisalView]

    @property
    def domains(self) -> list[tuple[DomainRule, Advice, Sequence[Finding]]]:
        """Each domain with its advice and the findings that the advice rests on."""
        by_id = {finding.evidence_id: finding for finding in self.body.findings}
        return [
            (rule, advice, [by_id[number] for number in advice.evidence_ids if number in by_id])
            for rule in DOMAINS
            for advice in (self.advice[rule.domain],)
        ]


def explanation_of(appraisal: Appraisal) -> str:
    """Return why `appraisal` came to its level, as one paragraph."""
    return explanation(
        appraisal.start_level,
        appraisal.start_reason,
        appraisal.moves,
        appraisal.reasons,
        appraisal.computed_level,
        appraisal.level,
        appraisal.override_reason,
        appraisal.rationale,
    )


def level_of_claim(session: Session, claim: Claim, body: Body) -> ClaimLevel:
    """Return the level of `claim`, whose evidence of today is `body`, with all that explains it."""
    view = None
    if claim.appraisal_id is not None:
        appraisal = session.scalar(
            select(Appraisal)
            .where(Appraisal.id == claim.appraisal_id)
            .options(joinedload(Appraisal.appraised_by), selectinload(Appraisal.seen))
        )
        view = AppraisalView(appraisal) if appraisal else None
    people, known = body.people
    searched = claim.last_searched_at.date() if claim.last_searched_at else None
    sentence = plain_sentence(
        claim.statement,
        claim.evidence_level,
        body.balance,
        people or None,
        searched,
        names=(claim.population, claim.exposure, claim.comparator, claim.outcome),
        people_are_all=known == body.balance.groups,
    )
    stale = view is not None and claim.stale_since is not None
    return ClaimLevel(sentence, view, changes(view.body, body) if view and stale else ())


def appraisals_of(session: Session, claim: Claim) -> Sequence[Move]:
    """Return the appraisals that gave `claim` its level, oldest first, with what came in between."""
    moves = []
    before: dict[int, str] = {}
    for appraisal in _appraisals(session, claim.id):
        if appraisal.stage is AppraisalStage.INDEPENDENT:
            continue
        view = AppraisalView(appraisal)
        now = {finding.study_id: finding.citation for finding in view.body.findings}
        moves.append(
            Move(
                view,
                [citation for number, citation in now.items() if number not in before],
                [citation for number, citation in before.items() if number not in now],
            )
        )
        before = now
    return moves


def independent_of(session: Session, claim: Claim) -> Sequence[AppraisalView]:
    """Return the independent appraisals of `claim`, oldest first."""
    return [
        AppraisalView(appraisal)
        for appraisal in _appraisals(session, claim.id)
        if appraisal.stage is AppraisalStage.INDEPENDENT
    ]


def show_appraisal(session: Session, identifier: str) -> AppraisalView:
    """Return one appraisal. Raises NotFound."""
    return AppraisalView(records.find(session, Appraisal, identifier))


def compare(session: Session, claim: Claim, first: str, second: str) -> Comparison:
    """Return two appraisals of `claim` side by side, by their identifiers. Raises NotFound."""
    views = [show_appraisal(session, identifier) for identifier in (first, second)]
    for view in views:
        if view.appraisal.claim_id != claim.id:
            raise NotFound(f"{view.appraisal.public_id} is no appraisal of {claim.public_id}.")
    return Comparison(*views)


def desk_of(session: Session, claim: Claim, author_id: int, raw: Mapping[str, object] | None) -> Desk:
    """Return what somebody who appraises `claim` has in front of her; `raw` is what she has chosen so far.

    Without `raw`, her draft is taken where there is one.
    """
    body = appraisals.body_of(session, claim)
    draft = appraisals.draft_of(session, claim.id, author_id)
    round_ = rounds.open_round_of(session, claim.id)
    judgement = appraisals.provisional(body, raw if raw is not None else draft.content if draft else {})
    return Desk(
        claim,
        body,
        judgement,
        advise(body, judgement.start),
        draft,
        round_,
        len(rounds.handed_in(session, claim.id)) if round_ else 0,
        [AppraisalView(appraisal) for appraisal in round_.appraisals] if round_ else [],
    )


def _appraisals(session: Session, claim_id: int) -> Sequence[Appraisal]:
    return session.scalars(
        select(Appraisal)
        .where(Appraisal.claim_id == claim_id)
        .options(joinedload(Appraisal.appraised_by), selectinload(Appraisal.seen))
        .order_by(Appraisal.id)
    ).all()
