"""Levels and their intervals: published and hand-checked values, and coverage by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm
from filmbench.harness.stats.clusters import linearised, spread
from filmbench.harness.stats.intervals import Estimate, mean_interval, rate_interval, ratio_interval, wilson
from filmbench.harness.stats.percentiles import median, smallest_n, tail, upper_rank
from scipy import optimize, stats

MILLER = np.array([1, 2, 3, 2, 4, 6, 5, 7, 9, 1, 0, 2.0])
MILLER_CLUSTERS = np.repeat([0, 1, 2, 3], 3)


def test_clustered_standard_error_of_the_worked_example():
    found = spread(MILLER, MILLER_CLUSTERS, 4)
    uncorrected = sm.OLS(MILLER, np.ones(12)).fit(
        cov_type="cluster", cov_kwds={"groups": MILLER_CLUSTERS, "use_correction": False}
    )
    # Equal clusters: the correction is C / (C - 1), so CR2 is CR1 with C - 1 degrees of freedom.
    assert uncorrected.bse[0] == pytest.approx(1.145644, abs=1e-6)
    assert found.standard_error == pytest.approx(1.322876, abs=1e-6)
    assert found.freedom == pytest.approx(3)


def test_one_item_a_cluster_is_the_plain_t_interval():
    plain = stats.t.interval(0.95, 11, MILLER.mean(), stats.sem(MILLER))
    for clusters in (None, np.arange(12), [f"line {i}" for i in range(12)]):
        found = mean_interval(MILLER, clusters)
        assert (found.low, found.high) == pytest.approx(plain, rel=1e-12)
        assert found.kind == "95% t"
    assert stats.sem(MILLER) == pytest.approx(0.792961, abs=1e-6)


def test_unequal_clusters_agree_with_the_matrix_definition_of_cr2():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 7, 40)
    values = rng.normal(size=40) + codes
    n = len(values)
    hat, residuals = np.full((n, n), 1 / n), values - values.mean()
    variance, columns = 0.0, []
    for code in np.unique(codes):
        at = np.flatnonzero(codes == code)
        eigenvalues, vectors = np.linalg.eigh(np.eye(len(at)) - hat[np.ix_(at, at)])
        adjust = vectors @ np.diag(eigenvalues**-0.5) @ vectors.T
        variance += (np.ones(len(at)) @ adjust @ residuals[at] / n) ** 2
        columns.append((np.eye(n) - hat)[:, at] @ adjust @ np.ones(len(at)) / n)
    products = np.array(columns) @ np.array(columns).T
    found = spread(values, codes.astype(np.intp), 7)
    assert found.standard_error == pytest.approx(variance**0.5)
    assert found.freedom == pytest.approx(np.trace(products) ** 2 / np.sum(products**2))


def test_clustered_interval_covers_where_the_naive_one_does_not():
    rng = np.random.default_rng(7)
    clusters = np.repeat(np.arange(10), 5)
    covered = {"clustered": 0, "naive": 0}
    repeats = 1500
    for _ in range(repeats):
        values = np.sqrt(0.5) * (rng.normal(size=10)[clusters] + rng.normal(size=50))  # ICC 0.5, true mean 0
        for name, given in (("clustered", clusters), ("naive", None)):
            found = mean_interval(values, given)
            covered[name] += found.low <= 0 <= found.high
    assert 0.93 < covered["clustered"] / repeats < 0.97
    assert covered["naive"] / repeats < 0.80


def test_uneven_clusters_cover_too():
    rng = np.random.default_rng(8)
    clusters = np.repeat(np.arange(8), [20, 10, 5, 5, 3, 3, 2, 2])
    repeats = 1500
    hits = 0
    for _ in range(repeats):
        found = mean_interval(np.sqrt(0.5) * (rng.normal(size=8)[clusters] + rng.normal(size=50)), clusters)
        hits += found.low <= 0 <= found.high
    assert hits / repeats > 0.92


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(8, 10, 0.490162, 0.943318), (0, 10, 0.0, 0.277533), (10, 10, 0.722467, 1.0)],
)
def test_wilson(successes, n, low, high):
    found = wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)
    assert found.value == successes / n


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (mean_interval([]), "no value"),
        (mean_interval([2.0]), "one sample only"),
        (mean_interval([2.0, 3.0], ["a", "a"]), "one cluster only"),
        (mean_interval([0.0] * 12), "all 12 samples alike"),
        (wilson(0, 0), "nothing was tried"),
        (rate_interval([]), "nothing was tried"),
        (ratio_interval([], []), "no value"),
        (ratio_interval([1, 2], [5, 5], ["a", "a"]), "one cluster only"),
        (ratio_interval([0, 0, 0], [5, 6, 7]), "all 3 samples alike"),
        (median([]), "no value"),
        (tail([1.0] * 58, 0.95), "n too small"),
    ],
)
def test_what_cannot_be_said_is_none_with_a_reason(found, reason):
    assert found.low is None
    assert found.high is None
    assert reason in found.reason


def test_nan_never_gets_in():
    with pytest.raises(ValueError, match="NaN"):
        mean_interval([1.0, float("nan")])
    with pytest.raises(ValueError, match="NaN"):
        median([1.0, float("nan")])
    with pytest.raises(ValueError, match="None with a reason"):
        Estimate(float("nan"), reason="x")
    with pytest.raises(ValueError, match="needs a reason"):
        Estimate(None)


def test_median_with_order_statistic_interval():
    found = median([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])
    assert (found.value, found.low, found.high) == (5.5, 2, 9)  # ranks 2 and 9 of 10: 97.9 %, 3 and 8 only 89.1 %
    five = median([1, 2, 3, 4, 5])
    assert five.value == 3
    assert five.low is None
    assert "n too small" in five.reason


def test_repeated_takes_do_not_narrow_the_median():
    once = median(range(1, 11))
    thrice = median(np.repeat(range(1, 11), 3), units=10)
    assert (thrice.low, thrice.high) == (once.low, once.high)
    assert (thrice.n, thrice.clusters) == (30, 10)


def test_tails_are_bounded_by_the_ranks_of_the_binomial():
    assert [upper_rank(0.95, n) for n in (59, 100, 300, 500, 1000)] == [59, 99, 292, 484, 962]
    assert (smallest_n(0.95), smallest_n(0.99)) == (59, 299)
    found = tail(np.arange(1, 101), 0.95)
    assert (found.value, found.low, found.high) == (95, None, 99)
    assert tail([1.0] * 298, 0.99).value is None
    assert tail(np.arange(59.0), 0.95).high == 58
    assert "p95 needs 59, not 20" in tail(np.arange(60.0), 0.95, units=20).reason


def test_takes_that_never_end_are_not_dropped():
    found = median([1, 2, 3, 4, 5, 6, 7, np.inf, np.inf, np.inf])
    assert found.value == 5.5
    assert found.high is None
    assert "never ended" in found.reason
    assert median([1, np.inf, np.inf]).value is None
    assert tail([1.0] * 50 + [np.inf] * 50, 0.95).value is None


def test_levels_lean_to_the_side_that_their_values_do():
    # Hall's transformation, inverted by a root finder: T + g T²/3 + g² T³/27 + g/6 = ±t.
    errors, words = np.array([0.0, 0, 0, 2, 0, 9, 0, 1]), np.array([8.0, 12, 9, 10, 7, 20, 11, 13])
    found = ratio_interval(errors, words)
    values = linearised(errors, words)
    error = stats.sem(values)
    g = stats.skew(values, bias=False) / np.sqrt(8)
    bounds = [
        values.mean() - error * optimize.brentq(lambda T: T + g * T**2 / 3 + g**2 * T**3 / 27 + g / 6 - t, -99, 99)  # noqa: B023
        for t in (stats.t.ppf(0.975, 7), stats.t.ppf(0.025, 7))
    ]
    assert (found.low, found.high) == pytest.approx(bounds)
    assert found.value == errors.sum() / words.sum()
    assert found.high - found.value > 2 * (found.value - found.low)
    assert found.kind == "95% skew-corrected t"


def test_levels_of_symmetric_values_get_the_plain_t_interval():
    values = np.array([1.0, 2, 3, 4, 5, 6, 7])
    assert ratio_interval(values, np.ones(7)).low == pytest.approx(stats.t.interval(0.95, 6, 4, stats.sem(values))[0])


def test_a_level_agrees_with_the_studentised_bootstrap_of_whole_clusters():
    rng = np.random.default_rng(0)
    clusters = np.repeat(np.arange(60), 2)
    words = rng.integers(4, 20, 120)
    errors = rng.binomial(words, 0.1 + 0.1 * rng.random(60)[clusters])
    found = ratio_interval(errors, words, clusters)
    sums = np.add.reduceat(np.column_stack([errors, words]), np.arange(0, 120, 2)).astype(float)

    def statistic(drawn):
        ratio = drawn[:, 0].sum() / drawn[:, 1].sum()
        left = drawn[:, 0] - ratio * drawn[:, 1]
        return ratio, np.sqrt(np.sum(left**2) * 60 / 59) / drawn[:, 1].sum()

    ratio, error = statistic(sums)
    draws = [statistic(sums[rng.integers(0, 60, 60)]) for _ in range(4000)]
    low, high = np.quantile([(one - ratio) / spread for one, spread in draws], [0.975, 0.025])
    assert (found.low, found.high) == pytest.approx((ratio - low * error, ratio - high * error), rel=0.02)


def test_rates_of_lines_that_fail_together_are_not_as_sure_as_independent_ones():
    together = np.repeat([1.0, 1, 1, 1, 0, 1, 1, 1, 0, 1], 5)
    clusters = np.repeat(np.arange(10), 5)
    found = rate_interval(together, clusters)
    # Lines of one scene are all alike: ten scenes, of which eight succeeded, with t of 9 degrees for z and n - 1 for n.
    z = stats.t.ppf(0.975, 9)
    p, n = 0.8, 9
    centre, half = (p + z**2 / (2 * n)) / (1 + z**2 / n), z / (1 + z**2 / n) * np.sqrt(p * 0.2 / n + (z / (2 * n)) ** 2)
    assert (found.low, found.high) == pytest.approx((centre - half, centre + half))
    plain = wilson(8, 10)
    assert rate_interval(together[::5]) == plain
    assert found.low < plain.low < wilson(40, 50).low
    assert rate_interval(np.ones(50), clusters).low == wilson(10, 10).low  # never wrong says nothing of the clustering


def test_the_median_of_clustered_values_uses_as_many_ranks_as_there_are_independent_ones():
    values = np.repeat([3.0, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8, 7], 5)
    clusters = np.repeat(np.arange(10), 5)
    found, naive = median(values, clusters=clusters), median(values)
    assert (naive.low, naive.high) == (3, 5)
    assert (found.low, found.high, found.clusters) == (1.5, 8, 9)
    assert median(values[::5], clusters=np.arange(10)) == median(values[::5])


def test_linearised_values_average_to_the_ratio_and_equal_weights_give_quotients_back():
    errors, words = np.array([1.0, 0, 4]), np.array([10.0, 5, 20])
    assert linearised(errors, words).mean() == pytest.approx(5 / 35)
    assert linearised(errors, np.full(3, 4.0)) == pytest.approx(errors / 4)
