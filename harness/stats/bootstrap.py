"""Cluster bootstrap for corpus metrics: whole clusters are drawn again, sums are divided anew.

Additive statistics make a draw a row of counts, and all draws one matrix product; arms and metrics with as many
clusters share the count matrix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

    Percentile interval of 2,000 seeded draws, widened for few clusters as t is against z (the expanded percentile
    interval of Hesterberg 2015, §5.3). It is approximate: for error rates that are zero on most lines it covers the
    true rate in 84, 89 and 92 of 100 simulated corpora of 12, 20 and 50 clusters.
    """
    return ratio_intervals([(numerators, denominators, clusters)], seed, confidence)[0]


def ratio_intervals(
    samples: Sequence[tuple[ArrayLike, ArrayLike, ArrayLike | None]], seed: int = 0, confidence: float = CONFIDENCE
) -> list[Estimate]:
    """:func:`ratio_interval` of many (numerators, denominators, clusters) at once; the results are the same."""
    found: dict[int, Estimate] = {}
    waiting: dict[int, list[tuple[int, Floats]]] = {}
    for place, (numerators, denominators, clusters) in enumerate(samples):
        top, bottom = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)
        codes, count = cluster_codes(clusters, len(top))
        if not len(top) or not bottom.sum() > 0:
            found[place] = missing("no value")
            continue
        ratio = float(top.sum() / bottom.sum())
        reason = _why_no_interval(top, ratio * bottom, count)
        found[place] = Estimate(ratio, n=len(top), clusters=count, reason=reason or "not drawn yet")
        if reason is None:
            sums = np.column_stack([cluster_sums(top, codes, count), cluster_sums(bottom, codes, count)])
            waiting.setdefault(count, []).append((place, sums))
    for count, jobs in waiting.items():
        stacked = np.hstack([sums for _, sums in jobs])
        drawn = np.concatenate([block @ stacked for block in _count_blocks(count, seed)])
        for job, (place, _) in enumerate(jobs):
            found[place] = _with_interval(found[place], drawn[:, 2 * job], drawn[:, 2 * job + 1], confidence)
    return [found[place] for place in range(len(samples))]


def expanded_tail(count: int, confidence: float = CONFIDENCE) -> float:
    """Share of draws to cut on each side so that ``count`` clusters get the width that t would give them."""
    from scipy.special import ndtr, stdtrit

    t = stdtrit(count - 1, 0.5 + confidence / 2)
    return float(ndtr(-np.sqrt(count / (count - 1)) * t))


def _why_no_interval(top: Floats, expected: Floats, count: int) -> str | None:
    if count < 2:
        return f"one {'sample' if len(top) == 1 else 'cluster'} only: no interval"
    if np.allclose(top, expected, rtol=1e-12, atol=0):
        return f"all {len(top)} samples alike: no interval"
    return None


def _with_interval(found: Estimate, tops: Floats, bottoms: Floats, confidence: float) -> Estimate:
    usable = bottoms > 0
    outside = expanded_tail(found.clusters, confidence)
    low, high = np.quantile(tops[usable] / bottoms[usable], [outside, 1 - outside])
    kind = f"{confidence:.0%} cluster bootstrap"
    return Estimate(found.value, float(low), float(high), found.n, found.clusters, kind)


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

    Cluster bootstrap as in :func:`ratio_interval`; both arms keep the same draw, so the pairing counts.
    """
    first, second = np.asarray(base, np.float64), np.asarray(candidate, np.float64)
    if not len(first):
        return missing("no sample in common")
    codes, count = cluster_codes(clusters, len(first))
    if not np.median(first) > 0:
        return missing("the median of the base is zero")
    ratio = float(np.median(second) / np.median(first))
    if count < 2:
        return Estimate(ratio, n=len(first), clusters=count, reason=_why_no_interval(first, second, count))
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
