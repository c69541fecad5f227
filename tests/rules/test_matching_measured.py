"""How well duplicates are told from other reports, on labelled pairs made of the studies of the seed."""

from collections import Counter

from claims_app.rules.matching import compare
from claims_app.vocabulary import Relation
from tests.support.labelled import Pair, negatives, positives

PRECISION = 0.98
RECALL = 0.95


def relation(pair: Pair) -> Relation | None:
    """Return what the pair is said to be."""
    match = compare(pair.one, pair.other)
    return match.relation if match else None


def test_precision_and_recall_on_labelled_pairs() -> None:
    found = [(pair, relation(pair)) for pair in [*positives(), *negatives()]]
    said = [pair for pair, told in found if told is Relation.SAME]
    same = [pair for pair, _ in found if pair.same]
    right = sum(pair.same for pair in said)
    precision, recall = right / len(said), right / len(same)
    shown = sum(pair.same and told in (Relation.SAME, Relation.UNSURE) for pair, told in found) / len(same)
    asked = sum(not pair.same and told is Relation.UNSURE for pair, told in found)
    missed = Counter(pair.what for pair, told in found if pair.same and told is not Relation.SAME)
    wrong = Counter(pair.what for pair in said if not pair.same)
    figures = (
        f"{len(same)} pairs that are one and {len(found) - len(same)} that are two: precision {precision:.3f}, "
        f"recall {recall:.3f}, shown at least as unsure {shown:.3f}; {asked} of two are asked about"
    )
    print(figures, f"missed {missed}", f"wrong {wrong}", sep="\n")
    assert len(found) >= 300
    assert len(same) >= 300
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, missed
