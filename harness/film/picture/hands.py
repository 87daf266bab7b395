"""Hands: five fingers, at rest, open, pointing or closed round something."""

from __future__ import annotations

import math
from typing import Any, Literal

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.brush import Point
from filmbench.harness.film.picture.colours import Colour, Light, mix, named

Grip = Literal["rest", "open", "point", "grip"]
REACH = 1.15
"""From the wrist to the middle of the palm, in the hand's own size."""


def palm(elbow: Point, wrist: Point, size: float) -> Point:
    """The middle of the hand's inside."""
    length = math.hypot(wrist[0] - elbow[0], wrist[1] - elbow[1]) or 1.0
    return tuple(w + (w - e) / length * size * REACH * 0.75 for w, e in zip(wrist, elbow, strict=True))  # type: ignore[return-value]


def draw_hand(
    canvas: Any, elbow: Point, wrist: Point, size: float, skin: Colour, light: Light, grip: Grip, thumb: int
) -> None:
    """A hand at ``wrist`` along the forearm; ``thumb`` says to which side of it (1: clockwise) the thumb lies."""
    angle = math.degrees(math.atan2(wrist[1] - elbow[1], wrist[0] - elbow[0]))
    local = Light(light.hour, _turned(light.towards, -angle), light.warm)
    shade = mix(skin, named()["rust"], 0.42)
    canvas.save()
    canvas.translate(*wrist)
    canvas.rotate(angle)
    canvas.scale(size, size * thumb)
    local = Light(local.hour, (local.towards[0], local.towards[1] * thumb), local.warm)
    palm_shape = brush.smooth([(-0.18, -0.40), (0.5, -0.56), (1.02, -0.50), (1.08, 0.36), (0.5, 0.54), (-0.18, 0.40)])
    if grip in ("open", "point", "rest"):
        _fingers(canvas, grip, skin, shade, local)
    brush.piece(canvas, palm_shape, skin, local, drop=0, rim=0.09)
    if grip == "open":
        _finger(canvas, [(0.30, 0.36), (0.66, 0.86), (0.98, 1.04)], 0.36, skin, local)
    elif grip == "rest":
        _finger(canvas, [(0.30, 0.34), (0.72, 0.58), (1.12, 0.56)], 0.34, skin, local)
    else:
        for i in range(4):
            y = -0.48 + 0.29 * i
            if grip == "point" and i == 3:
                continue
            knuckle = brush.box(0.56, y - 0.15, 1.30 - 0.05 * abs(i - 1), y + 0.15, 0.15)
            brush.piece(canvas, knuckle, skin, local, drop=0, rim=0.07)
            brush.pen(canvas, brush.poly([(0.66, y + 0.15), (1.16, y + 0.15)], closed=False), shade, 0.06, 0.8)
        _finger(canvas, [(0.22, 0.38), (0.62, 0.62), (1.0, 0.36)], 0.34, skin, local)
    canvas.restore()


def _fingers(canvas: Any, grip: Grip, skin: Colour, shade: Colour, light: Light) -> None:
    fan = {"open": 15.0, "rest": 3.0, "point": 0.0}[grip]
    for i in range(4):
        if grip == "point" and i != 3:
            continue
        y, long = -0.40 + 0.27 * i, (0.88, 1.05, 1.10, 0.98)[i]
        turn = math.radians((i - 1.5) * fan)
        curl = {"open": 0.04, "rest": 0.34, "point": 0.0}[grip]
        long = long * (0.82 if grip == "rest" else 1.0)
        mid = (0.9 + math.cos(turn) * long * 0.5, y + math.sin(turn) * long * 0.5)
        tip = (0.9 + math.cos(turn) * long, y + math.sin(turn) * long + curl * 0.5)
        _finger(canvas, [(0.78, y), mid, tip], 0.29, skin, light)
        if i and grip == "rest":
            brush.pen(
                canvas,
                brush.smooth([(0.95, y - 0.13), (tip[0] - 0.12, tip[1] - 0.14)], closed=False),
                shade,
                0.055,
                0.75,
            )


def _finger(canvas: Any, points: list[Point], width: float, skin: Colour, light: Light) -> None:
    brush.piece(canvas, brush.limb(points, (width, width * 0.98, width * 0.80)), skin, light, drop=0, rim=0.06)


def _turned(vector: Point, degrees: float) -> Point:
    turn = math.radians(degrees)
    return (
        vector[0] * math.cos(turn) - vector[1] * math.sin(turn),
        vector[0] * math.sin(turn) + vector[1] * math.cos(turn),
    )
