"""What rooms are furnished with: walls, windows, shelves, floors, lamps, and the great lens."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, mix, named
from filmbench.harness.film.picture.heavens import sky
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, between, land, ridge, whole

SILL = 590.0
"""Where a wall meets the floor."""
Hole = tuple[float, float, float, float]
"""A window's left, top, right and bottom."""


def outside(easel: Easel, disc: tuple[float, float] = (300.0, 200.0)) -> list[Plane]:
    """What a window shows."""

    def hills(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("outside"), 372, 20, 1.6)), easel.hour.sheet(0.35), drop=4, shape=0)

    return [*sky(easel, 420, disc), Plane(0.16, hills, band=(300, EDGE[3]))]


def wall(
    canvas: Any, easel: Easel, name: str, holes: list[Hole], lamp: tuple[float, float, float], dado: bool = True
) -> Colour:
    """A papered wall with ``holes`` for windows, lit by ``lamp``; gives the paper's colour."""
    import skia

    colour = mix(easel.colour(name), easel.hour.shade, 0.16 if easel.dark else 0.0)
    path = skia.Path(whole())
    for hole in holes:
        path.addRect(skia.Rect.MakeLTRB(*hole))
    path.setFillType(skia.PathFillType.kEvenOdd)
    brush.fill(canvas, path, colour)
    canvas.save()
    canvas.clipPath(path)
    figure = mix(colour, easel.colour("cream"), 0.13)
    for row in range(-3, 9):
        for column in range(-6, 24):
            x, y = column * 78 + (39 if row % 2 else 0), 20 + row * 66
            brush.fill(canvas, brush.smooth([(x, y - 11), (x + 6, y), (x, y + 11), (x - 6, y)]), figure, 0.8)
            brush.fill(canvas, brush.oval(x, y + 33, 2.4, 2.4), figure, 0.8)
    pool(canvas, easel, lamp)
    canvas.restore()
    if dado:
        wood = mix(easel.colour("timber"), easel.hour.shade, 0.12)
        easel.sheet(canvas, between(456, SILL), wood, drop=4, shape=0.2)
        easel.sheet(canvas, between(446, 462), easel.colour("oak"), drop=3, shape=0.2)
        for x in range(-450, 1740, 124):
            easel.sheet(canvas, brush.box(x, 480, x + 98, 566, 4), mix(wood, easel.hour.shade, 0.24), drop=0, rim=1.3)
        easel.sheet(canvas, between(SILL - 12, SILL + 2), easel.colour("timber"), drop=2, shape=0.2)
    return colour


def pool(canvas: Any, easel: Easel, lamp: tuple[float, float, float]) -> None:
    """The lamp's light on what is behind it, and the dark where it does not reach."""
    dim = (0.34 if easel.dark else 0.08) * (1 - 0.45 * easel.burn)
    brush.wash(
        canvas,
        whole(),
        (0, EDGE[1]),
        (0, 620),
        ((0.0, easel.hour.shade, dim * 1.5), (0.75, easel.hour.shade, dim * 0.6), (1.0, easel.hour.shade, dim)),
    )
    if easel.burn > 0:
        brush.halo(canvas, lamp[0], lamp[1], 760, easel.hour.light, 0.62 * easel.burn)


def window_frame(canvas: Any, easel: Easel, hole: Hole, curtains: Colour) -> None:
    """Frame, sill and curtains about a hole in the wall."""
    left, top, right, bottom = hole
    wood = easel.colour("cream", 0.15)
    brush.wash(
        canvas,
        brush.box(*hole),
        (left, top),
        (right, bottom),
        ((0.0, easel.hour.sky_light, 0.16), (0.5, easel.hour.sky_light, 0.0), (1.0, easel.hour.sky_light, 0.08)),
    )
    brush.pen(canvas, brush.box(*hole), easel.hour.shade, 15, 0.5)
    brush.pen(canvas, brush.box(*hole), wood, 11)
    for line in (
        [((left + right) / 2, top), ((left + right) / 2, bottom)],
        [(left, top + (bottom - top) * 0.42), (right, top + (bottom - top) * 0.42)],
    ):
        brush.pen(canvas, brush.poly(line, closed=False), wood, 6)
    easel.sheet(canvas, brush.box(left - 20, bottom + 4, right + 20, bottom + 18, 3), wood, drop=5)
    for side, edge in ((-1, left), (1, right)):
        drape = brush.smooth(
            [
                (edge - side * 30, top - 26),
                (edge + side * 44, top - 26),
                (edge + side * 50, bottom * 0.5 + top * 0.5),
                (edge + side * 44, bottom + 46),
                (edge - side * 2, bottom + 46),
                (edge - side * 2, top + (bottom - top) * 0.62),
            ],
            ease=0.7,
        )
        easel.sheet(canvas, drape, curtains, drop=6, shape=0.9)
        for i in range(3):
            x = edge + side * (8 + i * 13)
            brush.pen(
                canvas,
                brush.smooth([(x, top - 20), (x + side * 3, (top + bottom) / 2), (x, bottom + 40)], closed=False),
                mix(curtains, easel.hour.shade, 0.35),
                2.6,
                0.6,
            )
    easel.sheet(canvas, brush.box(left - 62, top - 34, right + 62, top - 25, 4), easel.colour("oak"), drop=3)


def framed(canvas: Any, easel: Easel, x: float, y: float, wide: float, tall: float, wall: Colour) -> None:
    """A landscape in a frame."""
    easel.sheet(canvas, brush.box(x, y, x + wide, y + tall, 2), easel.colour("oak"), drop=5)
    brush.fill(
        canvas,
        brush.box(x + 7, y + 7, x + wide - 7, y + tall - 7),
        mix(easel.hour.sheet(0.1), easel.colour("sand"), 0.5),
    )
    hills = [
        (x + 7, y + tall - 7),
        (x + 7, y + tall * 0.6),
        (x + wide * 0.35, y + tall * 0.42),
        (x + wide * 0.6, y + tall * 0.66),
        (x + wide - 7, y + tall * 0.5),
        (x + wide - 7, y + tall - 7),
    ]
    brush.fill(canvas, brush.poly(hills), mix(easel.colour("teal"), wall, 0.3))


def shelf(canvas: Any, easel: Easel, x: float, y: float, wide: float, rows: int) -> None:
    """Rows of books, ``x`` and ``y`` their upper left."""
    dice, wood = easel.dice("shelf"), easel.colour("oak")
    easel.sheet(
        canvas,
        brush.box(x - 10, y - 44, x + wide + 10, y + rows * 80 + 30, 3),
        mix(wood, easel.hour.shade, 0.55),
        drop=7,
    )
    for row in range(rows):
        foot, at = y + 32 + row * 80, x + 4
        while at < x + wide - 16:
            thick, tall = dice.uniform(9, 19), dice.uniform(38, 58)
            brush.fill(
                canvas,
                brush.box(at, foot - tall, at + thick, foot, 1.5),
                easel.colour(dice.choice(("rust", "teal", "yellow", "plum", "moss", "cream", "navy", "rose"))),
            )
            brush.fill(
                canvas, brush.box(at + 2, foot - tall + 7, at + thick - 2, foot - tall + 10), easel.colour("cream"), 0.6
            )
            at += thick + dice.choice((1, 1, 1, 9))
        easel.sheet(canvas, brush.box(x - 10, foot, x + wide + 10, foot + 8, 1), wood, drop=3)


def boards(canvas: Any, easel: Easel) -> None:
    """A floor of boards that run towards us."""
    dice, wood = easel.dice("boards"), mix(easel.colour("timber"), easel.colour("oak"), 0.25)
    brush.fill(canvas, between(SILL, EDGE[3]), mix(wood, easel.hour.shade, 0.45))
    for i in range(-15, 16):
        x0, x1 = 640 + i * 84, 640 + (i + 1) * 84 - 3
        board = brush.poly(
            [(x0, SILL), (x1, SILL), (640 + (x1 - 640) * 2.2, EDGE[3]), (640 + (x0 - 640) * 2.2, EDGE[3])]
        )
        brush.fill(canvas, board, mix(wood, easel.hour.shade, dice.uniform(0.10, 0.30)))
    brush.wash(
        canvas,
        between(SILL, EDGE[3]),
        (0, SILL),
        (0, 860),
        ((0.0, easel.hour.shade, 0.42), (0.12, easel.hour.shade, 0.06), (1.0, easel.hour.shade, 0.6)),
    )
    if easel.burn > 0:
        brush.fill(canvas, brush.oval(720, 664, 520, 52), easel.hour.light, 0.20 * easel.burn, soft=22)


def chequers(canvas: Any, easel: Easel) -> None:
    """A floor of tiles, light and dark."""
    one, other = easel.colour("cream"), easel.colour("rust")
    rows: list[float] = [SILL, 606, 626, 652, 686, 730, 790, 870, EDGE[3]]
    for r, (top, bottom) in enumerate(pairwise(rows)):
        a, b = 1 + (top - SILL) / 240, 1 + (bottom - SILL) / 240
        for i in range(-16, 16):
            tile = brush.poly(
                [
                    (640 + i * 74 * a, top),
                    (640 + (i + 1) * 74 * a, top),
                    (640 + (i + 1) * 74 * b, bottom),
                    (640 + i * 74 * b, bottom),
                ]
            )
            brush.fill(canvas, tile, mix(one if (i + r) % 2 else other, easel.hour.shade, 0.28))
    brush.wash(
        canvas,
        between(SILL, EDGE[3]),
        (0, SILL),
        (0, 860),
        ((0.0, easel.hour.shade, 0.45), (0.12, easel.hour.shade, 0.10), (1.0, easel.hour.shade, 0.62)),
    )


def standing_lamp(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """A lamp on a tall foot, its shade about (x, y)."""
    iron = mix(easel.colour("walnut"), easel.hour.shade, 0.3)
    easel.sheet(canvas, brush.box(x - 3.5, y, x + 3.5, 616, 2), iron, drop=3)
    easel.sheet(canvas, brush.smooth([(x - 34, 622), (x, 606), (x + 34, 622)], ease=0.7), iron, drop=4)
    shade = brush.poly([(x - 54, y + 34), (x - 28, y - 46), (x + 28, y - 46), (x + 54, y + 34)])
    easel.sheet(canvas, shade, mix(easel.colour("sand"), named()["glow"], 0.85 * easel.burn), drop=6, shape=0.4)
    if easel.burn > 0:
        easel.glow(canvas, x, y, 300, 0.60 * easel.burn)


def hanging_lamp(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """A lamp that hangs from the ceiling to (x, y)."""
    brush.pen(canvas, brush.poly([(x, EDGE[1]), (x, y - 26)], closed=False), easel.colour("ink"), 3.4)
    if easel.burn > 0:
        brush.fill(canvas, brush.oval(x, y + 10, 22, 19), named()["glow"], easel.burn)
    shade = brush.smooth(
        [(x - 60, y + 12), (x - 34, y - 22), (x - 9, y - 34), (x + 9, y - 34), (x + 34, y - 22), (x + 60, y + 12)],
        ease=0.6,
    )
    easel.sheet(canvas, shade, easel.colour("rust"), drop=6, shape=1)
    brush.fill(canvas, brush.oval(x, y + 12, 58, 6), mix(easel.colour("walnut"), named()["glow"], easel.burn))
    if easel.burn > 0:
        easel.glow(canvas, x, y + 16, 300, 0.55 * easel.burn)


def bulb(canvas: Any, easel: Easel, x: float, y: float, top: float) -> None:
    """A bare bulb on its cord from ``top``."""
    brush.pen(canvas, brush.poly([(x, top), (x, y - 22)], closed=False), easel.colour("ink"), 3)
    brush.fill(canvas, brush.box(x - 7, y - 26, x + 7, y - 10, 2), easel.colour("oak"))
    brush.fill(canvas, brush.oval(x, y + 4, 14, 16), mix(named()["slate"], named()["glow"], easel.burn))
    if easel.burn > 0:
        easel.glow(canvas, x, y + 4, 320, 0.60 * easel.burn)


def sconce(canvas: Any, easel: Easel, x: float, y: float, size: float) -> None:
    """A lamp on the wall."""
    easel.sheet(canvas, brush.box(x - 6 * size, y, x + 6 * size, y + 34 * size, 3), easel.colour("oak"), drop=3)
    cup = brush.poly(
        [
            (x - 24 * size, y - 34 * size),
            (x + 24 * size, y - 34 * size),
            (x + 12 * size, y + 6 * size),
            (x - 12 * size, y + 6 * size),
        ]
    )
    easel.sheet(canvas, cup, mix(easel.colour("sand"), named()["glow"], 0.85 * easel.burn), drop=4)
    if easel.burn > 0:
        easel.glow(canvas, x, y - 18 * size, 230 * size, 0.5 * easel.burn)


def stove(canvas: Any, easel: Easel, x: float) -> None:
    """An iron stove with a kettle."""
    iron = mix(easel.colour("black"), easel.hour.air, 0.22)
    easel.sheet(canvas, brush.box(x, 440, x + 180, SILL + 4, 6), iron, drop=6)
    brush.fill(
        canvas, brush.box(x + 30, 500, x + 150, 566, 6), mix(iron, named()["ember"], 0.75 if easel.dark else 0.25)
    )
    for i in range(4):
        brush.fill(canvas, brush.oval(x + 36 + i * 36, 470, 8, 8), easel.colour("grey"))
    easel.sheet(
        canvas,
        brush.smooth([(x + 52, 440), (x + 46, 402), (x + 128, 402), (x + 122, 440)], ease=0.5),
        easel.colour("rust"),
        drop=4,
    )
    brush.pen(
        canvas, brush.smooth([(x + 54, 402), (x + 87, 366), (x + 120, 402)], closed=False), easel.colour("ink"), 4
    )


def bench(canvas: Any, easel: Easel, x: float) -> None:
    """A bench of slats."""
    wood, iron = easel.colour("oak"), mix(easel.colour("ink"), easel.hour.air, 0.2)
    for leg in (x + 10, x + 210):
        easel.sheet(canvas, brush.box(leg, 520, leg + 9, 628, 2), iron, drop=3)
    for y in (500, 522, 560):
        easel.sheet(canvas, brush.box(x - 8, y, x + 236, y + 14, 3), wood, drop=3)


def lens(canvas: Any, easel: Easel, x: float, y: float) -> None:
    """The great lens of a lighthouse on its pedestal, and its rays."""
    brass = mix(easel.colour("oak"), easel.colour("yellow"), 0.45)
    easel.sheet(
        canvas,
        brush.smooth(
            [(x - 92, 500), (x + 92, 500), (x + 80, 590), (x + 106, 656), (x - 106, 656), (x - 80, 590)], ease=0.4
        ),
        mix(brass, easel.hour.shade, 0.3),
        drop=8,
        shape=1,
    )
    easel.sheet(canvas, brush.box(x - 112, 484, x + 112, 506, 8), brass, drop=5, shape=1)
    glass = brush.smooth(
        [
            (x - 58, y - 182),
            (x + 58, y - 182),
            (x + 118, y - 60),
            (x + 124, y + 40),
            (x + 84, y + 168),
            (x - 84, y + 168),
            (x - 124, y + 40),
            (x - 118, y - 60),
        ],
        ease=0.9,
    )
    dull = mix(named()["slate"], easel.hour.shade, 0.35)
    easel.sheet(canvas, glass, mix(dull, named()["lamp"], 0.9 * easel.burn), drop=8, shape=0.7)
    canvas.save()
    canvas.clipPath(glass, doAntiAlias=True)
    brush.halo(canvas, x, y, 190, named()["glow"], 0.98 * easel.burn)
    shine = mix(named()["mist"], named()["white"], 0.3 + 0.7 * easel.burn)
    for k in range(-7, 8):
        ring = brush.smooth(
            [(x - 140, y + k * 24 + abs(k) * 2), (x, y + k * 24 - k * 4), (x + 140, y + k * 24 + abs(k) * 2)],
            closed=False,
        )
        brush.pen(canvas, ring, shine, 2.6, 0.34 + 0.3 * easel.burn)
    for radius, share in ((34, 0.75), (60, 0.55), (88, 0.4)):
        brush.pen(canvas, brush.oval(x, y, radius, radius * 1.04), shine, 3.6, share)
    brush.wash(
        canvas,
        brush.poly([(x - 96, y - 190), (x - 52, y - 190), (x - 86, y + 170), (x - 110, y + 170)]),
        (x - 100, 0),
        (x - 50, 0),
        ((0.0, named()["white"], 0.0), (0.5, named()["white"], 0.20), (1.0, named()["white"], 0.0)),
    )
    canvas.restore()
    brush.pen(canvas, glass, brass, 5)
    easel.sheet(canvas, brush.box(x - 70, y - 196, x + 70, y - 178, 7), brass, drop=4, shape=1)
    easel.sheet(
        canvas,
        brush.smooth([(x - 60, y - 194), (x, y - 244), (x + 60, y - 194)], ease=0.6),
        mix(brass, easel.hour.shade, 0.25),
        drop=4,
        shape=1,
    )
    if easel.burn > 0:
        for i in range(10):
            a = math.tau * i / 10 + 0.2
            if math.sin(a) > 0.45:  # none over its own pedestal
                continue
            ray = brush.poly(
                [
                    (x, y),
                    (x + 900 * math.cos(a - 0.06), y + 900 * math.sin(a - 0.06)),
                    (x + 900 * math.cos(a + 0.06), y + 900 * math.sin(a + 0.06)),
                ]
            )
            brush.wash(
                canvas,
                ray,
                (x, y),
                (x + 620 * math.cos(a), y + 620 * math.sin(a)),
                ((0.0, named()["glow"], 0.22 * easel.burn), (1.0, named()["glow"], 0.0)),
                soft=9,
            )
        easel.glow(canvas, x, y, 430, 0.85 * easel.burn)
