"""Puts what was read into words: the parts of an answer about a claim, and each answer as text."""

import datetime
from collections.abc import Iterable, Iterator, Sequence

from claims_app.assistants.answers import (
    Appraised,
    Changes,
    ClaimInShort,
    EvidenceInShort,
    FoundClaims,
    LevelThen,
    Limited,
    Reason,
    StudyAnswer,
    WholeAnswer,
    Words,
)
from claims_app.formats.linked.whole import Effect, Judged, WholeAppraisal, WholeClaim, WholeEvidence
from claims_app.services.history.as_of import AsOf

_LONGEST = 700
"""Characters of one text in an answer."""


def cut(text: str | None) -> str | None:
    """Return a text, cut if it is long."""
    if text is None or len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST].rstrip()} … (cut; the page has all of it)"


def day(moment: datetime.datetime) -> str:
    """Return the day of a moment, in UTC."""
    return moment.astimezone(datetime.UTC).date().isoformat()


def whole_answer(
    site: str, claim: WholeClaim, levels: Sequence[LevelThen], most: int, then: AsOf | None
) -> WholeAnswer:
    """Return the answer about a claim, with at most `most` evidence items: those that count first."""
    counted_first = sorted(claim.evidence, key=lambda item: item.why_uncounted is not None)
    address = f"{site}/claims/{claim.public_id}"
    return WholeAnswer(
        claim_id=claim.public_id,
        version=claim.version,
        updated_on=day(claim.changed_at),
        as_of=then.text if then else None,
        address=f"{address}?as_of={then.text}" if then else address,
        claim=claim.said,
        certainty=claim.verdict.certainty,
        verdict=str(claim.verdict),
        warnings=claim.warnings,
        kind=claim.kind.label,
        status=claim.status.label,
        topics=claim.topics,
        population=claim.population,
        exposure=claim.exposure,
        comparator=claim.comparator,
        outcome=claim.outcome,
        source=f"{claim.origin.public_id}: {claim.origin.citation}" if claim.origin else None,
        last_searched_on=day(claim.last_searched_at) if claim.last_searched_at else None,
        appraisal=_appraised(site, claim, claim.appraisal) if claim.appraisal else None,
        limitations=[
            Limited(one.public_id, one.kind.label, cut(one.text) or "") for one in claim.limitations
        ],
        evidence=[_evidence(site, item) for item in counted_first[:most]],
        evidence_in_all=len(claim.evidence),
        levels_over_time=levels,
    )


def _appraised(site: str, claim: WholeClaim, appraisal: WholeAppraisal) -> Appraised:
    return Appraised(
        appraisal_id=appraisal.public_id,
        address=f"{site}/appraisals/{appraisal.public_id}",
        appraised_on=day(appraisal.appraised_at),
        appraised_by=appraisal.appraised_by,
        method=f"{appraisal.scheme.label}, version {appraisal.scheme_version} of the rules here",
        verdict=str(claim.verdict),
        starts_at=f"{appraisal.start_level.label}: {cut(appraisal.start_reason)}",
        domains=[Reason(one.domain.label, _change(one), cut(one.reason)) for one in appraisal.domains],
        why_this_conclusion=cut(appraisal.conclusion_reason),
        why_not_the_computed_level=cut(appraisal.override_reason),
        in_sum=cut(appraisal.rationale),
    )


def _change(judged: Judged) -> str:
    if not judged.move:
        return "no change"
    n = abs(judged.move)
    return f"{'lowered' if judged.move < 0 else 'raised'} by {n} level{'' if n == 1 else 's'}"


def _evidence(site: str, item: WholeEvidence) -> EvidenceInShort:
    counts = (
        ("cases", item.n_cases),
        ("controls", item.n_controls),
        ("animals", item.n_animals),
        ("serum donors", item.n_donors),
    )
    return EvidenceInShort(
        evidence_id=item.public_id,
        study_id=item.study.public_id,
        study=item.study.citation,
        address=f"{site}/evidence/{item.public_id}",
        finding=f"{item.direction.label}: {item.direction.definition}",
        directness=item.directness.label,
        design=item.study.design.label if item.study.design else None,
        risk_of_bias=item.risk_of_bias.label,
        summary=cut(item.summary),
        estimate=_estimate(item.effect),
        numbers=", ".join(f"{n} {name}" for name, n in counts if n is not None) or None,
        limitations=[cut(one.text) or "" for one in item.limitations],
        not_counted_because=item.why_uncounted,
        warning=item.study.warning,
    )


def _estimate(effect: Effect) -> str | None:
    if effect.is_empty:
        return None
    parts = []
    if effect.value is not None:
        parts.append(f"{effect.measure.label if effect.measure else 'Effect'} {effect.value:g}")
    if effect.ci_low is not None and effect.ci_high is not None:
        level = f"{effect.ci_level:g} % " if effect.ci_level is not None else ""
        parts.append(f"{level}interval {effect.ci_low:g} to {effect.ci_high:g}")
    if effect.p_value is not None:
        parts.append(f"p {effect.p_value}")
    return ", ".join(parts) or None


Answer = FoundClaims | WholeAnswer | Changes | StudyAnswer | Words


def as_text(answer: Answer) -> str:
    """Return an answer as text, for assistants that do not read structured answers."""
    match answer:
        case FoundClaims():
            return "\n".join(_found(answer))
        case WholeAnswer():
            return "\n".join(_whole(answer))
        case Changes():
            return "\n".join(_changes(answer))
        case StudyAnswer():
            return "\n".join(_study(answer))
        case Words():
            return "\n".join(_words(answer))


def _short(claim: ClaimInShort | WholeAnswer) -> Iterator[str]:
    yield f"{claim.claim_id}, version {claim.version}, {claim.updated_on}: {claim.claim}"
    yield from (f"  Warning: {warning}" for warning in claim.warnings)
    yield f"  {claim.address}"


def _found(answer: FoundClaims) -> Iterator[str]:
    yield f"Claims that match: {answer.total}; here: {len(answer.claims)}"
    for claim in answer.claims:
        yield from _short(claim)
    if answer.next:
        yield f"For more, search again with after={answer.next}"
    yield answer.how_to_quote


def _whole(answer: WholeAnswer) -> Iterator[str]:
    yield from _short(answer)
    yield f"What the evidence says: {answer.verdict}"
    yield from _listed(
        f"{answer.kind}; {answer.status}",
        *(f"topic {topic}" for topic in answer.topics),
        *(f"population: {answer.population}" for _ in [0] if answer.population),
        *(f"exposure: {answer.exposure}" for _ in [0] if answer.exposure),
        *(f"comparator: {answer.comparator}" for _ in [0] if answer.comparator),
        *(f"outcome: {answer.outcome}" for _ in [0] if answer.outcome),
    )
    if (appraisal := answer.appraisal) is not None:
        yield f"Why ({appraisal.appraisal_id}, {appraisal.appraised_on}, {appraisal.method}):"
        yield f"  Starts at {appraisal.starts_at}"
        for one in appraisal.domains:
            yield f"  {one.domain}: {one.change}{f'. {one.reason}' if one.reason else ''}"
        for text in (
            appraisal.why_this_conclusion,
            appraisal.why_not_the_computed_level,
            appraisal.in_sum,
        ):
            if text:
                yield f"  {text}"
    yield from _headed(
        "Limitations", (f"{one.limitation_id} ({one.kind}): {one.text}" for one in answer.limitations)
    )
    yield f"Evidence ({len(answer.evidence)} of {answer.evidence_in_all} items):"
    for item in answer.evidence:
        yield f"  {item.evidence_id}, {item.study} ({item.study_id}): {'; '.join(_facts(item))}"
    yield from _headed(
        "Appraisals over time", (f"{one.appraised_on}: {one.verdict}" for one in answer.levels_over_time)
    )
    yield answer.how_to_quote


def _facts(item: EvidenceInShort) -> Iterator[str]:
    yield item.finding
    uncounted = item.not_counted_because
    for fact in (
        item.summary,
        item.estimate,
        item.numbers,
        item.design,
        f"directness: {item.directness}",
        f"risk of bias: {item.risk_of_bias}",
        f"not counted, because {uncounted}" if uncounted else None,
        item.warning,
        *(f"limitation: {text}" for text in item.limitations),
    ):
        if fact:
            yield fact


def _changes(answer: Changes) -> Iterator[str]:
    yield (
        f"Claims that changed since {answer.since}:"
        if answer.claims
        else f"No claim changed since {answer.since}."
    )
    for changed in answer.claims:
        yield from _short(changed.now)
        yield from (f"  {sentence}" for sentence in changed.what_changed)
    if answer.older_left_out:
        yield "More claims changed; ask since a later day, or for more at a time."
    yield from _headed(
        "Studies retracted or withdrawn",
        (
            f"{one.warning} Evidence for: {', '.join(one.claim_ids) or 'no claim'}"
            for one in answer.studies_taken_back
        ),
    )
    yield answer.how_to_quote


def _study(answer: StudyAnswer) -> Iterator[str]:
    yield f"{answer.study_id}, {answer.citation}: {answer.title}"
    if answer.warning:
        yield f"  Warning: {answer.warning}"
    yield from _listed(
        answer.address,
        answer.publication,
        *(part for part in (answer.design, answer.journal, answer.doi) if part),
    )
    yield f"What it says about claims ({len(answer.findings)} of {answer.findings_in_all} findings):"
    for finding in answer.findings:
        yield f"  {finding.evidence_id}: {finding.finding} {finding.summary or ''}".rstrip()
        if finding.not_counted_because:
            yield f"    Not counted, because {finding.not_counted_because}."
        yield from (f"    {line}" for line in _short(finding.about))
    yield answer.how_to_quote


def _words(answer: Words) -> Iterator[str]:
    topics = (f"{one.topic} ({one.name}): {one.known}" for one in answer.topics)
    yield from _headed("Topics, as filters take them", topics)
    yield from _headed("Releases", (f"{one.version} ({one.day})" for one in answer.releases))
    for name, words in answer.filters.items():
        yield from _headed(f"Values of {name}", (f"{word.value}: {word.definition}" for word in words))


def _headed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"{heading}:"
        yield from (f"  {line}" for line in found)


def _listed(*parts: str) -> Iterator[str]:
    yield f"  {'; '.join(parts)}"
