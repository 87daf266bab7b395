"""Cluster bootstrap for what has no formula: whole clusters are drawn again, and the figure is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from filmbench.harness.stats.clusters import Floats, cluster_codes
from filmbench.harness.stats.intervals import CONFIDENCE, Estimate, missing
from numpy.typing import ArrayLike, NDArray

DRAWS = 2000
_ROWS = 250


def expanded_tail(count: int, confidence: float = CONFIDENCE) -> float:
    """Share of draws to cut on each side so that ``count`` clusters get the width that t would give them."""
    from scipy.special import ndtr, stdtrit

    t = stdtrit(count - 1, 0.5 + confidence / 2)
    return float(ndtr(-np.sqrt(count / (count - 1)) * t))


def _count_blocks(count: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each of ``count`` clusters is drawn: 2,000 rows in blocks, fixed by ``seed``."""
    rng = np.random.default_rng(seed)
    for _ in range(0, DRAWS, _ROWS):
        drawn = rng.integers(count, size=(_ROWS, count)) + np.arange(_ROWS)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=_ROWS * count).reshape(_ROWS, count).astype(np.float64)


def median_ratio_interval(
    base: ArrayLike,
    candidate: ArrayLike,
    clusters: ArrayLike | None = None,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Median of ``candidate`` over median of ``base``, positive values (n,) of the same samples in the same order.

    Percentile interval of 2,000 seeded draws of clusters, widened for few of them as t is against z (the expanded
    percentile interval of Hesterberg 2015, §5.3); both arms keep the same draw, so the pairing counts.
    """
    first, second = np.asarray(base, np.float64), np.asarray(candidate, np.float64)
    if not len(first):
        return missing("no sample in common")
    codes, count = cluster_codes(clusters, len(first))
    if not np.median(first) > 0:
        return missing("the median of the base is zero")
    ratio = float(np.median(second) / np.median(first))
    if count < 2:
        why = f"one {'sample' if len(first) == 1 else 'cluster'} only: no interval"
        return Estimate(ratio, n=len(first), clusters=count, reason=why)
    medians = [
        np.concatenate([_weighted_medians(values, block[:, codes]) for block in _count_blocks(count, seed)])
        for values in (first, second)
    ]
    outside = expanded_tail(count, confidence)
    low, high = np.quantile(medians[1] / medians[0], [outside, 1 - outside])
    return Estimate(ratio, float(low), float(high), len(first), count, f"{confidence:.0%} cluster bootstrap")


def _weighted_medians(values: Floats, weights: Floats) -> Floats:
    """Median of ``values`` (n,) under each row of ``weights`` (draws, n); the mean of the middle two for even sums."""
    order = np.argsort(values, kind="stable")
    ordered, passed = values[order], np.cumsum(weights[:, order], axis=1)
    half = passed[:, -1:] / 2
    lower = ordered[np.argmax(passed >= half, axis=1)]
    upper = ordered[np.argmax(passed > half, axis=1)]
    return np.asarray((lower + upper) / 2, np.float64)
