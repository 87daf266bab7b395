"""Dynamic time warping, exact: the cheapest way to lay one sequence of vectors over another.

A library's would do; librosa's gives the same path (a test holds the two equal), but each scoring process
would pay seconds for the compiler it brings.
"""

from __future__ import annotations

from typing import Any

DIAGONAL, UP, LEFT = 0, 1, 2


def warp(first: Any, second: Any) -> tuple[Any, Any]:
    """Indices into ``first`` and ``second``, both of the path's length, from beginning to end.

    ``first`` is of shape (n, k), ``second`` (m, k), neither empty. Each step moves on by one in either or
    both; the path has the least sum of Euclidean distances, ties go to the diagonal. Time and memory are
    O(n m), some 17 bytes a pair. Source: Sakoe and Chiba 1978, without a band.
    """
    import numpy as np
    from scipy.spatial.distance import cdist

    costs = cdist(first, second)
    n, m = costs.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    steps = np.empty((n, m), np.int8)
    for diagonal in range(n + m - 1):  # cells of one anti-diagonal do not depend on each other
        rows = np.arange(max(0, diagonal - m + 1), min(n, diagonal + 1))
        columns = diagonal - rows
        before = np.stack((total[rows, columns], total[rows, columns + 1], total[rows + 1, columns]))
        best = before.argmin(axis=0)
        steps[rows, columns] = best
        total[rows + 1, columns + 1] = costs[rows, columns] + before[best, np.arange(len(rows))]
    return _walk_back(steps)


def _walk_back(steps: Any) -> tuple[Any, Any]:
    import numpy as np

    row, column = steps.shape[0] - 1, steps.shape[1] - 1
    path = [(row, column)]
    while row or column:
        step = steps[row, column]
        row -= step != LEFT
        column -= step != UP
        path.append((row, column))
    rows, columns = np.array(path[::-1]).T
    return rows, columns
