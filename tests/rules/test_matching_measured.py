"""Precision and recall of matching, on labelled pairs made from the studies of the seed."""

from collections import Counter

from claims_app.rules.matching import compare
from claims_app.vocabulary import Relation
from tests.support.labelled import Pair, negatives, positives

PRECISION = 0.98
RECALL = 0.95


def relation(pair: Pair) -> Relation | None:
    """Return how the pair is related according to the rules."""
    match = compare(pair.one, pair.other)
    return match.relation if match else None


def test_precision_and_recall_on_labelled_pairs() -> None:
    found = [(pair, relation(pair)) for pair in [*positives(), *negatives()]]
    reported = [pair for pair, result in found if result is Relation.SAME]
    same = [pair for pair, _ in found if pair.same]
    right = sum(pair.same for pair in reported)
    precision, recall = right / len(reported), right / len(same)
    shown = sum(pair.same and result in (Relation.SAME, Relation.UNSURE) for pair, result in found) / len(
        same
    )
    asked = sum(not pair.same and result is Relation.UNSURE for pair, result in found)
    missed = Counter(pair.what for pair, result in found if pair.same and result is not Relation.SAME)
    wrong = Counter(pair.what for pair in reported if not pair.same)
    figures = (
        f"{len(same)} pairs of the same report and {len(found) - len(same)} of different ones: "
        f"precision {precision:.3f}, recall {recall:.3f}, found at least as unsure {shown:.3f}; "
        f"{asked} different pairs are unsure"
    )
    print(figures, f"missed {missed}", f"wrong {wrong}", sep="\n")
    assert len(found) >= 300
    assert len(same) >= 300
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, missed
