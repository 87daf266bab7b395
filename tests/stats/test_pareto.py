"""The Pareto front against sets whose front can be seen."""

from __future__ import annotations

import numpy as np
import pytest
from filmbench.harness.stats.pareto import front


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        # a staircase with one point inside it, and one beaten only at an equal price
        ([(1, 9), (2, 5), (4, 4), (7, 1), (5, 6), (2, 7)], [True, True, True, True, False, False]),
        ([(3, 3), (3, 3), (3, 4)], [True, True, False]),  # equal points share their fate
        ([(1, 1), (2, 2), (3, 3)], [True, False, False]),
        ([(1, 2, 3), (3, 2, 1), (3, 3, 3)], [True, True, False]),
        ([(5, 5)], [True]),
    ],
)
def test_hand_made_fronts(points, expected):
    assert front(np.array(points, float)).tolist() == expected


def test_no_point_of_the_front_is_beaten_and_every_other_one_is():
    points = np.random.default_rng(5).integers(0, 12, (120, 2)).astype(float)
    marks = front(points)

    def beaten(one):
        return any((other <= one).all() and (other < one).any() for other in points)

    assert marks.tolist() == [not beaten(one) for one in points]
    assert 0 < marks.sum() < len(points)


def test_what_is_not_known_has_no_place():
    with pytest.raises(ValueError, match="NaN"):
        front([[1.0, np.nan]])
