"""Errors of a matte's opacity: how far, how blurred, how torn, how restless."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import CV2, OPENCV, Unmeasurable, scored, signature

SIGMA = 1.4
"""Of the Gaussian whose derivative the gradient error uses, in pixels."""
KERNEL_EDGE = 1e-2
"""The derivative's window ends where the Gaussian falls below this."""
STEP, CONNECTED = 0.1, 0.15
"""Thresholds of the connectivity error, and the distance from the connected level that begins to count."""

_COLUMNS = (
    ("roto.mad", "Matte MAD", "1e-3"),
    ("roto.mse", "Matte MSE", "1e-3"),
    ("roto.sad", "Matte SAD", "1e3 px"),
    ("roto.grad", "Matte Grad", "1e3"),
    ("roto.conn", "Matte Conn", "1e3 px"),
    ("roto.dtssd", "Matte dtSSD", "1e-2"),
)
_CORE = ("roto.mad", "roto.grad", "roto.dtssd")


class Matting:
    """How far the opacity is from the true one, over the whole picture, with opacities of 0..1.

    What: ``roto.mad`` and ``roto.mse`` are mean absolute and squared error, times 1000; ``roto.sad`` the sum of
    absolute errors over 1000. ``roto.grad`` is the sum of squared differences of gradient magnitude (derivative of a
    Gaussian of 1.4 pixels) over 1000: blurred or hard edges. ``roto.conn`` is the sum of differences in how firmly
    pixels hang together with the largest region that both mattes share, over 1000: torn-off patches. ``roto.dtssd``
    is the root mean square of the difference in change since the frame before, times 100: boiling edges.
    Range: from 0, which is best, unbounded. All are means over frames; dtSSD over frames with one before.
    Needs: a true matte. Mattes have 8 bits, so errors below 1/255 are not seen.
    Ignores: what the matte is laid over; an error in a flat sky and on a face count the same.
    Known failures: SAD, Grad and Conn grow with the picture's size: compare them within one dataset only. MAD rewards
    an empty matte where the object is small. dtSSD rewards a still matte where little moves: the frozen first mask may
    come close to engines that boil.
    Provenance: reimplementation from the published formulas, pinned to values of the usual evaluation code. That
    code stretches each matte to 0..1 before the gradient and counts the first frame's dtSSD as 0; neither is done
    here.
    Source: Rhemann et al., CVPR 2009 (SAD, MSE, Grad, Conn); Erofeev et al., BMVC 2015 (dtSSD).
    Licence: Apache-2.0.
    """

    output = "matte"
    beside = ("reference.matte",)
    specs = tuple(
        MetricSpec(
            id=id,
            title=title,
            unit=unit,
            signature=signature(
                id,
                OPENCV,
                settings=f"whole picture;sigma:{SIGMA};step:{STEP};connected:{CONNECTED}",
            ),
            contracts=("editing/roto", "editing/cg-character"),
            higher_is_better=False,
            provenance="reimplementation",
            low=0.0,
            decimals=3,
            needs=("matte",),
            references=("matte",),
            requires=(CV2,),
            core=id in _CORE,
        )
        for id, title, unit in _COLUMNS
    )

    def begin(self, view: View) -> FrameScorer:
        """Score the role ``matte`` against the reference ``matte``."""
        return _Matting(self.specs)


class _Matting:
    def __init__(self, specs: tuple[MetricSpec, ...]) -> None:
        self._specs = specs
        self._sums = [0.0] * 5
        self._frames = self._steps = 0
        self._changes = 0.0
        self._before: tuple[Any, Any] | None = None

    def update(self, moment: Moment) -> None:
        """Compare two mattes; a moment without a true one does not count."""
        truth = moment.frame("reference.matte")
        if truth is None:
            self._before = None
            return
        taken, true = (opacity(frame.grey) for frame in (moment.take, truth))
        errors = (mad(taken, true), mse(taken, true), sad(taken, true), grad(taken, true), conn(taken, true))
        self._sums = [total + error for total, error in zip(self._sums, errors, strict=True)]
        self._frames += 1
        if self._before is not None:
            self._changes += dtssd(taken, self._before[0], true, self._before[1])
            self._steps += 1
        self._before = taken, true

    def compute(self) -> Sequence[Score]:
        """Means over the frames that count; dtSSD needs two in a row."""
        if not self._frames:
            reason = "there is no true matte beside any frame"
            return tuple(Score(spec.id, None, reason) for spec in self._specs)
        means = scored(self._specs[:-1], lambda: [total / self._frames for total in self._sums])
        return (*means, *scored(self._specs[-1:], lambda: (self._change(),)))

    def _change(self) -> float:
        if not self._steps:
            raise Unmeasurable("a single frame does not change")
        return self._changes / self._steps


def opacity(grey: Any) -> Any:
    """A matte's values of 0..255 as opacities of 0..1: float32, (height, width)."""
    import numpy as np

    return grey.astype(np.float32) / 255


def mad(taken: Any, true: Any) -> float:
    """Mean absolute error of two mattes of 0..1, (height, width), times 1000."""
    return float(abs(taken - true).mean(dtype="float64") * 1e3)


def mse(taken: Any, true: Any) -> float:
    """Mean squared error of two mattes of 0..1, (height, width), times 1000."""
    return float(((taken - true) ** 2).mean(dtype="float64") * 1e3)


def sad(taken: Any, true: Any) -> float:
    """Summed absolute error of two mattes of 0..1, (height, width), over 1000."""
    return float(abs(taken - true).sum(dtype="float64") / 1e3)


def grad(taken: Any, true: Any) -> float:
    """Summed squared error of gradient magnitude of two mattes of 0..1, (height, width), over 1000."""
    return float(((_gradient(taken) - _gradient(true)) ** 2).sum(dtype="float64") / 1e3)


def _gradient(alpha: Any) -> Any:
    """Magnitude of the Gaussian derivative, the border repeated: (height, width)."""
    import cv2
    import numpy as np

    smooth, slope = _kernels()
    across = cv2.sepFilter2D(alpha, cv2.CV_64F, slope, smooth, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(alpha, cv2.CV_64F, smooth, slope, borderType=cv2.BORDER_REPLICATE)
    return np.hypot(across, down)


@cache
def _kernels() -> tuple[Any, Any]:
    """The Gaussian and its derivative, scaled so that their product as a window has length 1."""
    import numpy as np

    half = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * KERNEL_EDGE)))
    at = np.arange(-half, half + 1, dtype=np.float64)
    smooth = np.exp(-(at**2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
    slope = -at * smooth / SIGMA**2
    return smooth / np.linalg.norm(smooth), slope / np.linalg.norm(slope)


def conn(taken: Any, true: Any) -> float:
    """Summed error of connectivity of two mattes of 0..1, (height, width), over 1000.

    A pixel's connected level is the highest threshold at which it belongs to the largest 4-connected region that
    both mattes share; what its opacity exceeds that by, from 0.15 on, is how loosely it hangs.
    """
    import numpy as np

    level = np.full(taken.shape, -1.0)
    thresholds = np.arange(0, 1 + STEP, STEP)
    for lower, threshold in pairwise(thresholds):
        shared = _largest((taken >= threshold) & (true >= threshold))
        level[(level == -1) & ~shared] = lower
    level[level == -1] = 1.0
    loose = [matte - level for matte in (taken, true)]
    firm = [1 - distance * (distance >= CONNECTED) for distance in loose]
    return float(np.abs(firm[0] - firm[1]).sum() / 1e3)


def _largest(mask: Any) -> Any:
    """The largest 4-connected region of ``mask``: bool; all false where there is none."""
    import cv2
    import numpy as np

    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return labels == 1 + int(np.argmax(facts[1:, cv2.CC_STAT_AREA]))


def dtssd(taken: Any, taken_before: Any, true: Any, true_before: Any) -> float:
    """Root mean square error of change since the frame before, mattes of 0..1, (height, width), times 100."""
    change = (taken - taken_before) - (true - true_before)
    return float(math.sqrt((change**2).mean(dtype="float64")) * 1e2)


METRICS = (Matting(),)
