"""What neighbouring frames tell of a film: flicker, standing still, black, and error along the motion.

The formulas are functions of arrays; the stages' columns take the mean of what they give for each frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.flow import SETTINGS, enlarged, gathered, places
from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import CV2, OPENCV, Mean, scored, signature


def flicker(before: Any, now: Any) -> float:
    """VBench's temporal flickering of two frames (uint8 RGB), 1 for equal ones: (255 − mean |difference|) / 255."""
    return 1 - change(before, now) / 255


def change(before: Any, now: Any) -> float:
    """Mean absolute difference of two frames (uint8, of one shape), in levels."""
    import cv2

    return float(cv2.norm(now, before, cv2.NORM_L1) / now.size)


def stray_change(before: Any, now: Any, true_before: Any, true: Any, mask: Any) -> float:
    """Mean difference, in levels, between a film's step from frame to frame and that of its truth, where ``mask``.

    Frames are uint8 luma, ``mask`` is bool, all of one shape; 0 for a film that changes as its truth does.
    """
    import numpy as np

    stray = now.astype(np.int16) - before - (true.astype(np.int16) - true_before)
    return float(np.abs(stray)[mask].mean())


def warp_error(before: Any, now: Any, flow: Any) -> float | None:
    """Mean squared difference, as a part of 1, of ``before`` and of ``now`` brought back along ``flow``.

    ``before`` and ``now`` are uint8 luma, (h, w); ``flow``, float32 of that or a smaller size, leads from ``before`` to
    ``now``. ``None`` where every pixel leaves the picture or lies at a border of motion.
    """
    import cv2

    height, width = before.shape
    where = places(enlarged(flow, (width, height)))
    inside = cv2.inRange(where, (0, 0), (width - 1, height - 1))
    border = cv2.resize(motion_border(flow), (width, height), interpolation=cv2.INTER_NEAREST)
    seen = cv2.bitwise_and(inside, cv2.bitwise_not(border))
    pixels = cv2.countNonZero(seen)
    if not pixels:
        return None
    return float(cv2.norm(gathered(now, where), before, cv2.NORM_L2SQR, seen)) / pixels / 255**2


def motion_border(flow: Any) -> Any:
    """255 where flow changes faster than a body's own turning, |∇u|² + |∇v|² > 0.01 |w|² + 0.002: uint8, (h, w)."""
    import numpy as np

    across, down = flow[:, 1:] - flow[:, :-1], flow[1:] - flow[:-1]
    change = np.zeros(flow.shape[:2], np.float32)
    change[:, :-1] += np.einsum("hwc,hwc->hw", across, across)
    change[:-1] += np.einsum("hwc,hwc->hw", down, down)
    return np.uint8(255) * (change > 0.01 * np.einsum("hwc,hwc->hw", flow, flow) + 0.002)


class WarpError:
    """How badly each frame continues the one before it along the motion: a proxy of the warping error E_warp.

    What: each frame is brought back to the frame before along the optical flow; mean over pixels of the squared
    difference of lumas (as parts of 255), times 1000, mean over frames. Left out are pixels that leave the picture and
    those at the borders of motion (sought at the flow's own size), where things appear and vanish.
    Range: 0 … 1000, lower is better. Needs: at least two frames, 32 pixels each way, and the film whose flow is used.
    Ignores: motion that the flow finds; frame rate.
    Known failures: **a still image wins it with 0**, blur comes near. What the flow cannot follow (fast motion, noise,
    transparency) counts as error; where the flow is that of the take, an artefact that moves smoothly is free.
    Provenance: proxy: E_warp takes the flow of FlowNet 2 or RAFT and checks it forwards and backwards; this is OpenCV's
    dense inverse search, checked by its own gradient, so the name says so and values compare with no paper's.
    Source: after Lai et al., ECCV 2018; borders of motion after Ruder, Dosovitskiy and Brox, GCPR 2016.
    Licence: Apache-2.0.
    """

    output = "video"

    def __init__(self, prefix: str, contract: str, flow_of: str = "take") -> None:
        id = f"{prefix}.warp_error_dis"
        source, _, role = flow_of.partition(".")
        self.flow_of = flow_of
        self.beside: tuple[str, ...] = () if flow_of == "take" else (flow_of,)
        self.specs: tuple[MetricSpec, ...] = (
            MetricSpec(
                id=id,
                title="Warp error, DIS (proxy)",
                unit="10⁻³",
                signature=signature(id, OPENCV, settings=f"luma;{SETTINGS} of {flow_of};agg:mean"),
                contracts=(contract,),
                higher_is_better=False,
                provenance="proxy",
                low=0.0,
                high=1000.0,
                worst=1000.0,
                decimals=3,
                needs=("video",),
                references=(role,) if source == "reference" else (),
                requires=(CV2,),
            ),
        )

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer."""
        return _WarpError(self)


class _WarpError:
    def __init__(self, metric: WarpError) -> None:
        self._metric = metric
        self._error = Mean(f"no two neighbouring frames with the flow of {metric.flow_of}")

    def update(self, moment: Moment) -> None:
        """Bring the frame back to the one before."""
        flow = moment.flow(self._metric.flow_of)
        if flow is None or moment.previous is None:
            return
        error = warp_error(moment.previous.take.luma, moment.take.luma, flow)
        if error is not None:
            self._error.add(1000 * error)

    def compute(self) -> Sequence[Score]:
        """The mean over frames."""
        return scored(self._metric.specs, lambda: (self._error.value(),))
