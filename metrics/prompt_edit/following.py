"""An edited shot against the one that was graded by hand, and against the shot it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.colour.delta_e import Difference
from filmbench.metrics.frames import fidelity
from filmbench.metrics.measure import CV2, OPENCV, VISION_EXTRA, Unmeasurable, python, scored, signature

LEAST_ASKED = 1.0
"""A hand-made edit nearer than this to its source asks for nothing that could be followed, in ΔE00."""


def _spec(id: str, title: str, unit: str, higher: bool, **more: Any) -> MetricSpec:
    facts: dict[str, Any] = {"provenance": "proxy", "requires": (CV2, python("skimage", VISION_EXTRA))}
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, "scikit-image", OPENCV),
        contracts=("editing/prompt",),
        higher_is_better=higher,
        needs=("video",),
        **facts | more,
    )


class Following:
    """How far the shot went towards the edit that was made by hand.

    What: ``prompt_edit.delta_e`` is the mean CIEDE2000 to the hand-made edit, ``prompt_edit.followed`` the share of the
    way from the source to it: 1 less the take's mean difference over the source's.
    Range: ΔE from 0, lower is better; the share is at most 1, 0 for the untouched source, negative for the wrong way.
    Needs: a hand-made edit. Where it hardly differs from its source (ΔE below 1), the share has no value.
    Ignores: whether people would like it.
    Known failures: an instruction has many good answers and the reference is one: another night than this one loses.
    Provenance: ``delta_e`` is the library's CIEDE2000; the share is a proxy, home-made.
    Source: Sharma, Wu and Dalal, 2005 (CIEDE2000); filmbench (the share).
    Licence: BSD-3-Clause.
    """

    output = "video"
    beside = ("reference.video", "input.video")
    specs = (
        _spec("prompt_edit.followed", "Way gone", "", True, references=("video",), high=1.0),
        _spec("prompt_edit.delta_e", "ΔE00 to edit", "ΔE", False, references=("video",), low=0.0, provenance="library"),
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the reference and the input ``video``."""
        return _Following(self.specs)


class _Following:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._left, self._asked = Difference(), Difference()

    def update(self, moment: Moment) -> None:
        """Count a frame that has both beside it."""
        edit, source = moment.frame("reference.video"), moment.frame("input.video")
        if edit is not None and source is not None:
            self._left.add(moment.take.rgb, edit.rgb)
            self._asked.add(source.rgb, edit.rgb)

    def compute(self) -> Sequence[Score]:
        """The share, then the difference."""
        return (*scored(self._specs[:1], self._share), *scored(self._specs[1:], lambda: (self._left.mean(),)))

    def _share(self) -> tuple[float]:
        left, asked = self._left.mean(), self._asked.mean()
        if asked < LEAST_ASKED:
            raise Unmeasurable("the edit made by hand hardly differs from its source")
        return (1 - left / asked,)


class Kept:
    """What an edit should leave: the drawing of the picture, and its steadiness.

    What: ``prompt_edit.structure`` is SSIM between the edges (gradient magnitudes of luma, each scaled to its own mean)
    of the take and of its source, averaged over frames; ``prompt_edit.unsteady`` is the standard deviation over frames
    of how much brighter each is than its source, in levels of 0..255.
    Range: structure up to 1, higher is better; unsteadiness from 0, lower is better.
    Needs: the source; unsteadiness at least two frames.
    Ignores: an even change of light, contrast or colour, which edits of light are.
    Known failures: both are won by the untouched source, which changes nothing. An edit that should change the drawing
    (rain, another face) loses structure rightly or not; read it beside the way gone.
    Provenance: proxy: home-made, named for what it measures.
    Source: Wang et al., 2004 (SSIM); filmbench.
    Licence: Apache-2.0.
    """

    output = "video"
    beside = ("input.video",)
    specs = (
        _spec("prompt_edit.structure", "Structure kept", "", True, high=1.0, decimals=3),
        _spec("prompt_edit.unsteady", "Unsteadiness", "levels", False, low=0.0, decimals=3),
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the input ``video``."""
        return _Kept(self.specs)


class _Kept:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._structure: list[float] = []
        self._brighter: list[float] = []

    def update(self, moment: Moment) -> None:
        """Compare edges and brightness with the source's frame."""
        source = moment.frame("input.video")
        if source is not None:
            self._structure.append(fidelity.ssim(edges(moment.take.luma), edges(source.luma)))
            self._brighter.append(float(moment.take.rgb.mean(dtype="float64") - source.rgb.mean(dtype="float64")))

    def compute(self) -> Sequence[Score]:
        """Mean of one, spread of the other."""
        return (*scored(self._specs[:1], self._mean), *scored(self._specs[1:], self._spread))

    def _mean(self) -> tuple[float]:
        if not self._structure:
            raise Unmeasurable("there is no source beside any frame")
        return (sum(self._structure) / len(self._structure),)

    def _spread(self) -> tuple[float]:
        import numpy as np

        if len(self._brighter) < 2:
            raise Unmeasurable("a single frame cannot be unsteady")
        return (float(np.std(self._brighter)),)


def edges(luma: Any) -> Any:
    """Gradient magnitude scaled so that its mean is 32: float32 of 0..255, (height, width); 0 for a flat picture."""
    import cv2
    import numpy as np

    magnitude = cv2.magnitude(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))
    mean = float(magnitude.mean())
    return np.minimum(magnitude * (32 / mean), 255) if mean else magnitude


METRICS = (Following(), Kept())
