"""How well the true match cuts come first in a ranking of pairs of shots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import VISION_EXTRA, Unmeasurable, python, scored, signature

Pair = tuple[int, int]
FIRST = 5
DRAWS = 1000
SEED = 0


def _spec(name: str, title: str, better: bool | None, core: bool = True) -> MetricSpec:
    settings = f"all-pairs;unranked:last;k:{FIRST};draws:{DRAWS};seed:{SEED}"
    return MetricSpec(
        id=f"match_cut.{name}",
        title=title,
        unit="%",
        signature=signature(f"match_cut.{name}", "scikit-learn", "numpy", settings=settings),
        contracts=("editing/match-cut",),
        higher_is_better=better,
        provenance="library",
        low=0.0,
        high=100.0,
        decimals=1,
        needs=("ranking",),
        references=("pairs",),
        requires=(python("sklearn", VISION_EXTRA),),
        worst=0.0 if better else None,
        core=core,
        licence="BSD-3-Clause",
    )


class Ranking:
    """Average precision of the ranking, beside what chance would have. Percent, higher is better.

    What: all pairs of a library's shots, ordered by the take's scores. ``match_cut.average_precision`` is the mean
    precision at each true pair, ``match_cut.precision_at_5`` the share of true pairs among the first five.
    ``match_cut.chance`` is the share of true pairs among all, which is what a random ranking has on average: never 0.
    ``match_cut.ap_low`` and ``match_cut.ap_high`` bound the average precision at 95 % by bootstrap over query shots
    (1,000 seeded draws: shots are drawn with replacement, and a pair counts as often as both of its shots were drawn).
    Range: 0 to 100 %. Compare with the chance column of the same row only; libraries differ in it.
    Needs: ``ranking`` and the reference ``pairs``. Order within a pair does not matter; a pair given twice counts with
    its higher score; pairs that were not given come last, all tied.
    Ignores: the size of scores, only their order counts.
    Known failures: the motion libraries are clean enough for flow histograms to reach 100. Of tied pairs the first five
    are taken by their numbers. Among tied scores the precision is that of the whole tie (scikit-learn's way); other
    libraries break ties. A ranker by shape reads as chance where pairs match by motion.
    Provenance: library scikit-learn (``average_precision_score``), pinned by a published vector.
    Source: the measure of Chen et al., "Match Cutting: Finding Cuts with Smooth Visual Transitions", WACV 2023,
    https://arxiv.org/abs/2210.05766. That paper's own table is another one, never merged with this: see
    ``python -m filmbench.metrics.match_cut.netflix``.
    Licence: BSD-3-Clause.
    """

    specs = (
        _spec("average_precision", "Average precision", True),
        _spec("chance", "Chance", None),
        _spec("precision_at_5", "Precision at 5", True),
        _spec("ap_low", "AP, lower bound over shots", None, core=False),
        _spec("ap_high", "AP, upper bound over shots", None, core=False),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``ranking``."""

        def measure() -> Sequence[float]:
            shots = len(view.inputs("shots"))
            reference = view.reference("pairs")
            if reference is None:
                raise Unmeasurable("the true pairs are not known")
            true = {_pair(pair, shots) for pair in _rows(reference, 2)}
            if not true:
                raise Unmeasurable("no pair of this library is a match cut")
            scores = ranked(_rows(view.output("ranking"), 3), shots)
            low, high = interval(scores, true, shots)
            first = sorted(scores, key=lambda pair: -scores[pair])[:FIRST]
            parts = (
                average_precision(scores, true),
                len(true) / len(scores),
                sum(pair in true for pair in first) / len(first),
                low,
                high,
            )
            return [100 * part for part in parts]

        return scored(self.specs, measure)


def _rows(document: Any, length: int) -> list[Sequence[Any]]:
    try:
        rows = [tuple(row) for row in document.json]
    except (BadMedia, TypeError):
        raise Unmeasurable("the pairs are not written as a list of lists") from None
    if any(len(row) != length for row in rows):
        raise Unmeasurable(f"a pair does not have {length} entries")
    return [*rows]


def _pair(pair: Sequence[Any], shots: int) -> Pair:
    one, other = pair
    if type(one) is not int or type(other) is not int or one == other or not 0 <= min(pair) <= max(pair) < shots:
        raise Unmeasurable(f"{[one, other]} is no pair of the {shots} shots, counted from 0")
    return min(one, other), max(one, other)


def ranked(rows: Sequence[Sequence[Any]], shots: int) -> dict[Pair, float]:
    """A score for every pair of ``shots``; those not among ``rows`` (i, j, score) come after all others."""
    import math

    found: dict[Pair, float] = {}
    for one, other, score in rows:
        if not isinstance(score, int | float) or not math.isfinite(score):
            raise Unmeasurable("a score is not a number")
        pair = _pair((one, other), shots)
        found[pair] = max(float(score), found.get(pair, -math.inf))
    if not found:
        raise Unmeasurable("the ranking is empty")
    last = min(found.values()) - 1.0
    return {pair: found.get(pair, last) for pair in combinations(range(shots), 2)}


def average_precision(scores: Mapping[Pair, float], true: set[Pair], weights: Any = None) -> float:
    """0..1. ``weights`` (n,) say how often each pair of ``scores`` counts; ``None`` is once."""
    from sklearn.metrics import average_precision_score

    labels = [pair in true for pair in scores]
    return float(average_precision_score(labels, [*scores.values()], sample_weight=weights))


def interval(scores: Mapping[Pair, float], true: set[Pair], shots: int) -> tuple[float, float]:
    """Bounds of the average precision at 95 %, 0..1, by percentile bootstrap over the shots."""
    import numpy as np

    pairs = np.array([*scores])
    labels = np.array([pair in true for pair in scores])
    random = np.random.default_rng(SEED)
    found = []
    for _ in range(DRAWS):
        times = np.bincount(random.integers(0, shots, shots), minlength=shots)
        weights = times[pairs[:, 0]] * times[pairs[:, 1]]
        if weights[labels].any():
            found.append(average_precision(scores, true, weights))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


METRICS = (Ranking(),)
