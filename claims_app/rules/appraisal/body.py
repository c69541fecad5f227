"""The body of evidence behind a claim at one moment: what an appraisal considers.

A body can be stored as JSON and read back, so an appraisal keeps the evidence that it considered. Its
digest shows whether the evidence has changed since.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from claims_app.rules.counting import Balance, Link, balance, independent_groups
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    Direction,
    Directness,
    EffectMeasure,
    Hedge,
    LimitationKind,
    PublicationState,
    RiskOfBias,
    Species,
    Standing,
    StudyDesign,
    Term,
    UnitOfAnalysis,
)


@dataclass(frozen=True)
class Weakness:
    """A limitation that affects a certainty domain."""

    limitation_id: int
    kind: LimitationKind
    domain: CertaintyDomain
    text: str


@dataclass(frozen=True)
class Finding:
    """One counted evidence item together with its study."""

    evidence_id: int
    evidence_version: int
    study_id: int
    study_version: int
    citation: str
    year: int | None
    direction: Direction
    directness: Directness
    hedge: Hedge | None = None
    risk_of_bias: RiskOfBias = RiskOfBias.NOT_ASSESSED
    summary: str | None = None
    effect_measure: EffectMeasure | None = None
    effect_value: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    p_value: str | None = None
    n_cases: int | None = None
    n_controls: int | None = None
    n_animals: int | None = None
    n_donors: int | None = None
    unit_of_analysis: UnitOfAnalysis | None = None
    outcome: str | None = None
    events_cases: int | None = None
    events_controls: int | None = None
    mean_cases: float | None = None
    sd_cases: float | None = None
    mean_controls: float | None = None
    sd_controls: float | None = None
    design: StudyDesign | None = None
    species: tuple[Species, ...] = ()
    publication_state: PublicationState = PublicationState.PUBLISHED
    standing: Standing = Standing.CURRENT
    version_of_id: int | None = None
    group_id: int | None = None
    weaknesses: tuple[Weakness, ...] = ()

    @property
    def people(self) -> int | None:
        """The number of people who were measured or donated serum; None if no number is stored."""
        numbers = [n for n in (self.n_cases, self.n_controls) if n is not None]
        return sum(numbers) if numbers else self.n_donors

    @property
    def decides(self) -> bool:
        """Whether the item is for or against the claim, that is, not inconclusive."""
        return self.direction is not Direction.INCONCLUSIVE


_LATER = frozenset(
    {"outcome", *(f"{what}_{group}" for what in ("events", "mean", "sd") for group in ("cases", "controls"))}
)
"""Fields that came after the first appraisals. Where they are empty, digests are as before."""

_NOT_MATERIAL = frozenset({"evidence_version", "study_version", "citation", "year"})
"""Fields that may change without changing the evidence: version counters, and how the study is cited."""


@dataclass(frozen=True)
class Body:
    """The body of evidence behind one claim: the counted findings, and the limitations of the claim."""

    kind: ClaimKind
    findings: tuple[Finding, ...] = ()
    weaknesses: tuple[Weakness, ...] = field(default=())

    @cached_property
    def balance(self) -> Balance:
        """The findings, counted."""
        return balance(
            Link(f.direction, f.study_id, f.version_of_id, f.group_id, f.standing, f.year)
            for f in self.findings
        )

    @cached_property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings for or against the claim; all findings if every one is inconclusive."""
        return tuple(finding for finding in self.findings if finding.decides) or self.findings

    @property
    def designs(self) -> tuple[StudyDesign | None, ...]:
        """The designs of the deciding findings, which determine the starting level."""
        return tuple(finding.design for finding in self.deciding)

    @cached_property
    def groups(self) -> tuple[tuple[Finding, ...], ...]:
        """The findings by independent group."""
        group_of = independent_groups((f.study_id, f.version_of_id, f.group_id) for f in self.findings)
        grouped: dict[str, list[Finding]] = {}
        for finding in self.findings:
            grouped.setdefault(group_of[finding.study_id], []).append(finding)
        return tuple(tuple(findings) for findings in grouped.values())

    @property
    def people(self) -> tuple[int, int]:
        """The minimum number of people behind the findings, and the number of groups for which one is known.

        Reports of one group may be about the same people, so each group counts with its largest report.
        """
        known = [max(numbers) for group in self.groups if (numbers := [f.people for f in group if f.people])]
        return sum(known), len(known)

    def weaknesses_on(self, domain: CertaintyDomain) -> Iterator[tuple[str, Weakness]]:
        """Yield the limitations that affect `domain`, each with the name of what it limits."""
        for weakness in self.weaknesses:
            if weakness.domain is domain:
                yield "the claim", weakness
        for finding in self.findings:
            for weakness in finding.weaknesses:
                if weakness.domain is domain:
                    yield finding.citation, weakness

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal digits, of everything that an appraisal is based on.

        Two bodies have the same digest if and only if they do not differ in substance. The statement of
        the claim, titles and version counters do not matter.
        """
        parts = {
            "kind": self.kind.value,
            "findings": sorted((_digested(f) for f in self.findings), key=lambda f: f["evidence_id"]),
            "weaknesses": sorted(map(_plain, self.weaknesses), key=lambda w: w["limitation_id"]),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def to_json(value: Finding | Weakness) -> dict[str, Any]:
    """Return `value` as plain values for JSON, without the fields that may be empty and are."""
    return {
        name: part
        for name, part in _plain(value).items()
        if name not in _MAY_BE_EMPTY or part not in (None, [])
    }


def weakness_from_json(data: Mapping[str, Any]) -> Weakness:
    """Return the limitation that `to_json` stored."""
    return Weakness(
        data["limitation_id"],
        LimitationKind.of(data["kind"]),
        CertaintyDomain.of(data["domain"]),
        data["text"],
    )


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """Return the finding that `to_json` stored; fields that did not exist then have their defaults."""
    values: dict[str, Any] = {name: value for name, value in data.items() if name in _FINDING_FIELDS}
    for name, terms in _TERMS.items():
        if values.get(name) is not None:
            values[name] = terms.of(values[name])
    values["species"] = tuple(Species.of(species) for species in data.get("species", ()))
    values["weaknesses"] = tuple(map(weakness_from_json, data.get("weaknesses", ())))
    return Finding(**values)


def changes(before: Body, after: Body, gone: Mapping[int, str] | None = None) -> list[str]:
    """Return the changes between two bodies of evidence, one sentence each.

    `gone` gives the reason why evidence is no longer counted although it is still linked, by its number.
    """
    gone = gone or {}
    sentences = []
    if before.kind is not after.kind:
        sentences.append(
            f"The kind of the claim changed from {before.kind.label.lower()} to {after.kind.label.lower()}."
        )
    old = {finding.evidence_id: finding for finding in before.findings}
    new = {finding.evidence_id: finding for finding in after.findings}
    sentences += [f"{_name(new[number])} is new." for number in new if number not in old]
    sentences += [
        f"{_name(old[number])} is no longer counted{f': {gone[number]}' if number in gone else ''}."
        for number in old
        if number not in new
    ]
    for number in sorted(old.keys() & new.keys()):
        first, second = _material(old[number]), _material(new[number])
        differing = [name for name in first if first[name] != second.get(name)]
        if differing:
            changed = "; ".join(_difference(name, first[name], second.get(name)) for name in differing)
            sentences.append(f"{_name(new[number])}: {changed}.")
    if set(before.weaknesses) != set(after.weaknesses):
        sentences.append("The limitations of the claim that affect its certainty changed.")
    return sentences


_FINDING_FIELDS = frozenset(field.name for field in dataclasses.fields(Finding))
_MAY_BE_EMPTY = frozenset(field.name for field in dataclasses.fields(Finding) if field.default in (None, ()))
"""Fields that reading back gives the empty value if they are not there."""

_TERMS: dict[str, type[Term]] = {
    "direction": Direction,
    "directness": Directness,
    "hedge": Hedge,
    "risk_of_bias": RiskOfBias,
    "effect_measure": EffectMeasure,
    "unit_of_analysis": UnitOfAnalysis,
    "design": StudyDesign,
    "publication_state": PublicationState,
    "standing": Standing,
}
_NAMED_ONLY = frozenset({"summary", "outcome", "weaknesses", "species", "version_of_id", "group_id"})
_FIELD_NAMES = {
    "study_id": "study",
    "weaknesses": "limitations",
    "version_of_id": "published version",
    "group_id": "study group",
}


def _plain(value: Finding | Weakness) -> dict[str, Any]:
    return {name: _plain_value(part) for name, part in vars(value).items()}


def _plain_value(value: Any) -> Any:
    """Return what reading the JSON of `value` gives."""
    match value:
        case Term():
            return value.value
        case tuple():
            return [_plain_value(part) for part in value]
        case Weakness():
            return _plain(value)
        case _:
            return value


def _material(finding: Finding) -> dict[str, Any]:
    plain = {name: value for name, value in _plain(finding).items() if name not in _NOT_MATERIAL}
    plain["weaknesses"].sort(key=lambda weakness: weakness["limitation_id"])
    plain["species"].sort()
    return plain


def _digested(finding: Finding) -> dict[str, Any]:
    return {
        name: value for name, value in _material(finding).items() if name not in _LATER or value is not None
    }


def _name(finding: Finding) -> str:
    return f"EVD-{finding.evidence_id} ({finding.citation})"


def _difference(name: str, before: object, after: object) -> str:
    label = _FIELD_NAMES.get(name, name).replace("_", " ")
    if name in _NAMED_ONLY:
        return f"{label} changed"
    if name == "study_id":
        before, after = f"STU-{before}", f"STU-{after}"
    return f"{label} changed from {_shown(before)} to {_shown(after)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value).replace("_", " ")
