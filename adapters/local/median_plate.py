"""A clean plate from the shot itself: behind the hole stands the median of what other frames show there.

The camera's movement between neighbouring frames (shift, turn, zoom) is found from points tracked outside of the hole
(Lucas and Kanade; RANSAC), so up to 24 frames spread over the shot can be laid over each frame. What none of them
shows is inpainted (Telea). A camera that travels through depth breaks the assumption, and the plate with it.
Library: OpenCV (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._holes import Holed, holed
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec
from filmbench.harness.types import Request

MOST_VIEWS = 24
POINTS, LEAST_POINTS = 400, 12
RADIUS = 5
OUTLIER_PIXELS = 1.0


class MedianPlate(LocalEngine):
    """Only the hole is changed. A shot of one frame has no other to look at, so it is inpainted."""

    spec = ProviderSpec(
        id="local/median-plate",
        contracts=("editing/removal",),
        title="Median plate",
        revision="1",
        licence="Apache-2.0 (OpenCV)",
        requires=(pictures.OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The library's version."""
        return {"engine": package_version("opencv-contrib-python-headless")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Two passes: follow the camera and collect views, then fill every hole from them."""
        given = holed(request, media)
        return pictures.made("video", _filled(given), given.source, folder, sound=True)


def _filled(given: Holed) -> Iterator[Any]:
    import numpy as np

    count = given.source.facts.frames
    chosen = set(np.linspace(0, count - 1, min(count, MOST_VIEWS)).round().astype(int).tolist())
    places, views = [], []
    for index, (rgb, hole, place) in enumerate(_followed(given)):
        places.append(place)
        if index in chosen:
            views.append((rgb, hole, place))
    for (rgb, hole), place in zip(given.pairs(), places, strict=True):
        yield _patched(rgb, hole, place, views) if hole.any() else rgb


def _followed(given: Holed) -> Iterator[tuple[Any, Any, Any]]:
    """Every frame and hole with its place: a 3×3 matrix from its pixels to those of the first frame."""
    import cv2
    import numpy as np

    cv2.setRNGSeed(0)
    place, before = np.eye(3), None
    for rgb, hole in given.pairs():
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        if before is not None:
            place = place @ _step(grey, hole, *before)
        yield rgb, hole, place
        before = grey, hole


def _step(grey: Any, hole: Any, grey_before: Any, hole_before: Any) -> Any:
    """The camera's movement as a matrix from this frame's pixels to those of the one before; none where unseen."""
    import cv2
    import numpy as np

    points = cv2.goodFeaturesToTrack(grey, POINTS, 0.01, 6, mask=(~hole).astype(np.uint8) * 255)
    if points is None:
        return np.eye(3)
    moved, found, _ = cv2.calcOpticalFlowPyrLK(grey, grey_before, points, None)
    points, moved = points.reshape(-1, 2), moved.reshape(-1, 2)
    rows, columns = hole.shape
    column, row = moved.round().astype(int).T
    inside = (found.ravel() == 1) & (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    inside[inside] &= ~hole_before[row[inside], column[inside]]
    if inside.sum() < LEAST_POINTS:
        return np.eye(3)
    matrix, _ = cv2.estimateAffinePartial2D(
        points[inside], moved[inside], method=cv2.RANSAC, ransacReprojThreshold=OUTLIER_PIXELS
    )
    return np.eye(3) if matrix is None else np.vstack([matrix, [0, 0, 1]])


def _patched(rgb: Any, hole: Any, place: Any, views: Sequence[tuple[Any, Any, Any]]) -> Any:
    """``rgb`` with its hole filled by the median of the views that show what is there."""
    import cv2
    import numpy as np

    size = (rgb.shape[1], rgb.shape[0])
    seen = []
    for picture, hidden, its_place in views:
        to_view = (np.linalg.inv(its_place) @ place)[:2]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        shown = cv2.warpAffine((~hidden).astype(np.uint8) * 255, to_view, size, flags=flags)[hole] == 255
        colours = cv2.warpAffine(picture, to_view, size, flags=flags)[hole].astype(np.float32)
        seen.append(np.where(shown[:, None], colours, np.nan))
    stack = np.stack(seen)
    known = ~np.isnan(stack[..., 0]).all(axis=0)
    filled = rgb.copy()
    values = np.zeros((int(hole.sum()), 3), np.uint8)
    values[known] = np.nanmedian(stack[:, known], axis=0).round().astype(np.uint8)
    filled[hole] = values
    if known.all():
        return filled
    unseen = np.zeros_like(hole)
    unseen[hole] = ~known
    return cv2.inpaint(filled, unseen.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)


PROVIDERS = (MedianPlate(),)
