"""What the advice on all domains shares."""

from collections.abc import Iterable
from dataclasses import dataclass

from claims_app.rules.appraisal.body import Body, Finding
from claims_app.vocabulary import CertaintyDomain


@dataclass(frozen=True)
class Advice:
    """A suggested change for a domain, the reasons in sentences, and the records they are based on."""

    domain: CertaintyDomain
    move: int
    sentences: tuple[str, ...]
    evidence_ids: tuple[int, ...] = ()
    limitation_ids: tuple[int, ...] = ()


def advice(
    body: Body,
    domain: CertaintyDomain,
    move: int,
    sentences: Iterable[str],
    about: Iterable[Finding] = (),
) -> Advice:
    """Return the advice on `domain`, based on the findings in `about` and on every limitation that affects it."""
    reasons = list(sentences)
    evidence = list(dict.fromkeys(finding.evidence_id for finding in about))
    limitations = []
    for name, weakness in body.weaknesses_on(domain):
        reasons.append(f"Limitation of {name}: {weakness.text}")
        limitations.append(weakness.limitation_id)
    return Advice(domain, move, tuple(reasons), tuple(evidence), tuple(limitations))


def plural(number: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun: “1 study”, “3 studies”."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def share(part: int, whole: int) -> str:
    """Return “2 of 5”, or “all 5”, or “none of 5”."""
    if part == whole:
        return f"all {whole}" if whole > 1 else "the only one"
    return f"{part or 'none'} of {whole}"
