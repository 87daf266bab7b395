"""A talking head drawn in cut-paper layers, whose every pixel follows from whole numbers.

Shapes are polygons filled in fixed point at three times the size and averaged down, so that every machine draws
the same bytes. The features have human proportions, because face detectors are taught on people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]

SIZE = 320
"""Width and height of a frame in pixels; coordinates below are in pixels of this size."""
OVERSAMPLING = 3
_SHIFT = 4
FACE_HEIGHT = 176.0
"""From hairline to chin with the mouth shut."""


@dataclass(frozen=True, slots=True)
class Look:
    """One character's colours and build. ``width`` scales the face, 1 being the default."""

    skin: Colour
    shade: Colour
    hair: Colour
    lips: Colour
    iris: Colour
    coat: Colour
    wall: Colour
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Pose:
    """One frame: the mouth (``open`` 0..1, ``wide`` -1 rounded..1 spread), ``blink`` 0..1, and how the head stands.

    ``dx`` and ``dy`` are pixels, ``tilt`` is radians.
    """

    open: float = 0.0
    wide: float = 0.0
    blink: float = 0.0
    dx: float = 0.0
    dy: float = 0.0
    tilt: float = 0.0


@dataclass(frozen=True, slots=True)
class Mouth:
    """Where the lips are, in pixels from the mouth's own middle: the two inner edges and the two outer ones.

    Each edge runs from the left corner to the right one.
    """

    upper: tuple[Point, ...]
    lower: tuple[Point, ...]
    top: tuple[Point, ...]
    bottom: tuple[Point, ...]

    @property
    def gap(self) -> float:
        """Height of the opening at its middle, in pixels."""
        return self.lower[len(self.lower) // 2][1] - self.upper[len(self.upper) // 2][1]


_ACROSS = 16
"""Straight pieces that a lip's edge is drawn in."""
OPENING = 30.0
"""Height of the wide-open mouth in pixels."""


def mouth(pose: Pose) -> Mouth:
    """The lips of ``pose``: opening drops the lower lip, rounding narrows and thickens, spreading widens."""
    half = 28.0 + 5.0 * pose.wide - 3.0 * pose.open
    gap = OPENING * pose.open
    thick = 1.0 + 0.25 * max(0.0, -pose.wide)
    steps = [(2 * i / _ACROSS - 1) for i in range(_ACROSS + 1)]
    bow = [1 - x * x for x in steps]
    dip = [max(0.0, 1 - abs(x) * 5) for x in steps]
    upper = tuple((half * x, -0.22 * gap * b) for x, b in zip(steps, bow, strict=True))
    lower = tuple((half * x, 0.78 * gap * b) for x, b in zip(steps, bow, strict=True))
    top = tuple(
        (1.08 * half * x, -0.22 * gap * b - thick * (8.0 * b - 2.2 * d))
        for x, b, d in zip(steps, bow, dip, strict=True)
    )
    bottom = tuple((1.08 * half * x, 0.78 * gap * b + thick * 10.0 * b) for x, b in zip(steps, bow, strict=True))
    return Mouth(upper, lower, top, bottom)


MOUTH_AT = (160.0, 217.0)
PIVOT = (160.0, 262.0)
"""The head turns about the neck."""


def placed(points: Sequence[Point], pose: Pose) -> list[Point]:
    """``points`` of the upright head in the picture: tilted, then moved."""
    cos, sin = math.cos(pose.tilt), math.sin(pose.tilt)
    return [
        (
            PIVOT[0] + (x - PIVOT[0]) * cos - (y - PIVOT[1]) * sin + pose.dx,
            PIVOT[1] + (x - PIVOT[0]) * sin + (y - PIVOT[1]) * cos + pose.dy,
        )
        for x, y in points
    ]


def _ring(x: float, y: float, across: float, down: float, start: float = 0.0, end: float = 360.0) -> list[Point]:
    """Points of an ellipse's arc, degrees clockwise from the right."""
    count = 48
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in angles]


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    parts = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return parts[0], parts[1], parts[2]


@cache
def _wall(colour: Colour) -> Any:
    """The wall behind, darker towards the floor: one column of the big picture."""
    import numpy as np

    side = SIZE * OVERSAMPLING
    return np.array([[_mixed(colour, (0, 0, 0), 0.35 * (row // 6 * 6) / side)] for row in range(side)], np.uint8)


class _Sheet:
    """The picture in the making, at three times its size."""

    def __init__(self, look: Look, pose: Pose) -> None:
        import numpy as np

        self.pose = pose
        self.pixels = np.repeat(_wall(look.wall), SIZE * OVERSAMPLING, axis=1)

    def fill(self, points: Sequence[Point], colour: Colour, head: bool = True) -> None:
        """One flat shape."""
        import cv2
        import numpy as np

        where = placed(points, self.pose) if head else points
        fixed = [[round(c * OVERSAMPLING * 2**_SHIFT) for c in point] for point in where]
        cv2.fillPoly(self.pixels, [np.array(fixed, np.int32)], colour, lineType=cv2.LINE_8, shift=_SHIFT)

    def finished(self) -> Any:
        """The picture, uint8, shape (SIZE, SIZE, 3), RGB."""
        import numpy as np

        rows = np.zeros((SIZE, SIZE * OVERSAMPLING, 3), np.uint16)
        total = np.zeros((SIZE, SIZE, 3), np.uint16)
        for i in range(OVERSAMPLING):
            rows += self.pixels[i::OVERSAMPLING]
        for i in range(OVERSAMPLING):
            total += rows[:, i::OVERSAMPLING]
        return ((total + OVERSAMPLING**2 // 2) // OVERSAMPLING**2).astype(np.uint8)


def draw(look: Look, pose: Pose) -> Any:
    """One frame: uint8, shape (SIZE, SIZE, 3), RGB."""
    sheet = _Sheet(look, pose)
    _body(sheet, look)
    _head(sheet, look)
    _eyes(sheet, look)
    _nose(sheet, look)
    _lips(sheet, look)
    return sheet.finished()


def _body(sheet: _Sheet, look: Look) -> None:
    sheet.fill(_ring(160, 380, 135, 92, 180, 360), look.coat, head=False)
    sheet.fill([(132, 230), (188, 230), (196, 300), (160, 316), (124, 300)], _mixed(look.shade, (0, 0, 0), 0.18))
    sheet.fill(_ring(160, 138, 96 * look.width, 112), look.hair)


def _jaw(look: Look, drop: float, inset: float) -> list[Point]:
    """The face's outline: a forehead's ellipse, cheeks, and a chin that sinks with the jaw."""
    wide, chin = (72 - inset) * look.width, 252 - 0.6 * inset + drop
    top = _ring(160, 150, wide, 82 - inset, 180, 360)
    right = [(160 + wide, 172.0), (160 + 0.96 * wide, 198.0), (160 + 0.80 * wide, 224.0 + 0.5 * drop)]
    chin_right = [(160 + 0.52 * wide, 243.0 + 0.8 * drop), (160 + 0.24 * wide, chin)]
    half = [*right, *chin_right]
    return [*top, *half, *[(320 - x, y) for x, y in reversed(half)]]


def _head(sheet: _Sheet, look: Look) -> None:
    drop = 9.0 * sheet.pose.open
    for side in (-1, 1):
        sheet.fill(_ring(160 + side * 72 * look.width, 172, 11, 21), look.shade)
    layers = 10
    for layer in range(layers + 1):
        sheet.fill(_jaw(look, drop, 2.0 * layer), _mixed(look.shade, look.skin, layer / layers))
    for side in (-1, 1):
        for layer in range(6):
            tint = _mixed(look.skin, (214, 92, 84), 0.03 * layer)
            sheet.fill(_ring(160 + side * 40 * look.width, 194, 16 - 2.0 * layer, 11 - 1.5 * layer), tint)
    hairline = [*_ring(160, 138, 84 * look.width, 92, 188, 352), *_ring(160, 132, 62 * look.width, 46, 350, 190)]
    sheet.fill(hairline, look.hair)


def _eyes(sheet: _Sheet, look: Look) -> None:
    shut = sheet.pose.blink
    for side in (-1, 1):
        x, y = 160 + side * 32 * look.width, 160.0
        sheet.fill(_ring(x, y - 1, 20, 13), _mixed(look.skin, look.shade, 0.45))
        lid = 8.5 * (1 - shut) + 0.6
        low = 6.0 * (1 - shut) + 0.6
        sheet.fill([*_ring(x, y, 15.5, lid, 180, 360), *_ring(x, y, 15.5, low, 0, 180)], (244, 242, 238))
        if shut < 0.5:
            sheet.fill(_ring(x, y - 0.6, 7.2, min(7.2, lid)), look.iris)
            sheet.fill(_ring(x, y - 0.6, 3.6, min(3.6, lid)), (16, 14, 16))
            sheet.fill(_ring(x - 2, y - 3.2, 1.7, 1.7), (250, 250, 250))
        dark = _mixed(look.hair, (10, 8, 8), 0.55)
        sheet.fill([*_ring(x, y, 16.5, lid + 2.6, 180, 360), *_ring(x, y, 15.5, lid, 360, 180)], dark)
        below = [*_ring(x, y + 0.4, 15.5, low + 1.2, 0, 180), *_ring(x, y + 0.4, 15.5, low, 180, 0)]
        sheet.fill(below, _mixed(look.shade, dark, 0.3))
        brow = [(x - side * 16, y - 19), (x + side * 2, y - 26), (x + side * 19, y - 19), (x + side * 2, y - 21)]
        sheet.fill(brow, dark)


def _nose(sheet: _Sheet, look: Look) -> None:
    for layer in range(5):
        sheet.fill(
            [(153 + layer, 150), (167 - layer, 150), (172 - 1.4 * layer, 194), (148 + 1.4 * layer, 194)],
            _mixed(look.skin, (255, 255, 255), 0.03 * layer),
        )
    sheet.fill([(166, 152), (176, 192), (168, 196), (164, 176)], _mixed(look.skin, look.shade, 0.5))
    sheet.fill(_ring(160, 196, 17, 6.5, 0, 180), _mixed(look.skin, look.shade, 0.85))
    for side in (-1, 1):
        sheet.fill(_ring(160 + side * 8, 197.5, 4.2, 2.2), _mixed(look.shade, (20, 8, 8), 0.65))


def _lips(sheet: _Sheet, look: Look) -> None:
    at = mouth(sheet.pose)

    def here(points: Sequence[Point]) -> list[Point]:
        return [(MOUTH_AT[0] + x, MOUTH_AT[1] + y) for x, y in points]

    inside = here([*at.upper, *reversed(at.lower)])
    sheet.fill(inside, (58, 16, 22))
    if at.gap > 5:
        teeth = [(x, min(y + 5.0, low[1])) for (x, y), low in zip(at.upper, at.lower, strict=True)]
        sheet.fill(here([*at.upper[2:-2], *reversed(teeth[2:-2])]), (236, 230, 220))
        tongue = [(0.7 * x, max(y - 0.28 * at.gap, up[1])) for (x, y), up in zip(at.lower, at.upper, strict=True)]
        sheet.fill(here([*tongue, *[(0.7 * x, y - 0.5) for x, y in reversed(at.lower)]]), (176, 74, 82))
    sheet.fill(here([*at.top, *reversed(at.upper)]), _mixed(look.lips, (40, 8, 12), 0.22))
    sheet.fill(here([*at.lower, *reversed(at.bottom)]), look.lips)
    shine = [(0.5 * x, y + 0.42 * (low[1] - y)) for (x, y), low in zip(at.lower, at.bottom, strict=True)]
    sheet.fill(here([*shine, *[(x, y + 2.2) for x, y in reversed(shine)]]), _mixed(look.lips, (255, 255, 255), 0.25))
    seam = [(x, y - 0.7) for x, y in at.upper]
    sheet.fill(here([*seam, *[(x, y + 1.2) for x, y in reversed(at.upper)]]), _mixed(look.lips, (30, 6, 10), 0.7))
