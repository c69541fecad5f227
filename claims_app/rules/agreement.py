"""Weighted kappa: how far two raters agree beyond chance on ordered categories."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from claims_app.vocabulary import Term


class Weights(Term):
    """How much a disagreement counts, by the number of steps between the two categories."""

    LINEAR = (
        "linear",
        "Linear",
        "A disagreement counts by its number of steps: two steps twice as much as one.",
    )
    QUADRATIC = ("quadratic", "Quadratic", "It counts by the square: two steps four times as much as one.")
    NONE = ("none", "None", "Every disagreement counts the same, however many steps it is.")

    def disagreement(self, one: int, other: int) -> int:
        """Return the weight of a disagreement between two categories; it is 0 for equal ones."""
        steps = abs(one - other)
        if self is Weights.LINEAR:
            return steps
        return steps**2 if self is Weights.QUADRATIC else int(steps > 0)


STRENGTHS = (
    (0.20, "slight"),
    (0.40, "fair"),
    (0.60, "moderate"),
    (0.80, "substantial"),
    (1.00, "almost perfect"),
)
"""The name of kappa up to a value: Landis and Koch, Biometrics 1977;33:159–74. Below 0 it is “poor”."""


@dataclass(frozen=True)
class Agreement:
    """How far two raters agree on `n` pairs of ratings.

    `observed` is the share of equal pairs (0 to 1), or None if there are no pairs. `kappa` is at most 1, and 0
    for chance agreement; it is None if it is undefined. `low` and `high` are its 95% interval, or None.
    """

    n: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    weights: Weights

    @property
    def words(self) -> str:
        """The name of the strength of agreement; “not defined” without a kappa."""
        if self.kappa is None:
            return "not defined"
        shown = round(self.kappa, 2)  # the bands are printed with two digits: 0.20, then 0.21
        if shown < 0:
            return "poor"
        return next(word for most, word in STRENGTHS if shown <= most)


def weighted_kappa(
    pairs: Sequence[tuple[int, int]], categories: int, weights: Weights = Weights.LINEAR
) -> Agreement:
    """Return how far two raters agree beyond chance.

    A pair holds the two raters' judgements of one item, as numbers of ordered categories from 0 up to, but not
    including, `categories`. Categories that nobody used still count as steps between the others.

    Weighted kappa is 1 - observed / expected disagreement, both weighted (Cohen, Psychol Bull 1968;70:213–20).
    Without weights it is Cohen's kappa of 1960. The interval is kappa ± 1.96 large-sample standard errors (Fleiss,
    Cohen and Everitt, Psychol Bull 1969;72:323–7), limited to -1 and 1.

    The weights are linear by default (Cicchetti and Allison, Am J EEG Technol 1971;11:101–9): GRADE moves certainty
    by whole levels, each for a concern of its own, so a difference of two levels is twice as large as one.
    Quadratic weights hardly count neighbouring levels, and of four levels most are neighbours. Their kappa also
    grows more with the number of categories than linear kappa does (Brenner and Kliebisch, Epidemiology
    1996;7:199–202), so the kappas of levels and of domains, which have fewer categories, could not be compared.

    Kappa is None for fewer than two pairs, and if all ratings are of one category, where chance alone gives full
    agreement. The interval is also None if the standard error is zero. That happens if the raters never differ or
    if one of them always chooses the same category; an interval without width would suggest certainty.

    Raises ValueError for a rating outside the categories.
    """
    if not all(0 <= rating < categories for pair in pairs for rating in pair):
        raise ValueError(f"A rating is the number of a category, from 0 to {categories - 1}.")
    n = len(pairs)
    agreed = sum(one == other for one, other in pairs) / n if n else None
    if n < 2 or len({rating for pair in pairs for rating in pair}) < 2:
        return Agreement(n, agreed, None, None, None, weights)

    # Everything up to the square root is a ratio of whole numbers and thus exact, so a kappa or a standard error of
    # zero is recognised. The formulas are those of the papers, with disagreement weights for agreement weights.
    def mean_disagreement(category: int, ratings: Counter[int]) -> Fraction:
        total = sum(count * weights.disagreement(category, rating) for rating, count in ratings.items())
        return Fraction(total, n)

    counted = Counter(pairs)
    ones, others = (Counter(pair[rater] for pair in pairs) for rater in (0, 1))
    to_others = {category: mean_disagreement(category, others) for category in ones}
    to_ones = {category: mean_disagreement(category, ones) for category in others}
    observed = Fraction(sum(count * weights.disagreement(*pair) for pair, count in counted.items()), n)
    expected = sum((count * to_others[category] for category, count in ones.items()), Fraction()) / n
    ratio = observed / expected
    kappa = float(1 - ratio)

    squares = sum(
        (
            count * (weights.disagreement(one, other) - ratio * (to_others[one] + to_ones[other])) ** 2
            for (one, other), count in counted.items()
        ),
        Fraction(),
    )
    variance = (squares / n - observed**2) / (n * expected**2)
    if variance == 0:
        return Agreement(n, agreed, kappa, None, None, weights)
    reach = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
    return Agreement(n, agreed, kappa, max(-1.0, kappa - reach), min(1.0, kappa + reach), weights)
