"""How far a number can be trusted: intervals for means, rates and ratios of sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from filmbench.harness.stats.clusters import Floats, Spread, cluster_codes, spread
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval, or the reason why one of them is missing; never NaN.

    ``n`` counts the samples behind it, ``clusters`` the groups they fall into, ``kind`` says how the
    interval was made. ``low`` and ``high`` are both set or both ``None``, but for one-sided bounds.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    clusters: int = 0
    kind: str | None = None
    reason: str | None = None

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

        return Estimate(self.value, cut(self.low), cut(self.high), self.n, self.clusters, self.kind, self.reason)


def missing(reason: str) -> Estimate:
    """No number at all, and why."""
    return Estimate(None, reason=reason)


def t_bounds(centre: float, found: Spread, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Two-sided t interval around ``centre``."""
    from scipy.special import stdtrit

    half = float(stdtrit(found.freedom, 0.5 + confidence / 2)) * found.standard_error
    return centre - half, centre + half


def mean_interval(values: ArrayLike, clusters: ArrayLike | None = None, confidence: float = CONFIDENCE) -> Estimate:
    """Mean of ``values`` (n,) with a t interval that respects ``clusters`` (n,).

    CR2 standard error with Satterthwaite degrees of freedom; with one item a cluster it equals the plain t
    interval. Values that are all alike say nothing about the spread of others, so they get no interval.
    """
    data = _finite(values)
    if not len(data):
        return missing("no value")
    codes, count = cluster_codes(clusters, len(data))
    mean = float(data.mean())
    found = spread(data, codes, count)
    if found is None:
        why = "one sample only: no interval" if len(data) == 1 else "one cluster only: no interval"
        return Estimate(mean, n=len(data), clusters=count, reason=why)
    if np.ptp(data) == 0:
        return Estimate(mean, n=len(data), clusters=count, reason=f"all {len(data)} samples alike: no interval")
    low, high = t_bounds(mean, found, confidence)
    kind = f"{confidence:.0%} {'clustered ' if count < len(data) else ''}t"
    return Estimate(mean, low, high, len(data), count, kind)


def wilson(successes: float, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """A rate in 0..1 with Wilson's score interval (Wilson 1927). ``successes`` may be fractional (means of takes)."""
    from statsmodels.stats.proportion import proportion_confint

    if n == 0:
        return missing("nothing was tried")
    low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    return Estimate(successes / n, max(0.0, float(low)), min(1.0, float(high)), n, n, f"{confidence:.0%} Wilson")


def _finite(values: ArrayLike) -> Floats:
    data = np.asarray(values, dtype=np.float64)
    if data.ndim != 1:
        raise ValueError(f"values have shape {data.shape}, not (n,)")
    if not np.isfinite(data).all():
        raise ValueError("values hold NaN or infinity: leave out what was not measured and say so")
    return data
