"""A shot from which something was removed: fidelity in the hole, at its border and outside, and what gives it away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames.compared import Region, fidelity_columns, region_of
from filmbench.metrics.frames.steadiness import WarpError, stray_change
from filmbench.metrics.measure import CV2, OPENCV, Mean, each, signature

CONTRACT = "editing/removal"
TRUTH, MASK = "reference.video", "input.mask"
SEAM = 2
"""Pixels on each side of the hole's edge that a seam is looked for in."""


def _spec(id: str, title: str, unit: str) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, OPENCV, settings=f"rgb;border:15;seam:{SEAM}"),
        contracts=(CONTRACT,),
        higher_is_better=False,
        provenance="proxy",
        low=0.0,
        needs=("video",),
        references=("video",),
        requires=(CV2,),
    )


class Traces:
    """What gives a removal away to the eye: an edge around the hole, and unrest in it.

    What: ``removal.seam`` is the mean difference in gradient from the true plate, in luma levels per pixel, within 2
    pixels of the hole's edge: a seam adds gradient, a smear takes it away. ``removal.flicker`` is the mean difference
    in change since the frame before, in luma levels, where there is a hole in both frames.
    Range: from 0, which is best; lower is better.
    Needs: the true plate and the mask; flicker two frames in a row.
    Ignores: a filling that is wrong but steady and smoothly joined.
    Known failures: the mask is wider than the thing, so the untouched shot has next to no seam: it wins that column,
    and only it may. Where the camera is still, a frozen wrong patch has no flicker.
    Provenance: proxy: home-made, no published metric of this name.
    Source: filmbench.
    Licence: Apache-2.0.
    """

    output = "video"
    beside = (TRUTH, MASK)
    specs = (_spec("removal.seam", "Seam", "levels/px"), _spec("removal.flicker", "Flicker in the hole", "levels"))

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the reference ``video`` under the input ``mask``."""
        return _Traces(self.specs)


class _Traces:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._seam, self._flicker = (
            Mean("no frame has such pixels with a mask and a true plate beside them") for _ in specs
        )

    def update(self, moment: Moment) -> None:
        """Compare gradients along the edge, and change in the hole."""
        import numpy as np

        true, hole = moment.frame(TRUTH), _hole(moment)
        if true is None or hole is None:
            return
        edge = _edge(hole)
        if edge.any():
            difference = np.abs(_gradient(moment.take.luma) - _gradient(true.luma))
            self._seam.add(float(difference[edge].mean()))
        before = moment.previous
        if before is None or (true_before := before.frame(TRUTH)) is None or (hole_before := _hole(before)) is None:
            return
        if (both := hole & hole_before).any():
            self._flicker.add(stray_change(before.take.luma, moment.take.luma, true_before.luma, true.luma, both))

    def compute(self) -> Sequence[Score]:
        """Means over frames."""
        return each(self._specs, (self._seam.value, self._flicker.value))


def _hole(moment: Moment) -> Any | None:
    """bool, (h, w); ``None`` without a mask."""
    return None if moment.frame(MASK) is None else region_of(moment, MASK, "hole")


def _edge(hole: Any) -> Any:
    """Pixels within 2 of the hole's edge, on both sides: bool."""
    import cv2
    import numpy as np

    square = np.ones((2 * SEAM + 1, 2 * SEAM + 1), np.uint8)
    whole = hole.astype(np.uint8)
    return cv2.dilate(whole, square) != cv2.erode(whole, square, borderValue=1)


def _gradient(luma: Any) -> Any:
    """Gradient magnitude in levels per pixel: float64, (height, width); whole numbers up to the root."""
    import cv2
    import numpy as np

    across, down = (cv2.Sobel(luma, cv2.CV_16S, *order).astype(np.int64) for order in ((1, 0), (0, 1)))
    return np.sqrt(across**2 + down**2) / 8


def _plate(region: Region, measures: Sequence[str] = ("psnr", "ssim", "lpips"), core: bool = True) -> Sequence[Any]:
    """The clean plate of a CG character's shot: the hole is where the person's true matte is half opaque."""
    return fidelity_columns(
        "cg_plate",
        "editing/cg-character",
        measures,
        output="plate",
        against="reference.plate",
        mask="reference.matte",
        region=region,
        core=core,
    )


METRICS = (
    *fidelity_columns("removal", CONTRACT, region="hole"),
    *fidelity_columns("removal", CONTRACT, ("psnr",), region="border", core=False),
    *fidelity_columns("removal", CONTRACT, ("psnr",), region="outside"),
    Traces(),
    WarpError("removal", CONTRACT, flow_of=TRUTH),
    *_plate("hole"),
    *_plate("border", ("psnr",), core=False),
    *_plate("outside", ("psnr",)),
)
