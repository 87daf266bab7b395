"""What stands under the sky: houses, the lighthouse, trees, grass, lamps, boats."""

from __future__ import annotations

import math
import random
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, mix, named
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, between, land, ridge


def cape(easel: Easel, lamp: tuple[float, float, float]) -> list[Plane]:
    """A far headland, and the cape with the lighthouse and its cottages."""

    def back(canvas: Any) -> None:
        easel.sheet(
            canvas,
            mound(ridge(easel.dice("back"), 456, 14, 1.1), 300, 46, 330),
            easel.hour.sheet(0.06),
            drop=4,
            shape=0.3,
        )

    def cape(canvas: Any) -> None:
        if easel.burn > 0:
            beams(canvas, easel, lamp[0], lamp[1], easel.burn)
        lighthouse(canvas, easel, lamp[0], lamp[1])
        points = mound(ridge(easel.dice("cape"), 474, 9, 1.6), 950, 118, 185)
        easel.sheet(canvas, points, easel.hour.sheet(0.36), drop=6, shape=0.3)
        for x, y, size in ((1090, 432, 0.85), (1160, 452, 0.75), (1230, 462, 0.85)):
            cottage(canvas, easel, x, y, size, lit=True)

    return [Plane(0.12, back, band=(360, 530)), Plane(lamp[2], cape, band=(EDGE[1], 520))]


def mound(points: list[tuple[float, float]], x: float, tall: float, wide: float) -> Any:
    """A skyline that rises about ``x`` and sinks into the sea on both sides."""
    raised = [(px, min(py + 26 - (tall + 26) * math.exp(-(((px - x) / wide) ** 2)), 500.0)) for px, py in points]
    return brush.poly([(EDGE[0], 505), *raised, (EDGE[2], 505)])


def beams(canvas: Any, easel: Easel, x: float, y: float, burn: float) -> None:
    """The two beams of a lighthouse."""
    for side, up, low in ((-1, -46, 70), (1, -74, 34)):
        beam = brush.poly([(x, y - 3), (x + side * 1250, y + up * 1.6), (x + side * 1250, y + low * 1.6), (x, y + 3)])
        brush.wash(
            canvas,
            beam,
            (x, y),
            (x + side * 1150, y),
            ((0.0, named()["glow"], 0.62 * burn), (0.35, easel.hour.light, 0.26 * burn), (1.0, easel.hour.light, 0.0)),
            soft=8,
        )


def lighthouse(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """A striped tower with its lantern at (x, y)."""
    foot, pale, red = 398.0, easel.colour("cream", 0.12), easel.colour("red", 0.10)

    def half(at: float) -> float:
        return 17 + 13 * (at - y) / (foot - y)

    tower = brush.poly(
        [(x - half(y + 26), y + 26), (x + half(y + 26), y + 26), (x + half(foot), foot), (x - half(foot), foot)]
    )
    easel.sheet(canvas, tower, pale, drop=4, shape=1)
    for top in (y + 62, y + 132, y + 200):
        band = brush.poly(
            [(x - half(top), top), (x + half(top), top), (x + half(top + 34), top + 34), (x - half(top + 34), top + 34)]
        )
        easel.sheet(canvas, band, red, drop=0, shape=1)
    for at in (y + 108, y + 178):
        brush.fill(
            canvas,
            brush.box(x - 4, at, x + 4, at + 14, 4),
            mix(easel.hour.shade, easel.hour.light, 0.75 if easel.dark else 0.1),
        )
    easel.sheet(canvas, brush.box(x - 27, y + 20, x + 27, y + 27, 2), easel.colour("navy"), drop=2)
    glass = mix(mix(named()["slate"], easel.hour.shade, 0.4), named()["glow"], easel.burn)
    brush.fill(canvas, brush.box(x - 14, y - 14, x + 14, y + 20), glass)
    for bar in (-13, -4.5, 4.5, 13):
        brush.pen(canvas, brush.poly([(x + bar, y - 14), (x + bar, y + 20)], closed=False), easel.colour("ink"), 1.8)
    easel.sheet(canvas, brush.smooth([(x - 19, y - 13), (x, y - 33), (x + 19, y - 13)], ease=0.6), red, drop=2, shape=1)
    brush.fill(canvas, brush.oval(x, y - 34, 3.5, 3.5), easel.colour("navy"))
    if easel.burn > 0:
        easel.glow(canvas, x, y + 3, 210, 0.75 * easel.burn)


def cottage(canvas: Any, easel: Easel, x: float, y: float, size: float, lit: bool) -> None:
    """A far cottage, its upper left at (x, y)."""
    w, h = 34 * size, 26 * size
    easel.sheet(canvas, brush.box(x, y, x + w, y + h), easel.hour.sheet(0.72), drop=2)
    easel.sheet(
        canvas,
        brush.poly([(x - 5 * size, y), (x + w / 2, y - 19 * size), (x + w + 5 * size, y)]),
        easel.hour.sheet(0.92),
        drop=2,
    )
    brush.fill(canvas, brush.box(x + w * 0.72, y - 19 * size, x + w * 0.86, y - 6 * size), easel.hour.sheet(0.92))
    if lit and easel.dark:
        brush.fill(canvas, brush.box(x + w * 0.22, y + h * 0.32, x + w * 0.50, y + h * 0.70), named()["lamp"])
        brush.halo(canvas, x + w * 0.36, y + h * 0.5, 30 * size, easel.hour.light, 0.40)


def house(
    canvas: Any,
    easel: Easel,
    x: float,
    foot: float,
    wide: float,
    tall: float,
    dice: random.Random,
    wall: Colour,
    lit: float,
) -> None:
    """A house with a roof, a chimney and rows of windows."""
    roof, top = mix(wall, easel.hour.shade, 0.45), foot - tall
    easel.sheet(canvas, brush.box(x - wide / 2, top, x + wide / 2, foot + 40), wall, drop=6, shape=0.5)
    peak = dice.uniform(0.28, 0.5) * wide
    easel.sheet(
        canvas,
        brush.poly(
            [
                (x - wide / 2 - 12, top + 4),
                (x - wide * 0.08, top - peak),
                (x + wide * 0.08, top - peak),
                (x + wide / 2 + 12, top + 4),
            ]
        ),
        roof,
        drop=5,
        shape=0.7,
    )
    easel.sheet(canvas, brush.box(x + wide * 0.20, top - peak * 0.95, x + wide * 0.30, top - peak * 0.3), roof, drop=3)
    columns, rows = max(2, int(wide / 80)), max(1, int(tall / 120))
    for row in range(rows):
        for column in range(columns):
            wx = x - wide / 2 + (column + 0.5) * wide / columns
            wy = top + (row + 0.34) * tall / rows
            burning = easel.dark and dice.random() < lit
            window(canvas, easel, wx, wy, min(34, wide / columns * 0.5), min(50, tall / rows * 0.46), burning, wall)


def window(canvas: Any, easel: Easel, x: float, y: float, wide: float, tall: float, lit: bool, wall: Colour) -> None:
    """One window of a house."""
    frame = mix(wall, easel.colour("cream"), 0.45)
    pane = mix(named()["lamp"], easel.hour.light, 0.4) if lit else mix(easel.hour.sheet(0.7), easel.hour.sky[1], 0.4)
    brush.fill(canvas, brush.box(x - wide / 2 - 3, y - 3, x + wide / 2 + 3, y + tall + 3, 3), frame)
    brush.wash(
        canvas,
        brush.box(x - wide / 2, y, x + wide / 2, y + tall, 2),
        (x, y),
        (x, y + tall),
        ((0.0, pane, 1.0), (1.0, mix(pane, named()["ember"] if lit else easel.hour.shade, 0.30), 1.0)),
    )
    for line in ([(x, y), (x, y + tall)], [(x - wide / 2, y + tall * 0.45), (x + wide / 2, y + tall * 0.45)]):
        brush.pen(canvas, brush.poly(line, closed=False), frame, 2.2)
    brush.fill(canvas, brush.box(x - wide / 2 - 6, y + tall + 2, x + wide / 2 + 6, y + tall + 7, 2), frame)
    if lit:
        brush.halo(canvas, x, y + tall / 2, tall * 1.25, easel.hour.light, 0.24)


def houses(
    canvas: Any, easel: Easel, dice: random.Random, foot: float, tall: tuple[int, int], away: float, lit: float
) -> None:
    """A house with a roof, a chimney and rows of windows."""
    x, walls = EDGE[0], ("rust", "slate", "plum", "teal", "timber", "navy", "oak")
    last = ""
    while x < EDGE[2]:
        wide = dice.uniform(120, 230) * (0.6 if away > 0.4 else 1.0)
        last = dice.choice([wall for wall in walls if wall != last])
        if away > 0.4 or not 560 < x + wide / 2 < 760:  # a gap that lets the sky in
            house(canvas, easel, x + wide / 2, foot, wide, dice.uniform(*tall), dice, easel.colour(last, away), lit)
        x += wide * 0.98


def street_lamp(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """An iron lamp whose light is at (x, y)."""
    iron = mix(easel.colour("navy"), easel.hour.shade, 0.4)
    if easel.burn > 0:
        cone = brush.poly([(x - 12, y + 20), (x + 12, y + 20), (x + 210, 640), (x - 210, 640)])
        brush.wash(
            canvas,
            cone,
            (x, y),
            (x, 640),
            ((0.0, named()["glow"], 0.34 * easel.burn), (1.0, easel.hour.light, 0.0)),
            soft=10,
        )
        brush.fill(canvas, brush.oval(x, 636, 230, 30), easel.hour.light, 0.20 * easel.burn, soft=12)
    easel.sheet(
        canvas, brush.poly([(x - 5, y + 24), (x + 5, y + 24), (x + 8, 624), (x - 8, 624)]), iron, drop=4, shape=1
    )
    easel.sheet(
        canvas, brush.smooth([(x - 20, 632), (x - 11, 600), (x + 11, 600), (x + 20, 632)], ease=0.6), iron, drop=3
    )
    glass = mix(mix(named()["slate"], easel.hour.shade, 0.3), named()["glow"], easel.burn)
    brush.fill(canvas, brush.poly([(x - 18, y - 22), (x + 18, y - 22), (x + 12, y + 22), (x - 12, y + 22)]), glass)
    easel.sheet(
        canvas,
        brush.smooth([(x - 24, y - 20), (x - 8, y - 38), (x + 8, y - 38), (x + 24, y - 20)], ease=0.7),
        iron,
        drop=2,
    )
    brush.fill(canvas, brush.box(x - 13, y + 20, x + 13, y + 26, 2), iron)
    if easel.burn > 0:
        easel.glow(canvas, x, y, 260, 0.62 * easel.burn)


def bracket(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """A lamp beside a door."""
    brush.pen(
        canvas, brush.smooth([(x - 26, y - 20), (x - 8, y - 34), (x, y - 20)], closed=False), easel.colour("ink"), 4
    )
    brush.fill(canvas, brush.box(x - 9, y - 18, x + 9, y + 8, 4), mix(named()["slate"], named()["glow"], easel.burn))
    if easel.burn > 0:
        easel.glow(canvas, x, y - 5, 280, 0.65 * easel.burn)


def ridges(easel: Easel, bases: tuple[float, ...], talls: tuple[float, ...]) -> list[Plane]:
    """Ranges of hills behind each other, mist between."""
    planes = []
    for i, (base, tall) in enumerate(zip(bases, talls, strict=True)):

        def paint(canvas: Any, i: int = i, base: float = base, tall: float = tall) -> None:
            path = land(ridge(easel.dice(f"ridge{i}"), base, tall, 0.9 + 0.35 * i))
            easel.sheet(canvas, path, easel.hour.sheet(0.08 + 0.17 * i), drop=6, shape=0)
            brush.wash(
                canvas,
                path,
                (0, base),
                (0, base + 110),
                ((0.0, easel.hour.sky[3], 0.0), (1.0, easel.hour.sky[3], 0.28)),
            )

        planes.append(Plane(0.12 + 0.10 * i, paint, band=(base - 3 * tall, EDGE[3])))
    return planes


def meadow(canvas: Any, easel: Easel, top: float, flowers: int = 34) -> None:
    """Grass and flowers on the ground before ``top``."""
    dice, grass = easel.dice("meadow"), easel.hour.sheet(0.72)
    brush.wash(
        canvas,
        between(top - 20, EDGE[3]),
        (0, top),
        (0, top + 260),
        ((0.0, easel.hour.shade, 0.0), (1.0, easel.hour.shade, 0.62)),
    )
    for _ in range(170):
        x, y, tall = dice.uniform(EDGE[0], EDGE[2]), top + 230 * dice.random() ** 1.6, dice.uniform(7, 17)
        for lean in (-0.5, 0.0, 0.45):
            brush.pen(
                canvas,
                brush.smooth([(x, y), (x + lean * 4, y - tall * 0.6), (x + lean * tall, y - tall)], closed=False),
                mix(grass, easel.hour.sky_light, dice.uniform(0.0, 0.14)),
                1.9,
                0.8,
            )
    for _ in range(flowers):
        x, y = dice.uniform(EDGE[0], EDGE[2]), top + 200 * dice.random() ** 1.4
        petal = easel.colour(dice.choice(("cream", "rose", "yellow")))
        brush.fill(canvas, brush.oval(x, y - 9, 2.6, 2.6), petal, 0.95)


def grasses(easel: Easel) -> Plane:
    """Tall dark blades at both edges of the picture, out of focus before everything."""

    def paint(canvas: Any) -> None:
        dice, colour = easel.dice("blades"), mix(easel.hour.sheet(1.0), easel.hour.shade, 0.55)
        for _ in range(54):
            side = dice.choice((-1, 1))
            x = 640 + side * dice.uniform(520, 800)
            tall, lean = dice.uniform(90, 250), dice.uniform(-46, 46)
            blade = brush.smooth(
                [
                    (x - 6, 990),
                    (x + lean * 0.25 - 4, 760 - tall * 0.4),
                    (x + lean, 740 - tall),
                    (x + lean * 0.25 + 8, 760 - tall * 0.4),
                    (x + 9, 990),
                ],
                ease=0.9,
            )
            brush.fill(canvas, blade, colour, soft=3.5)

    return Plane(1.4, paint, sway=(5, 1, 4.2, 0.0), band=(470, EDGE[3]))


def tree(canvas: Any, easel: Easel, x: float, foot: float, size: float, dice: random.Random) -> None:
    """A round tree."""
    easel.sheet(
        canvas,
        brush.limb(
            [(x, foot), (x + 5 * size, foot - 70 * size), (x - 4 * size, foot - 150 * size)],
            (26 * size, 18 * size, 10 * size),
        ),
        easel.hour.sheet(0.9),
        drop=4,
    )
    for _ in range(9):
        dx, dy = dice.uniform(-62, 62) * size, dice.uniform(-215, -110) * size
        easel.sheet(
            canvas,
            brush.oval(x + dx, foot + dy, dice.uniform(38, 56) * size, dice.uniform(32, 46) * size),
            mix(easel.hour.sheet(0.68), easel.colour("moss"), dice.uniform(0.2, 0.5)),
            drop=4,
            rim=1.2,
        )


def trunk(canvas: Any, easel: Easel, x: float, foot: float, wide: float, colour: Colour, dice: random.Random) -> None:
    """A tall bare tree that leaves the picture above."""
    lean = dice.uniform(-0.08, 0.08)
    top = EDGE[1]
    high = x + lean * (foot - top)
    trunk = brush.smooth(
        [
            (x - wide * 0.85, foot + 12),
            (x - wide * 0.45, foot - 40),
            (high - wide * 0.26, top),
            (high + wide * 0.26, top),
            (x + wide * 0.45, foot - 40),
            (x + wide * 0.85, foot + 12),
        ],
        ease=0.5,
    )
    easel.sheet(canvas, trunk, colour, drop=6, shape=0.8)
    for i in range(2):
        y = foot - dice.uniform(230, 430)
        bx, side = x + lean * (foot - y), dice.choice((-1, 1))
        branch = brush.limb(
            [(bx, y), (bx + side * wide * 1.5, y - wide * 0.9), (bx + side * wide * 3.0, y - wide * (1.4 + i))],
            (wide * 0.30, wide * 0.2, wide * 0.06),
        )
        easel.sheet(canvas, branch, colour, drop=3, shape=0.8)


def fern(canvas: Any, easel: Easel, x: float, y: float, size: float) -> None:
    """A fern."""
    colour = mix(easel.hour.sheet(0.66), easel.colour("moss"), 0.5)
    for turn in (-62, -34, -8, 20, 46, 70):
        a = math.radians(turn)
        tip = (x + math.sin(a) * size, y - math.cos(a) * size * 0.9)
        leaf = brush.smooth(
            [(x, y), ((x + tip[0]) / 2 - 4, (y + tip[1]) / 2 - 4), tip, ((x + tip[0]) / 2 + 4, (y + tip[1]) / 2 + 3)]
        )
        easel.sheet(canvas, leaf, colour, drop=1.5, rim=0.8)


def decking(canvas: Any, easel: Easel, top: float) -> None:
    """Planks that run towards us."""
    dice, wood = easel.dice("planks"), easel.colour("timber")
    easel.sheet(canvas, between(top, EDGE[3]), mix(wood, easel.hour.shade, 0.5), drop=8, shape=0)
    for i in range(-16, 17):
        x0, x1 = 640 + i * 74, 640 + (i + 1) * 74 - 3
        plank = brush.poly([(x0, top), (x1, top), (640 + (x1 - 640) * 2.1, EDGE[3]), (640 + (x0 - 640) * 2.1, EDGE[3])])
        brush.fill(
            canvas,
            plank,
            mix(wood, easel.colour("oak") if dice.random() < 0.5 else easel.hour.shade, dice.uniform(0.04, 0.22)),
        )
    brush.fill(canvas, between(top - 6, top + 6), easel.colour("oak"))
    brush.fill(canvas, between(top + 6, top + 13), easel.hour.shade, 0.5)
    brush.wash(
        canvas,
        between(top, EDGE[3]),
        (0, top + 40),
        (0, 860),
        ((0.0, easel.hour.shade, 0.0), (1.0, easel.hour.shade, 0.62)),
    )


def rowing_boat(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """A boat drawn up on the beach."""
    brush.fill(canvas, brush.oval(x, y + 8, 120, 12), easel.hour.shade, 0.4, soft=5)
    hull = brush.smooth(
        [
            (x - 118, y - 44),
            (x - 40, y - 32),
            (x + 60, y - 34),
            (x + 126, y - 56),
            (x + 92, y + 2),
            (x + 10, y + 10),
            (x - 84, y + 2),
        ],
        ease=0.8,
    )
    easel.sheet(canvas, hull, easel.colour("rust"), drop=5, shape=1)
    brush.pen(
        canvas,
        brush.smooth([(x - 116, y - 41), (x - 40, y - 29), (x + 60, y - 31), (x + 124, y - 52)], closed=False),
        easel.colour("cream"),
        5,
    )
