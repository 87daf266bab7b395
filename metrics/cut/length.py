"""Is the cut as long as it should be?"""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, scored


class LengthError:
    """By how many seconds the cut is longer or shorter than the true cut. Seconds, lower is better.

    Range: 0 up.
    Needs: the sound of the take and of the reference ``cut``.
    Ignores: what was cut: as much too much in one place as too little in another is 0.
    Known failures: the true cut keeps half of each pause on both sides; a tenth of a second is taste.
    Provenance: reimplementation, a difference of two measured lengths.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="cut.length_error",
            title="Length error",
            unit="s",
            signature="cut.length_error|filmbench:1|sound",
            contracts=("editing/cut",),
            higher_is_better=False,
            provenance="reimplementation",
            low=0.0,
            needs=("cut",),
            references=("cut",),
        ),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``cut`` against the reference ``cut``."""

        def measure() -> Sequence[float]:
            reference = view.reference("cut")
            if reference is None:
                raise Unmeasurable("there is no true cut")
            take, true = (len(clip.mono()) / clip.rate for clip in (view.output("cut"), reference))
            return (abs(take - true),)

        return scored(self.specs, measure)


METRICS = (LengthError(),)
