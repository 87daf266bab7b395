"""What changes from frame to frame: flicker as VBench has it, frozen and black frames."""

from __future__ import annotations

from collections.abc import Sequence

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import signature

FROZEN_LEVELS = 0.05
"""Mean change of luma, in levels, below which nothing has moved; an encoder alone changes a still by less."""
BLACK_LUMA = 32
BLACK_SHARE = 0.98
"""ffmpeg's blackframe: a frame of which 98 % is darker than 32."""


class Steadiness:
    """Temporal flickering (VBench's formula), frozen steps and black frames.

    What: *temporal flickering* is (255 − mean |ΔRGB|) / 255 over all steps from one frame to the next; *frozen* the
    share of steps in which luma changes by less than 0.05 levels in the mean; *black* the share of frames of which 98
    % is darker than luma 32.
    Range: flickering 0..1, higher is steadier; frozen and black in %, lower is better.
    Needs: two frames (black: one).
    Ignores: what moves. VBench takes flickering from static scenes only; here it stands for every clip and a moving
    camera lowers it.
    Known failures: saturated by the still floor (1.0), which is why it stands beside frozen and dynamic degree. A
    held drawing is frozen and may be right. The still floor loses frozen with 100 %.
    Provenance: flickering: reimplementation of VBench's ``temporal_flickering`` (golden: frames of 0 and 51 in turn
    give .8); frozen: proxy; black: the rule of ffmpeg's blackframe.
    Source: Huang et al., "VBench", CVPR 2024.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="video.temporal_flickering",
            title="Temporal flickering",
            unit="",
            signature=signature("video.temporal_flickering", settings="rgb;all-steps"),
            contracts=("video",),
            higher_is_better=True,
            provenance="reimplementation",
            low=0.0,
            high=1.0,
            decimals=4,
            needs=("video",),
            worst=0.0,
        ),
        MetricSpec(
            id="video.frozen",
            title="Frozen steps (proxy)",
            unit="%",
            signature=signature("video.frozen", settings=f"luma<{FROZEN_LEVELS}"),
            contracts=("video",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            high=100.0,
            decimals=0,
            needs=("video",),
            worst=100.0,
        ),
        MetricSpec(
            id="video.black",
            title="Black frames",
            unit="%",
            signature=signature("video.black", settings=f"{BLACK_SHARE}<{BLACK_LUMA}"),
            contracts=("video",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            high=100.0,
            decimals=0,
            needs=("video",),
            worst=100.0,
        ),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer."""
        return _Steps()


class _Steps:
    def __init__(self) -> None:
        self._change = 0.0
        self._frozen = self._steps = self._black = self._frames = 0

    def update(self, moment: Moment) -> None:
        import cv2
        import numpy as np

        luma = moment.take.luma
        self._frames += 1
        self._black += float((luma[::2, ::2] < BLACK_LUMA).mean()) >= BLACK_SHARE
        if moment.previous is None:
            return
        self._steps += 1
        self._change += float(np.mean(cv2.mean(cv2.absdiff(moment.take.rgb, moment.previous.take.rgb))[:3]))
        self._frozen += cv2.mean(cv2.absdiff(luma, moment.previous.take.luma))[0] < FROZEN_LEVELS

    def compute(self) -> Sequence[Score]:
        flicker, frozen, black = (spec.id for spec in Steadiness.specs)
        dark = Score(black, 100 * self._black / self._frames)
        if not self._steps:
            return Score(flicker, None, "one frame has no steps"), Score(frozen, None, "one frame has no steps"), dark
        return (
            Score(flicker, (255 - self._change / self._steps) / 255),
            Score(frozen, 100 * self._frozen / self._steps),
            dark,
        )


METRICS = (Steadiness(),)
