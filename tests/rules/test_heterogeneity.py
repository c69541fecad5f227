"""Heterogeneity: published meta-analyses, statsmodels as an oracle, properties, and wide intervals."""

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from statistics import NormalDist

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from claims_app.rules.heterogeneity import (
    Estimate,
    Heterogeneity,
    chi_square_tail,
    comparable,
    heterogeneity,
    on_scale,
    wide,
)
from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, EffectMeasure

Z = NormalDist().inv_cdf(0.975)

# Colditz et al., JAMA 1994;271:698-702: tuberculosis after BCG vaccination, in 13 trials. People with and without
# tuberculosis, vaccinated and then unvaccinated; as in the data set dat.bcg of the R packages metafor and metadat.
BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)

# Molloy et al., Ann Behav Med 2014;47:92-101: conscientiousness and medication adherence, in 16 studies. Number of
# people and r; as in the data set dat.molloy2014 of metadat.
MOLLOY = (
    (109, 0.187),
    (749, 0.162),
    (55, 0.340),
    (107, 0.320),
    (72, 0.270),
    (65, 0.000),
    (174, 0.175),
    (326, 0.050),
    (58, 0.260),
    (771, 0.010),
    (56, -0.090),
    (91, 0.370),
    (116, 0.000),
    (537, 0.150),
    (158, 0.240),
    (65, 0.040),
)

# PCB 28 measured by six laboratories, with standard errors: from the NIST Decision Tree for key comparisons,
# https://github.com/usnistgov/NIST-Decision-Tree, R/CochranDerSimonianLaird.R, which prints the results of metafor
# and of metRology.
PCB28 = ((34.3, 1.03), (32.9, 0.69), (34.53, 0.83), (32.42, 0.29), (31.9, 0.4), (35.8, 0.38))


def estimate(
    measure: EffectMeasure, value: float, low: float, high: float, level: float = 95, label: str = "EVD-1"
) -> Estimate:
    """Return an estimate with its interval."""
    return Estimate(label, measure, value, low, high, level)


def around(
    measure: EffectMeasure,
    effect: float,
    error: float,
    back: Callable[[float], float] = float,
    label: str = "EVD-1",
) -> Estimate:
    """Return the estimate with this effect and standard error on the scale of analysis."""
    value, low, high = (back(effect + side * Z * error) for side in (0, -1, 1))
    return Estimate(label, measure, value, low, high, 95)


def risk_ratio(
    cases: int, healthy: int, other_cases: int, other_healthy: int, label: str = "EVD-1"
) -> Estimate:
    """Return the risk ratio of a 2×2 table, with the interval from the large-sample variance of its log."""
    people, others = cases + healthy, other_cases + other_healthy
    effect = math.log((cases / people) / (other_cases / others))
    error = math.sqrt(1 / cases - 1 / people + 1 / other_cases - 1 / others)
    return around(EffectMeasure.RR, effect, error, math.exp, label)


def cochran(points: list[tuple[float, float]]) -> float:
    """Return Cochran's Q of effects and standard errors from its definition, in exact arithmetic."""
    exact = [(Fraction(effect), 1 / Fraction(error) ** 2) for effect, error in points]
    mean = sum(effect * weight for effect, weight in exact) / sum(weight for _, weight in exact)
    return float(sum(weight * (effect - mean) ** 2 for effect, weight in exact))


def bcg() -> list[Estimate]:
    """Return the risk ratios of the BCG trials."""
    return [risk_ratio(*table, label=f"EVD-{number}") for number, table in enumerate(BCG, start=1)]


# Published results


def test_the_bcg_trials_are_as_heterogeneous_as_published() -> None:
    # metafor, README: Q(df = 12) = 152.2330, p < .0001; its test against metan of Stata, DerSimonian-Laird: I²
    # 92.1173, risk ratio 0.4896, interval 0.3449 to 0.6950.
    found = heterogeneity(bcg())
    assert (found.n, found.df) == (13, 12)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.p < 0.0001
    assert found.i2 == pytest.approx(92.1173, abs=5e-5)
    assert found.pooled == pytest.approx(0.4896, abs=5e-5)
    assert found.pooled_low == pytest.approx(0.3449, abs=5e-5)
    assert found.pooled_high == pytest.approx(0.6950, abs=5e-5)
    assert found.words == "considerable heterogeneity"


def test_intervals_of_the_bcg_trials_do_not_all_overlap() -> None:
    found = heterogeneity(bcg())
    assert not found.all_overlap
    # Hart and Sutherland found 0.24 (0.18 to 0.31), Madras 1.01 (0.89 to 1.14).
    assert ("EVD-4", "EVD-8") in found.apart
    assert ("EVD-1", "EVD-2") not in found.apart


def test_printed_risk_ratios_are_enough() -> None:
    # Rounded to two digits, as in a paper: Q changes by less than a tenth, and no conclusion does.
    printed = [
        replace(one, value=round(one.value, 2), ci_low=round(one.ci_low, 2), ci_high=round(one.ci_high, 2))
        for one in bcg()
    ]
    found = heterogeneity(printed)
    assert found.q == pytest.approx(152.2330, rel=0.1)
    assert found.i2 == pytest.approx(92.1173, abs=1)


def test_correlations_are_compared_as_fishers_z() -> None:
    # metafor on dat.molloy2014, with measure="ZCOR": Q(df = 15) = 38.1595, p-val = 0.0009.
    found = heterogeneity(
        [around(EffectMeasure.R, math.atanh(r), 1 / math.sqrt(people - 3), math.tanh) for people, r in MOLLOY]
    )
    assert found.df == 15
    assert found.q == pytest.approx(38.1595, abs=5e-5)
    assert found.p == pytest.approx(0.0009, abs=5e-5)


@pytest.mark.parametrize("measure", [EffectMeasure.MD, EffectMeasure.SMD, EffectMeasure.PERCENT])
def test_differences_are_compared_as_they_are(measure: EffectMeasure) -> None:
    # metafor, DerSimonian-Laird: Q(df = 5) = 68.2154, I² 92.67%, 33.6004, interval 32.1403 to 35.0606. The p of
    # Q is printed as 2.4092e-13.
    found = heterogeneity([around(measure, value, error) for value, error in PCB28])
    assert found.df == 5
    assert found.q == pytest.approx(68.2154, abs=5e-5)
    assert found.p == pytest.approx(2.4092e-13, rel=1e-4)
    assert found.i2 == pytest.approx(92.67, abs=0.005)
    assert found.pooled == pytest.approx(33.6004, abs=5e-5)
    assert found.pooled_low == pytest.approx(32.1403, abs=5e-5)
    assert found.pooled_high == pytest.approx(35.0606, abs=5e-5)


def test_precise_estimates_far_from_zero_keep_their_digits() -> None:
    # In the NIST Decision Tree, as above, Q of these comes out as 3.8 or 11.1, depending on their order.
    planck = ((6.62607013, 6.00e-08), (6.62607006, 1.65e-07), (6.62606993, 8.90e-08))
    estimates = [around(EffectMeasure.MD, value, error) for value, error in planck]
    exact = cochran([on_scale(one) for one in estimates])
    for order in permutations(estimates):
        assert heterogeneity(order).q == pytest.approx(exact, rel=1e-9)


# The same from statsmodels and SciPy


def assert_as_statsmodels(estimates: list[Estimate], back: Callable[[float], float]) -> None:
    """Compare with statsmodels, to nine digits."""
    # Importing them takes seconds, which only the process that needs them spends.
    import numpy as np
    from statsmodels.stats.meta_analysis import combine_effects

    points = [on_scale(one) for one in estimates]
    # statsmodels computes Q as a difference of sums, and loses digits if the effects are far from 0.
    origin, _ = min(points, key=lambda point: point[1])
    effects = np.array([effect - origin for effect, _ in points])
    variances = np.array([error**2 for _, error in points])
    with np.errstate(all="ignore"):  # some results that are not used here divide by 0
        combined = combine_effects(effects, variances, method_re="dl")
        test, (fixed, random, *_) = combined.test_homogeneity(), combined.conf_int()
        i2 = float(combined.i2)
    varies = combined.tau2 > 0
    mean = combined.mean_effect_re if varies else combined.mean_effect_fe
    low, high = random if varies else fixed

    found = heterogeneity(estimates)
    assert found.df == test.df
    assert found.q == pytest.approx(float(test.statistic), rel=1e-9, abs=1e-12)
    assert found.p == pytest.approx(float(test.pvalue), rel=1e-9, abs=1e-290)
    assert found.i2 == pytest.approx(max(0.0, 100 * i2) if varies else 0, rel=1e-9, abs=1e-9)
    expected = [back(float(origin + number)) for number in (low, mean, high)]
    assert [found.pooled_low, found.pooled, found.pooled_high] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_published_analyses_are_those_of_statsmodels() -> None:
    assert_as_statsmodels(bcg(), math.exp)
    molloy = [
        around(EffectMeasure.R, math.atanh(r), 1 / math.sqrt(people - 3), math.tanh) for people, r in MOLLOY
    ]
    assert_as_statsmodels(molloy, math.tanh)
    assert_as_statsmodels([around(EffectMeasure.MD, value, error) for value, error in PCB28], float)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-2, 10)), min_size=2, max_size=30))
@example([(0.0, 1.0), (0.0, 1.0)])
@example([(0.0, 1.0), (math.sqrt(2), 1.0)])
@example([(0.0, 1e-3), (5.0, 10.0)])
@example([(-5.0, 1e-3), (5.0, 1e-3)])
@example([(float(number), 0.5) for number in range(30)])
def test_any_analysis_is_that_of_statsmodels(points: list[tuple[float, float]]) -> None:
    assert_as_statsmodels([around(EffectMeasure.MD, *point) for point in points], float)


@given(st.floats(0, 5000), st.integers(1, 3000))
@example(0.0, 1)
@example(0.0, 2)
@example(5e-324, 1)
@example(1e-300, 2)
@example(1e-12, 5)
@example(3.841458820694124, 1)
@example(5.991464547107979, 2)
@example(152.2330, 12)
@example(1400.0, 1)
@example(1400.0, 2)
@example(2000.0, 2001)
@example(3000.0, 3000)
@example(1e5, 3)
@example(1e200, 7)
def test_the_tail_of_chi_square_is_that_of_scipy(statistic: float, df: int) -> None:
    from scipy.stats import chi2

    expected = float(chi2.sf(statistic, df))
    # Below 1e-290 the numbers have no nine digits.
    assert chi_square_tail(statistic, df) == pytest.approx(expected, rel=1e-9, abs=1e-290)


@pytest.mark.parametrize(
    ("statistic", "df"),
    # Abramowitz and Stegun, 1964, table 26.8: percentage points of chi-square, for a tail of 0.05.
    [(3.84146, 1), (5.99147, 2), (7.81473, 3), (11.0705, 5), (18.3070, 10), (43.7729, 30), (124.342, 100)],
)
def test_the_tail_of_chi_square_is_as_printed(statistic: float, df: int) -> None:
    assert chi_square_tail(statistic, df) == pytest.approx(0.05, abs=2e-6)


@given(st.integers(1, 200), st.floats(0, 500), st.floats(0, 500))
def test_the_tail_of_chi_square_falls(df: int, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= chi_square_tail(high, df) <= chi_square_tail(low, df) * (1 + 1e-12) <= 1 + 1e-12


# By hand


def test_equal_estimates_are_homogeneous_and_pool_to_a_narrower_interval() -> None:
    found = heterogeneity([around(EffectMeasure.MD, 2, 1, label=label) for label in ("EVD-1", "EVD-2")])
    assert (found.q, found.i2, found.p) == (0, 0, 1)
    assert found.all_overlap
    assert found.words == "might not be important"
    assert found.pooled == 2
    assert found.pooled_high - 2 == pytest.approx(Z / math.sqrt(2))
    assert 2 - found.pooled_low == pytest.approx(Z / math.sqrt(2))


def test_the_mean_is_that_of_a_fixed_effect_if_q_does_not_exceed_its_degrees_of_freedom() -> None:
    # Weights 1 and 1/4: mean 0.2, Q 0.8 on 1 degree of freedom, standard error 1 / √1.25.
    found = heterogeneity([around(EffectMeasure.MD, 0, 1), around(EffectMeasure.MD, 1, 2)])
    assert found.q == pytest.approx(0.2)
    assert found.i2 == 0
    assert found.pooled == pytest.approx(0.2)
    assert found.pooled_high == pytest.approx(0.2 + Z / math.sqrt(1.25))


def test_an_interval_of_another_level_gives_the_same_standard_error() -> None:
    for level in (50, 80, 90, 99, 99.9):
        reach = NormalDist().inv_cdf(0.5 + level / 200)
        low, high = math.exp(0.7 - 0.3 * reach), math.exp(0.7 + 0.3 * reach)
        found = on_scale(estimate(EffectMeasure.OR, math.exp(0.7), low, high, level))
        assert found == pytest.approx((0.7, 0.3))


def test_an_asymmetric_interval_gives_the_standard_error_of_its_width() -> None:
    effect, error = on_scale(estimate(EffectMeasure.MD, 1, 0, 4))
    assert effect == 1
    assert error == pytest.approx(4 / (2 * Z))


def test_an_area_under_the_curve_is_compared_on_the_logit_scale() -> None:
    effect, error = on_scale(estimate(EffectMeasure.AUC, 0.8, 0.5, 0.9))
    assert effect == pytest.approx(math.log(4))
    assert error == pytest.approx(math.log(9) / (2 * Z))
    found = heterogeneity([estimate(EffectMeasure.AUC, 0.8, 0.7, 0.9)] * 2)
    assert found.pooled == pytest.approx(0.8)


# What can be compared


@pytest.mark.parametrize(
    ("measure", "numbers"),
    [
        (EffectMeasure.OTHER, (1, 0.5, 2)),
        (EffectMeasure.OR, (1, 0, 2)),
        (EffectMeasure.RR, (0, 0, 2)),
        (EffectMeasure.HR, (1, -0.5, 2)),
        (EffectMeasure.R, (0.9, 0.8, 1)),
        (EffectMeasure.RHO, (-1, -1, 0)),
        (EffectMeasure.AUC, (0.9, 0.8, 1)),
        (EffectMeasure.AUC, (0.1, 0, 0.2)),
        (EffectMeasure.MD, (1, 1, 1)),
        (EffectMeasure.MD, (1, 2, 0)),
        (EffectMeasure.SMD, (3, 1, 2)),
        (EffectMeasure.SMD, (0, 1, 2)),
        (EffectMeasure.MD, (math.nan, 1, 2)),
        (EffectMeasure.MD, (1, -math.inf, 2)),
        (EffectMeasure.PERCENT, (1, 0.5, math.inf)),
        (EffectMeasure.MD, (0, -1e308, 1e308)),
        (EffectMeasure.MD, (1e300, 1e300, 1.5e300)),
        (EffectMeasure.MD, (0, 0, 5e-324)),
    ],
)
def test_an_estimate_outside_its_scale_is_left_out_and_refused(
    measure: EffectMeasure, numbers: tuple[float, float, float]
) -> None:
    odd = estimate(measure, *numbers)
    good = estimate(measure, 0.5, 0.25, 0.75)
    assert comparable([odd, good]) == {}
    with pytest.raises(ValueError, match="EVD-1"):
        on_scale(odd)
    with pytest.raises(ValueError, match="EVD-1"):
        heterogeneity([odd, odd])


@pytest.mark.parametrize("level", [0, -95, 100, 105, 1e-20, math.nan, math.inf])
def test_the_level_of_an_interval_is_between_0_and_100_per_cent(level: float) -> None:
    odd = estimate(EffectMeasure.OR, 1, 0.5, 2, level)
    assert comparable([odd, odd]) == {}
    with pytest.raises(ValueError, match="level"):
        on_scale(odd)


def test_two_or_more_estimates_of_one_measure_are_compared() -> None:
    first, second, third = (
        estimate(EffectMeasure.OR, 2, 1, 4, label=label) for label in ("EVD-1", "EVD-2", "EVD-3")
    )
    hazards = [replace(one, measure=EffectMeasure.HR) for one in (first, second)]
    alone = replace(first, measure=EffectMeasure.RR)
    empty = replace(first, ci_high=2, ci_low=2)
    assert comparable([first, *hazards, empty, alone, second, third]) == {
        EffectMeasure.OR: [first, second, third],
        EffectMeasure.HR: hazards,
    }
    assert comparable([]) == {}


def test_r_and_rho_are_different_measures() -> None:
    r, rho = (estimate(measure, 0.5, 0.2, 0.7) for measure in CORRELATION_MEASURES)
    assert comparable([r, rho]) == {}


def test_one_estimate_and_different_measures_are_refused() -> None:
    ratio = estimate(EffectMeasure.OR, 2, 1, 4)
    for few in ([], [ratio]):
        with pytest.raises(ValueError, match="two estimates"):
            heterogeneity(few)
    with pytest.raises(ValueError, match="different measures"):
        heterogeneity([ratio, replace(ratio, measure=EffectMeasure.RR)])


# Overlap


def test_intervals_that_touch_overlap_and_the_others_are_listed() -> None:
    one = estimate(EffectMeasure.OR, 1.5, 1, 2, label="EVD-1")
    touches = estimate(EffectMeasure.OR, 3, 2, 4, label="EVD-2")
    beyond = estimate(EffectMeasure.OR, 5, 4.5, 6, label="EVD-3")
    assert heterogeneity([one, touches]).all_overlap
    found = heterogeneity([beyond, touches, one])
    assert found.apart == (("EVD-3", "EVD-2"), ("EVD-3", "EVD-1"))
    assert not found.all_overlap


def test_overlap_is_judged_by_95_per_cent_intervals_whatever_level_is_printed() -> None:
    # A 90% interval is narrower than the 95% interval of the same estimate, and a 99.9% interval wider.
    low, narrow = estimate(EffectMeasure.MD, 0, -1, 1), estimate(EffectMeasure.MD, 2, 1.1, 2.9, 90)
    assert heterogeneity([low, narrow]).all_overlap
    assert not heterogeneity([low, replace(narrow, ci_level=95)]).all_overlap
    assert not heterogeneity([low, estimate(EffectMeasure.MD, 2, 0.9, 3.1, 99.9)]).all_overlap


# Words


@pytest.mark.parametrize(
    ("i2", "words"),
    # Cochrane Handbook 10.10.2: 0-40, 30-60, 50-90 and 75-100%.
    [
        (0, "might not be important"),
        (29, "might not be important"),
        (30, "might not be important, or may represent moderate heterogeneity"),
        (40.4, "might not be important, or may represent moderate heterogeneity"),
        (41, "may represent moderate heterogeneity"),
        (55, "may represent moderate heterogeneity, or may represent substantial heterogeneity"),
        (61, "may represent substantial heterogeneity"),
        (75, "may represent substantial heterogeneity, or considerable heterogeneity"),
        (90, "may represent substantial heterogeneity, or considerable heterogeneity"),
        (91, "considerable heterogeneity"),
        (100, "considerable heterogeneity"),
    ],
)
def test_i2_is_read_as_in_the_cochrane_handbook(i2: float, words: str) -> None:
    assert Heterogeneity(2, 1, 0.5, i2, 1, 0.5, 2, ()).words == words


# Wide intervals


@pytest.mark.parametrize(
    ("measure", "low", "high", "no_effect", "appreciable"),
    [
        # GRADE guidelines 6: a relative risk of 1; below 0.75 or above 1.25.
        (EffectMeasure.RR, 0.8, 1.2, True, False),
        (EffectMeasure.RR, 0.75, 1.1, True, True),
        (EffectMeasure.RR, 0.9, 1.25, True, True),
        (EffectMeasure.RR, 0.5, 2, True, True),
        (EffectMeasure.RR, 1, 1.2, True, False),
        (EffectMeasure.OR, 1.05, 1.6, False, True),
        (EffectMeasure.HR, 1.5, 3, False, False),
        (EffectMeasure.HR, 0.2, 0.6, False, False),
        (EffectMeasure.OR, 0, 2, True, True),
        (EffectMeasure.SMD, -0.4, 0.4, True, False),
        (EffectMeasure.SMD, -0.1, 0.5, True, True),
        (EffectMeasure.R, -0.2, 0.31, True, True),
        (EffectMeasure.RHO, -1, 0.1, True, True),
        (EffectMeasure.RHO, -0.2, 0.2, True, False),
        (EffectMeasure.AUC, 0.45, 0.65, True, False),
        (EffectMeasure.AUC, 0.45, 1, True, True),
        (EffectMeasure.AUC, 0.25, 0.55, True, True),
        # An appreciable mean difference depends on the unit; `percent` has no value of no effect.
        (EffectMeasure.MD, -100, 100, True, False),
        (EffectMeasure.MD, 1, 100, False, False),
        (EffectMeasure.PERCENT, -50, 50, False, False),
        (EffectMeasure.OTHER, -50, 50, False, False),
    ],
)
def test_an_interval_is_wide_if_it_includes_no_effect_and_an_appreciable_one(
    measure: EffectMeasure, low: float, high: float, no_effect: bool, appreciable: bool
) -> None:
    width = wide(estimate(measure, (low + high) / 2, low, high))
    assert (width.crosses_no_effect, width.crosses_appreciable) == (no_effect, appreciable)


def test_an_interval_is_judged_at_95_per_cent() -> None:
    # 0.78 to 1.08 at 80% is 0.72 to 1.19 at 95%; 0.72 to 1.20 at 99% is 0.76 to 1.12.
    narrow = estimate(EffectMeasure.RR, 0.9, 0.78, 1.08, 80)
    assert wide(narrow).crosses_appreciable
    assert not wide(replace(narrow, ci_level=95)).crosses_appreciable
    assert not wide(estimate(EffectMeasure.RR, 0.9, 0.72, 1.2, 99)).crosses_appreciable


# Properties of any estimates

EFFECTS = st.floats(-5, 5)
ERRORS = st.floats(1e-3, 10)
POINTS = st.lists(st.tuples(EFFECTS, ERRORS), min_size=2, max_size=8)
ANY_NUMBER = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, 95.0])
ANY_ESTIMATE = st.builds(
    Estimate,
    label=st.just("EVD-1"),
    measure=st.sampled_from(EffectMeasure),
    value=ANY_NUMBER,
    ci_low=ANY_NUMBER,
    ci_high=ANY_NUMBER,
    ci_level=st.just(95.0) | ANY_NUMBER,
)


def ratios(points: list[tuple[float, float]]) -> list[Estimate]:
    """Return odds ratios from their logs and standard errors."""
    return [
        around(EffectMeasure.OR, effect, error, math.exp, label=f"EVD-{number}")
        for number, (effect, error) in enumerate(points, start=1)
    ]


@settings(deadline=None)
@given(POINTS)
def test_q_is_that_of_its_definition_and_i2_is_a_percentage(points: list[tuple[float, float]]) -> None:
    estimates = ratios(points)
    found = heterogeneity(estimates)
    q = cochran([on_scale(one) for one in estimates])
    assert found.q == pytest.approx(q, rel=1e-6, abs=1e-6)
    assert 0 <= found.i2 <= 100
    assert found.i2 == pytest.approx(100 * max(0, q - found.df) / q if q else 0, abs=1e-3)
    assert 0 <= found.p <= 1
    assert found.words


@settings(deadline=None)
@given(POINTS)
def test_the_pooled_value_is_between_the_estimates_and_in_its_interval(
    points: list[tuple[float, float]],
) -> None:
    estimates = ratios(points)
    found = heterogeneity(estimates)
    values = [one.value for one in estimates]
    assert min(values) * (1 - 1e-9) <= found.pooled <= max(values) * (1 + 1e-9)
    assert found.pooled_low < found.pooled < found.pooled_high


@settings(deadline=None)
@given(POINTS, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(points: list[tuple[float, float]], random: object) -> None:
    estimates = ratios(points)
    found = heterogeneity(estimates)
    random.shuffle(estimates)  # type: ignore[attr-defined]
    again = heterogeneity(estimates)
    assert again.q == pytest.approx(found.q, rel=1e-6, abs=1e-6)
    assert again.i2 == pytest.approx(found.i2, abs=1e-3)
    assert again.pooled == pytest.approx(found.pooled, rel=1e-6)
    assert {frozenset(pair) for pair in again.apart} == {frozenset(pair) for pair in found.apart}


@settings(deadline=None)
@given(POINTS)
def test_inverting_all_ratios_does_not_matter(points: list[tuple[float, float]]) -> None:
    estimates = ratios(points)
    found = heterogeneity(estimates)
    turned = [
        replace(one, value=1 / one.value, ci_low=1 / one.ci_high, ci_high=1 / one.ci_low) for one in estimates
    ]
    again = heterogeneity(turned)
    assert again.q == pytest.approx(found.q, rel=1e-6, abs=1e-6)
    assert again.i2 == pytest.approx(found.i2, abs=1e-3)
    assert again.pooled == pytest.approx(1 / found.pooled, rel=1e-6)
    assert again.pooled_low == pytest.approx(1 / found.pooled_high, rel=1e-6)


@settings(deadline=None)
@given(POINTS, st.sampled_from([*RATIO_MEASURES, *CORRELATION_MEASURES, EffectMeasure.AUC]))
def test_all_intervals_overlap_if_they_have_a_value_in_common(
    points: list[tuple[float, float]], measure: EffectMeasure
) -> None:
    assume(all(abs(effect) + Z * error < 15 for effect, error in points))
    back: Callable[[float], float] = (
        math.exp
        if measure in RATIO_MEASURES
        else math.tanh
        if measure in CORRELATION_MEASURES
        else lambda number: 1 / (1 + math.exp(-number))
    )
    estimates = [around(measure, effect, error, back) for effect, error in points]
    common = max(one.ci_low for one in estimates) <= min(one.ci_high for one in estimates)
    assert heterogeneity(estimates).all_overlap is common


@settings(deadline=None)
@given(st.lists(ANY_ESTIMATE, max_size=12))
@example([Estimate("EVD-1", EffectMeasure.MD, 5, 4.9999999999, 5.0000001, 95)] * 2)
@example(
    [
        Estimate("EVD-1", EffectMeasure.MD, 0, -1e-40, 1e-40, 95),
        Estimate("EVD-2", EffectMeasure.MD, 1e40, -1e49, 1e49, 95),
    ]
)
@example(
    [
        Estimate("EVD-1", EffectMeasure.MD, 0, -1e-9, 1e-9, 95),
        Estimate("EVD-2", EffectMeasure.MD, 100, 99, 101, 95),
    ]
)
@example([Estimate("EVD-1", EffectMeasure.RR, 1e300, 1e-300, 1e301, 95)] * 2)
@example([Estimate("EVD-1", EffectMeasure.RR, 1e300, 1e-300, 1e301, 50)] * 2)
def test_any_numbers_give_a_valid_result(estimates: list[Estimate]) -> None:
    for one in estimates:
        wide(one)
    for measure, found in comparable(estimates).items():
        assert measure is not EffectMeasure.OTHER
        result = heterogeneity(found)
        assert result.q >= 0
        assert 0 <= result.i2 <= 100
        assert 0 <= result.p <= 1
        assert result.pooled_low <= result.pooled <= result.pooled_high
        assert result.words
