"""Agreement of two raters: weighted kappa against published tables and statsmodels, and its properties."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from claims_app.rules.agreement import Agreement, Weights, weighted_kappa

Pairs = list[tuple[int, int]]

CATEGORIES = 4
RATINGS = st.integers(0, CATEGORIES - 1)
PAIRS = st.lists(st.tuples(RATINGS, RATINGS), max_size=30)
WEIGHTS = st.sampled_from(Weights)

# Cohen, Weighted kappa, Psychol Bull 1968;70:213-20, table 1: two judges, 200 cases, three diagnoses. The numbers
# of cases are printed by Kelley, Weighted Kappa: Cohen's 1968 Illustration, Worked in Full (R package DMAR 1.0.0).
COHEN_1968 = [[88, 10, 2], [14, 40, 6], [18, 10, 12]]

# Hout et al., Sociol Methodol 1987;17:145-84, as in Agresti, Categorical Data Analysis, 1990, and in the R package
# vcd as SexualFun: 91 couples, husband down and wife across, four ordered answers.
HOUT_1987 = [[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]]

# Kundel and Polansky, Measurement of Observer Agreement, Radiology 2003;228:303-8, table A1, as in the R package
# vcdExtra: 110 mammograms, two readers, absent, minimal, moderate or severe.
KUNDEL_2003 = [[34, 10, 2, 0], [6, 8, 8, 2], [2, 5, 4, 12], [0, 1, 2, 14]]

# Boyd et al., J Natl Cancer Inst 1982;68:357-63, as in Altman, Practical Statistics for Medical Research, 1991,
# pages 403-5: 85 xeromammograms, two radiologists, normal, benign, suspected cancer or cancer.
ALTMAN_1991 = [[21, 12, 0, 0], [4, 17, 1, 0], [3, 9, 15, 2], [0, 0, 0, 1]]


def pairs_of(table: list[list[int]]) -> Pairs:
    """Return the pairs of ratings that a table counts: the first rater down, the second across."""
    return [
        (one, other) for one, row in enumerate(table) for other, count in enumerate(row) for _ in range(count)
    ]


def kappa_of(table: list[list[int]], weights: Weights = Weights.LINEAR) -> Agreement:
    """Return the agreement in a table."""
    return weighted_kappa(pairs_of(table), len(table), weights)


def standard_error(agreement: Agreement) -> float:
    """Return the standard error from the interval of an agreement."""
    assert agreement.low is not None
    assert agreement.high is not None
    return (agreement.high - agreement.low) / (2 * 1.959964)


def test_kappa_without_weights_is_that_of_cohen_and_its_interval_that_of_fleiss_cohen_and_everitt() -> None:
    # Cohen 1968: kappa .492. Kelley, DMAR: .492, standard error .051, interval .392 to .591.
    found = kappa_of(COHEN_1968, Weights.NONE)
    assert found.n == 200
    assert found.observed == pytest.approx(0.70)
    assert found.kappa == pytest.approx(0.492, abs=0.0005)
    assert (found.low, found.high) == pytest.approx((0.392, 0.591), abs=0.0005)
    assert standard_error(found) == pytest.approx(0.051, abs=0.0005)


def test_kappa_with_quadratic_weights_is_as_published() -> None:
    # Kelley, DMAR, on Cohen's table: 0.4545455.
    assert kappa_of(COHEN_1968, Weights.QUADRATIC).kappa == pytest.approx(0.4545455, abs=5e-8)


@pytest.mark.parametrize(
    ("weights", "kappa", "error", "low", "high"),
    [
        # Friendly, Working with categorical data with R and the vcd and vcdExtra packages: Kappa(SexualFun).
        (Weights.NONE, 0.1293, 0.06860, -0.005120399, 0.2637809),
        (Weights.LINEAR, 0.2374, 0.07832, 0.083883432, 0.3908778),
    ],
)
def test_kappa_with_linear_weights_and_its_interval_are_as_published(
    weights: Weights, kappa: float, error: float, low: float, high: float
) -> None:
    found = kappa_of(HOUT_1987, weights)
    assert found.kappa == pytest.approx(kappa, abs=5e-5)
    assert standard_error(found) == pytest.approx(error, abs=5e-6)
    assert found.low == pytest.approx(low, abs=5e-8)
    assert found.high == pytest.approx(high, abs=5e-8)


@pytest.mark.parametrize(
    ("weights", "kappa", "error"),
    # The page of Mammograms in vcdExtra: Kappa(Mammograms).
    [(Weights.NONE, 0.3713, 0.06033), (Weights.LINEAR, 0.5964, 0.04923)],
)
def test_linear_weights_give_credit_for_near_misses(weights: Weights, kappa: float, error: float) -> None:
    found = kappa_of(KUNDEL_2003, weights)
    assert found.kappa == pytest.approx(kappa, abs=5e-5)
    assert standard_error(found) == pytest.approx(error, abs=5e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(RATINGS, RATINGS), min_size=2, max_size=60), WEIGHTS)
@example([(0, 1), (1, 0)], Weights.LINEAR)
@example([(0, 3), (3, 0)], Weights.QUADRATIC)
@example([(1, 0), (1, 2), (1, 3)], Weights.NONE)
@example([(0, 0), (1, 1), (2, 2), (3, 3)], Weights.LINEAR)
@example(pairs_of(HOUT_1987), Weights.LINEAR)
@example(pairs_of(KUNDEL_2003), Weights.QUADRATIC)
@example(pairs_of(ALTMAN_1991), Weights.NONE)
@example([(0, 0)] * 1000 + [(0, 3), (3, 2)], Weights.QUADRATIC)
def test_any_kappa_is_that_of_statsmodels(pairs: Pairs, weights: Weights) -> None:
    assume(len({rating for pair in pairs for rating in pair}) > 1)
    # Importing them takes seconds, which only the process that needs them spends.
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.zeros((CATEGORIES, CATEGORIES))
    for pair in pairs:
        table[pair] += 1
    with np.errstate(all="ignore"):  # its tests divide by standard errors, which may be 0
        expected = cohens_kappa(table, wt=None if weights is Weights.NONE else weights.value)
    found = weighted_kappa(pairs, CATEGORIES, weights)
    assert found.kappa == pytest.approx(float(expected.kappa), rel=1e-9, abs=1e-12)
    if found.low is None:
        # A standard error of 0 comes out of statsmodels as a little more, or as the root of a little less.
        assert not expected.std_kappa > 1e-6
    else:
        limits = (max(-1, expected.kappa_low), min(1, expected.kappa_upp))
        assert (found.low, found.high) == pytest.approx(limits, rel=1e-9, abs=1e-9)


def test_linear_weights_are_the_default() -> None:
    # Penn State STAT 509, lesson 18.7, on the radiologists: weighted kappa 0.57, interval 0.44 to 0.70.
    found = weighted_kappa(pairs_of(ALTMAN_1991), 4)
    assert found.weights is Weights.LINEAR
    assert found.kappa == pytest.approx(0.57, abs=0.005)
    assert found.low == pytest.approx(0.44, abs=0.005)
    assert found.high == pytest.approx(0.70, abs=0.005)


def test_two_levels_apart_count_twice_with_linear_weights_and_four_times_with_quadratic() -> None:
    # Calculated by hand: the observed steps over those expected from the raters' own proportions.
    near, far = [(0, 0), (1, 1), (2, 2), (0, 1)], [(0, 0), (1, 1), (2, 2), (0, 2)]
    assert weighted_kappa(near, 3).kappa == pytest.approx(1 - (1 / 4) / (14 / 16))
    assert weighted_kappa(far, 3).kappa == pytest.approx(1 - (2 / 4) / (16 / 16))
    assert weighted_kappa(near, 3, Weights.QUADRATIC).kappa == pytest.approx(1 - (1 / 4) / (20 / 16))
    assert weighted_kappa(far, 3, Weights.QUADRATIC).kappa == pytest.approx(1 - (4 / 4) / (26 / 16))


def test_a_category_that_nobody_used_keeps_its_place() -> None:
    pairs = [(0, 0), (0, 2), (0, 2), (2, 2), (3, 3)]
    assert weighted_kappa(pairs, 4).kappa == weighted_kappa(pairs, 6).kappa
    closed_up = [(max(one - 1, 0), max(other - 1, 0)) for one, other in pairs]
    assert weighted_kappa(closed_up, 3).kappa != weighted_kappa(pairs, 4).kappa


@pytest.mark.parametrize(
    ("pairs", "observed"),
    [([], None), ([(1, 1)], 1.0), ([(0, 3)], 0.0), ([(2, 2)] * 9, 1.0)],
    ids=["no pair", "one equal pair", "one unequal pair", "one category"],
)
@pytest.mark.parametrize("weights", Weights)
def test_kappa_is_not_defined_for_fewer_than_two_pairs_or_without_variation(
    pairs: Pairs, observed: float | None, weights: Weights
) -> None:
    found = weighted_kappa(pairs, CATEGORIES, weights)
    assert found == Agreement(len(pairs), observed, None, None, None, weights)
    assert found.words == "not defined"


@pytest.mark.parametrize("weights", Weights)
@pytest.mark.parametrize(
    "pairs",
    [
        [(1, 0), (1, 2), (1, 3)],
        [(0, 3), (1, 3), (3, 3)],
        [(0, 3), (0, 3)],
        # With quadratic weights, floating point makes the kappa of these -2e-16.
        [(0, 2), (0, 3), (0, 3)],
    ],
)
def test_a_rater_who_always_chooses_one_category_agrees_only_by_chance(
    pairs: Pairs, weights: Weights
) -> None:
    found = weighted_kappa(pairs, CATEGORIES, weights)
    assert found.kappa == 0
    assert (found.low, found.high) == (None, None)
    assert found.words == "slight"


def test_raters_who_always_differ_agree_less_than_chance() -> None:
    found = weighted_kappa([(0, 3), (3, 0)], CATEGORIES)
    assert found.kappa == -1
    assert found.observed == 0
    assert found.words == "poor"


def test_an_interval_does_not_exceed_one() -> None:
    found = weighted_kappa([(0, 0), (1, 1), (2, 2), (3, 3), (3, 2)], CATEGORIES)
    assert found.high == 1


@pytest.mark.parametrize("pair", [(0, 4), (4, 0), (-1, 0), (0, -1)])
def test_a_rating_outside_the_categories_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="from 0 to 3"):
        weighted_kappa([(0, 0), pair], CATEGORIES)


@pytest.mark.parametrize(
    ("kappa", "words"),
    # Landis and Koch, Biometrics 1977;33:159-74: <0.00, 0.00-0.20, 0.21-0.40, 0.41-0.60, 0.61-0.80, 0.81-1.00.
    [
        (-1.0, "poor"),
        (-0.01, "poor"),
        (0.0, "slight"),
        (0.2, "slight"),
        (0.204, "slight"),
        (0.21, "fair"),
        (0.4, "fair"),
        (0.41, "moderate"),
        (0.6, "moderate"),
        (0.61, "substantial"),
        (0.8, "substantial"),
        (0.81, "almost perfect"),
        (1.0, "almost perfect"),
    ],
)
def test_the_strength_of_agreement_has_the_name_of_landis_and_koch(kappa: float, words: str) -> None:
    assert Agreement(10, 0.5, kappa, None, None, Weights.LINEAR).words == words


@settings(deadline=None)
@given(PAIRS, WEIGHTS)
@example([(0, 1), (0, 1)], Weights.NONE)
@example([(0, 0), (3, 3)], Weights.QUADRATIC)
def test_any_ratings_give_a_kappa_of_at_most_one_within_its_interval(pairs: Pairs, weights: Weights) -> None:
    found = weighted_kappa(pairs, CATEGORIES, weights)
    assert found.n == len(pairs)
    assert found.words
    assert (found.observed is None) is (not pairs)
    if found.kappa is None:
        assert len(pairs) < 2 or len({rating for pair in pairs for rating in pair}) == 1
    else:
        assert -1 <= found.kappa <= 1
    assert (found.low is None) is (found.high is None)
    if found.low is not None and found.high is not None and found.kappa is not None:
        assert -1 <= found.low <= found.kappa <= found.high <= 1
        assert found.low < found.high


@settings(deadline=None)
@given(st.lists(RATINGS, min_size=2, max_size=30).filter(lambda ratings: len(set(ratings)) > 1), WEIGHTS)
def test_kappa_is_one_for_perfect_agreement_with_variation(ratings: list[int], weights: Weights) -> None:
    found = weighted_kappa([(rating, rating) for rating in ratings], CATEGORIES, weights)
    assert (found.observed, found.kappa) == (1, 1)
    assert (found.low, found.high) == (None, None)


@settings(deadline=None)
@given(PAIRS.filter(lambda pairs: any(one != other for one, other in pairs)), WEIGHTS)
def test_kappa_is_below_one_if_the_raters_differ(pairs: Pairs, weights: Weights) -> None:
    kappa = weighted_kappa(pairs, CATEGORIES, weights).kappa
    assert kappa is None or kappa < 1


@settings(deadline=None)
@given(PAIRS, WEIGHTS, st.randoms(use_true_random=False))
def test_neither_the_order_of_the_raters_nor_of_the_pairs_matters(
    pairs: Pairs, weights: Weights, random: object
) -> None:
    found = weighted_kappa(pairs, CATEGORIES, weights)
    other_order = [(other, one) for one, other in pairs]
    random.shuffle(other_order)  # type: ignore[attr-defined]
    swapped = weighted_kappa(other_order, CATEGORIES, weights)
    assert (swapped.n, swapped.observed) == (found.n, found.observed)
    for ours, theirs in zip(
        (found.kappa, found.low, found.high), (swapped.kappa, swapped.low, swapped.high), strict=True
    ):
        assert theirs == (ours if ours is None else pytest.approx(ours, abs=1e-9))


@settings(deadline=None)
@given(PAIRS, WEIGHTS)
def test_reversing_the_scale_changes_nothing(pairs: Pairs, weights: Weights) -> None:
    turned = [(CATEGORIES - 1 - one, CATEGORIES - 1 - other) for one, other in pairs]
    ours, theirs = (weighted_kappa(some, CATEGORIES, weights).kappa for some in (pairs, turned))
    assert theirs == (ours if ours is None else pytest.approx(ours, abs=1e-9))
