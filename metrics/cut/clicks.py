"""Do the joins click?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.cut import edit
from filmbench.metrics.measure import Unmeasurable, scored, signature

NEAR_SECONDS = 0.005
PERCENTILE = 99.9


class Clicks:
    """The sharpest corner of the wave at a join, against the sharpest corners of the whole take. A ratio.

    What: the greatest second difference within 5 ms of any join, over the 99.9th percentile of the second differences
    of the whole take. A hard cut through a wave leaves a corner that nothing in the sound around it explains.
    Range: 0 up, lower is better; below about 1 the join is as smooth as the speech itself; a tone that lacks 100
    samples has 1898.
    Needs: the take's timeline, to know where the joins are. Mono, at the take's own rate.
    Ignores: level.
    Known failures: a plosive beside a join counts as a corner; a click between two samples of equal value and slope is
    none; lossy coding rounds corners. A take without joins has no value, so the untouched source has none.
    Provenance: proxy, ours: the field's click detectors (Essentia's, say) are under licences we cannot carry. The ratio
    over a whole signal is pinned by a golden value.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="cut.click_ratio",
            title="Click at joins",
            unit="×",
            signature=signature("cut.click_ratio", "numpy", settings=f"d2;p{PERCENTILE};±{NEAR_SECONDS}s;max"),
            contracts=("editing/cut",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            needs=("cut", "timeline"),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``cut`` at the joins that its timeline tells."""

        def measure() -> Sequence[float]:
            clip = view.output("cut")
            places = [round(join.at * clip.rate) for join in edit.joins(view)]
            return (click_ratio(clip.mono(), places, round(NEAR_SECONDS * clip.rate)),)

        return scored(self.specs, measure)


def click_ratio(samples: Any, joins: Sequence[int], near: int) -> float:
    """The ratio for ``samples`` (n,) joined at the samples ``joins``, looked at ``near`` samples to each side."""
    import numpy as np

    if len(samples) < 3:
        raise Unmeasurable("too short: three samples are needed")
    corners = np.abs(np.diff(np.asarray(samples, np.float64), 2))
    usual = float(np.percentile(corners, PERCENTILE))
    if usual <= 0:
        raise Unmeasurable("nothing is heard beside the joins")
    around = [corners[max(0, at - near) : at + near] for at in joins]
    return max((float(part.max()) for part in around if len(part)), default=0.0) / usual


METRICS = (Clicks(),)
