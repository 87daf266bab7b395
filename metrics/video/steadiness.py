"""What changes from frame to frame of a clip: flicker as VBench has it, frozen and black frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from filmbench.harness.media.moments import Moment
from filmbench.harness.protocols import FrameScorer, MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.frames import steadiness
from filmbench.metrics.measure import Mean, each, signature

FROZEN_LEVELS = 0.05
"""Mean change of luma, in levels, below which nothing has moved; an encoder alone changes a still by less."""
BLACK_LUMA = 32
BLACK_SHARE = 0.98
"""ffmpeg's blackframe: a frame of which 98 % is darker than 32."""


def _spec(
    id: str,
    title: str,
    unit: str,
    settings: str,
    provenance: Literal["reimplementation", "proxy"] = "proxy",
    higher: bool = False,
    high: float = 100.0,
    decimals: int = 0,
) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, settings=settings),
        contracts=("video",),
        higher_is_better=higher,
        provenance=provenance,
        low=0.0,
        high=high,
        worst=0.0 if higher else high,
        decimals=decimals,
        needs=("video",),
    )


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
        _spec(
            "video.temporal_flickering",
            "Temporal flickering",
            "",
            "rgb;all-steps",
            "reimplementation",
            higher=True,
            high=1.0,
            decimals=4,
        ),
        _spec("video.frozen", "Frozen steps (proxy)", "%", f"luma<{FROZEN_LEVELS}"),
        _spec("video.black", "Black frames", "%", f"{BLACK_SHARE}<{BLACK_LUMA}"),
    )
    output = "video"
    beside: tuple[str, ...] = ()

    def begin(self, view: View) -> FrameScorer:
        """A fresh scorer."""
        return _Steadiness()


class _Steadiness:
    def __init__(self) -> None:
        self._flicker, self._frozen = Mean("one frame has no steps"), Mean("one frame has no steps")
        self._black = Mean("no frame")

    def update(self, moment: Moment) -> None:
        """Look at a frame, and at the step to it."""
        now, before = moment.take, moment.previous.take if moment.previous else None
        self._black.add(100 * is_black(now.luma))
        if before is not None:
            self._flicker.add(steadiness.flicker(before.rgb, now.rgb))
            self._frozen.add(100 * (steadiness.change(before.luma, now.luma) < FROZEN_LEVELS))

    def compute(self) -> Sequence[Score]:
        """The means over frames and steps."""
        return each(Steadiness.specs, (self._flicker.value, self._frozen.value, self._black.value))


def is_black(luma: Any) -> bool:
    """Whether 98 % of every second pixel each way (uint8, (h, w)) is darker than 32."""
    return float((luma[::2, ::2] < BLACK_LUMA).mean()) >= BLACK_SHARE


METRICS = (Steadiness(),)
