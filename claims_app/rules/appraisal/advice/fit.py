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
            f"Another population, species, exposure or outcome than the claim’s: {share(len(indirect), len(findings))}."
        )
        if len(indirect) == len(findings):
            move = -2
        elif len(indirect) * 2 >= len(findings):
            move = -1
    if unknown:
        sentences.append(f"Directness is not known: {share(len(unknown), len(findings))}.")
        if len(unknown) * 2 > len(findings):
            move = min(move, -1)
    if not indirect and not unknown and findings:
        sentences.append("Every item is about the claim’s own population, exposure and outcome.")
    animals = [f for f in findings if f.species and Species.HUMAN not in f.species]
    if start.point.translated:
        # People may differ from animals; with no human evidence at all, by how much is anybody's guess.
        move = min(move, -2 if len(animals) == len(findings) else -1)
        sentences.append(
            "The starting level rests on experiments with animals, and the claim is about people: "
            "rate indirectness down by one level at least (Hooijmans 2018)."
        )
    elif body.kind is ClaimKind.MECHANISM and animals and len(animals) == len(findings):
        # Which species a mechanism is claimed for is not stored, so this is no move.
        sentences.append(
            "All of it was seen in animals; if the claim is about people, rate indirectness down."
        )
    if move == 0 and any(body.weaknesses_on(CertaintyDomain.INDIRECTNESS)):
        move = -1
    about = [*indirect, *unknown, *(animals if start.point.translated else [])]
    return advice(body, CertaintyDomain.INDIRECTNESS, move, sentences, about)
