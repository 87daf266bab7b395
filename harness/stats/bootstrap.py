"""Cluster bootstrap for corpus metrics: whole clusters are drawn again, sums are divided anew.

Additive statistics make a draw a row of counts, and all draws one matrix product, so that one count matrix
serves every arm and metric with as many clusters.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from filmbench.harness.stats.clusters import Floats, cluster_codes, cluster_sums
from filmbench.harness.stats.intervals import CONFIDENCE, Estimate, missing
from numpy.typing import ArrayLike, NDArray

DRAWS = 2000
_ROWS = 250


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    clusters: ArrayLike | None = None,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Sum of ``numerators`` (n,) over sum of ``denominators`` (n,) with a cluster-bootstrap interval.

    Percentile interval of 2,000 seeded draws, widened for few clusters as t is against z (the expanded
    percentile interval of Hesterberg 2015, §5.3). It is approximate: below about 20 clusters it is still too narrow
    for skewed scores.
    """
    top = np.asarray(numerators, dtype=np.float64)
    bottom = np.asarray(denominators, dtype=np.float64)
    if not len(top) or not bottom.sum() > 0:
        return missing("no value")
    codes, count = cluster_codes(clusters, len(top))
    ratio = float(top.sum() / bottom.sum())
    if count < 2:
        why = "one sample only: no interval" if len(top) == 1 else "one cluster only: no interval"
        return Estimate(ratio, n=len(top), clusters=count, reason=why)
    if np.array_equal(top, ratio * bottom):
        return Estimate(ratio, n=len(top), clusters=count, reason=f"all {len(top)} samples alike: no interval")
    sums = np.column_stack([cluster_sums(top, codes, count), cluster_sums(bottom, codes, count)])
    drawn = np.concatenate([block @ sums for block in count_blocks(count, seed)])
    ratios = drawn[drawn[:, 1] > 0]
    outside = expanded_tail(count, confidence)
    low, high = np.quantile(ratios[:, 0] / ratios[:, 1], [outside, 1 - outside])
    return Estimate(ratio, float(low), float(high), len(top), count, f"{confidence:.0%} cluster bootstrap")


def expanded_tail(count: int, confidence: float = CONFIDENCE) -> float:
    """Share of draws to cut on each side so that ``count`` clusters get the width that t would give them."""
    from scipy.special import ndtr, stdtrit

    t = stdtrit(count - 1, 0.5 + confidence / 2)
    return float(ndtr(-np.sqrt(count / (count - 1)) * t))


def count_blocks(count: int, seed: int) -> Iterator[Floats]:
    """How often each of ``count`` clusters is drawn, in blocks of rows; 2,000 rows in all, fixed by ``seed``."""
    counts = _counts(count, seed)
    for start in range(0, DRAWS, _ROWS):
        yield counts[start : start + _ROWS].astype(np.float64)


@lru_cache(maxsize=4)
def _counts(count: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    counts = np.empty((DRAWS, count), np.uint8)
    for start in range(0, DRAWS, _ROWS):
        rows = min(_ROWS, DRAWS - start)
        drawn = rng.integers(count, size=(rows, count)) + np.arange(rows)[:, None] * count
        counts[start : start + rows] = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)
    return counts
