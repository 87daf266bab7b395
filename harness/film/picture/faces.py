"""Faces: seven moods, and how eyes, brows, nose and mouth are drawn on a head that turns.

Places on a face are in hundredths of half a head's height: the head's middle is (0, 0), the chin about (0, 100). What
lies on the face is wrapped round the head, so that it turns with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, Light, mix, named
from filmbench.harness.film.picture.mouths import SHUT, Lips
from filmbench.harness.film.shot import Look, Mood


class Expression(NamedTuple):
    """``brow`` up, ``fret`` inner ends up (worry) or down (anger), -1..1; ``lid`` 1 open; ``squint`` from below;

    ``smile`` corners up or down, -1..1; ``gape`` how open a silent mouth stays; ``tight`` how narrow it is.
    """

    brow: float = 0.0
    fret: float = 0.0
    lid: float = 1.0
    squint: float = 0.0
    smile: float = 0.15
    gape: float = 0.0
    tight: float = 0.0
    flush: float = 0.4


EXPRESSIONS: Mapping[Mood, Expression] = {
    "neutral": Expression(),
    "happy": Expression(0.35, 0.10, 0.96, 0.50, 1.0, 0.0, -0.15, 0.9),
    "sad": Expression(0.10, 0.95, 0.74, 0.05, -0.75, 0.0, 0.25, 0.3),
    "afraid": Expression(0.85, 0.85, 1.20, 0.0, -0.45, 0.13, 0.1, 0.1),
    "angry": Expression(-0.65, -1.0, 0.80, 0.35, -0.65, 0.0, 0.1, 0.8),
    "surprised": Expression(1.15, 0.10, 1.26, 0.0, 0.05, 0.42, 0.45, 0.5),
    "tender": Expression(0.12, 0.45, 0.80, 0.25, 0.60, 0.0, 0.1, 0.9),
}


def between(one: Expression, other: Expression, amount: float) -> Expression:
    """``one`` moved by ``amount`` (0..1) towards ``other``."""
    return Expression(*(a + (b - a) * amount for a, b in zip(one, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Act:
    """What a face does now: ``gaze`` -1..1 right and down, ``blink`` 1 shut, ``yaw`` degrees the head is turned."""

    expression: Expression = EXPRESSIONS["neutral"]
    lips: Lips = SHUT
    gaze: tuple[float, float] = (0.0, 0.0)
    blink: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


@dataclass(frozen=True, slots=True)
class Skull:
    """A head's shape: half widths at cheek and jaw, where the chin is, and eyes' size, after age, gender and seed."""

    cheek: float
    jaw: float
    chin: float
    eye: float
    brow: float


def skull(look: Look) -> Skull:
    """The shape of a head."""
    vary = math.sin(look.seed * 1.7)
    if look.age == "child":
        return Skull(84 + vary, 63 + 2 * vary, 101, 18, 6.3)
    manly = look.gender == "m"
    if look.age == "old":
        return Skull(81 + 4 * vary, (66 if manly else 60) + 4 * vary, 102, 16.5, 7.5)
    return Skull(81 + 3 * vary, (63 if manly else 55) + 4 * vary, 102 if manly else 101, 17.5, 8.0 if manly else 6.0)


def wrapped(x: float, yaw: float, radius: float) -> tuple[float, float]:
    """Where a point ``x`` of the front lies on a head turned by ``yaw`` degrees, and how narrow it looks there."""
    at = math.asin(max(-1.0, min(1.0, x / radius)))
    turned = at + math.radians(yaw)
    return radius * math.sin(turned), max(math.cos(turned), 0.05) / max(math.cos(at), 0.2)


def on(shape: Skull, x: float, yaw: float, out: float = 1.0) -> tuple[float, float]:
    """``wrapped`` round a head of ``shape``: ``x`` is for a cheek of 90, ``out`` how far it stands off the skull."""
    return wrapped(x * shape.cheek / 90, yaw, shape.cheek * 1.07 * out)


def outline(shape: Skull, yaw: float, drop: float) -> Any:
    """The head's edge; ``drop`` is how far the jaw hangs."""
    lean = math.sin(math.radians(yaw))
    chin = shape.chin + drop
    k, j = shape.cheek, shape.jaw
    shift = lean * 20
    far, near = (1 - 0.06 * abs(lean)), 1.0
    right, left = (far, near) if lean > 0 else (near, far)
    return brush.smooth(
        [
            (lean * 4, -100),
            (k * 0.70 * right, -80),
            (k * right + lean * 3, -22),
            (k * 0.985 * right + shift * 0.35, 26),
            (j * 0.93 * right + shift * 0.8, 66 + drop * 0.55),
            (j * 0.42 + shift * 1.15, chin - 6),
            (shift * 1.25, chin),
            (-j * 0.42 + shift * 1.15, chin - 6),
            (-j * 0.93 * left + shift * 0.8, 66 + drop * 0.55),
            (-k * 0.985 * left + shift * 0.35, 26),
            (-k * left + lean * 3, -22),
            (-k * 0.70 * left, -80),
        ]
    )


def draw_head(canvas: Any, look: Look, act: Act, light: Light, beard: Callable[[], None]) -> None:
    """The bare head: face, ears, features. Hair and hats are another's; ``beard`` draws what lies under the lips."""
    colours = named()
    shape, skin = skull(look), colours[look.skin]
    shade = mix(skin, colours["rust"], 0.28)
    drop = jaw_drop(act)
    for side in (-1, 1):
        _ear(canvas, side, act.yaw, shape, skin, light)
    brush.piece(canvas, outline(shape, act.yaw, drop), skin, light, drop=0, rim=3.5, shape=0.62)
    down = act.pitch * 13
    canvas.save()
    canvas.clipPath(outline(shape, act.yaw, drop), doAntiAlias=True)
    for side in (-1, 1):
        x, narrow = on(shape, side * 55, act.yaw)
        brush.fill(
            canvas,
            brush.oval(x, 40 + down, 23 * narrow, 15),
            colours["blush"],
            0.26 + 0.22 * act.expression.flush,
            soft=7,
        )
    if look.age == "old":
        _lines(canvas, act, shape, shade, down)
    if "freckles" in look.wears:
        for side in (-1, 1):
            for i in range(5):
                x, narrow = on(shape, side * (40 + 9 * (i % 3)), act.yaw)
                brush.fill(canvas, brush.oval(x, 33 + 8 * (i // 3) + 2 * (i % 2) + down, 2.4 * narrow, 2.4), shade, 0.8)
    canvas.restore()
    beard()
    _nose(canvas, act, shape, shade, down, look)
    _mouth(canvas, act, shape, look, down)
    for side in (-1, 1):
        _eye(canvas, side, shape, act, look, light, down)


def jaw_drop(act: Act) -> float:
    """How far the chin hangs with the mouth open."""
    return 9 * max(act.lips.open, act.expression.gape)


def _ear(canvas: Any, side: int, yaw: float, shape: Skull, skin: Colour, light: Light) -> None:
    turned = math.radians(yaw) + side * math.pi / 2
    x = math.sin(turned) * (shape.cheek + 4)
    if math.cos(turned) < -0.35:
        return
    wide = 11 + 9 * abs(math.sin(math.radians(yaw)))
    brush.piece(canvas, brush.oval(x, 14, wide, 21), mix(skin, named()["rust"], 0.12), light, drop=0, rim=2.5)
    brush.pen(
        canvas,
        brush.smooth([(x - side * 1, 2), (x + side * 5, 10), (x, 24)], closed=False),
        mix(skin, named()["rust"], 0.45),
        3.0,
    )


def _lines(canvas: Any, act: Act, shape: Skull, shade: Colour, down: float) -> None:
    for side in (-1, 1):
        (a, _), (b, _), (c, _) = (on(shape, side * at, act.yaw) for at in (34, 46, 44))
        brush.pen(canvas, brush.smooth([(a, 44 + down), (b, 56 + down), (c, 72 + down)], closed=False), shade, 2.6, 0.6)
        (a, _), (b, _) = (on(shape, side * at, act.yaw) for at in (28, 50))
        brush.pen(
            canvas,
            brush.smooth([(a, 35 + down), ((a + b) / 2, 39 + down), (b, 33 + down)], closed=False),
            shade,
            2.4,
            0.5,
        )


def _nose(canvas: Any, act: Act, shape: Skull, shade: Colour, down: float, look: Look) -> None:
    lean = math.sin(math.radians(act.yaw))
    size = {"child": 0.78, "adult": 1.0, "old": 1.2}[look.age]
    x, side = lean * shape.cheek * 1.19, (1 if lean >= -0.05 else -1)
    tip = 38 + down
    bridge = brush.smooth(
        [
            (lean * shape.cheek * 0.95 - side * 2, 6 + down),
            (x + side * 5 * size, tip - 9),
            (x + side * 9 * size, tip),
            (x, tip + 6),
            (x - side * 7 * size, tip + 3),
        ],
        closed=False,
    )
    brush.fill(canvas, brush.oval(x, tip - 1, 13 * size, 9 * size), shade, 0.20, soft=4)
    brush.pen(canvas, bridge, shade, 4.2, 0.85)


def _eye(canvas: Any, side: int, shape: Skull, act: Act, look: Look, light: Light, down: float) -> None:
    colours, mood = named(), act.expression
    x, narrow = on(shape, side * 38.7, act.yaw)
    y, wide = 8 + down, shape.eye * 1.12 * max(narrow, 0.42)
    tall = shape.eye * min(mood.lid, 1.3) * (1 - act.blink)
    lower = shape.eye * (0.92 - 0.5 * mood.squint) * (1 - 0.75 * act.blink)
    lash = mix(colours["black"], colours[look.hair], 0.25)
    turns = [math.tau * i / 12 for i in range(12)]
    white = brush.smooth(
        [(x + wide * math.cos(a), y - (tall if math.sin(a) > 0 else lower) * math.sin(a)) for a in turns]
    )
    if act.blink < 0.8:
        canvas.save()
        canvas.clipPath(white, doAntiAlias=True)
        brush.fill(canvas, white, mix(colours["white"], light.hour.air, 0.30 * light.hour.veil))
        ix, iy, r = x + act.gaze[0] * wide * 0.42, y + 0.5 + act.gaze[1] * shape.eye * 0.36, shape.eye * 0.70
        squash = max(narrow, 0.6)
        tint = colours[("iris", "slate", "brown", "auburn", "teal")[look.seed % 5]]
        brush.fill(canvas, brush.oval(ix, iy, r * squash, r), mix(tint, colours["ink"], 0.25))
        brush.fill(
            canvas, brush.oval(ix, iy + r * 0.32, r * 0.74 * squash, r * 0.56), mix(tint, colours["sand"], 0.30), 0.85
        )
        brush.fill(canvas, brush.oval(ix, iy, r * 0.56 * squash, r * 0.58), colours["ink"])
        toward = 1 if light.towards[0] >= 0 else -1
        brush.fill(canvas, brush.oval(ix + toward * r * 0.36, iy - r * 0.40, r * 0.28, r * 0.30), colours["white"])
        brush.fill(canvas, brush.oval(ix - toward * r * 0.38, iy + r * 0.36, r * 0.14, r * 0.14), colours["white"], 0.8)
        brush.fill(canvas, brush.oval(x, y - tall - 3, wide * 1.2, shape.eye * 0.52), colours["ink"], 0.20)
        canvas.restore()
        under = brush.smooth(
            [(x - wide * 0.72, y + lower * 0.66), (x, y + lower * 0.93), (x + wide * 0.72, y + lower * 0.64)],
            closed=False,
        )
        brush.pen(canvas, under, mix(colours[look.skin], colours["rust"], 0.6), 2.0, 0.7)
    arc = [math.pi * (0.98 - 0.96 * i / 6) for i in range(7)]
    edge = [(x + wide * 1.03 * math.cos(a), y - tall * 1.03 * math.sin(a)) for a in arc]
    if act.blink >= 0.8:
        edge = [(px, y + 5 + 4 * (1 - ((px - x) / wide) ** 2)) for px, _ in edge]
    brush.pen(canvas, brush.smooth(edge, closed=False), lash, 5.2 if look.gender != "m" else 4.4)
    if look.gender == "f":
        outer = edge[-1] if side > 0 else edge[0]
        brush.pen(canvas, brush.smooth([outer, (outer[0] + side * 6 * narrow, outer[1] - 6)], closed=False), lash, 3.4)
    _brow(canvas, side, shape, act, look, down)


def _brow(canvas: Any, side: int, shape: Skull, act: Act, look: Look, down: float) -> None:
    mood, colours = act.expression, named()
    hair = mix(colours[look.hair], colours["black"], 0.35 if look.hair not in ("silver",) else 0.0)
    y = -25 - shape.eye * 0.28 - 10 * mood.brow + down
    (inner, _), (middle, _), (outer, narrow) = (on(shape, side * at, act.yaw) for at in (18, 38, 59))
    rise = mood.fret * 11
    brush.pen(
        canvas,
        brush.smooth(
            [
                (inner, y + 1 - rise),
                ((inner + middle) / 2, y - 3 - rise * 0.5),
                (middle, y - 4),
                (outer, y + 4 + rise * 0.45),
            ],
            closed=False,
        ),
        hair,
        shape.brow * (0.8 + 0.2 * narrow),
    )


def _mouth(canvas: Any, act: Act, shape: Skull, look: Look, down: float) -> None:
    colours, mood, said = named(), act.expression, act.lips
    ajar = max(said.open, mood.gape * (1 - min(1.0, said.open * 2)) if said.open < 0.02 else said.open)
    half = 27 * (1 + 0.22 * said.wide - 0.26 * said.round) * (1 - 0.42 * mood.tight) * (1 + 0.14 * max(mood.smile, 0))
    gap = 26 * ajar
    y, curl = 63 + down, mood.smile * 8 * (1 - 0.35 * ajar)
    (left, _), (x, _), (right, _) = (on(shape, at, act.yaw, 1.05) for at in (-half, 0, half))
    upper, lower = y - gap * 0.26, y + gap * 0.74
    lip = mix(mix(colours[look.skin], colours["lip"], 0.62), colours["ink"], 0.06)
    full = 1.3 if look.gender == "f" else 0.85
    thick = (4.2 + 2.2 * said.round) * full

    def at(u: float) -> float:
        return left + (x - left) * u if u <= 1 else x + (right - x) * (u - 1)

    over = [
        (at(0), y - curl),
        (at(0.5), upper - curl * 0.36 - 1.0),
        (at(0.86), upper - 1.6),
        (x, upper),
        (at(1.14), upper - 1.6),
        (at(1.5), upper - curl * 0.36 - 1.0),
        (at(2), y - curl),
    ]
    beneath = [
        (at(1.55), lower - curl * 0.30 - gap * 0.10),
        (x, lower + curl * 0.10),
        (at(0.45), lower - curl * 0.30 - gap * 0.10),
    ]
    brush.fill(
        canvas,
        brush.oval(x, lower + thick + 8, half * 0.55, 4),
        mix(colours[look.skin], colours["rust"], 0.5),
        0.28,
        soft=3,
    )
    edge = brush.smooth(
        [
            (left - 1.5, y - curl),
            (at(0.5), upper - curl * 0.36 - 1 - thick * 0.75),
            (at(0.84), upper - thick * 1.15),
            (x, upper - thick * 0.8),
            (at(1.16), upper - thick * 1.15),
            (at(1.5), upper - curl * 0.36 - 1 - thick * 0.75),
            (right + 1.5, y - curl),
            (at(1.55), lower - curl * 0.30 - gap * 0.10 + thick * 1.05),
            (x, lower + curl * 0.10 + thick * 1.35),
            (at(0.45), lower - curl * 0.30 - gap * 0.10 + thick * 1.05),
        ]
    )
    brush.fill(canvas, edge, lip)
    if gap > 1.6:
        hole = brush.smooth([*over, *beneath])
        canvas.save()
        canvas.clipPath(hole, doAntiAlias=True)
        brush.fill(canvas, hole, mix(colours["mouth"], colours["lip"], 0.15))
        brush.fill(canvas, brush.oval(x, lower + 5, half * 0.62, gap * 0.42), colours["tongue"])
        if said.teeth > 0.15 or mood.smile > 0.5:
            brush.fill(
                canvas,
                brush.box(left + half * 0.16, upper - 9, right - half * 0.16, upper + min(4.0, gap * 0.20), 3),
                colours["white"],
            )
        canvas.restore()
    else:
        line = brush.smooth(
            [
                (left, y - curl),
                (at(0.5), upper - curl * 0.34),
                (x, upper + 0.8),
                (at(1.5), upper - curl * 0.34),
                (right, y - curl),
            ],
            closed=False,
        )
        brush.pen(canvas, line, mix(colours["mouth"], colours["lip"], 0.25), 3.2)
