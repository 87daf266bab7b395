"""Match cuts by shape: overlap (IoU) of what stands out in two shots, after the first heuristics of Netflix's paper.

The paper's silhouettes are of people, by an instance segmentation network; these are of whatever is brighter or darker
than its surroundings: the middle frame, made even by a median, split in two by Otsu's threshold, its largest part that
does not touch the frame's border. Licence: Apache-2.0 (OpenCV).
"""

from __future__ import annotations

from typing import Any

from filmbench.adapters.local import _match as match
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import ProviderSpec

SIZE = (128, 72)
MEDIAN = 7
LEAST_SHARE = 0.005


class MatchShape(match.Ranker):
    """IoU of two silhouettes; a shot without one matches nothing."""

    spec = ProviderSpec(
        id="local/match-shape",
        contracts=("editing/match-cut",),
        title="Silhouette overlap",
        revision="1",
        licence="Apache-2.0",
        requires=(match.CV2,),
        local=True,
        verified="live",
    )

    def describe(self, shot: VideoClip) -> Any:
        """The silhouette in the frame in the middle of the shot's time: bool, shape (72, 128)."""
        middle = (shot.facts.seconds - 1 / shot.facts.fps) / 2 - 1e-6
        return silhouette(next(frame.luma for frame in shot.frames(SIZE) if frame.time >= middle))

    def likeness(self, one: Any, other: Any) -> float:
        """Intersection over union."""
        union = int((one | other).sum())
        return float((one & other).sum()) / union if union else 0.0


def silhouette(luma: Any) -> Any:
    """Where the largest thing stands that does not touch the border: bool, shape of ``luma`` (uint8)."""
    import cv2
    import numpy as np

    even = cv2.medianBlur(np.ascontiguousarray(luma), MEDIAN)
    _, bright = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    best, largest = np.zeros(luma.shape, bool), LEAST_SHARE * luma.size
    for side in (bright, 255 - bright):
        count, labels, facts, _ = cv2.connectedComponentsWithStats(side)
        for label in range(1, count):
            left, top, width, height, area = (int(fact) for fact in facts[label])
            inside = left > 0 and top > 0 and left + width < luma.shape[1] and top + height < luma.shape[0]
            if inside and area > largest:
                best, largest = labels == label, area
    return best


PROVIDERS = (MatchShape(),)
