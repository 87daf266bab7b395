"""What nominal 95 % intervals of few samples are worth: how many of 100 held the truth in simulations.

Of skewed scores in scenes of uneven sizes, the least of all kinds of scores and numbers of lines that were simulated
(tests/stats/test_coverage.py draws them, and holds these figures to a point). From 21 samples in 10 clusters on all
intervals hold 93 to 97, and nothing needs to be said; rates (Wilson) and medians do with any.
"""

from __future__ import annotations

ENOUGH_SAMPLES, ENOUGH_CLUSTERS = 21, 10

MEASURED: dict[str, dict[int, int]] = {
    "level": {3: 89, 5: 91, 8: 92, 10: 92, 20: 93},
    "difference": {3: 95, 5: 93, 8: 92, 10: 88, 20: 89},
}
"""Percent, by the kind of interval and the number of clusters (of one sample each, or more)."""


def measured(kind: str, n: int, clusters: int) -> int | None:
    """Percent of intervals of this ``kind`` that hold the truth, where that is less than they promise, else ``None``.

    Between the simulated numbers of clusters the figure of the next smaller one is given, below them the smallest.
    """
    if n >= ENOUGH_SAMPLES and clusters >= ENOUGH_CLUSTERS:
        return None
    found = MEASURED[kind]
    percent = found[max((count for count in found if count <= clusters), default=min(found))]
    return percent if percent < 93 else None
