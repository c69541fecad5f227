"""Advice on rating up: large effect, dose–response gradient and opposing confounding (GRADE guidelines 9)."""

from claims_app.rules.appraisal.advice.results import estimate_of
from claims_app.rules.appraisal.advice.shared import Advice, advice
from claims_app.rules.appraisal.body import Body, Finding
from claims_app.rules.appraisal.starting import BodyStart
from claims_app.vocabulary import (
    CORRELATION_MEASURES,
    RATIO_MEASURES,
    CertaintyDomain,
    ClaimKind,
    Direction,
    EffectMeasure,
    EvidenceLevel,
)

LARGE, VERY_LARGE = 2.0, 5.0
"""A ratio above this, or below its inverse, is a large or very large effect (GRADE guidelines 9)."""


def large_effect(body: Body, start: BodyStart) -> Advice:
    """Advise on a large effect: every supporting ratio must be large, with an interval that excludes no effect."""
    domain = CertaintyDomain.LARGE_EFFECT
    if refused := _not_permitted(body, domain, start):
        return refused
    ratios = [
        f for f in body.findings if f.direction is Direction.SUPPORTS and f.effect_measure in RATIO_MEASURES
    ]
    strengths = [_strength(finding) for finding in ratios]
    if not ratios:
        return advice(
            body, domain, 0, ["No odds, risk or hazard ratio with a confidence interval is stored."]
        )
    against = body.balance.group_contradicts + body.balance.group_null
    smallest = min(strengths)
    groups = [group for group in body.groups if any(finding in ratios for finding in group)]
    sentences = [f"The smallest supporting ratio is {smallest:.3g}."]
    move = 2 if smallest >= VERY_LARGE else 1 if smallest >= LARGE else 0
    if move and (len(groups) < 2 or against):
        move = 0
        sentences.append(
            "That is large, but it comes from one group only or is contradicted; GRADE requires a consistent effect."
        )
    if smallest >= LARGE and any(f.effect_measure is EffectMeasure.OR for f in ratios):
        sentences.append(
            "The thresholds are for risk ratios; an odds ratio is further from 1 if the outcome is common."
        )
    return advice(body, domain, move, sentences, ratios)


def dose_response_gradient(body: Body, start: BodyStart) -> Advice:
    """Advise on a gradient; for a dose–response claim, it is not counted twice."""
    domain = CertaintyDomain.DOSE_RESPONSE_GRADIENT
    if body.kind is ClaimKind.DOSE_RESPONSE:
        return advice(
            body, domain, 0, ["The claim is the gradient itself; rating up for it would count it twice."]
        )
    if refused := _not_permitted(body, domain, start):
        return refused
    graded = [
        f
        for f in body.findings
        if f.direction is Direction.SUPPORTS and f.effect_measure in CORRELATION_MEASURES
    ]
    if graded:
        sentence = (
            "Supporting items report a correlation. If it is between exposure and effect, it is a gradient."
        )
        return advice(body, domain, 0, [sentence], graded)
    return advice(body, domain, 0, ["No stored estimate shows a gradient."])


def opposing_confounding(body: Body, start: BodyStart) -> Advice:
    """Advise on opposing confounding, which the stored evidence cannot show."""
    domain = CertaintyDomain.OPPOSING_CONFOUNDING
    if refused := _not_permitted(body, domain, start):
        return refused
    return advice(
        body,
        domain,
        0,
        [
            "The stored evidence cannot show this. Name the confounders, and how each would have changed the result."
        ],
    )


def _not_permitted(body: Body, domain: CertaintyDomain, start: BodyStart) -> Advice | None:
    if not start.may_rate_up:
        return advice(body, domain, 0, ["Only non-randomised evidence can be rated up."])
    if start.level is EvidenceLevel.HIGH:
        return advice(
            body,
            domain,
            0,
            ["The evidence starts at high, so it can be rated up only if something is rated down."],
        )
    return None


def _strength(finding: Finding) -> float:
    """Return the ratio of `finding`, inverted if below 1; 1 if its interval includes no effect or is unknown."""
    estimate = estimate_of(finding)
    if estimate is None or estimate.value <= 0 or estimate.ci_low <= 1 <= estimate.ci_high:
        return 1.0
    return max(estimate.value, 1 / estimate.value)
