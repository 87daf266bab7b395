"""Settings under the sky: shore, pier, street, hill, forest, field and garden."""

from __future__ import annotations

import math
from typing import Any

from filmbench.harness.film.picture import brush, landmarks
from filmbench.harness.film.picture.colours import Colour, mix
from filmbench.harness.film.picture.heavens import sea, sky
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, Scenery, between, land, ridge


def shore(easel: Easel) -> Scenery:
    """A beach below a cape with a lighthouse."""
    lamp = (930.0, 166.0, 0.24)

    def beach(canvas: Any) -> None:
        dice = easel.dice("beach")
        sand = mix(easel.colour("sand"), easel.hour.sheet(0.75), 0.42)
        easel.sheet(canvas, land(ridge(dice, 566, 7, 1.3)), mix(sand, easel.hour.sky_light, 0.16), drop=4, shape=0)
        edge = ridge(dice, 580, 8, 1.2)
        path = land(edge)
        easel.sheet(canvas, path, sand, drop=7, shape=0)
        brush.wash(canvas, path, (0, 580), (0, EDGE[3] - 240), ((0.0, sand, 0.0), (1.0, easel.hour.shade, 0.40)))
        for _ in range(80):
            x, y = dice.uniform(EDGE[0], EDGE[2]), dice.uniform(600, 860)
            size = dice.uniform(1.5, 5.5)
            brush.fill(canvas, brush.oval(x, y + size * 0.3, size, size * 0.55), easel.hour.shade, 0.35)
            brush.fill(
                canvas, brush.oval(x, y, size, size * 0.6), mix(sand, easel.colour("cream"), dice.uniform(0.1, 0.5))
            )
        landmarks.rowing_boat(canvas, easel, 1120, 612)

    planes = [
        *sky(easel),
        *landmarks.cape(easel, lamp),
        *sea(easel, 462, strips=5, low=604),
        Plane(1.0, beach, band=(520, EDGE[3])),
        landmarks.grasses(easel),
    ]
    return Scenery(planes, lamp)


def pier(easel: Easel) -> Scenery:
    """A wooden pier over the sea, posts and rope along it."""
    lamp = (930.0, 166.0, 0.24)

    def planks(canvas: Any) -> None:
        landmarks.decking(canvas, easel, 596)
        for x in (-250, 130, 560, 1010, 1420):
            post = brush.box(x - 17, 512, x + 17, 606, 7)
            easel.sheet(canvas, post, easel.colour("timber"), drop=4, shape=1)
            easel.sheet(canvas, brush.box(x - 20, 503, x + 20, 517, 5), easel.colour("oak"), drop=2)
            brush.pen(canvas, brush.box(x - 18, 534, x + 18, 541, 3), easel.colour("sand"), 3)
        for a, b in ((-250, 130), (130, 560), (560, 1010), (1010, 1420)):
            sag = brush.smooth([(a, 538), ((a + b) / 2, 570), (b, 538)], closed=False)
            brush.pen(canvas, sag, easel.hour.shade, 7, 0.5)
            brush.pen(canvas, sag, easel.colour("sand"), 4.6)

    planes = [
        *sky(easel),
        *landmarks.cape(easel, lamp),
        *sea(easel, 462, strips=6, low=640),
        Plane(1.0, planks, band=(480, EDGE[3])),
        landmarks.grasses(easel),
    ]
    return Scenery(planes, lamp)


def street(easel: Easel) -> Scenery:
    """A crooked street of tall paper houses, a lamp at the kerb."""
    lamp = (1010.0, 262.0, 1.0)

    def far(canvas: Any) -> None:
        landmarks.houses(canvas, easel, easel.dice("far"), 470, (120, 250), 0.62, lit=0.5)

    def near(canvas: Any) -> None:
        landmarks.houses(canvas, easel, easel.dice("near"), 566, (230, 420), 0.16, lit=0.42)

    def pavement(canvas: Any) -> None:
        dice, stone = easel.dice("stones"), easel.colour("slate")
        easel.sheet(canvas, between(556, EDGE[3]), mix(stone, easel.hour.sheet(0.8), 0.5), drop=6, shape=0)
        for row in range(9):
            y, tall = 566 + row * (14 + row * 4), 11 + row * 4
            x = EDGE[0] - dice.uniform(0, 60)
            while x < EDGE[2]:
                wide = dice.uniform(34, 58) * (1 + row * 0.22)
                tint = mix(
                    mix(stone, easel.hour.sheet(0.8), dice.uniform(0.25, 0.7)),
                    easel.hour.light,
                    0.05 + 0.10 * easel.burn * math.exp(-(((x - 1010) / 380) ** 2)),
                )
                brush.fill(canvas, brush.box(x, y, x + wide - 4, y + tall, 4), tint)
                x += wide
        brush.wash(
            canvas,
            between(556, EDGE[3]),
            (0, 600),
            (0, 900),
            ((0.0, easel.hour.shade, 0.0), (1.0, easel.hour.shade, 0.6)),
        )
        landmarks.street_lamp(canvas, easel, lamp[0], lamp[1])

    planes = [*sky(easel, 500, (220, 90)), Plane(0.25, far), Plane(0.55, near), Plane(1.0, pavement)]
    return Scenery(planes, lamp)


def hill(easel: Easel) -> Scenery:
    """Hills behind hills, a tree, a far house with a window."""
    lamp = (975.0, 396.0, 0.5)

    def slope(canvas: Any) -> None:
        edge = ridge(easel.dice("slope"), 578, 16, 0.7)
        easel.sheet(canvas, land(edge), easel.hour.sheet(0.82), drop=8, shape=0)
        landmarks.meadow(canvas, easel, 590)

    def middle(canvas: Any) -> None:
        edge = ridge(easel.dice("middle"), 476, 38, 0.9)
        easel.sheet(canvas, land(edge), easel.hour.sheet(0.55), drop=7, shape=0)
        landmarks.cottage(canvas, easel, lamp[0], lamp[1] + 34, 1.5, lit=True)
        landmarks.tree(canvas, easel, 300, 520, 1.25, easel.dice("tree"))

    planes = [
        *sky(easel),
        *landmarks.ridges(easel, (430, 402, 444), (30, 44, 40)),
        Plane(0.5, middle),
        Plane(1.0, slope, band=(500, EDGE[3])),
        landmarks.grasses(easel),
    ]
    return Scenery(planes, lamp)


def field(easel: Easel) -> Scenery:
    """An open field in furrows, a fence along it."""

    def rows(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("rows"), 482, 5, 1)), easel.hour.sheet(0.5), drop=6, shape=0)
        for i in range(-14, 15):
            x = 640 + i * 58
            stripe = brush.smooth([(640 + i * 22, 486), (x, 530), (640 + i * 170, 760)], closed=False)
            brush.pen(canvas, stripe, mix(easel.hour.sheet(0.4), easel.colour("yellow"), 0.35), 7, 0.5)

    def verge(canvas: Any) -> None:
        for x in range(-420, 1740, 150):
            easel.sheet(canvas, brush.box(x - 6, 508, x + 6, 606, 2), easel.colour("timber"), drop=3)
        for y in (528, 560):
            easel.sheet(canvas, between(y, y + 9), easel.colour("timber"), drop=3)
        easel.sheet(canvas, land(ridge(easel.dice("verge"), 594, 6, 1.6)), easel.hour.sheet(0.8), drop=7, shape=0)
        landmarks.meadow(canvas, easel, 606)

    planes = [
        *sky(easel),
        *landmarks.ridges(easel, (440, 452), (24, 22)),
        Plane(0.5, rows, band=(440, EDGE[3])),
        Plane(1.0, verge, band=(490, EDGE[3])),
        landmarks.grasses(easel),
    ]
    return Scenery(planes, None)


def garden(easel: Easel) -> Scenery:
    """A garden before a house: hedge, flowers, a lit door lamp."""
    lamp = (872.0, 372.0, 0.6)

    def house(canvas: Any) -> None:
        landmarks.house(canvas, easel, 860, 575, 470, 350, easel.dice("house"), easel.colour("rust", 0.10), lit=0.6)
        door = brush.box(822, 400, 922, 590, 40)
        easel.sheet(canvas, door, easel.colour("teal"), drop=4, shape=0.8)
        brush.fill(canvas, brush.oval(906, 500, 4.5, 4.5), easel.colour("yellow"))
        landmarks.bracket(canvas, easel, *lamp[:2])

    def hedge(canvas: Any) -> None:
        dice = easel.dice("hedge")
        for i in range(44):
            x = EDGE[0] + i * 52
            if 700 < x < 1030:
                continue
            easel.sheet(
                canvas,
                brush.oval(x, 574 + dice.uniform(-14, 10), 48, 44),
                mix(easel.hour.sheet(0.7), easel.colour("moss"), 0.5),
                drop=3,
                rim=1,
            )
        easel.sheet(canvas, land(ridge(dice, 596, 4, 1)), easel.hour.sheet(0.82), drop=6, shape=0)
        landmarks.meadow(canvas, easel, 606, flowers=60)

    planes = [
        *sky(easel),
        *landmarks.ridges(easel, (430,), (26,)),
        Plane(0.6, house),
        Plane(1.0, hedge, band=(480, EDGE[3])),
        landmarks.grasses(easel),
    ]
    return Scenery(planes, lamp)


def forest(easel: Easel) -> Scenery:
    """Trunks behind trunks, mist between, ferns at their feet."""
    planes = sky(easel, 520, (420, 120))
    for i, (depth, foot, count, wide) in enumerate(((0.2, 520, 26, 13), (0.4, 548, 18, 24), (0.68, 584, 11, 42))):
        colour = mix(easel.hour.sheet(0.15 + 0.30 * i), easel.colour("moss", 0.4 - 0.2 * i), 0.35)

        def trunks(
            canvas: Any, i: int = i, foot: float = foot, count: int = count, wide: float = wide, colour: Colour = colour
        ) -> None:
            dice = easel.dice(f"trunks{i}")
            for n in range(count):
                x = EDGE[0] + (n + dice.uniform(0.1, 0.9)) * (EDGE[2] - EDGE[0]) / count
                landmarks.trunk(canvas, easel, x, foot, wide * dice.uniform(0.7, 1.2), colour, dice)
            easel.sheet(
                canvas, land(ridge(dice, foot - 4, 8, 1.5)), mix(colour, easel.hour.shade, 0.12), drop=5, shape=0
            )
            brush.wash(
                canvas,
                between(foot - 190, foot + 40),
                (0, foot - 190),
                (0, foot + 30),
                ((0.0, easel.hour.sky[3], 0.0), (1.0, easel.hour.sky[3], 0.26 - 0.06 * i)),
            )

        planes.append(Plane(depth, trunks))

    def floor(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("floor"), 598, 8, 1.2)), easel.hour.sheet(0.85), drop=7, shape=0)
        landmarks.meadow(canvas, easel, 606, flowers=14)
        dice = easel.dice("ferns")
        for _ in range(26):
            landmarks.fern(canvas, easel, dice.uniform(EDGE[0], EDGE[2]), dice.uniform(600, 616), dice.uniform(24, 52))

    def front(canvas: Any) -> None:
        for x, wide in ((-130, 120), (1400, 130)):
            landmarks.trunk(
                canvas, easel, x, 900, wide, mix(easel.hour.sheet(1.0), easel.hour.shade, 0.45), easel.dice(f"front{x}")
            )

    return Scenery([*planes, Plane(1.0, floor, band=(520, EDGE[3])), Plane(1.35, front)], None)
