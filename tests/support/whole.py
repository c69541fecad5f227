"""Claims with everything they are based on, as plain values, for the formats that are made from them."""

import dataclasses
import datetime
import random
from typing import Any

from hypothesis import strategies as st

from claims_app.formats.linked.whole import (
    Effect,
    Judged,
    QuotedText,
    WholeAppraisal,
    WholeClaim,
    WholeEvidence,
    WholeLimitation,
    WholeStudy,
)
from claims_app.rules.appraisal.phrasing import quotable_sentence
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

SITE = "https://claims.example"
NOW = datetime.datetime(2026, 11, 28, 9, 30, 0, 125, tzinfo=datetime.UTC)
MOMENT = "2026-11-28T09:30:00.000125Z"
STATEMENT = "Antibodies are raised in people with fibromyalgia."
QUOTE = QuotedText("raised in “all” patients\\n", QuoteCheck.VERIFIED, "Results")
STUDY = WholeStudy(
    public_id="STU-1",
    version=1,
    title='Passive transfer <of> symptoms & "signs"',
    authors=["Goebel, Andreas 0000-0002-1825-0097", "FibroGroup"],
    year=2021,
    journal="J Clin Invest",
    volume="131",
    issue="13",
    pages="e144201",
    doi="10.1002/(sici)1<1::aid>3.0.co;2-#",
    pmid="34196305",
    pmcid="PMC8245181",
    registry_id=None,
    url="https://example.org/a b",
    design=StudyDesign.CASE_CONTROL,
    publication_state=PublicationState.PUBLISHED,
    standing=Standing.CURRENT,
    standing_date=None,
    standing_notice_doi=None,
    citation="Goebel et al. 2021",
)
LIMITATION = WholeLimitation(
    "LIM-1", LimitationKind.SMALL_SAMPLE, CertaintyDomain.IMPRECISION, "The sample is small.", QUOTE
)
EVIDENCE = WholeEvidence(
    public_id="EVD-1",
    version=2,
    study=STUDY,
    direction=Direction.SUPPORTS,
    directness=Directness.DIRECT,
    hedge=Hedge.STATED,
    risk_of_bias=RiskOfBias.HIGH,
    summary="Antibodies were higher in patients.",
    outcome="Titre",
    effect=Effect(EffectMeasure.OR, 4.52, 1.86, 11.0, 95.0, "P < 0.001", 0.001),
    n_cases=40,
    n_controls=38,
    n_animals=None,
    n_donors=None,
    unit_of_analysis=UnitOfAnalysis.PARTICIPANTS,
    quote=QUOTE,
    limitations=[],
    why_uncounted=None,
)
APPRAISAL = WholeAppraisal(
    public_id="APR-1",
    scheme=Scheme.GRADE,
    scheme_version="1",
    appraised_at=NOW,
    appraised_by="ada",
    start_level=EvidenceLevel.LOW,
    start_reason="Case–control study.",
    domains=[
        Judged(domain, -1 if domain is CertaintyDomain.RISK_OF_BIAS else 0, f"{domain.label} was judged so.")
        for domain in CertaintyDomain
    ],
    computed_level=EvidenceLevel.VERY_LOW,
    level=EvidenceLevel.VERY_LOW,
    override_reason=None,
    conclusion=Conclusion.SUPPORTED,
    conclusion_reason="One study supports it.",
    rationale="One study, open to bias.",
    explanation="Starts at low. Risk of bias −1.",
    evidence_ids=["EVD-1"],
)
CLAIM = WholeClaim(
    public_id="CLM-1",
    version=3,
    statement=STATEMENT,
    said="",
    verdict=Verdict(Conclusion.SUPPORTED, EvidenceLevel.VERY_LOW),
    kind=ClaimKind.ASSOCIATION,
    status=ClaimStatus.ACTIVE,
    population="people with fibromyalgia",
    exposure=None,
    comparator="healthy controls",
    outcome="antibodies",
    topics=["Pain"],
    created_at=NOW,
    changed_at=NOW,
    stale_since=None,
    last_searched_at=NOW,
    why_unreviewed=None,
    origin=dataclasses.replace(STUDY, public_id="STU-2", design=StudyDesign.NEWS_REPORT, doi=None),
    origin_quote=QUOTE,
    limitations=[LIMITATION],
    evidence=[EVIDENCE],
    appraisal=APPRAISAL,
)


def whole(**values: object) -> WholeClaim:
    """Return the claim with other values, and with what is said of it."""
    made = dataclasses.replace(CLAIM, **values)  # type: ignore[arg-type]
    return dataclasses.replace(made, said=quotable_sentence(made.statement, made.verdict, ()))


def unassessed(**values: object) -> WholeClaim:
    """Return a claim that was not appraised."""
    return whole(verdict=Verdict(None, EvidenceLevel.NOT_ASSESSED), appraisal=None, **values)


def claims() -> st.SearchStrategy[WholeClaim]:
    """Return claims with any terms and numbers, any texts, and with or without everything that may be missing.

    Only the texts are drawn one by one: hypothesis takes longer to choose from a hundred lists than the tests to run.
    """
    signs = st.characters(exclude_categories=["C"], include_characters="\n\t")
    texts = st.lists(st.text(signs, min_size=1).filter(str.strip), min_size=3, max_size=3)
    return st.builds(_any_claim, st.integers(0, 2**32), texts)


def _any_claim(seed: int, texts: list[str]) -> WholeClaim:
    choice = random.Random(seed)

    def some(*values: Any) -> Any:
        return choice.choice(values)

    def text() -> str:
        return some(*texts)

    def number() -> float | None:
        return some(None, 0.0, choice.uniform(-1e6, 1e6), choice.random() / 1e6)

    def quote() -> QuotedText | None:
        return some(None, QuotedText(text(), some(*QuoteCheck), some(None, text())))

    study = dataclasses.replace(
        STUDY,
        title=text(),
        authors=some([], [text()], STUDY.authors),
        year=some(None, 1998),
        journal=some(None, text()),
        volume=some(None, text()),
        doi=some(None, text(), STUDY.doi),
        url=some(None, "https://example.org/é?a=<b>"),
        design=some(None, *StudyDesign),
        publication_state=some(*PublicationState),
        standing=some(*Standing),
        standing_date=some(None, NOW.date()),
        standing_notice_doi=some(None, "10.1/x"),
    )
    limitation = WholeLimitation(
        "LIM-1", some(*LimitationKind), some(None, *CertaintyDomain), text(), quote()
    )
    evidence = dataclasses.replace(
        EVIDENCE,
        study=study,
        direction=some(*Direction),
        directness=some(*Directness),
        hedge=some(None, *Hedge),
        risk_of_bias=some(*RiskOfBias),
        summary=some(None, text()),
        outcome=some(None, text()),
        effect=Effect(
            some(None, *EffectMeasure),
            *(number() for _ in range(4)),
            some(None, "<0.001", "0.04", "p ≤ .05"),
            some(None, 0.04),
        ),
        n_cases=some(None, 0, 40),
        n_animals=some(None, 12),
        unit_of_analysis=some(None, *UnitOfAnalysis),
        quote=quote(),
        limitations=some([], [limitation]),
        why_uncounted=some(None, "it was not accepted"),
    )
    appraisal = dataclasses.replace(
        APPRAISAL,
        level=some(*(level for level in EvidenceLevel if level.rank)),
        conclusion=some(*Conclusion),
        domains=[Judged(some(*CertaintyDomain), choice.randint(-3, 2), some(None, text()))],
        rationale=some(None, text()),
        appraised_by=some(None, text()),
        evidence_ids=some([], ["EVD-1"], ["EVD-1", "EVD-2"]),
    )
    is_appraised = some(True, False)
    return (whole if is_appraised else unassessed)(
        **({"verdict": Verdict(appraisal.conclusion, appraisal.level)} if is_appraised else {}),
        **({"appraisal": appraisal} if is_appraised else {}),
        statement=text(),
        kind=some(*ClaimKind),
        status=some(*ClaimStatus),
        population=some(None, text()),
        exposure=some(None, text()),
        comparator=some(None, text()),
        outcome=some(None, text()),
        topics=some([], [text()]),
        stale_since=some(None, NOW),
        last_searched_at=some(None, NOW),
        origin=some(None, study),
        origin_quote=quote(),
        limitations=some([], [limitation]),
        evidence=some([], [evidence]),
    )
