"""Read models that explain the level of a claim, for readers and for appraisers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, case, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from claims_app.models import Appraisal, Claim
from claims_app.rules.appraisal.body import Body, Finding, changes
from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.appraisal.phrasing import (
    PlainSentence,
    conclusion_in_words,
    explanation,
    in_short,
    override,
    plain_sentence,
)
from claims_app.rules.appraisal.study_level import StudyLevel, study_level
from claims_app.rules.appraisal.upgrade_hints import Obstacle, why_not_higher
from claims_app.services.appraisal import appraisals
from claims_app.services.core import records
from claims_app.services.core.errors import NotFound
from claims_app.services.core.stored import json_array
from claims_app.vocabulary import (
    AppraisalStage,
    CertaintyDomain,
    Conclusion,
    Direction,
    EvidenceLevel,
)


@dataclass(frozen=True)
class FindingRow:
    """One row of a summary-of-findings table."""

    finding: Finding
    study_level: StudyLevel


@dataclass(frozen=True)
class AppraisalView:
    """An appraisal as it is displayed."""

    appraisal: Appraisal

    @cached_property
    def body(self) -> Body:
        """The evidence that it is based on."""
        return appraisals.body_seen(self.appraisal)

    @property
    def findings(self) -> list[FindingRow]:
        """The evidence that it is based on, as rows of a summary of findings."""
        return rows_of_body(self.body)

    @property
    def by(self) -> str:
        """The username of the appraiser."""
        user = self.appraisal.appraised_by
        return user.username if user else "the example data"

    @property
    def explanation(self) -> str:
        """The reasons for its level, as one paragraph."""
        return explanation_of(self.appraisal)

    @property
    def in_short(self) -> str:
        """The steps to its level, without the reasons."""
        appraisal = self.appraisal
        return in_short(appraisal.start_level, appraisal.moves, appraisal.computed_level, appraisal.level)

    @property
    def override(self) -> str | None:
        """“Computed low, set to moderate because …”, or None."""
        return override(self.appraisal.computed_level, self.appraisal.level, self.appraisal.override_reason)

    @property
    def departures(self) -> dict[CertaintyDomain, int]:
        """The advised changes that the appraiser did not follow, by domain."""
        moves = self.appraisal.moves
        return {
            domain: advised
            for domain, advised in self.appraisal.advised.items()
            if advised is not None and advised != moves[domain]
        }

    @property
    def domains(self) -> list[tuple[DomainRule, int, str | None]]:
        """Each domain with its change of the level and the reason, in GRADE's order."""
        moves, reasons = self.appraisal.moves, self.appraisal.reasons
        return [(rule, moves[rule.domain], reasons[rule.domain]) for rule in DOMAINS]

    @property
    def obstacles(self) -> Sequence[Obstacle]:
        """The reasons why the level is not higher."""
        return why_not_higher(
            self.appraisal.claim_kind,
            self.appraisal.level,
            self.appraisal.start_level,
            self.appraisal.start_reason,
            self.appraisal.moves,
            self.appraisal.reasons,
            self.appraisal.computed_level,
            self.appraisal.override_reason,
        )


_BRIEF = (joinedload(Appraisal.appraised_by),)
"""What an appraisal is shown with, without the evidence that it saw, of which there may be much."""

_LOADED = (*_BRIEF, selectinload(Appraisal.seen))
"""The same with that evidence."""


@dataclass(frozen=True)
class ClaimLevel:
    """The level of a claim with its explanation."""

    sentence: PlainSentence
    view: AppraisalView | None
    changed: Sequence[str]
    """Changes of the evidence since the appraisal; empty unless it is stale."""


@dataclass(frozen=True)
class LevelStep:
    """One step in the history of a claim's level: an appraisal, and the studies added and removed since the last.

    Both are None where the evidence of the appraisals was not read.
    """

    view: AppraisalView
    added: Sequence[str] | None = None
    removed: Sequence[str] | None = None


@dataclass(frozen=True)
class AppraisalComparison:
    """Two appraisals of one claim, side by side."""

    first: AppraisalView
    second: AppraisalView

    @property
    def evidence_changes(self) -> list[str]:
        """Changes of the evidence from the first appraisal to the second."""
        return changes(self.first.body, self.second.body)

    @property
    def rows(self) -> list[tuple[DomainRule, tuple[int, str | None], tuple[int, str | None]]]:
        """Each domain with the changes and reasons of both appraisals."""
        return [
            (rule, (move, reason), (other_move, other_reason))
            for (rule, move, reason), (_, other_move, other_reason) in zip(
                self.first.domains, self.second.domains, strict=True
            )
        ]


def explanation_of(appraisal: Appraisal) -> str:
    """Return the reasons for the level of `appraisal`, as one paragraph."""
    return explained(
        appraisal.start_level.value,
        appraisal.start_reason,
        appraisal.computed_level.value,
        appraisal.level.value,
        appraisal.override_reason,
        appraisal.rationale,
        appraisal.rate_up_reason,
        appraisal.conclusion.value,
        appraisal.proposed_conclusion.value,
        appraisal.conclusion_reason,
        appraisal.conclusion_derived,
        json.dumps([*appraisal.moves.values(), *appraisal.reasons.values()]),
    )


EXPLAINED: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...] = (
    type_coerce(Appraisal.start_level, String()),
    Appraisal.start_reason,
    type_coerce(Appraisal.computed_level, String()),
    type_coerce(Appraisal.level, String()),
    Appraisal.override_reason,
    Appraisal.rationale,
    Appraisal.rate_up_reason,
    type_coerce(Appraisal.conclusion, String()),
    type_coerce(Appraisal.proposed_conclusion, String()),
    Appraisal.conclusion_reason,
    Appraisal.conclusion_derived,
    # Most appraisals change the level in no domain or in few, and the reasons for no change are not part of it.
    case(
        (
            or_(*(getattr(Appraisal, domain.value) != 0 for domain in CertaintyDomain)),
            json_array(
                *(getattr(Appraisal, domain.value) for domain in CertaintyDomain),
                *(
                    case(
                        (getattr(Appraisal, domain.value) != 0, getattr(Appraisal, f"{domain.value}_reason"))
                    )
                    for domain in CertaintyDomain
                ),
            ),
        )
    ),
)
"""The columns of an appraisal from which `explained` makes its explanation."""


# A file explains a level in each row, so this is looked up once.
_DOMAINS = tuple(CertaintyDomain)
_LEVELS = {level.value: level for level in EvidenceLevel}
_CONCLUSIONS = {conclusion.value: conclusion for conclusion in Conclusion}


@lru_cache(maxsize=2048)
def explained(
    start: str,
    start_reason: str,
    computed: str,
    level: str,
    override_reason: str | None,
    rationale: str | None,
    rate_up_reason: str | None,
    conclusion: str,
    proposed: str,
    conclusion_reason: str | None,
    is_derived: bool,
    moved: str | None,
) -> str:
    """Return the explanation of an appraisal with these values of EXPLAINED, as one paragraph.

    `moved` are the moves of the domains, in GRADE's order, and then their reasons, as a JSON array, or None if no
    domain changed the level.
    """
    moves: dict[CertaintyDomain, int] = {}
    reasons: dict[CertaintyDomain, str | None] = {}
    if moved:
        values = json.loads(moved)
        for domain, move, reason in zip(
            _DOMAINS, values[: len(_DOMAINS)], values[len(_DOMAINS) :], strict=True
        ):
            if move:
                moves[domain], reasons[domain] = move, reason
    return explanation(
        _LEVELS[start],
        start_reason,
        moves,
        reasons,
        _LEVELS[computed],
        _LEVELS[level],
        override_reason,
        rationale,
        rate_up_reason,
        conclusion_in_words(
            _CONCLUSIONS[conclusion], _CONCLUSIONS[proposed], conclusion_reason, is_derived=is_derived
        ),
    )


def rows_of_body(body: Body) -> list[FindingRow]:
    """Return the summary of findings for a body of evidence."""
    return _sorted(FindingRow(finding, study_level(body.kind, finding.design)) for finding in body.findings)


def _sorted(rows: Iterable[FindingRow]) -> list[FindingRow]:
    """Return `rows` sorted by direction, then newest study first."""
    order = list(Direction)
    return sorted(
        rows,
        key=lambda row: (
            order.index(row.finding.direction),
            -(row.finding.year or 0),
            row.finding.evidence_id,
        ),
    )


def level_of_claim(
    session: Session, claim: Claim, body: Body, uncounted: Mapping[int, str] | None = None
) -> ClaimLevel:
    """Return the level of `claim` with its explanation.

    `body` is its current evidence. If the evidence has changed since the appraisal, the plain-language sentence
    describes the evidence that was appraised, with the date, and `uncounted` says why linked evidence is not counted,
    by its number.
    """
    view = None
    if claim.appraisal_id is not None:
        appraisal = session.get(Appraisal, claim.appraisal_id, options=_BRIEF)
        view = AppraisalView(appraisal) if appraisal else None
    stale = view is not None and claim.stale_since is not None
    described = view.body if view and stale else body
    people, known = described.people
    searched = claim.last_searched_at.date() if claim.last_searched_at else None
    sentence = plain_sentence(
        claim.statement,
        claim.verdict,
        described.balance,
        people or None,
        searched,
        names=(claim.population, claim.exposure, claim.comparator, claim.outcome),
        people_are_all=known == described.balance.groups,
        dated=view.appraisal.appraised_at.date() if view and stale else None,
    )
    return ClaimLevel(sentence, view, changes(view.body, body, uncounted) if view and stale else ())


def appraisals_of(session: Session, claim: Claim) -> Sequence[LevelStep]:
    """Return the appraisals that gave `claim` its level, oldest first, with the studies added and removed."""
    moves = []
    before: dict[int, str] = {}
    for appraisal in _appraisals(session, claim.id):
        if appraisal.stage is AppraisalStage.INDEPENDENT:
            continue
        view = AppraisalView(appraisal)
        now = {finding.study_id: finding.citation for finding in view.body.findings}
        moves.append(
            LevelStep(
                view,
                [citation for number, citation in now.items() if number not in before],
                [citation for number, citation in before.items() if number not in now],
            )
        )
        before = now
    return moves


def levels_over_time(session: Session, claim: Claim) -> Sequence[LevelStep]:
    """Return the appraisals that gave `claim` its level, oldest first, without reading the evidence of any."""
    brief = session.scalars(_BRIEFLY, {"claim": claim.id})
    return [LevelStep(AppraisalView(one)) for one in brief if one.stage is not AppraisalStage.INDEPENDENT]


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


def compare(session: Session, claim: Claim, first: str, second: str) -> AppraisalComparison:
    """Return two appraisals of `claim`, given by their identifiers, side by side. Raises NotFound."""
    views = [show_appraisal(session, identifier) for identifier in (first, second)]
    for view in views:
        if view.appraisal.claim_id != claim.id:
            raise NotFound(f"{view.appraisal.public_id} is not an appraisal of {claim.public_id}.")
    return AppraisalComparison(*views)


_OF_CLAIM = select(Appraisal).where(Appraisal.claim_id == bindparam("claim")).order_by(Appraisal.id)
_APPRAISALS, _BRIEFLY = _OF_CLAIM.options(*_LOADED), _OF_CLAIM.options(*_BRIEF)


def _appraisals(session: Session, claim_id: int) -> Sequence[Appraisal]:
    return session.scalars(_APPRAISALS, {"claim": claim_id}).all()
