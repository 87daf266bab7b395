"""Who is beaten on every count: the Pareto front of a set of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def front(points: ArrayLike) -> NDArray[np.bool_]:
    """Which of ``points`` (n, d) no other dominates; every coordinate is a cost, lower is better.

    A point dominates another when it is nowhere worse and somewhere better, so equal points share their fate.
    """
    costs = np.asarray(points, dtype=np.float64)
    if costs.ndim != 2 or np.isnan(costs).any():
        raise ValueError("a front needs points of shape (n, d) without NaN")
    nowhere_worse = (costs[:, None, :] <= costs[None, :, :]).all(axis=2)
    somewhere_better = (costs[:, None, :] < costs[None, :, :]).any(axis=2)
    return np.asarray(~(nowhere_worse & somewhere_better).any(axis=0))
