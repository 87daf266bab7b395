"""Optical flow between two lumas, at a cost that does not grow with the picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

SHORTER_SIDE = 180
"""Flow is sought in pictures whose shorter side is brought down to this."""
SMALLEST = 32
"""The least side in pixels: in a narrower strip OpenCV's search reads beyond the picture and ends the process."""
SETTINGS = f"flow:dis-medium,unrefined,side:{SHORTER_SIDE}"
"""How flow is computed, for signatures of what rests on it."""


class FlowSearch:
    """Dense inverse search (Kroeger et al., ECCV 2016; OpenCV, preset medium) on reduced pictures.

    It is about 0.1 pixels off on pans, zooms and turns at 640×360. Whole pictures and the variational refinement
    would take five to eight times as long for half of that or less. It keeps working memory: one for each film.
    """

    def __init__(self) -> None:
        import cv2

        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._search.setVariationalRefinementIterations(0)

    def between(self, before: Any, now: Any) -> Any | None:
        """Where each pixel of ``before`` went: float32 (h, w, 2), x right, y down, of the reduced pictures' pixels.

        Both are uint8 of one shape, (height, width); ``None`` where a side is under 32 pixels.
        """
        import cv2
        import numpy as np

        height, width = before.shape
        if min(height, width) < SMALLEST:
            return None
        factor = min(1.0, SHORTER_SIDE / min(height, width))
        if factor == 1:
            return self._search.calc(np.ascontiguousarray(before), np.ascontiguousarray(now), None)
        size = (round(width * factor), round(height * factor))
        first, second = (cv2.resize(luma, size, interpolation=cv2.INTER_AREA) for luma in (before, now))
        return self._search.calc(first, second, None)


def enlarged(flow: Any, size: tuple[int, int]) -> Any:
    """``flow`` for pictures of ``size`` (width, height), in their pixels: float32, (height, width, 2)."""
    import cv2
    import numpy as np

    height, width = flow.shape[:2]
    if (width, height) == size:
        return flow
    longer = flow * np.array((size[0] / width, size[1] / height), np.float32)
    return cv2.resize(longer, size, interpolation=cv2.INTER_LINEAR)


def lengths(flow: Any) -> Any:
    """How far each pixel goes: float32, (height, width), in pixels."""
    import cv2

    return cv2.magnitude(flow[..., 0], flow[..., 1])


def places(flow: Any, share: float = 1.0) -> Any:
    """Where each pixel is after ``share`` of its way: float32, (height, width, 2), x and y."""
    import cv2

    height, width = flow.shape[:2]
    return cv2.addWeighted(_grid(width, height), 1.0, flow, share, 0.0)


@lru_cache(maxsize=2)
def _grid(width: int, height: int) -> Any:
    import numpy as np

    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def gathered(picture: Any, where: Any) -> Any:
    """What ``picture`` (uint8, (h, w)) shows at ``where`` (see :func:`places`): bilinear, its edge beyond it."""
    import cv2

    return cv2.remap(picture, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
