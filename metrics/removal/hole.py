"""Fidelity of a shot from which something was removed, in the hole, at its border and outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames import fidelity, lpips
from filmbench.metrics.measure import Unmeasurable, python, scored, signature, weights

BORDER = 15
"""Pixels around the hole that are its border."""
SEAM = 2
"""Pixels on each side of the hole's edge that a seam is looked for in."""
MASKED = 128

VISION = "pip install 'filmbench[vision]'"


def _spec(id: str, title: str, unit: str, higher: bool, **more: Any) -> MetricSpec:
    facts: dict[str, Any] = {
        "signature": signature(id, "opencv-contrib-python-headless", settings=f"rgb;border:{BORDER};seam:{SEAM}"),
        "provenance": "reimplementation",
        "requires": (python("cv2", VISION),),
    }
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        contracts=("editing/removal",),
        higher_is_better=higher,
        needs=("video",),
        references=("video",),
        **facts | more,
    )


class Hole:
    """How much the filled shot is the true plate, where the thing was and around.

    What: ``removal.psnr_hole``, ``removal.psnr_border`` (15 pixels around the hole) and ``removal.psnr_outside``
    are PSNR in dB of RGB, the squared error averaged over all those pixels of the shot before the logarithm.
    ``removal.ssim_hole`` is SSIM (Wang's Gaussian window, luma) and ``removal.lpips_hole`` LPIPS on AlexNet, their
    maps averaged in the hole, then over frames.
    Range: PSNR in dB, 100 stands for identical; SSIM up to 1; LPIPS from 0, lower is better.
    Needs: the true plate and the mask the provider was given.
    Ignores: the whole picture's average, which is mostly what nobody touched.
    Known failures: a plausible filling that is not the truth scores badly, as it must here. Outside and border are won
    by the untouched shot, which changes nothing there; so are they by any engine that copies those pixels.
    A codec's loss counts as change outside.
    Provenance: reimplementation of PSNR and SSIM, LPIPS is the published network; all pinned to published values.
    Source: Wang et al., IEEE TIP 13(4), 2004; Zhang et al., CVPR 2018.
    Licence: Apache-2.0; the networks' weights BSD.
    """

    output = "video"
    beside = ("reference.video", "input.mask")
    specs = (
        _spec("removal.psnr_hole", "PSNR in the hole", "dB", True, high=fidelity.CEILING),
        _spec("removal.ssim_hole", "SSIM in the hole", "", True, low=-1.0, high=1.0, decimals=3),
        _spec(
            "removal.lpips_hole",
            "LPIPS in the hole",
            "",
            False,
            low=0.0,
            decimals=3,
            signature=signature(
                "removal.lpips_hole", "torch", "lpips", weights=(lpips.WEIGHTS,), settings="alex;v0.1;mean in mask"
            ),
            provenance="library",
            requires=(python("torch"), python("lpips", VISION), weights(lpips.WEIGHTS)),
        ),
        _spec("removal.psnr_border", "PSNR at the border", "dB", True, high=fidelity.CEILING, core=False),
        _spec("removal.psnr_outside", "PSNR outside", "dB", True, high=fidelity.CEILING),
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the reference ``video`` under the input ``mask``."""
        return _Hole(self.specs)


class _Hole:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._errors = {name: _Mean() for name in ("hole", "border", "outside")}
        self._ssim, self._lpips = _Mean(), _Mean()

    def update(self, moment: Moment) -> None:
        """Compare two frames by region; a moment without a true plate or a mask does not count."""
        regions = regions_of(moment)
        if regions is None:
            return
        hole, border, outside = regions
        true = moment.beside["reference.video"]
        for name, region in (("hole", hole), ("border", border), ("outside", outside)):
            if region.any():
                error = fidelity.mean_squared_error(moment.take.rgb, true.rgb, region)
                self._errors[name].add(error, int(region.sum()))
        if hole.any():
            self._ssim.add(fidelity.ssim(moment.take.luma, true.luma, hole, edge="mirrored"))
            self._lpips.add(lpips.distance(moment.take.rgb, true.rgb, hole))

    def compute(self) -> Sequence[Score]:
        """One value a column; ``None`` where its region never was."""
        values: tuple[Callable[[], float], ...] = (
            lambda: fidelity.psnr(self._errors["hole"].value()),
            self._ssim.value,
            self._lpips.value,
            lambda: fidelity.psnr(self._errors["border"].value()),
            lambda: fidelity.psnr(self._errors["outside"].value()),
        )
        return [
            scored((spec,), lambda value=value: (value(),))[0]  # type: ignore[misc]
            for spec, value in zip(self._specs, values, strict=True)
        ]


class Traces:
    """What gives a removal away to the eye: an edge around the hole, and unrest in it.

    What: ``removal.seam`` is the mean difference in gradient from the true plate, in luma levels per pixel, within 2
    pixels of the hole's edge: a seam adds gradient, a smear takes it away. ``removal.flicker`` is the mean difference
    in change since the frame before, in luma levels, where there is a hole in both frames.
    Range: from 0, which is best; lower is better.
    Needs: the true plate and the mask; flicker two frames in a row.
    Ignores: a filling that is wrong but steady and smoothly joined.
    Known failures: the mask is wider than the thing, so the untouched shot has next to no seam: it wins that column,
    and only
    it may. Where the camera is still, a frozen wrong patch has no flicker.
    Provenance: proxy: home-made, no published metric of this name.
    Source: filmbench.
    Licence: Apache-2.0.
    """

    output = "video"
    beside = ("reference.video", "input.mask")
    specs = (
        _spec("removal.seam", "Seam", "levels/px", False, provenance="proxy", low=0.0),
        _spec("removal.flicker", "Flicker in the hole", "levels", False, provenance="proxy", low=0.0),
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``video`` against the reference ``video`` under the input ``mask``."""
        return _Traces(self.specs)


class _Traces:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._seam, self._flicker = _Mean(), _Mean()
        self._before: tuple[Any, Any] | None = None

    def update(self, moment: Moment) -> None:
        """Compare gradients along the edge, and change in the hole."""
        import numpy as np

        mask, true = moment.frame("input.mask"), moment.frame("reference.video")
        if mask is None or true is None:
            self._before = None
            return
        hole = mask.grey >= MASKED
        edge = _edge(hole)
        if edge.any():
            difference = np.abs(_gradient(moment.take.luma) - _gradient(true.luma))
            self._seam.add(float(difference[edge].mean()))
        error = moment.take.luma.astype(np.float32) - true.luma
        if self._before is not None and (both := hole & self._before[1]).any():
            self._flicker.add(float(np.abs(error - self._before[0])[both].mean()))
        self._before = error, hole

    def compute(self) -> Sequence[Score]:
        """Means over frames."""
        return [
            scored((spec,), lambda mean=mean: (mean.value(),))[0]  # type: ignore[misc]
            for spec, mean in zip(self._specs, (self._seam, self._flicker), strict=True)
        ]


class _Mean:
    """A weighted mean in the making."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float, weight: float = 1.0) -> None:
        """Count ``value``."""
        self._sum += value * weight
        self._weight += weight

    def value(self) -> float:
        """The mean. Raises :class:`Unmeasurable` where nothing was counted."""
        if not self._weight:
            raise Unmeasurable("no frame has such pixels with a mask and a true plate beside them")
        return self._sum / self._weight


def regions_of(moment: Moment) -> tuple[Any, Any, Any] | None:
    """Hole, border and the rest, each bool (height, width); ``None`` without a mask or a true plate."""
    import cv2
    import numpy as np

    mask = moment.frame("input.mask")
    if mask is None or moment.frame("reference.video") is None:
        return None
    hole = mask.grey >= MASKED
    side = 2 * BORDER + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    near = cv2.dilate(hole.astype(np.uint8), disc).astype(bool)
    return hole, near & ~hole, ~near


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


METRICS = (Hole(), Traces())
