"""The answers to assistants, as plain values. A claim is always the sentence with the certainty, not the statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field

HOW_TO_QUOTE = (
    "Quote the sentence in “claim” as a whole: it says what the evidence says and how certain that is. Name the "
    "identifier, the version and the address, and pass on the warnings."
)


@dataclass(frozen=True)
class ClaimInShort:
    """A claim: what the evidence says of it and how certain that is, in one sentence, and where it is."""

    claim_id: str
    version: int
    updated_on: str
    address: str
    claim: str
    certainty: str
    warnings: Sequence[str]


@dataclass(frozen=True)
class FoundClaims:
    """Claims that a search found. `next` is the cursor of the following ones."""

    total: int
    claims: Sequence[ClaimInShort]
    next: str | None
    how_to_quote: str = HOW_TO_QUOTE


@dataclass(frozen=True)
class Reason:
    """How an appraisal judged one domain of certainty, and why."""

    domain: str
    change: str
    reason: str | None


@dataclass(frozen=True)
class Appraised:
    """The appraisal that gave a claim its level, with the reasons."""

    appraisal_id: str
    address: str
    appraised_on: str
    appraised_by: str | None
    method: str
    verdict: str
    starts_at: str
    domains: Sequence[Reason]
    why_this_conclusion: str | None
    why_not_the_computed_level: str | None
    in_sum: str | None


@dataclass(frozen=True)
class Limited:
    """A limitation of a claim or of an evidence item."""

    limitation_id: str
    kind: str
    text: str


@dataclass(frozen=True)
class EvidenceInShort:
    """What one study says about a claim."""

    evidence_id: str
    study_id: str
    study: str
    address: str
    finding: str
    directness: str
    design: str | None
    risk_of_bias: str
    summary: str | None
    estimate: str | None
    numbers: str | None
    limitations: Sequence[str]
    not_counted_because: str | None
    warning: str | None


@dataclass(frozen=True)
class LevelThen:
    """What the evidence said at an earlier or the present appraisal, and how certain that was."""

    appraised_on: str
    verdict: str
    appraisal_id: str


@dataclass(frozen=True)
class WholeAnswer:
    """A claim with the reasons for its level, its evidence and its limitations."""

    claim_id: str
    version: int
    updated_on: str
    as_of: str | None
    address: str
    claim: str
    certainty: str
    verdict: str
    warnings: Sequence[str]
    kind: str
    status: str
    topics: Sequence[str]
    population: str | None
    exposure: str | None
    comparator: str | None
    outcome: str | None
    source: str | None
    last_searched_on: str | None
    appraisal: Appraised | None
    limitations: Sequence[Limited]
    evidence: Sequence[EvidenceInShort]
    evidence_in_all: int
    levels_over_time: Sequence[LevelThen]
    how_to_quote: str = HOW_TO_QUOTE


@dataclass(frozen=True)
class ChangedClaim:
    """A claim that changed: how it is now, and what happened, newest first."""

    now: ClaimInShort
    what_changed: Sequence[str]


@dataclass(frozen=True)
class TakenBack:
    """A study that was retracted or withdrawn, and the claims that it is evidence for."""

    study_id: str
    study: str
    address: str
    warning: str
    on: str | None
    claim_ids: Sequence[str]


@dataclass(frozen=True)
class Changes:
    """What changed since a day or a release. `older_left_out` says that there was more than fits."""

    since: str
    claims: Sequence[ChangedClaim]
    studies_taken_back: Sequence[TakenBack]
    older_left_out: bool
    how_to_quote: str = HOW_TO_QUOTE


@dataclass(frozen=True)
class FindingOfStudy:
    """What a study says about a claim, with what all the evidence says of it."""

    about: ClaimInShort
    evidence_id: str
    finding: str
    summary: str | None
    not_counted_because: str | None


@dataclass(frozen=True)
class StudyAnswer:
    """A study with its standing, and what it says about claims."""

    study_id: str
    version: int
    updated_on: str
    address: str
    citation: str
    title: str
    authors: Sequence[str]
    year: int | None
    journal: str | None
    doi: str | None
    pmid: str | None
    design: str | None
    publication: str
    standing: str
    warning: str | None
    findings: Sequence[FindingOfStudy]
    findings_in_all: int
    how_to_quote: str = HOW_TO_QUOTE


@dataclass(frozen=True)
class TopicInShort:
    """A topic: its name in filters, how many claims it has, and what is known of them."""

    topic: str
    name: str
    definition: str | None
    claims: int
    known: str
    broader: str | None


@dataclass(frozen=True)
class ReleaseInShort:
    """A release: its version, and the day whose data it has."""

    version: str
    day: str


@dataclass(frozen=True)
class Word:
    """A term of the database, as filters take it, and what it means."""

    value: str
    label: str
    definition: str


@dataclass(frozen=True)
class Words:
    """The topics, the newest releases, and the values of each filter."""

    topics: Sequence[TopicInShort] = ()
    releases: Sequence[ReleaseInShort] = ()
    filters: dict[str, Sequence[Word]] = field(default_factory=dict)
