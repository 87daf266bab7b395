"""Moves the mouth in a picture: lips and jaw are warped triangle by triangle, the opening between the lips is painted.

Landmarks are MediaPipe's. The triangles join lips and jaw with points around them that stay where they are, so that
nothing beyond these moves.
"""

from __future__ import annotations

from typing import Any

from filmbench.harness.media.faces import (
    INNER_LOWER,
    INNER_UPPER,
    JAW,
    LEFT_EYE,
    NOSE_BASE,
    OUTER_LOWER,
    OUTER_UPPER,
    RIGHT_EYE,
)  # fmt: skip

WIDEST = 0.30
"""The gap of a mouth fully open, as a share of the distance between the outer corners of the eyes."""
DROP = 0.78
"""The share of an opening by which the lower lip sinks; the upper one rises by the rest."""
JAW_DROP = 0.45
"""How far the jaw follows the lower lip."""
SPREAD = 0.14
SHUT = 0.004
"""The gap, as the same share, that is left of a shut mouth, so that triangles keep an area."""
CHIN_RANGE = 1.1
FIXED = (NOSE_BASE, 98, 327, 205, 425, 50, 280, 123, 352)
"""Landmarks of nose and cheeks that stay."""
_DARK = (38, 14, 18)
_TEETH = (222, 214, 202)
TEETH_FROM, TEETH_SHARE = 0.08, 0.28
"""From this gap on (as above) the upper teeth are seen, over this share of it."""


class MouthMover:
    """Moves one face's mouth through a film; the net of triangles is made at the first picture and kept."""

    def __init__(self) -> None:
        self._triangles: Any = None

    def moved(self, rgb: Any, face: Any, opened: float, spread: float) -> Any:
        """``rgb`` with the mouth opened ``opened`` (0..1) and spread (-1..1). ``face``: landmarks (478, 2), pixels."""
        import numpy as np

        points = _Points(face)
        around = _ring_about(points.moving)
        source = np.vstack([points.all, around])
        if self._triangles is None:
            # A shut mouth would give flat triangles: the net is laid over the same face with its mouth open.
            self._triangles = _net(np.vstack([points.placed(0.6, 0.0), around]))
        target = np.vstack([points.placed(opened, spread), around])
        picture = _warped(rgb, source, target, self._triangles)
        return _painted(picture, points, target)


class _Points:
    """The points that matter here, in order: inner upper, inner lower, outer upper, outer lower, jaw, fixed."""

    def __init__(self, face: Any) -> None:
        import numpy as np

        eyes = face[RIGHT_EYE] - face[LEFT_EYE]
        self.unit = float(np.hypot(*eyes))
        self.across = eyes / max(self.unit, 1e-6)
        self.down = np.array([-self.across[1], self.across[0]])
        self.upper, self.lower = face[list(INNER_UPPER)], face[list(INNER_LOWER[1:-1])]
        self.top, self.bottom = face[list(OUTER_UPPER)], face[list(OUTER_LOWER[1:-1])]
        self.jaw, self.fixed = face[list(JAW)], face[list(FIXED)]
        self.all = np.vstack([self.upper, self.lower, self.top, self.bottom, self.jaw, self.fixed])
        self.moving = np.vstack([self.top, self.bottom, self.jaw])
        self.centre = (face[INNER_UPPER[0]] + face[INNER_UPPER[-1]]) / 2

    def placed(self, opened: float, spread: float) -> Any:
        """All points with the mouth opened: each pair of inner points meets, then parts by a parabola's height."""
        import numpy as np

        gap = (max(opened, 0.0) * WIDEST + SHUT) * self.unit
        half = np.abs((self.upper - self.centre) @ self.across).max()
        between = self.lower - self.upper[1:-1]
        height = between @ self.down
        meet = self.upper[1:-1] + (1 - DROP) * height[:, None] * self.down
        bow = 1 - np.square(np.clip((meet - self.centre) @ self.across / half, -1, 1))
        rise = meet - ((1 - DROP) * gap * bow)[:, None] * self.down - self.upper[1:-1]
        fall = meet + (DROP * gap * bow)[:, None] * self.down - self.lower
        upper, top = self.upper.copy(), self.top.copy()
        upper[1:-1] += rise
        top[1:-1] += rise
        lower, bottom = self.lower + fall, self.bottom + fall
        sink = float(fall[len(fall) // 2] @ self.down)
        reach = np.clip(1 - np.abs((self.jaw - self.centre) @ self.across) / (CHIN_RANGE * self.unit / 2), 0, 1)
        jaw = self.jaw + (JAW_DROP * sink * reach)[:, None] * self.down
        lips = [self._spread(part, spread) for part in (upper, lower, top, bottom)]
        return np.vstack([*lips, jaw, self.fixed])

    def _spread(self, part: Any, spread: float) -> Any:
        return part + SPREAD * spread * ((part - self.centre) @ self.across)[:, None] * self.across


def _ring_about(points: Any) -> Any:
    """A rectangle of points that stay, around what moves. Shape (n, 2)."""
    import numpy as np

    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.25 * (high - low)
    x = np.linspace(low[0] - margin[0], high[0] + margin[0], 6)
    y = np.linspace(low[1] - margin[1], high[1] + margin[1], 6)
    level = [(at, edge) for at in x for edge in (y[0], y[-1])]
    upright = [(edge, at) for at in y[1:-1] for edge in (x[0], x[-1])]
    return np.array([*level, *upright])


def _net(points: Any) -> Any:
    from scipy.spatial import Delaunay

    return Delaunay(points).simplices


def _warped(rgb: Any, source: Any, target: Any, triangles: Any) -> Any:
    """``rgb`` with every triangle of ``source`` brought to its place in ``target``."""
    import cv2
    import numpy as np

    low = np.floor(target.min(axis=0)).astype(int)
    high = np.ceil(target.max(axis=0)).astype(int) + 1
    low, high = np.maximum(low, 0), np.minimum(high, [rgb.shape[1], rgb.shape[0]])
    width, height = high - low
    if width <= 0 or height <= 0:
        return rgb.copy()
    owner = np.zeros((height, width), np.int32)
    affine = np.zeros((len(triangles) + 1, 2, 3))
    affine[0] = [[1, 0, 0], [0, 1, 0]]
    for number, corners in enumerate(triangles, 1):
        place, origin = target[corners] - low, source[corners]
        affine[number] = cv2.getAffineTransform(place.astype(np.float32), (origin - low).astype(np.float32))
        cv2.fillConvexPoly(owner, np.round(place * 16).astype(np.int32), number, shift=4)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    chosen = affine[owner]
    at = (chosen[..., 0] * x[..., None] + chosen[..., 1] * y[..., None] + chosen[..., 2]).astype(np.float32)
    moved = cv2.remap(
        rgb, at[..., 0] + np.float32(low[0]), at[..., 1] + np.float32(low[1]), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    result = rgb.copy()
    result[low[1] : high[1], low[0] : high[0]] = moved
    return result


def _painted(picture: Any, points: _Points, target: Any) -> Any:
    """The opening between the lips: dark, with the upper teeth where it is high enough; its edge is blended."""
    import cv2
    import numpy as np

    count = len(points.upper)
    upper, lower = target[:count], target[count : count + len(points.lower)]
    middle = len(lower) // 2
    gap = float((lower[middle] - upper[1:-1][middle]) @ points.down)
    if gap < 2 * SHUT * points.unit:
        return picture
    shade = np.zeros(picture.shape[:2], np.uint8)
    _fill(shade, np.vstack([upper, lower[::-1]]))
    inside = np.full_like(picture, _DARK)
    if gap > TEETH_FROM * points.unit:
        teeth = np.zeros_like(shade)
        edge = upper[2:-2] + TEETH_SHARE * gap * points.down
        _fill(teeth, np.vstack([upper[2:-2], edge[::-1]]))
        inside[teeth > 127] = _TEETH
    blend = cv2.GaussianBlur(shade, (0, 0), max(0.6, 0.008 * points.unit))[..., None].astype(np.float32) / 255
    return np.round(picture * (1 - blend) + inside * blend).astype(np.uint8)


def _fill(canvas: Any, polygon: Any) -> None:
    import cv2
    import numpy as np

    cv2.fillPoly(canvas, [np.round(polygon * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
