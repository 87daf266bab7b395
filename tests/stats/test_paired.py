"""Paired comparison, multiple testing, verdicts and ranks."""

import numpy as np
import pytest
from filmbench.harness.stats.paired import (
    Pairing,
    benjamini_hochberg,
    holm,
    paired,
    paired_ratios,
    samples_needed,
    sign_flip,
)
from filmbench.harness.stats.ranks import rank_ranges
from filmbench.harness.stats.verdict import verdict
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
BH_1995 = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0),
]


def test_sleep_data():
    found = paired(SLEEP_1, SLEEP_2)
    assert found.delta == pytest.approx(1.58)
    assert (found.low, found.high) == pytest.approx((0.7001, 2.4599), abs=1e-4)
    assert found.delta / found.standard_error == pytest.approx(4.0621, abs=1e-4)
    assert found.exact
    assert found.p == pytest.approx(0.00390625)
    assert found.p_above == pytest.approx(0.001953125)
    assert found.p_below == 1
    assert found.effect == pytest.approx(1.58 / np.std(np.subtract(SLEEP_2, SLEEP_1), ddof=1))
    assert found.higher == 0.95  # nine better, one tie


def test_whole_clusters_flip():
    # Three clusters of four equal differences: 2^3 flips, the observed one and its mirror are the most extreme.
    base = np.zeros(12)
    found = paired(base, np.full(12, 1.0) + np.tile([0, 0.1, 0, -0.1], 3), np.repeat(["a", "b", "c"], 4))
    assert found.p == pytest.approx(2 / 8)
    assert found.clusters == 3
    assert paired(base, np.full(12, 1.0)).p == pytest.approx(2 / 2**12)


def test_many_clusters_use_seeded_flips_that_agree_with_scipy():
    rng = np.random.default_rng(2)
    differences = rng.normal(0.3, 1, 40)
    found = paired(np.zeros(40), differences, seed=4)
    reference = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=50_000, rng=np.random.default_rng(9)
    )
    assert not found.exact
    assert found.p == pytest.approx(reference.pvalue, abs=0.01)
    assert found == paired(np.zeros(40), differences, seed=4)
    assert found.p != paired(np.zeros(40), differences, seed=5).p


def test_flipping_many_columns_at_once_is_the_same_as_one_by_one():
    sums = np.random.default_rng(1).normal(size=(20, 3))
    together = sign_flip(sums, seed=3)
    assert together.either == pytest.approx([sign_flip(sums[:, [k]], seed=3).either[0] for k in range(3)])


def test_corpus_rates_compare_by_their_sums():
    errors_a, errors_b = np.array([1.0, 2, 0, 4]), np.array([0.0, 1, 1, 2])
    words = np.array([10.0, 12, 8, 20])
    (found,) = paired_ratios([Pairing(100 * errors_a, words, 100 * errors_b, words)])
    assert found.delta == pytest.approx(100 * (4 - 7) / 50)
    assert found.higher == 0.25


@pytest.mark.parametrize(
    ("base", "clusters", "reason"),
    [([], None, "no sample in common"), ([1.0], None, "one sample"), ([1.0, 2.0], ["a", "a"], "one cluster")],
)
def test_too_little_gives_no_interval(base, clusters, reason):
    found = paired(base, base, clusters)
    assert found.low is None
    assert found.p is None
    assert reason in found.reason


def test_false_alarms_stay_at_the_nominal_rate():
    rng = np.random.default_rng(11)
    clusters = np.repeat(np.arange(12), 4)
    alarms = {"clustered": 0, "naive": 0}
    repeats = 600
    for _ in range(repeats):
        differences = rng.normal(size=12)[clusters] + rng.normal(size=48)
        alarms["clustered"] += paired(np.zeros(48), differences, clusters).p <= 0.05
        interval = paired(np.zeros(48), differences)
        alarms["naive"] += not interval.low <= 0 <= interval.high
    assert 0.025 < alarms["clustered"] / repeats < 0.075
    assert alarms["naive"] / repeats > 0.15


def test_holm_and_benjamini_hochberg_on_the_published_p_values():
    assert sum(p <= 0.05 for p in holm(BH_1995)) == 3
    assert sum(p <= 0.05 for p in benjamini_hochberg(BH_1995)) == 4
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm([0.01, None, 0.04]) == (0.02, None, 0.04)
    assert holm([None]) == (None,)


def test_samples_needed_is_the_textbook_figure():
    found = paired(np.zeros(100), np.random.default_rng(0).normal(size=100))
    deviation = found.standard_error * 10
    assert samples_needed(found, 0.1) == int(np.ceil((1.6448536 + 0.8416212) ** 2 * deviation**2 / 0.01))
    assert samples_needed(paired([1.0, 2], [1.0, 2]), 0.1) is None


@pytest.mark.parametrize(
    ("delta", "interval", "margin", "word"),
    [
        (-3.0, (-4.0, -2.0), 1.0, "regression"),
        (-1.5, (-2.8, -0.2), 1.0, "regression"),  # beyond the margin though the interval is not wholly so
        (-0.5, (-0.9, -0.1), 1.0, "equivalent"),  # significant, and too small to matter
        (-1.5, (-3.2, 0.2), 1.0, "inconclusive"),  # beyond the margin, not significant
        (0.0, (-0.9, 0.9), 1.0, "equivalent"),
        (0.8, (-0.5, 2.1), 1.0, "not worse"),
        (3.0, (2.0, 4.0), 1.0, "improved"),
        (0.5, (-1.5, 2.5), 1.0, "inconclusive"),
        (0.0, (0.0, 0.0), 0.0, "equivalent"),
        (-0.1, (-0.2, -0.05), 0.0, "regression"),
    ],
)
def test_verdicts_follow_the_rule_in_both_directions(delta, interval, margin, word):
    assert verdict(delta, interval, margin, higher_is_better=True).verdict == word
    mirrored = (-interval[1], -interval[0])
    assert verdict(-delta, mirrored, margin, higher_is_better=False).verdict == word


def test_holm_can_take_a_regression_back():
    assert verdict(-1.5, (-2.8, -0.2), 1.0, True, p_worse=0.04).verdict == "regression"
    held = verdict(-1.5, (-2.8, -0.2), 1.0, True, p_worse=0.08, needed=90)
    assert held.verdict == "inconclusive"
    assert held.needed == 90
    assert verdict(None, None, 1.0, True).verdict == "inconclusive"
    with pytest.raises(ValueError, match="below zero"):
        verdict(0.0, (-1.0, 1.0), -1.0, True)


def test_ranks_separate_what_can_be_told_apart_and_no_more():
    rng = np.random.default_rng(0)
    difficulty = rng.normal(size=40)
    values = np.array([difficulty + shift + 0.1 * rng.normal(size=40) for shift in (1.0, 0.0, 0.005, -1.0)])
    found = rank_ranges(values, np.ones_like(values), np.arange(40), higher_is_better=True)
    assert [(one.best, one.worst) for one in found] == [(1, 1), (2, 3), (2, 3), (4, 4)]
    mirrored = rank_ranges(values, np.ones_like(values), np.arange(40), higher_is_better=False)
    assert [(one.best, one.worst) for one in mirrored] == [(4, 4), (2, 3), (2, 3), (1, 1)]


def test_an_arm_that_only_did_the_easy_samples_gains_no_rank():
    # Same skill on every sample both did; the second arm answered only the twenty easy ones.
    rng = np.random.default_rng(5)
    errors = np.where(np.arange(40) < 20, 1.0, 9.0)
    first = errors + 0.1 * rng.normal(size=40)
    second = np.where(np.arange(40) < 20, errors + 0.1 * rng.normal(size=40), np.nan)
    values = np.array([first, second])
    found = rank_ranges(values, np.where(np.isnan(values), np.nan, 1.0), np.arange(40), higher_is_better=False)
    assert [(one.best, one.worst) for one in found] == [(1, 2), (1, 2)]


def test_arms_without_common_samples_are_not_compared():
    values = np.full((2, 20), np.nan)
    values[0, :10], values[1, 10:] = 1.0, 5.0
    found = rank_ranges(values, np.where(np.isnan(values), np.nan, 1.0), np.arange(20), higher_is_better=True)
    assert [(one.best, one.worst, one.lead) for one in found] == [(1, 2, None), (1, 2, None)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5), st.integers(0, 3)), min_size=4, max_size=16))
def test_swapping_the_arms_mirrors_the_comparison(rows):
    base, candidate, clusters = (np.array(part) for part in zip(*rows, strict=True))
    there, back = paired(base, candidate, clusters), paired(candidate, base, clusters)
    assert there.delta == pytest.approx(-back.delta, abs=1e-9)
    assert there.p == back.p
    assert there.p_below == back.p_above
    if there.low is not None:
        assert there.low == pytest.approx(-back.high, abs=1e-9)
        assert there.low <= there.low90 <= there.high90 <= there.high
