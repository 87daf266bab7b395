"""The painted planes of a shot as pictures: each painted once, blurred as the focus asks, and laid into every frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from filmbench.harness.film.picture.camera import View
from filmbench.harness.film.picture.scenery import EDGE, HEIGHT, WIDTH, Plane, Scenery

PASSING = EDGE[2] - EDGE[0]
"""How wide a plane that drifts is: after this it comes round again."""


@dataclass(slots=True)
class Sheet:
    """A plane's picture: what it shows of the stage begins at (``left``, ``top``), ``scale`` pixels to a unit."""

    plane: Plane
    image: Any
    left: float
    top: float
    scale: float


class Layers:
    """The planes of one scenery under one light. ``unit`` is pixels to a unit of the stage, ``views`` what is seen."""

    def __init__(
        self, scenery: Scenery, unit: float, size: tuple[int, int], views: list[View], focus: float, seconds: float
    ) -> None:
        self.unit, self.size = unit, size
        self.still = len(set(views)) == 1
        planes = [plane for plane in scenery.planes if plane.depth <= 1.0 or focus < 3.0]
        self.parts: list[tuple[bool, list[Plane]]] = []
        for plane in planes:
            joined = self.still and plane.still
            if joined and self.parts and self.parts[-1][0]:
                self.parts[-1][1].append(plane)
            else:
                self.parts.append((joined, [plane]))
        self._views, self._focus, self._seconds = views, focus, seconds
        self._made: list[tuple[Any, float]] = [
            (self._picture(joined, group), group[-1].depth) for joined, group in self.parts
        ]

    def draw(self, canvas: Any, view: View, time: float, near: float, far: float, alpha: float = 1.0) -> None:
        """Lay all planes with ``near`` <= depth < ``far`` into a frame whose unit is a pixel."""
        import math

        import skia

        paint = skia.Paint(Alphaf=alpha)
        smooth = skia.SamplingOptions(skia.FilterMode.kLinear)
        for made, depth in self._made:
            if not near <= depth < far or made is None:
                continue
            if not isinstance(made, Sheet):
                canvas.drawImage(made, 0, 0, skia.SamplingOptions(), paint)
                continue
            plane, scale_x_y = made.plane, view.lies(depth)
            scale, x, y = scale_x_y
            dx = dy = 0.0
            if plane.sway is not None:
                ax, ay, period, phase = plane.sway
                dx, dy = (
                    ax * math.sin(math.tau * time / period + phase),
                    ay * math.sin(math.tau * time / period * 1.3 + phase * 2),
                )
            shifts = [dx]
            if plane.drift:
                dx = (plane.drift * time) % PASSING
                shifts = [dx, dx - PASSING]
            for shift in shifts:
                left = (x + (made.left + shift) * scale) * self.unit + self._margin(0)
                top = (y + (made.top + dy) * scale) * self.unit + self._margin(1)
                grown = scale * self.unit / made.scale
                wide, tall = made.image.width() * grown, made.image.height() * grown
                if left < self.size[0] and left + wide > 0:
                    canvas.drawImageRect(made.image, skia.Rect.MakeXYWH(left, top, wide, tall), smooth, paint)

    def _margin(self, axis: int) -> float:
        return (self.size[axis] - (WIDTH, HEIGHT)[axis] * self.unit) / 2

    def _picture(self, joined: bool, group: list[Plane]) -> Any:
        if not joined:
            return self._sheet(group[0])
        canvas, finish = _surface(*self.size)
        for plane in group:
            scale, x, y = self._views[0].lies(plane.depth)
            blurred = self._blur(plane.depth) > 0.4
            layer, done = _surface(*self.size) if blurred else (canvas, None)
            layer.save()
            layer.translate(x * self.unit + self._margin(0), y * self.unit + self._margin(1))
            layer.scale(scale * self.unit, scale * self.unit)
            plane.paint(layer)
            layer.restore()
            if done is not None:
                canvas.drawImage(done(self._blur(plane.depth)), 0, 0)
        return finish(0.0)

    def _blur(self, depth: float) -> float:
        far = float(abs(1 - depth) ** 0.8)
        return self._focus * self.unit * far * (2.2 if depth > 1 else 1.0)

    def _sheet(self, plane: Plane) -> Sheet | None:
        """Paint what any of the views sees of ``plane``, as large as the nearest view shows it."""
        import skia

        room = abs(plane.sway[0]) + 6 if plane.sway else 4.0
        rise = abs(plane.sway[1]) + 6 if plane.sway else 4.0
        boxes = [self._seen(view, plane.depth) for view in self._views]
        left, top = min(box[0] for box in boxes) - room, min(box[1] for box in boxes) - rise
        right, bottom = max(box[2] for box in boxes) + room, max(box[3] for box in boxes) + rise
        if plane.drift:
            left, right = EDGE[0], EDGE[2]
        top, bottom = max(top, plane.band[0]), min(bottom, plane.band[1])
        left, right = max(left, EDGE[0]), min(right, EDGE[2])
        if right - left < 1 or bottom - top < 1:
            return None
        blur = self._blur(plane.depth)
        scale = max(view.lies(plane.depth)[0] for view in self._views) * self.unit * (0.5 if blur > 3 else 1.0)
        canvas, finish = _surface(round((right - left) * scale) + 1, round((bottom - top) * scale) + 1)
        canvas.scale(scale, scale)
        canvas.translate(-left, -top)
        plane.paint(canvas)
        image = finish(blur * (0.5 if blur > 3 else 1.0))
        painted = _painted(image)
        if painted is None:
            return None
        x, y, wide, tall = painted
        return Sheet(
            plane, image.makeSubset(skia.IRect.MakeXYWH(x, y, wide, tall)), left + x / scale, top + y / scale, scale
        )

    def _seen(self, view: View, depth: float) -> tuple[float, float, float, float]:
        scale, x, y = view.lies(depth)
        mx, my = self._margin(0) / self.unit, self._margin(1) / self.unit
        return (-mx - x) / scale, (-my - y) / scale, (WIDTH + mx - x) / scale, (HEIGHT + my - y) / scale


def _surface(width: int, height: int) -> tuple[Any, Any]:
    """A canvas, and what makes a picture of it, blurred by so many pixels."""
    import numpy as np
    import skia

    pixels = np.zeros((height, width, 4), np.uint8)
    surface = skia.Surface(pixels, colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)

    def finish(blur: float) -> Any:
        import cv2

        surface.flushAndSubmit()
        shown = pixels if blur <= 0.4 else cv2.GaussianBlur(pixels, (0, 0), blur, borderType=cv2.BORDER_REPLICATE)
        return skia.Image.fromarray(
            np.ascontiguousarray(shown),
            colorType=skia.kRGBA_8888_ColorType,
            alphaType=skia.kPremul_AlphaType,
            copy=True,
        )

    return surface.getCanvas(), finish


def _painted(image: Any) -> tuple[int, int, int, int] | None:
    """The part of ``image`` that is not empty: left, top, width and height. Most planes leave much of it free."""
    import numpy as np

    opaque = np.asarray(image)[..., 3] > 0
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    if not len(rows):
        return None
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def spanned(times: Iterable[float], view: Any) -> list[View]:
    """The views that a shot passes through, without repeats, in order."""
    return list(dict.fromkeys(view(time) for time in times))
