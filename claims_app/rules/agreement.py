"""How far two raters agree beyond chance on ordered categories: weighted kappa."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.vocabulary import Term


class Weights(Term):
    """How much a disagreement counts by the number of steps between the two categories."""

    LINEAR = (
        "linear",
        "Linear",
        "A disagreement counts by its number of steps: two steps twice as much as one.",
    )
    QUADRATIC = ("quadratic", "Quadratic", "It counts by the square: two steps four times as much as one.")
    NONE = ("none", "None", "Every disagreement counts alike, however many steps it is.")


STRENGTHS = (
    (0.20, "slight"),
    (0.40, "fair"),
    (0.60, "moderate"),
    (0.80, "substantial"),
    (1.00, "almost perfect"),
)
"""What kappa up to a value is called: Landis and Koch, Biometrics 1977;33:159–74. Below 0 it is “poor”."""

_NOISE = 1e-6
# A smaller standard error is a zero with rounding in it: real ones are a fraction of 1/√n.


@dataclass(frozen=True)
class Agreement:
    """How far two raters agree on `n` pairs of ratings.

    `observed` is the share of equal pairs from 0 to 1, None without pairs. `kappa` is at most 1; 0 is what chance
    gives; it is None where it is not defined. `low` and `high` are its 95% interval, None where there is none.
    """

    n: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    weights: Weights

    @property
    def words(self) -> str:
        """What the strength of agreement is called; “not defined” without a kappa."""
        if self.kappa is None:
            return "not defined"
        shown = round(self.kappa, 2)  # the bands are printed with two digits: 0.20, then 0.21
        if shown < 0:
            return "poor"
        return next(word for most, word in STRENGTHS if shown <= most)


def weighted_kappa(
    pairs: Sequence[tuple[int, int]], categories: int, weights: Weights = Weights.LINEAR
) -> Agreement:
    """Return how far two raters agree, beyond chance.

    A pair is what the two raters said of one thing: numbers of ordered categories, from 0 up to, and without,
    `categories`. A category that nobody used keeps its place between the others.

    Weighted kappa is 1 - observed / expected disagreement, both weighted (Cohen, Psychol Bull 1968;70:213–20);
    without weights it is Cohen's kappa of 1960. The interval is kappa ± 1.96 standard errors (Fleiss, Cohen and
    Everitt, Psychol Bull 1969;72:323–7), kept within -1 and 1.

    The weights are linear unless said otherwise (Cicchetti and Allison, Am J EEG Technol 1971;11:101–9). GRADE
    moves certainty by whole levels, each for a concern of its own, so two levels apart is twice as far as one.
    Quadratic weights forgive neighbours nearly everything, and among four levels most are neighbours; their kappa
    also grows with the number of categories, more than linear kappa does (Brenner and Kliebisch, Epidemiology
    1996;7:199–202), so that the levels and the domains, which have fewer, could not be read side by side.

    Kappa is None for fewer than two pairs, and where all ratings are of one category: chance alone would agree
    then, too. The interval is also None where the standard error comes out at zero, which it does when the raters
    never differ, or when one of them never varies: an interval of no width would claim certainty.

    Raises ValueError for a rating outside the categories.
    """
    if not all(0 <= rating < categories for pair in pairs for rating in pair):
        raise ValueError(f"A rating is the number of a category, from 0 to {categories - 1}.")
    n = len(pairs)
    observed = sum(one == other for one, other in pairs) / n if n else None
    if n < 2 or len({rating for pair in pairs for rating in pair}) < 2:
        return Agreement(n, observed, None, None, None, weights)

    # Imported here, since it takes about a second and most pages never need it.
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    counted = Counter(pairs)
    table = np.array([[counted[one, other] for other in range(categories)] for one in range(categories)])
    # The tests that come along divide by standard errors, which may be zero; what is read here does not.
    with np.errstate(all="ignore"):
        result = cohens_kappa(table, wt=None if weights is Weights.NONE else weights.value)
    # Rounded, since the last digits are noise, with which a kappa of 0 would be shown as -0.00.
    kappa = round(float(result.kappa), 12) + 0.0
    if not result.std_kappa > _NOISE:
        return Agreement(n, observed, kappa, None, None, weights)
    low, high = max(-1.0, float(result.kappa_low)), min(1.0, float(result.kappa_upp))
    return Agreement(n, observed, kappa, low, high, weights)
