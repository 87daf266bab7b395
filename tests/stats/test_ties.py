"""Whether a metric tells any two arms apart: against the ranks, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.harness.stats.ranks import rank_ranges, ties
from scipy.stats import ttest_rel


def told(values, clusters=None):
    values = np.asarray(values, float)
    weights = np.where(np.isnan(values), np.nan, 1.0)
    return ties(values, weights, np.arange(values.shape[1]) if clusters is None else np.asarray(clusters))


@pytest.mark.parametrize("gap", [0.0, 0.2, 2.0])
def test_they_tie_where_the_paired_t_test_of_the_widest_pair_says_so(gap):
    rng = np.random.default_rng(int(10 * gap))
    values = rng.normal(size=(3, 30)) + gap * np.arange(3)[:, None]
    least = min(ttest_rel(values[one], values[other]).pvalue for one, other in ((0, 1), (0, 2), (1, 2)))
    assert told(values) == (3 * least > 0.05)
    assert told(values) == (gap < 2)


def test_the_ranks_agree_where_it_is_clear():
    rng = np.random.default_rng(1)
    for gap, tie in ((0.0, True), (3.0, False)):
        values = rng.normal(size=(4, 40)) + gap * np.arange(4)[:, None]
        ranks = rank_ranges(values, np.ones_like(values), np.arange(40), higher_is_better=True)
        assert ({(one.best, one.worst) for one in ranks} == {(1, 4)}) == tie == told(values)


def test_whole_clusters_count_and_not_their_lines():
    """Two scenes that differ in opposite ways tell nothing, however many lines each has."""
    values = [[0.0] * 20, [1.0] * 10 + [-0.9] * 10]
    assert told(values, [0] * 10 + [1] * 10)
    assert told([[0.0] * 20, [1.0] * 20], [0] * 20)  # one scene only


def test_constant_values_tie_and_constant_gaps_do_not():
    assert told([[2.0] * 6, [2.0] * 6])
    assert not told([[2.0] * 6, [3.0] * 6])


def test_nothing_to_compare_is_no_tie():
    assert not told([[1.0, 2.0]])
    assert not told([[1.0, np.nan], [np.nan, 2.0]])
