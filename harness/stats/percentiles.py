"""Percentiles with order-statistic bounds, which assume nothing about the distribution.

A bound is an observed value: the k-th of n sorted values lies above the q-quantile with a probability that
the binomial distribution gives exactly (David and Nagaraja 2003, §7.1; MLPerf bounds its tail latencies so).
``units`` is the number of samples where several takes share one; the bounds then use its ranks, which is safe even
when a sample's takes are all alike. Where samples share ``clusters`` the ranks are those of the effective number of
independent ones (Woodruff 1952), never more than ``units``. ``inf`` stands for a take that never ended.
"""

from __future__ import annotations

import math

import numpy as np
from filmbench.harness.stats.clusters import Floats, cluster_codes, effective_size
from filmbench.harness.stats.intervals import CONFIDENCE, Estimate, missing
from numpy.typing import ArrayLike

UNENDED = "the take that marks it never ended"


def median(
    values: ArrayLike, units: int | None = None, clusters: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> Estimate:
    """The median (mean of the middle two) of ``values`` (n,) with a two-sided interval from six samples on."""
    from scipy.special import bdtr

    data = _sorted(values)
    if not len(data):
        return missing("no value")
    n = _independent(values, 0.5, units, clusters)
    middle = float(np.median(data)) if math.isfinite(data[len(data) // 2]) else math.inf
    if not math.isfinite(middle):
        return Estimate(None, n=len(data), clusters=n, reason=UNENDED)
    below = np.arange(n // 2 + 1)
    fitting = np.flatnonzero(bdtr(below, n, 0.5) <= (1 - confidence) / 2)
    if not len(fitting):
        return Estimate(middle, n=len(data), clusters=n, reason=f"n too small: an interval needs 6 samples, not {n}")
    rank = int(fitting[-1]) + 1
    low, high = float(data[math.floor((rank - 1) / n * len(data) + 1e-9)]), _at(data, (n - rank + 1) / n)
    if not math.isfinite(high):
        return Estimate(middle, n=len(data), clusters=n, reason=UNENDED)
    return Estimate(middle, low, high, len(data), n, f"{confidence:.0%} order statistics")


def tail(
    values: ArrayLike,
    q: float,
    units: int | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """The ``q``-quantile of ``values`` (n,) by nearest rank, with an upper bound (one-sided).

    With fewer samples than any bound needs (59 for p95, 299 for p99) there is no value: "n too small".
    """
    data = _sorted(values)
    if not len(data):
        return missing("no value")
    n = _independent(values, q, units, clusters)
    needed = smallest_n(q, confidence)
    if n < needed:
        return Estimate(None, n=len(data), clusters=n, reason=f"n too small: p{100 * q:g} needs {needed}, not {n}")
    value, high = _at(data, q), _at(data, upper_rank(q, n, confidence) / n)
    if not math.isfinite(value):
        return Estimate(None, n=len(data), clusters=n, reason=UNENDED)
    if not math.isfinite(high):
        return Estimate(value, n=len(data), clusters=n, reason=UNENDED)
    return Estimate(value, None, high, len(data), n, f"{confidence:.0%} upper order statistic")


def smallest_n(q: float, confidence: float = CONFIDENCE) -> int:
    """Samples from which the largest bounds the ``q``-quantile: 59 for 0.95, 299 for 0.99."""
    return math.ceil(math.log(1 - confidence) / math.log(q))


def upper_rank(q: float, n: int, confidence: float = CONFIDENCE) -> int:
    """Rank (1..n) of the smallest order statistic that bounds the ``q``-quantile from above: 99 of 100 for 0.95."""
    from scipy.special import bdtr

    fitting = np.flatnonzero(bdtr(np.arange(n), n, q) >= confidence)
    if not len(fitting):
        raise ValueError(f"{n} values cannot bound the {q} quantile; {smallest_n(q, confidence)} can")
    return int(fitting[0]) + 1


def _independent(values: ArrayLike, q: float, units: int | None, clusters: ArrayLike | None) -> int:
    """How many independent values bound the ``q``-quantile as well as these do."""
    data = np.asarray(values, dtype=np.float64)
    most = min(units or len(data), len(data))
    if clusters is None:
        return most
    codes, count = cluster_codes(clusters, len(data))
    if count >= most:
        return most
    beyond = (data > _at(np.sort(data), q)).astype(np.float64)
    found = effective_size(beyond, codes, count)
    return min(most, int(found[0]) if found else count)


def _at(ordered: Floats, level: float) -> float:
    """Nearest rank: the smallest value with at least ``level`` of all values at or below it."""
    rank = math.ceil(level * len(ordered) - 1e-9)
    return float(ordered[min(max(rank, 1), len(ordered)) - 1])


def _sorted(values: ArrayLike) -> Floats:
    data = np.sort(np.asarray(values, dtype=np.float64))
    if np.isnan(data).any():
        raise ValueError("values hold NaN: leave out what was not measured and say so")
    return data
