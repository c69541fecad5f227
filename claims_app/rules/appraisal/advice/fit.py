"""Advice on how well the evidence fits the claim: indirectness."""

from claims_app.rules.appraisal.advice.shared import Advice, advice, share
from claims_app.rules.appraisal.body import Body
from claims_app.rules.appraisal.starting import BodyStart
from claims_app.vocabulary import CertaintyDomain, ClaimKind, Directness, Species


def indirectness(body: Body, start: BodyStart) -> Advice:
    """Advise on indirectness from the directness of the items and the species (GRADE guidelines 8)."""
    findings = body.deciding
    indirect = [f for f in findings if f.directness is Directness.INDIRECT]
    unknown = [f for f in findings if f.directness is Directness.UNKNOWN]
    sentences = []
    move = 0
    if indirect:
        sentences.append(
            f"Different population, species, exposure or outcome from the claim: {share(len(indirect), len(findings))}."
        )
        if len(indirect) == len(findings):
            move = -2
        elif len(indirect) * 2 >= len(findings):
            move = -1
    if unknown:
        sentences.append(f"Directness unknown: {share(len(unknown), len(findings))}.")
        if len(unknown) * 2 > len(findings):
            move = min(move, -1)
    if not indirect and not unknown and findings:
        sentences.append("Every item matches the claim’s population, exposure and outcome.")
    animals = [f for f in findings if f.species and Species.HUMAN not in f.species]
    if start.point.translated:
        # People may differ from animals; without any human evidence, nobody knows by how much.
        move = min(move, -2 if len(animals) == len(findings) else -1)
        sentences.append(
            "The starting level is based on animal experiments, and the claim is about people: "
            "rate down for indirectness by at least one level (Hooijmans 2018)."
        )
    elif body.kind is ClaimKind.MECHANISM and animals and len(animals) == len(findings):
        # The species that a mechanism is claimed for is not stored, so this suggests no change.
        sentences.append(
            "All evidence is from animals. If the claim is about people, rate down for indirectness."
        )
    if move == 0 and any(body.weaknesses_on(CertaintyDomain.INDIRECTNESS)):
        move = -1
    about = [*indirect, *unknown, *(animals if start.point.translated else [])]
    return advice(body, CertaintyDomain.INDIRECTNESS, move, sentences, about)
