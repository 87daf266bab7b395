"""How much a clip moves, and how smoothly, by dense inverse search flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import python, signature

VISION = "pip install 'filmbench[vision]'"
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
        signature=signature(id, "opencv-contrib-python-headless", settings="dis-medium"),
        contracts=("video",),
        higher_is_better=better,
        provenance="proxy",
        low=0.0,
        needs=("video",),
        requires=(python("cv2", VISION),),
        **facts,
    )


class Motion:
    """Dynamic degree, speed and smoothness of motion, all by DIS optical flow and so named.

    What: *dynamic degree* is VBench's rule on another flow: frames are taken about 8 times a second; a pair moves when
    the mean of its fastest 5 % passes 6 pixels times the shorter side over 256; the clip is dynamic (1) when at least
    a quarter of the taken frames do. *Speed* is the mean flow in picture heights a second. *Smoothness*: every odd
    frame is made anew half way along the flow between its even neighbours; (255 − mean absolute error) / 255.
    Range: dynamic degree 0 or 1 a clip; speed heights/s; smoothness 0..1, higher is smoother.
    Needs: two frames, three for smoothness.
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
        self._speeds: list[float] = []
        self._errors: list[float] = []
        self._last_taken: Any = None
        self._even: Any = None
        self._odd: Any = None
        self._search: Any = None

    def update(self, moment: Moment) -> None:
        import numpy as np

        luma = np.ascontiguousarray(moment.take.luma)
        if (flow := moment.flow()) is not None:
            self._speeds.append(float(np.hypot(flow[..., 0], flow[..., 1]).mean()) * self._fps / luma.shape[0])
        if self._index % self._interval == 0:
            self._taken += 1
            if self._last_taken is not None:
                pair = flow if self._interval == 1 else self._flow(self._last_taken, luma)
                self._moved += fastest(pair) > THRESHOLD * min(luma.shape) / 256
            self._last_taken = luma.copy()
        if self._index % 2:
            self._odd = luma.copy()
        else:
            if self._even is not None and self._odd is not None:
                self._errors.append(interpolation_error(self._even, self._odd, luma, self._flow))
            self._even = luma.copy()
        self._index += 1

    def compute(self) -> Sequence[Score]:
        dynamic, speed, smooth = (spec.id for spec in Motion.specs)
        if not self._speeds:
            return tuple(Score(id, None, "one frame does not move") for id in (dynamic, speed, smooth))
        if self._taken < 2:
            moving = Score(dynamic, None, "too short: fewer than two samples at 8 a second")
        else:
            moving = Score(dynamic, float(self._moved >= max(1, round(CHANGE_SHARE * self._taken))))
        return (
            moving,
            Score(speed, sum(self._speeds) / len(self._speeds)),
            Score(smooth, (255 - sum(self._errors) / len(self._errors)) / 255)
            if self._errors
            else Score(smooth, None, "fewer than three frames"),
        )

    def _flow(self, before: Any, now: Any) -> Any:
        import cv2

        if self._search is None:
            self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        return self._search.calc(before, now, None)


def fastest(flow: Any) -> float:
    """The mean magnitude of the fastest 5 % of a flow field, in pixels."""
    import numpy as np

    speeds = np.hypot(flow[..., 0], flow[..., 1]).ravel()
    many = max(1, int(TOP_SHARE * speeds.size))
    return float(np.partition(speeds, speeds.size - many)[-many:].mean())


def interpolation_error(before: Any, truth: Any, after: Any, flow: Any) -> float:
    """Mean absolute error, in levels, of ``truth`` made from its neighbours (uint8 luma) half way along their flow."""
    import cv2
    import numpy as np

    height, width = truth.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    halves = []
    for one, other in ((before, after), (after, before)):
        field = flow(one, other)
        halves.append(
            cv2.remap(
                one, x - field[..., 0] / 2, y - field[..., 1] / 2, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        )
    return float(cv2.mean(cv2.absdiff(cv2.addWeighted(halves[0], 0.5, halves[1], 0.5, 0), truth))[0])


METRICS = (Motion(),)
