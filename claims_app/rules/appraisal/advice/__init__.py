"""Suggestions for each domain from the stored evidence, with their reasons; never a decision."""

from collections.abc import Callable

from claims_app.rules.appraisal.advice.conduct import publication_bias, risk_of_bias
from claims_app.rules.appraisal.advice.fit import indirectness
from claims_app.rules.appraisal.advice.results import imprecision, inconsistency
from claims_app.rules.appraisal.advice.shared import Advice
from claims_app.rules.appraisal.advice.upward import (
    dose_response_gradient,
    large_effect,
    opposing_confounding,
)
from claims_app.rules.appraisal.body import Body
from claims_app.rules.appraisal.starting import BodyStart
from claims_app.vocabulary import CertaintyDomain

__all__ = ["Advice", "advise"]

_ADVISERS: dict[CertaintyDomain, Callable[[Body, BodyStart], Advice]] = {
    CertaintyDomain.RISK_OF_BIAS: risk_of_bias,
    CertaintyDomain.INCONSISTENCY: inconsistency,
    CertaintyDomain.INDIRECTNESS: indirectness,
    CertaintyDomain.IMPRECISION: imprecision,
    CertaintyDomain.PUBLICATION_BIAS: publication_bias,
    CertaintyDomain.LARGE_EFFECT: large_effect,
    CertaintyDomain.DOSE_RESPONSE_GRADIENT: dose_response_gradient,
    CertaintyDomain.OPPOSING_CONFOUNDING: opposing_confounding,
}


def advise(body: Body, start: BodyStart) -> dict[CertaintyDomain, Advice]:
    """Return the advice for each domain on the `body` of evidence that starts at `start`."""
    return {domain: adviser(body, start) for domain, adviser in _ADVISERS.items()}
