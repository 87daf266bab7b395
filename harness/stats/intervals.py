"""How far a number can be trusted: intervals for means, rates and ratios of sums."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from filmbench.harness.stats import coverage
from filmbench.harness.stats.clusters import (
    Floats,
    Spread,
    cluster_codes,
    cluster_sums,
    effective_size,
    spread,
    spread_of_sums,
)
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, or the reason why one of them is missing; never NaN.

    ``n`` counts the samples behind it, ``clusters`` the groups they fall into, ``kind`` says how the
    interval was made. ``low`` and ``high`` are both set or both ``None``, but for one-sided bounds. ``covers`` is how
    many of 100 such intervals hold the truth, measured, where so few samples make that less than promised.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    clusters: int = 0
    kind: str | None = None
    reason: str | None = None
    covers: int | None = None

    def __post_init__(self) -> None:
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{number} in an estimate: give None with a reason instead")
        if (self.value is None or (self.low is None and self.high is None)) and not self.reason:
            raise ValueError("a missing value or interval needs a reason")

    def clipped(self, lowest: float | None, highest: float | None) -> Estimate:
        """The same estimate with its interval cut at the values that are possible."""

        def cut(number: float | None) -> float | None:
            if number is not None and lowest is not None:
                number = max(number, lowest)
            if number is not None and highest is not None:
                number = min(number, highest)
            return number

        return replace(self, low=cut(self.low), high=cut(self.high))


def missing(reason: str) -> Estimate:
    """No number at all, and why."""
    return Estimate(None, reason=reason)


def t_bounds(centre: float, found: Spread, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Two-sided t interval around ``centre``."""
    from scipy.special import stdtrit

    half = float(stdtrit(found.freedom, 0.5 + confidence / 2)) * found.standard_error
    return centre - half, centre + half


def skewed_bounds(centre: float, found: Spread, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The t interval through Hall's cubic transformation, which takes the skewness out of t (Hall 1992, §2).

    Error rates that are zero on most lines lean to one side, and so does the interval. Without skewness it is the
    plain t interval.
    """
    from scipy.special import stdtrit

    t = float(stdtrit(found.freedom, 0.5 + confidence / 2))
    g = found.skewness

    def back(x: float) -> float:
        return x if abs(g) < 1e-6 else 3 / g * (float(np.cbrt(1 + g * (x - g / 6))) - 1)

    return centre - back(t) * found.standard_error, centre - back(-t) * found.standard_error


def mean_interval(values: ArrayLike, clusters: ArrayLike | None = None, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of ``values`` (n,) with a t interval that respects ``clusters`` (n,).

    CR2 standard error with Satterthwaite degrees of freedom; with one item a cluster it equals the plain t
    interval. Values that are all alike say nothing about the spread of others, so they get no interval.
    """
    data = _finite(values)
    if not len(data):
        return missing("no value")
    codes, count = cluster_codes(clusters, len(data))
    found = None if np.ptp(data) == 0 else spread(data, codes, count)
    mean = float(data.mean())
    if found is None:
        return Estimate(mean, n=len(data), clusters=count, reason=_why_no_interval(len(data), count))
    low, high = t_bounds(mean, found, confidence)
    kind = f"{confidence:.0%} {'clustered ' if count < len(data) else ''}t"
    return Estimate(mean, low, high, len(data), count, kind)


def ratio_interval(
    numerators: ArrayLike,
    denominators: ArrayLike,
    clusters: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Sum of ``numerators`` (n,) over sum of ``denominators`` (n,): a level in a table; see :func:`ratio_of_sums`."""
    top, bottom = _finite(numerators), _finite(denominators)
    codes, count = cluster_codes(clusters, len(top))
    sizes = np.bincount(codes, minlength=count)
    return ratio_of_sums(cluster_sums(top, codes, count), cluster_sums(bottom, codes, count), sizes, confidence)


def ratio_of_sums(tops: ArrayLike, bottoms: ArrayLike, sizes: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """A ratio of sums from the sums of each cluster and the number of samples in it, all (clusters,).

    The mean of the linearised values (:func:`filmbench.harness.stats.clusters.linearised`) with a t interval as in
    :func:`mean_interval`, corrected for skewness (:func:`skewed_bounds`). Denominators of one make it a mean. In
    simulations it covers skewed error rates where the plain t interval and the percentile bootstrap of clusters do
    not (tests/stats/test_coverage.py).
    """
    top, bottom, size = (np.asarray(part, np.float64) for part in (tops, bottoms, sizes))
    n, count = int(size.sum()), len(size)
    if not n or not bottom.sum() > 0:
        return missing("no value")
    ratio = float(top.sum() / bottom.sum())
    if count < 2 or np.allclose(top, ratio * bottom, rtol=1e-12, atol=0):
        return Estimate(ratio, n=n, clusters=count, reason=_why_no_interval(n, count))
    found = spread_of_sums((top - ratio * bottom) * n / bottom.sum(), size)
    low, high = skewed_bounds(ratio, found, confidence)
    kind = f"{confidence:.0%} skew-corrected {'clustered ' if count < n else ''}t"
    return Estimate(ratio, low, high, n, count, kind, covers=coverage.measured("level", n, count))


def _why_no_interval(n: int, count: int) -> str:
    if count < 2:
        return "one sample only: no interval" if n == 1 else "one cluster only: no interval"
    return f"all {n} samples alike: no interval" if count == n else f"all {count} clusters alike: no interval"


def rate_interval(rates: ArrayLike, clusters: ArrayLike | None = None, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of ``rates`` (n,), each 0..1, with Wilson's score interval.

    Where samples share clusters or were tried several times, the number of trials is the effective one
    (:func:`filmbench.harness.stats.clusters.effective_size`) and t stands for z, as Korn and Graubard (1998) do for
    surveys: plain Wilson on 200 lines of 20 scenes that succeed or fail together covers 76 of 100.
    """
    from scipy.special import stdtrit

    data = _finite(rates)
    if not len(data):
        return missing("nothing was tried")
    codes, count = cluster_codes(clusters, len(data))
    rate = float(data.mean())
    if count == len(data) and np.isin(data, (0.0, 1.0)).all():
        return wilson(float(data.sum()), len(data), confidence)
    found = effective_size(data, codes, count)
    n, z = (found[0], float(stdtrit(found[1], 0.5 + confidence / 2))) if found else (count, _z(confidence))
    low, high = _score_bounds(rate, n, z)
    kind = f"{confidence:.0%} {'clustered ' if count < len(data) else ''}Wilson"
    return Estimate(rate, low, high, len(data), count, kind)


def wilson(successes: float, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """A rate in 0..1 of ``n`` independent trials with Wilson's score interval (Wilson 1927)."""
    if n == 0:
        return missing("nothing was tried")
    low, high = _score_bounds(successes / n, n, _z(confidence))
    return Estimate(successes / n, low, high, n, n, f"{confidence:.0%} Wilson")


def _score_bounds(rate: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's interval for any z and any number of trials, which libraries offer for a level and whole trials only."""
    centre = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(rate * (1 - rate) / n + (z / (2 * n)) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)


def _z(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2))


def _finite(values: ArrayLike) -> Floats:
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1:
        raise ValueError(f"values have shape {data.shape}, not (n,)")
    if not np.isfinite(data).all():
        raise ValueError("values hold NaN or infinity: leave out what was not measured and say so")
    return data
