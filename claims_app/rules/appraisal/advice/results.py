"""Advice on the results themselves: inconsistency and imprecision."""

from collections.abc import Iterator

from claims_app.rules.appraisal.advice.shared import Advice, advice, plural
from claims_app.rules.appraisal.body import Body, Finding
from claims_app.rules.appraisal.starting import BodyStart
from claims_app.rules.heterogeneity import Estimate, comparable, heterogeneity, wide
from claims_app.vocabulary import CertaintyDomain, ClaimKind, Direction, EffectMeasure

FEW_PEOPLE = 400
"""With fewer people, the optimal information size is rarely reached (GRADE guidelines 6, rule of thumb)."""
VERY_FEW_PEOPLE = 100
"""A rule of this program: far below the optimal information size."""
FEW_DONORS = 30
"""Serum donors, not animals, are the independent units of a transfer. A rule of this program."""
VERY_FEW_DONORS = 10
SUBSTANTIAL, CONSIDERABLE = 50, 75
"""The I² (per cent) from which heterogeneity may be substantial or considerable (Cochrane Handbook 10.10.2)."""


def estimate_of(finding: Finding) -> Estimate | None:
    """Return the effect estimate of `finding` with its interval, or None if it has none."""
    measure, value = finding.effect_measure, finding.effect_value
    low, high = finding.ci_low, finding.ci_high
    if measure is None or value is None or low is None or high is None:
        return None
    return Estimate(f"EVD-{finding.evidence_id}", measure, value, low, high, finding.ci_level or 95.0)


def comparable_estimates(body: Body) -> dict[EffectMeasure, list[Estimate]]:
    """Return the comparable effect estimates by measure, one for each independent group.

    Q and I² assume that estimates do not share participants. So several estimates of one study or group
    count once: a published version comes before a preprint, then the one with the most people.
    """
    chosen: list[Estimate] = []
    for group in body.groups:
        of_measure: dict[EffectMeasure, Estimate] = {}
        for finding in sorted(group, key=lambda f: (f.version_of_id is not None, -(f.people or 0))):
            if estimate := estimate_of(finding):
                of_measure.setdefault(estimate.measure, estimate)
        chosen += of_measure.values()
    return comparable(chosen)


def inconsistency(body: Body, _start: BodyStart) -> Advice:
    """Advise on inconsistency from directions, intervals and I² (GRADE guidelines 7)."""
    counted = body.balance
    sides = (
        counted.group_supports,
        counted.group_contradicts + counted.group_null,
        counted.group_divided,
    )
    decided = sum(sides)
    sentences = []
    move = 0
    if decided <= 1:
        sentences.append("Fewer than two independent groups are conclusive, so consistency cannot be judged.")
    else:
        minority = decided - max(sides[0], sides[1])
        support, oppose, mixed = (
            "supports" if sides[0] == 1 else "support",
            "is" if sides[1] == 1 else "are",
            "has" if sides[2] == 1 else "have",
        )
        sentences.append(
            f"Of {decided} conclusive independent groups, {sides[0]} {support} the claim "
            f"and {sides[1]} {oppose} against it"
            + (f"; {sides[2]} {mixed} mixed results." if sides[2] else ".")
        )
        if minority * 3 >= decided:
            move = -2 if minority * 5 >= decided * 2 and decided >= 5 else -1
    for measure, estimates in comparable_estimates(body).items():
        result = heterogeneity(estimates)
        overlap = (
            "all intervals overlap"
            if result.all_overlap
            else "these intervals do not overlap: " + "; ".join(" and ".join(pair) for pair in result.apart)
        )
        sentences.append(
            f"{measure.label}, {plural(result.n, 'estimate')}: I² is {result.i2:.0f}% "
            f"(Q {result.q:.2f}, p {_shown_p(result.p)}), which {_read(result.words)}; {overlap}."
        )
        if measure is EffectMeasure.MD:
            sentences.append(
                "The estimates are compared as if they were in the same unit. Check that they are."
            )
        if result.i2 >= CONSIDERABLE and result.apart:
            move = min(move, -2)
        elif result.i2 >= SUBSTANTIAL:
            move = min(move, -1)
    against = [f for f in body.findings if f.direction in {Direction.CONTRADICTS, Direction.NULL}]
    supporting = [f for f in body.findings if f.direction is Direction.SUPPORTS]
    fewer = min(against, supporting, key=len) or max(against, supporting, key=len)
    return advice(body, CertaintyDomain.INCONSISTENCY, move, sentences, fewer)


def imprecision(body: Body, _start: BodyStart) -> Advice:
    """Advise on imprecision from the numbers and the intervals (GRADE guidelines 6 and guidance 34)."""
    transfer = body.kind is ClaimKind.ANIMAL_TRANSFER
    number, known = _units(body) if transfer else body.people
    groups = body.balance.groups
    unit = "serum donor" if transfer else "person"
    few, very_few = (FEW_DONORS, VERY_FEW_DONORS) if transfer else (FEW_PEOPLE, VERY_FEW_PEOPLE)
    move = 0
    sentences = []
    animals = sum(max(f.n_animals or 0 for f in group) for group in body.groups)
    if not known and animals and not transfer:
        # GRADE gives no number for animals, so only intervals can show precision.
        move = 0 if any(estimate_of(f) for f in body.deciding) else -1
        sentences.append(
            f"At least {plural(animals, 'animal')}, and no number of people. There is no rule of thumb for "
            "animals; judge by the intervals."
        )
    elif not known:
        move = -1
        sentences.append(
            "No sample sizes are stored, so precision cannot be judged. Add them if they are reported."
        )
    else:
        missing = f" (known for {known} of {groups} independent groups)" if known < groups else ""
        sentences.append(f"At least {plural(number, unit, 'people' if unit == 'person' else None)}{missing}.")
        if number < very_few:
            move = -2
            sentences.append(
                f"That is far too few; fewer than {few} rarely reach the optimal information size."
            )
        elif number < few:
            move = -1
            sentences.append(f"Fewer than {few} rarely reach the optimal information size.")
    if transfer and any(f.n_animals for f in body.findings):
        sentences.append("Animals that received the same serum are not independent; count the donors.")
    open_ended = list(_open_ended(body))
    if open_ended:
        names = ", ".join(f.citation for f in open_ended)
        sentences.append(f"Intervals that include both no effect and an appreciable effect: {names}.")
        with_interval = [f for f in body.deciding if estimate_of(f)]
        if len(open_ended) * 2 > len(with_interval):
            move = min(move, -1)
    if move == 0 and any(body.weaknesses_on(CertaintyDomain.IMPRECISION)):
        move = -1
    numberless = [f for f in body.deciding if f.people is None]
    return advice(
        body, CertaintyDomain.IMPRECISION, move, sentences, open_ended or numberless or body.deciding
    )


def _units(body: Body) -> tuple[int, int]:
    """Return the minimum number of serum donors, and the number of groups for which it is known."""
    largest = [max(f.n_donors or f.people or 0 for f in group) for group in body.groups]
    known = [number for number in largest if number]
    return sum(known), len(known)


def _shown_p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def _read(words: str) -> str:
    return words if words.startswith("m") else f"is {words}"


def _open_ended(body: Body) -> Iterator[Finding]:
    for finding in body.deciding:
        estimate = estimate_of(finding)
        if estimate is not None:
            width = wide(estimate)
            if width.crosses_no_effect and width.crosses_appreciable:
                yield finding
