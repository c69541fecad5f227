"""A claim with its evidence, studies, limitations and appraisal, as plain values: what the formats are made from."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    ClaimStatus,
    Conclusion,
    Direction,
    Directness,
    EffectMeasure,
    EvidenceLevel,
    Hedge,
    LimitationKind,
    PublicationState,
    QuoteCheck,
    RiskOfBias,
    Scheme,
    Standing,
    StudyDesign,
    UnitOfAnalysis,
)


@dataclass(frozen=True)
class QuotedText:
    """An exact passage, whether it was found in its source, and where it is."""

    text: str
    check: QuoteCheck
    place: str | None = None


@dataclass(frozen=True)
class WholeStudy:
    """A study."""

    public_id: str
    version: int
    title: str
    authors: Sequence[str]
    year: int | None
    journal: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    doi: str | None
    pmid: str | None
    pmcid: str | None
    registry_id: str | None
    url: str | None
    design: StudyDesign | None
    publication_state: PublicationState
    standing: Standing
    standing_date: datetime.date | None
    standing_notice_doi: str | None
    citation: str

    @property
    def warning(self) -> str | None:
        """What its standing means, as a sentence; None if there is nothing to know."""
        if self.standing in (Standing.CURRENT, Standing.REINSTATED):
            return None
        return f"{self.public_id} ({self.citation}): {self.standing.label}. {self.standing.definition}"


@dataclass(frozen=True)
class WholeLimitation:
    """A limitation of a claim or of an evidence item."""

    public_id: str
    kind: LimitationKind
    domain: CertaintyDomain | None
    text: str
    quote: QuotedText | None


@dataclass(frozen=True)
class Effect:
    """An effect estimate as it was reported."""

    measure: EffectMeasure | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    p_value: str | None
    p_number: float | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was reported."""
        return self.value is None and self.ci_low is None and self.ci_high is None and self.p_value is None


@dataclass(frozen=True)
class WholeEvidence:
    """What one study says about the claim."""

    public_id: str
    version: int
    study: WholeStudy
    direction: Direction
    directness: Directness
    hedge: Hedge | None
    risk_of_bias: RiskOfBias
    summary: str | None
    outcome: str | None
    effect: Effect
    n_cases: int | None
    n_controls: int | None
    n_animals: int | None
    n_donors: int | None
    unit_of_analysis: UnitOfAnalysis | None
    quote: QuotedText | None
    limitations: Sequence[WholeLimitation]
    why_uncounted: str | None
    """Why it is not counted, within a sentence, or None if it is."""

    @property
    def n_people(self) -> int | None:
        """The number of participants; None if it is not known."""
        numbers = [number for number in (self.n_cases, self.n_controls) if number is not None]
        return sum(numbers) if numbers else None


@dataclass(frozen=True)
class Judged:
    """A certainty domain, by how many levels it changed the certainty, and why."""

    domain: CertaintyDomain
    move: int
    reason: str | None


@dataclass(frozen=True)
class WholeAppraisal:
    """The appraisal that gave the claim its level and its conclusion."""

    public_id: str
    scheme: Scheme
    scheme_version: str
    appraised_at: datetime.datetime
    appraised_by: str | None
    start_level: EvidenceLevel
    start_reason: str
    domains: Sequence[Judged]
    computed_level: EvidenceLevel
    level: EvidenceLevel
    override_reason: str | None
    conclusion: Conclusion
    conclusion_reason: str | None
    rationale: str | None
    explanation: str
    evidence_ids: Sequence[str]
    """The evidence that it is based on, some of which may have been deleted since."""


@dataclass(frozen=True)
class WholeClaim:
    """A claim with its evidence, limitations and appraisal."""

    public_id: str
    version: int
    statement: str
    said: str
    """What the evidence says of it and how certain that is, in one sentence that holds the statement."""

    verdict: Verdict
    kind: ClaimKind
    status: ClaimStatus
    population: str | None
    exposure: str | None
    comparator: str | None
    outcome: str | None
    topics: Sequence[str]
    created_at: datetime.datetime
    changed_at: datetime.datetime
    """When anything of this last changed: the claim, its evidence, its limitations or its studies."""

    stale_since: datetime.datetime | None
    last_searched_at: datetime.datetime | None
    why_unreviewed: str | None
    """Why it is not an accepted record, as a sentence, or None."""

    origin: WholeStudy | None
    origin_quote: QuotedText | None
    limitations: Sequence[WholeLimitation]
    evidence: Sequence[WholeEvidence]
    appraisal: WholeAppraisal | None

    @property
    def studies(self) -> Sequence[WholeStudy]:
        """The studies of its evidence and its source, each once."""
        found = {item.study.public_id: item.study for item in self.evidence}
        if self.origin:
            found.setdefault(self.origin.public_id, self.origin)
        return list(found.values())

    @property
    def warnings(self) -> Sequence[str]:
        """What a reader has to know before relying on it, as sentences."""
        of_claim = claim_warnings(self.status, self.verdict, self.stale_since, self.why_unreviewed)
        return [*of_claim, *(warning for study in self.studies if (warning := study.warning))]


def claim_warnings(
    status: ClaimStatus,
    verdict: Verdict,
    stale_since: datetime.datetime | None,
    why_unreviewed: str | None,
) -> list[str]:
    """Return what a reader has to know of a claim before relying on it, as sentences."""
    found = [why_unreviewed] if why_unreviewed else []
    if status is not ClaimStatus.ACTIVE:
        found.append(f"The claim is marked “{status.label.lower()}”: {status.definition}")
    if verdict.conclusion is None:
        found.append("The evidence has not been appraised. This says nothing about how strong it is.")
    if verdict.mark:
        found.append(f"The conclusion is {verdict.mark}.")
    if stale_since is not None:
        found.append(f"The evidence has changed since the appraisal, first on {stale_since.date()}.")
    return found
