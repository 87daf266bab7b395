"""Items that are not independent: lines of one scene, clips of one speaker.

The mean of n values in C clusters is an intercept-only regression, for which the bias-reduced variance
"CR2" and its Satterthwaite degrees of freedom (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018) have
a closed form. When every cluster holds one item they are the textbook s / sqrt(n) and n - 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


def cluster_codes(clusters: ArrayLike | None, n: int) -> tuple[Codes, int]:
    """Clusters as integers 0..C-1 (in sorted order of their names) and C; ``None`` makes each item its own."""
    if clusters is None:
        return np.arange(n, dtype=np.intp), n
    names = np.asarray(clusters)
    if names.shape != (n,):
        raise ValueError(f"{n} values need {n} cluster names, not {names.shape}")
    found, codes = np.unique(names, return_inverse=True)
    return codes.astype(np.intp), len(found)


def cluster_sums(values: Floats, codes: Codes, count: int) -> Floats:
    """Sum of ``values`` (n,) within each of ``count`` clusters, shape (count,)."""
    return np.asarray(np.bincount(codes, weights=values, minlength=count), np.float64)


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard error of a mean, the degrees of freedom of its t statistic, and the skewness of that mean."""

    standard_error: float
    freedom: float
    skewness: float


def spread(values: Floats, codes: Codes, count: int) -> Spread | None:
    """CR2 standard error of the mean of ``values`` (n,); ``None`` with fewer than two clusters."""
    if count < 2:
        return None
    sizes = np.bincount(codes, minlength=count).astype(float)
    return spread_of_sums(cluster_sums(values - values.mean(), codes, count), sizes)


def spread_of_sums(residuals: Floats, sizes: Floats) -> Spread:
    """The spread of a mean from each cluster's summed residuals and its size, both (clusters,), two or more."""
    count, n = len(sizes), float(sizes.sum())
    shares = sizes / n
    variance = float(np.sum(residuals**2 / (1 - shares))) / n**2
    leverage = sizes**2 / (1 - shares)
    cross = float(np.sum(leverage)) ** 2 - float(np.sum(leverage**2))
    squares = float(np.sum(residuals**2))
    # As large as in the population on average, for normal values at least: what a sample shows is less.
    unbiased = math.sqrt(count * (count - 1)) / (count - 2) if count > 2 else 0.0
    skewness = unbiased * float(np.sum(residuals**3)) / squares**1.5 if squares > 0 else 0.0
    return Spread(math.sqrt(variance), float(n**2 / (np.sum(sizes**2) + cross / n**2)), skewness)


def effective_size(hits: Floats, codes: Codes, count: int) -> tuple[float, float] | None:
    """How many independent trials tell as much as these, and their degrees of freedom (Kish 1965; Korn and Graubard).

    ``hits`` (n,) are 0 or 1, or rates between. ``None`` where they do not vary between clusters, which says nothing.
    """
    found, rate = spread(hits, codes, count), float(hits.mean())
    if found is None or not found.standard_error > 1e-9:
        return None
    return rate * (1 - rate) / found.standard_error**2, found.freedom


def linearised(numerators: Floats, denominators: Floats) -> Floats:
    """Values whose mean is the ratio of sums and whose spread is that ratio's, to first order; shape (n,).

    The Taylor linearisation of survey statistics (Cochran 1977, §2.11): it turns a corpus rate (errors
    over words) into values per sample that every method for means accepts. Equal denominators give the
    plain quotients back.
    """
    weight = denominators.mean()
    if not weight > 0:
        raise ValueError("the denominators of a ratio sum to zero")
    ratio = numerators.mean() / weight
    return np.asarray(ratio + (numerators - ratio * denominators) / weight)
