"""Whether a clip is as long, as large and as fast as it was asked to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.background.delivery import asked_size, octaves
from filmbench.metrics.measure import Unmeasurable, signature


def _spec(id: str, title: str, unit: str, decimals: int) -> MetricSpec:
    return MetricSpec(
        id=id, title=title, unit=unit, signature=signature(id, settings="measured-frames"), contracts=("video",),
        higher_is_better=False, provenance="proxy", low=0.0, decimals=decimals, needs=("video",),
    )  # fmt: skip


class Delivery:
    """Asked against delivered: length, frame rate, size, measured on the decoded frames.

    What: |delivered − asked| seconds, where the length is frames over the measured rate; |delivered / asked − 1| of the
    frame rate in %; |log2| of delivered over asked, the larger of width and height.
    Range: 0 is exact; lower is better.
    Needs: readable ``seconds``, ``fps`` and ``size`` in the sample; two frames for the rate and the length.
    Ignores: what is seen; repeated frames count (see frozen).
    Known failures: saturated by the floors, which deliver nothing in the right shape. Gates, not ranks. With a variable
    rate the mean rate counts.
    Provenance: proxy, this project's own arithmetic.
    Source: none.
    Licence: Apache-2.0.
    """

    specs = (
        _spec("video.length_error", "Length error", "s", 2),
        _spec("video.rate_error", "Frame rate error", "%", 1),
        _spec("video.size_error", "Size error", "octaves", 2),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer, told what was asked."""
        return _Delivery(view)


class _Delivery:
    def __init__(self, view: View) -> None:
        self._view = view
        self._frames, self._last = 0, 0.0
        self._size = (1, 1)

    def update(self, moment: Moment) -> None:
        self._frames += 1
        self._last, self._size = moment.time, moment.take.own_size

    def compute(self) -> Sequence[Score]:
        length, rate, size = (spec.id for spec in Delivery.specs)
        return (
            _score(length, lambda: abs(self._frames / self._rate() - self._asked("seconds"))),
            _score(rate, lambda: 100 * abs(self._rate() / self._asked("fps") - 1)),
            _score(size, lambda: octaves(self._size, asked_size(self._view))),
        )

    def _rate(self) -> float:
        if self._frames < 2 or self._last <= 0:
            raise Unmeasurable("one frame has no rate")
        return (self._frames - 1) / self._last

    def _asked(self, role: str) -> float:
        try:
            found = float(str(self._view.sample.inputs.get(role)))
        except ValueError:
            found = 0.0
        if not 0 < found < 1e9:
            raise Unmeasurable(f"the sample asks for no readable {role}")
        return found


def _score(id: str, measure: Callable[[], float]) -> Score:
    try:
        return Score(id, measure())
    except Unmeasurable as error:
        return Score(id, None, str(error))


METRICS = (Delivery(),)
