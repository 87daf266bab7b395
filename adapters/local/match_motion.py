"""Match cuts by motion: likeness of where things move and how fast, by dense optical flow.

Each shot is a histogram of flow vectors (OpenCV's DIS), by direction and speed, over a grid of six fields; two shots
are as alike as their histograms (Bhattacharyya coefficient). Licence: Apache-2.0 (OpenCV).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from filmbench.adapters.local import _match as match
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import ProviderSpec

SIZE = (128, 72)
FIELDS = (3, 2)
SPEEDS = (0.35, 1.0, 2.0, 3.5)
"""Pixels a frame, of 128 across, that part slow from fast; what is slower than the first stands still."""
DIRECTIONS = 8
MOST_FRAMES = 250


class MatchMotion(match.Ranker):
    """Bhattacharyya coefficient of two flow histograms; the first ten seconds of a shot at most."""

    spec = ProviderSpec(
        id="local/match-motion",
        contracts=("editing/match-cut",),
        title="Flow histograms",
        revision="1",
        licence="Apache-2.0",
        requires=(match.CV2,),
        local=True,
        verified="live",
    )

    def describe(self, shot: VideoClip) -> Any:
        """The histogram, of sum 1. In a shot of one frame nothing moves."""
        import cv2
        import numpy as np

        frames = []
        for frame in shot.frames(SIZE):
            if frame.index == MOST_FRAMES:
                break
            frames.append(np.ascontiguousarray(frame.luma))
        estimate = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        flows = [estimate.calc(before, after, None) for before, after in pairwise(frames)]
        return histogram(np.array(flows) if flows else np.zeros((1, SIZE[1], SIZE[0], 2), np.float32))

    def likeness(self, one: Any, other: Any) -> float:
        """0 (nothing in common) to 1."""
        import numpy as np

        return float(np.sqrt(one * other).sum())


def histogram(flows: Any) -> Any:
    """Shares of ``flows`` (frames, height, width, 2) by field, speed and direction: shape (bins,), sum 1."""
    import numpy as np

    across, down = FIELDS
    _, height, width, _ = flows.shape
    speed = np.digitize(np.hypot(flows[..., 0], flows[..., 1]), SPEEDS)
    turn = np.arctan2(flows[..., 1], flows[..., 0]) / (2 * np.pi) * DIRECTIONS
    direction = np.where(speed == 0, 0, np.round(turn).astype(int) % DIRECTIONS)
    field = (np.arange(height) * down // height)[:, None] * across + np.arange(width) * across // width
    bins = (field * (len(SPEEDS) + 1) + speed) * DIRECTIONS + direction
    counts = np.bincount(bins.ravel(), minlength=across * down * (len(SPEEDS) + 1) * DIRECTIONS)
    return counts / counts.sum()


PROVIDERS = (MatchMotion(),)
