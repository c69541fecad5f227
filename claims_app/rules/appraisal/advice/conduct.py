"""Advice on how the studies were done and published: risk of bias and publication bias."""

from collections import Counter

from claims_app.rules.appraisal.advice.shared import Advice, advice, plural, share
from claims_app.rules.appraisal.body import Body
from claims_app.rules.appraisal.starting import BodyStart
from claims_app.vocabulary import CertaintyDomain, Direction, PublicationState, RiskOfBias, StudyDesign

FEW_STUDIES = 10
"""With fewer studies, funnel plot asymmetry cannot be distinguished from chance (Cochrane Handbook, 13.3.5.4)."""
SMALL_STUDY = 100
"""A study with fewer people counts as small. A rule of this program."""


def risk_of_bias(body: Body, _start: BodyStart) -> Advice:
    """Advise on risk of bias from the judgements on the items (GRADE guidelines 4).

    The majority of the deciding evidence counts, not the best or the worst study.
    """
    findings = body.deciding
    judged = Counter(finding.risk_of_bias for finding in findings)
    high, some, low = (judged[r] for r in (RiskOfBias.HIGH, RiskOfBias.SOME_CONCERNS, RiskOfBias.LOW))
    open_ = judged[RiskOfBias.NOT_ASSESSED]
    known = high + some + low
    concerned = [f for f in findings if f.risk_of_bias in {RiskOfBias.HIGH, RiskOfBias.SOME_CONCERNS}]
    sentences = []
    move = 0
    if known:
        sentences.append(
            f"Of the judged items, high risk of bias: {share(high, known)}; some concerns: {some}; low: {low}."
        )
        if high * 2 > known:
            move = -2
        elif (high + some) * 2 > known:
            move = -1
    if open_:
        sentences.append(
            f"Risk of bias not assessed: {share(open_, len(findings))} "
            f"evidence item{'' if len(findings) == 1 else 's'}. It cannot be assumed to be low."
        )
        if open_ * 2 > len(findings):
            move = min(move, -1)
    if any(body.weaknesses_on(CertaintyDomain.RISK_OF_BIAS)):
        move = min(move, -1)
    uncontrolled = [f for f in findings if f.design is StudyDesign.CASE_SERIES]
    if len(uncontrolled) * 2 > len(findings):
        move = min(move, -1)
        sentences.append(
            "Most of the evidence is from patients without a comparison group (GRADE guidelines 9)."
        )
    unjudged = [f for f in findings if f.risk_of_bias is RiskOfBias.NOT_ASSESSED]
    return advice(body, CertaintyDomain.RISK_OF_BIAS, move, sentences, concerned or unjudged)


def publication_bias(body: Body, _start: BodyStart) -> Advice:
    """Advise on publication bias from the number, size and state of the studies (GRADE guidelines 5)."""
    findings = body.findings
    missing = [f for f in findings if f.publication_state is PublicationState.COMPLETED_UNPUBLISHED]
    abstracts = [f for f in findings if f.publication_state is PublicationState.ABSTRACT_ONLY]
    sentences = []
    move = 0
    if missing:
        move = -1
        sentences.append(f"{plural(len(missing), 'study', 'studies')} completed without published results.")
    if abstracts:
        sentences.append(
            f"{plural(len(abstracts), 'report')} available only as an abstract, not published in full."
        )
    supporting = [f for f in findings if f.direction is Direction.SUPPORTS]
    sizes = [f.people for f in supporting if f.people]
    groups = body.balance.groups
    if groups >= 3 and body.balance.supports == body.balance.items and sizes and max(sizes) < SMALL_STUDY:
        move = -1
        sentences.append(
            f"All {groups} independent groups support the claim, and none has {SMALL_STUDY} people or more: "
            "small studies that found no effect may be missing."
        )
    if body.balance.studies < FEW_STUDIES:
        sentences.append(
            f"{plural(body.balance.studies, 'study', 'studies')} are too few for a funnel plot "
            f"(ten are needed). Look for registered studies without results."
            if body.balance.studies != 1
            else "One study is too few for a funnel plot (ten are needed). Look for registered studies without results."
        )
    return advice(body, CertaintyDomain.PUBLICATION_BIAS, move, sentences, [*missing, *abstracts])
