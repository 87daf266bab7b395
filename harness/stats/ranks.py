"""Ranks that do not claim more than the data: an arm's best and worst rank at 95 % confidence.

Every pair of arms is compared on the samples both have; an arm's best rank counts the arms that are
significantly better, its worst rank those that are significantly worse, with Holm's adjustment over all pairs
(Mogstad, Romano, Shaikh and Wilhelm 2024). Arms that cannot be told apart share ranks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from filmbench.harness.stats.clusters import Codes, Floats, cluster_codes, cluster_sums, linearised, spread
from filmbench.harness.stats.paired import holm, sign_flip

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an arm stands: ranks 1..k, and its mean lead over the arms it shares samples with (metric's unit)."""

    best: int
    worst: int
    lead: float | None


def rank_ranges(
    numerators: Floats, denominators: Floats, clusters: Codes, higher_is_better: bool, seed: int = 0
) -> tuple[Standing, ...]:
    """Rank k arms from their values on n samples, shape (k, n), NaN where an arm has none.

    The value of an arm is the ratio of sums (denominators of one for a mean). ``clusters`` (n,) are integers
    from 0. Two arms without a common sample are not compared and neither outranks the other.
    """
    arms, _ = numerators.shape
    count = int(clusters.max()) + 1 if len(clusters) else 0
    sign = 1.0 if higher_is_better else -1.0
    pairs, leads, columns = [], [], []
    for first, second in combinations(range(arms), 2):
        common = ~np.isnan(numerators[first]) & ~np.isnan(numerators[second])
        if not denominators[first][common].sum() > 0 or not denominators[second][common].sum() > 0:
            continue
        ahead = sign * (
            linearised(numerators[first][common], denominators[first][common])
            - linearised(numerators[second][common], denominators[second][common])
        )
        pairs.append((first, second))
        leads.append(float(ahead.mean()))
        columns.append(cluster_sums(ahead, clusters[common], count))
    above = np.zeros(arms, int)
    below = np.zeros(arms, int)
    if pairs:
        flips = sign_flip(np.column_stack(columns), seed)
        for (first, second), lead, p in zip(pairs, leads, holm([float(p) for p in flips.either]), strict=True):
            if p is not None and p <= ALPHA:
                winner, loser = (first, second) if lead > 0 else (second, first)
                above[loser] += 1
                below[winner] += 1
    mean_leads = _mean_leads(arms, pairs, leads)
    return tuple(Standing(int(above[arm]) + 1, int(arms - below[arm]), mean_leads[arm]) for arm in range(arms))


def ties(numerators: Floats, denominators: Floats, clusters: Codes) -> bool:
    """Whether no two of k arms (k, n) differ for certain: no pair's clustered t test holds at 5 % after Bonferroni.

    Cheaper than :func:`rank_ranges`, for metrics that rank nobody. False for fewer than two arms.
    """
    pairs = list(combinations(range(len(numerators)), 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.nansum(numerators, axis=1) / np.nansum(denominators, axis=1)
    pairs.sort(key=lambda pair: -np.nan_to_num(abs(levels[pair[0]] - levels[pair[1]])))  # the surest to differ first
    tests = 0
    least = 1.0
    for first, second in pairs:
        common = ~np.isnan(numerators[first]) & ~np.isnan(numerators[second])
        if not denominators[first][common].sum() > 0 or not denominators[second][common].sum() > 0:
            continue
        gap = linearised(numerators[first][common], denominators[first][common]) - linearised(
            numerators[second][common], denominators[second][common]
        )
        tests, least = tests + 1, min(least, _p_value(gap, clusters[common]))
        if least * len(pairs) <= ALPHA:
            return False
    return tests > 0 and least * tests > ALPHA


def _p_value(gap: Floats, clusters: Codes) -> float:
    """Two-sided, of a clustered t test that the mean of ``gap`` (n,) is zero; 1 where nothing can be told."""
    from scipy.special import stdtr

    found = spread(gap, *cluster_codes(clusters, len(gap)))
    if found is None or gap.mean() == 0:
        return 1.0
    if found.standard_error == 0:
        return 0.0
    return 2 * float(stdtr(found.freedom, -abs(gap.mean()) / found.standard_error))


def _mean_leads(arms: int, pairs: list[tuple[int, int]], leads: list[float]) -> list[float | None]:
    found: list[list[float]] = [[] for _ in range(arms)]
    for (first, second), lead in zip(pairs, leads, strict=True):
        found[first].append(lead)
        found[second].append(-lead)
    return [sum(values) / len(values) if values else None for values in found]
