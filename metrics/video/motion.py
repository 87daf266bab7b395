"""How much a clip moves, how smoothly, and whether each frame continues the one before, by optical flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.flow import SETTINGS, FlowSearch, enlarged, gathered, lengths, places
from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames.steadiness import WarpError
from filmbench.metrics.measure import CV2, OPENCV, Mean, Unmeasurable, each, signature

SAMPLES_PER_SECOND = 8
TOP_SHARE = 0.05
THRESHOLD = 6.0
"""Pixels of the fastest 5 % of a frame whose shorter side is 256, as VBench has it."""
CHANGE_SHARE = 4 / 16


def _spec(id: str, title: str, unit: str, better: bool | None, **facts: Any) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, OPENCV, settings=SETTINGS),
        contracts=("video",),
        higher_is_better=better,
        provenance="proxy",
        low=0.0,
        needs=("video",),
        requires=(CV2,),
        **facts,
    )


class Motion:
    """Dynamic degree, speed and smoothness of motion, all by DIS optical flow and so named.

    What: *dynamic degree* is VBench's rule on another flow: frames are taken about 8 times a second; a pair moves when
    the mean of its fastest 5 % passes 6 pixels times the shorter side over 256; the clip is dynamic (1) when at least
    a quarter of the taken frames do. *Speed* is the mean flow in picture heights a second. *Smoothness*: every odd
    frame is made anew half way along the flow between its even neighbours; (255 − mean absolute error) / 255.
    Range: dynamic degree 0 or 1 a clip; speed heights/s; smoothness 0..1, higher is smoother.
    Needs: two frames of at least 32 pixels each way, three for smoothness.
    Ignores: whether the motion is right.
    Known failures: noise is "dynamic" and saturates dynamic degree; the still floor saturates smoothness (1.0) and has
    no dynamics. Flow on flat areas is guesswork. Dynamic degree depends on frame rate and size.
    Provenance: proxy: VBench's threshold rule on DIS instead of RAFT, interpolation by DIS instead of AMT-S: not
    VBench's numbers.
    Source: the rules: Huang et al., "VBench", CVPR 2024; the flow: Kroeger et al., ECCV 2016 (OpenCV).
    Licence: Apache-2.0.
    """

    specs = (
        _spec("video.dynamic_degree_dis", "Dynamic degree, DIS (proxy)", "", True, high=1.0, worst=0.0),
        _spec("video.speed_dis", "Speed, DIS (proxy)", "heights/s", None, decimals=3),
        _spec(
            "video.motion_smoothness_dis", "Motion smoothness, DIS (proxy)", "", True, high=1.0, decimals=4, worst=0.0
        ),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer, told the frame rate."""
        return _Motion(view.output("video").nominal_fps)


class _Motion:
    def __init__(self, fps: float) -> None:
        self._fps, self._interval = fps, max(1, round(fps / SAMPLES_PER_SECOND))
        self._index = self._taken = self._moved = 0
        self._speed, self._error = (
            Mean("one frame does not move, and flow needs 32 pixels each way"),
            Mean("fewer than three frames"),
        )
        self._last_taken: Any = None
        self._even: Any = None
        self._odd: Any = None
        self._search = FlowSearch()

    def update(self, moment: Moment) -> None:
        """Look at one frame: each for the speed, eight a second for the degree, odd ones between even ones."""
        import numpy as np

        luma = np.array(moment.take.luma)  # a copy: what the decoder gave is its own to use again
        flow = moment.flow()
        if flow is not None:
            self._speed.add(float(lengths(flow).mean()) * self._fps / flow.shape[0])
        if self._index % self._interval == 0:
            self._judge(luma, flow)
        if self._index % 2:
            self._odd = luma
        else:
            self._interpolate(luma)
        self._index += 1

    def _judge(self, luma: Any, flow: Any) -> None:
        if self._last_taken is not None:
            pair = flow if self._interval == 1 else self._search.between(self._last_taken, luma)
            if pair is not None:
                self._moved += fastest(pair) > THRESHOLD * min(pair.shape[:2]) / 256
        self._taken += 1
        self._last_taken = luma

    def _interpolate(self, luma: Any) -> None:
        if self._even is not None:
            forth, back = self._search.between(self._even, luma), self._search.between(luma, self._even)
            if forth is not None and back is not None:
                self._error.add(interpolation_error((self._even, self._odd, luma), forth, back))
        self._even = luma

    def compute(self) -> Sequence[Score]:
        """The three columns."""
        return each(Motion.specs, (self._degree, self._speed.value, lambda: (255 - self._error.value()) / 255))

    def _degree(self) -> float:
        if self._taken < 2:
            raise Unmeasurable("too short: fewer than two samples at 8 a second")
        self._speed.value()  # no flow, no degree
        return float(self._moved >= max(1, round(CHANGE_SHARE * self._taken)))


def fastest(flow: Any) -> float:
    """The mean length of the fastest 5 % of a flow field, in pixels."""
    import numpy as np

    speeds = lengths(flow).ravel()
    many = max(1, int(TOP_SHARE * speeds.size))
    return float(np.partition(speeds, speeds.size - many)[-many:].mean())


def interpolation_error(frames: Sequence[Any], forth: Any, back: Any) -> float:
    """Mean absolute error, in levels, of the middle one of three lumas made from both others.

    ``frames`` are uint8, (h, w); ``forth`` and ``back``, of that or a smaller size, lead from the first to the last and
    back again. Each of these two is brought half way along its flow; the picture is their mean.
    """
    import cv2

    before, truth, after = frames
    size = (truth.shape[1], truth.shape[0])
    halves = [gathered(one, places(enlarged(flow, size), -0.5)) for one, flow in ((before, forth), (after, back))]
    return float(cv2.norm(cv2.addWeighted(halves[0], 0.5, halves[1], 0.5, 0), truth, cv2.NORM_L1) / truth.size)


METRICS = (Motion(), WarpError("video", "video"))
