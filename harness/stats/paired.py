"""Two arms on the same samples: how large the difference is and whether chance explains it.

The size comes with a t interval on the differences per sample, the p-value from flipping the sign of whole
clusters, which is exact whenever no arm is better (Fisher 1935; for corpus rates it is the approximate
randomisation of Riezler and Maxwell 2005 on linearised values).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from filmbench.harness.stats import coverage
from filmbench.harness.stats.clusters import Floats, cluster_codes, cluster_sums, linearised, spread
from filmbench.harness.stats.intervals import CONFIDENCE, t_bounds
from numpy.typing import ArrayLike

EXACT_LIMIT = 20_000
FLIPS = 20_000
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate minus base over n samples that both have; what is missing is ``None`` and ``reason`` says why.

    ``low``/``high`` is the 95 % interval, ``low90``/``high90`` the 90 % one of one-sided 5 % tests.
    ``p`` is two-sided, ``p_below`` and ``p_above`` are against "not below" and "not above" zero.
    ``effect`` is Cohen's dz (mean difference over its standard deviation), ``higher`` the share of samples
    on which the candidate's value is higher, ties counting half. ``covers`` is as in an estimate.
    """

    delta: float | None
    low: float | None = None
    high: float | None = None
    low90: float | None = None
    high90: float | None = None
    standard_error: float | None = None
    p: float | None = None
    p_below: float | None = None
    p_above: float | None = None
    effect: float | None = None
    higher: float | None = None
    n: int = 0
    clusters: int = 0
    exact: bool = False
    reason: str | None = None
    covers: int | None = None


@dataclass(frozen=True, slots=True)
class Flips:
    """p-values of sign-flip tests, each of shape (k,), and whether all flips were tried."""

    below: Floats
    above: Floats
    either: Floats
    exact: bool


class Pairing(NamedTuple):
    """Two ratios of sums over the same samples, all arrays (n,); weights of one make them means.

    ``clusters`` (n,) name the samples that belong together; ``None`` makes each its own.
    """

    base: Floats
    base_weights: Floats
    candidate: Floats
    candidate_weights: Floats
    clusters: ArrayLike | None = None


def paired(
    base: ArrayLike,
    candidate: ArrayLike,
    clusters: ArrayLike | None = None,
    seed: int = 0,
) -> Difference:
    """Compare two arms' values (n,) on the same samples, in the same order."""
    first, second = np.asarray(base, np.float64), np.asarray(candidate, np.float64)
    return paired_ratios([Pairing(first, np.ones_like(first), second, np.ones_like(second), clusters)], seed)[0]


def paired_ratios(pairings: Sequence[Pairing], seed: int = 0) -> list[Difference]:
    """Compare the two ratios of each pairing, by their linearised values.

    Pairings with as many clusters share the flips, which are most of the work. Raises ``ValueError`` when a ratio has
    no denominator.
    """
    found = [_without_flips(pairing) for pairing in pairings]
    alike: dict[int, list[tuple[int, Floats]]] = {}
    for place, (_, sums) in enumerate(found):
        if sums is not None:
            alike.setdefault(len(sums), []).append((place, sums))
    done = [difference for difference, _ in found]
    for jobs in alike.values():
        flips = sign_flip(np.column_stack([sums for _, sums in jobs]), seed)
        for column, (place, _) in enumerate(jobs):
            done[place] = replace(
                done[place],
                p=float(flips.either[column]),
                p_below=float(flips.below[column]),
                p_above=float(flips.above[column]),
                exact=flips.exact,
            )
    return done


def _without_flips(pairing: Pairing) -> tuple[Difference, Floats | None]:
    """Size and interval of a difference, and the sums of the clusters that its test will flip.

    Clusters without a difference are left out where that lets every flip be tried.
    """
    base, base_weights, candidate, candidate_weights, clusters = pairing
    n = len(base)
    if not len(base_weights) == len(candidate) == len(candidate_weights) == n:
        raise ValueError("a paired comparison needs arrays of one length")
    if not n:
        return Difference(None, reason="no sample in common"), None
    codes, count = cluster_codes(clusters, n)
    differences = linearised(candidate, candidate_weights) - linearised(base, base_weights)
    delta = float(differences.mean())
    higher = _share_higher(base, base_weights, candidate, candidate_weights)
    found = spread(differences, codes, count)
    if found is None:
        why = "one sample only" if n == 1 else "one cluster only"
        return Difference(delta, higher=higher, n=n, clusters=count, reason=f"{why}: no interval"), None
    deviation = float(differences.std(ddof=1))
    low, high = t_bounds(delta, found, CONFIDENCE)
    low90, high90 = t_bounds(delta, found, 0.90)
    difference = Difference(
        delta,
        low,
        high,
        low90,
        high90,
        found.standard_error,
        effect=delta / deviation if deviation > 0 else None,
        higher=higher,
        n=n,
        clusters=count,
        reason=None if deviation > 0 else "all differences alike: no effect size",
        covers=coverage.measured("difference", n, count),
    )
    sums = cluster_sums(differences, codes, count)
    busy = sums[sums != 0]
    return difference, busy if 2 ** len(busy) <= EXACT_LIMIT else sums


def sign_flip(sums: Floats, seed: int = 0) -> Flips:
    """Sign-flip test of k columns of cluster sums, shape (clusters, k); a cluster flips as a whole.

    All 2^c flips when there are at most 20,000 of them, else 20,000 seeded ones (with the observed one counted in,
    so that p is never 0). One matrix of flips serves all columns.
    """
    observed = sums.sum(axis=0)
    slack = 1e-9 * np.abs(sums).sum(axis=0) + 1e-300
    exact = 2 ** len(sums) <= EXACT_LIMIT
    below, above, either = (np.zeros(sums.shape[1]) for _ in range(3))
    tried = 0
    for flipped in _all_flips(len(sums)) if exact else _random_flips(len(sums), seed):
        totals = observed - 2 * (flipped @ sums)
        tried += len(totals)
        below += (totals <= observed + slack).sum(axis=0)
        above += (totals >= observed - slack).sum(axis=0)
        either += (np.abs(totals) >= np.abs(observed) - slack).sum(axis=0)
    spare = 0 if exact else 1
    below, above, either = ((hits + spare) / (tried + spare) for hits in (below, above, either))
    return Flips(below, above, either, exact)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's step-down adjustment (Holm 1979): true for any-of claims. ``None`` stays ``None`` and does not count."""
    return _adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """False-discovery adjustment (Benjamini and Hochberg 1995) for columns that nobody named in advance."""
    return _adjusted(p_values, "fdr_bh")


def samples_needed(difference: Difference, effect: float, power: float = 0.8, alpha: float = 0.05) -> int | None:
    """Samples with which a one-sided test would see ``effect`` (a size > 0) with the given power.

    It scales the observed standard error, and so the observed clustering; ``None`` when there is none.
    """
    from scipy.special import ndtri

    if not difference.standard_error or not effect > 0:
        return None
    z = float(ndtri(1 - alpha) + ndtri(power))
    return max(2, math.ceil(difference.n * (z * difference.standard_error / effect) ** 2))


def _adjusted(p_values: Sequence[float | None], method: str) -> tuple[float | None, ...]:
    from statsmodels.stats.multitest import multipletests

    known = [p for p in p_values if p is not None]
    if not known:
        return tuple(p_values)
    adjusted = iter(multipletests(known, method=method)[1])
    return tuple(None if p is None else float(next(adjusted)) for p in p_values)


def _share_higher(base: Floats, base_weights: Floats, candidate: Floats, candidate_weights: Floats) -> float | None:
    usable = (base_weights > 0) & (candidate_weights > 0)
    if not usable.any():
        return None
    gap = candidate[usable] / candidate_weights[usable] - base[usable] / base_weights[usable]
    return float(np.mean((np.sign(gap) + 1) / 2))


def _all_flips(count: int) -> Iterator[Floats]:
    """Which of ``count`` clusters are flipped, one row a flip: ones and zeros."""
    yield ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(np.float64)


def _random_flips(count: int, seed: int) -> Iterator[Floats]:
    rng = np.random.default_rng(seed)
    for _ in range(0, FLIPS, _ROWS):
        coins = np.frombuffer(rng.bytes(_ROWS * -(-count // 8)), np.uint8).reshape(_ROWS, -1)
        yield np.unpackbits(coins, axis=1, count=count).astype(np.float64)
