"""Settings under a roof: room, kitchen, attic, lamp room, station, corridor and vehicle."""

from __future__ import annotations

import math
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, mix, named
from filmbench.harness.film.picture.heavens import sky
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, Scenery, between, land, ridge, whole

SILL = 590.0
"""Where a wall meets the floor."""
Hole = tuple[float, float, float, float]


def room(easel: Easel) -> Scenery:
    """A papered room: window, pictures, bookshelf, a standing lamp."""
    lamp, hole = (1010.0, 300.0, 1.0), (170.0, 130.0, 400.0, 400.0)
    paper = easel.dice("paper").choice(("plum", "teal", "rust", "navy", "moss"))

    def wall(canvas: Any) -> None:
        colour = _wall(canvas, easel, paper, [hole], lamp)
        _window_frame(canvas, easel, hole, curtains=mix(easel.colour("rust"), easel.colour("rose"), 0.3))
        _shelf(canvas, easel, 640, 250, 210, 3)
        for x, y, w, h in ((498, 190, 78, 96), (505, 316, 62, 52), (1150, 170, 90, 74)):
            _framed(canvas, easel, x, y, w, h, colour)

    def floor(canvas: Any) -> None:
        _boards(canvas, easel)
        easel.sheet(canvas, brush.oval(640, 662, 420, 44), easel.colour("rust"), drop=2, shape=0.3)
        brush.pen(canvas, brush.oval(640, 662, 388, 38), easel.colour("sand"), 4, 0.7)
        _standing_lamp(canvas, easel, lamp[0] + 120, lamp[1])

    lamp = (lamp[0] + 120, lamp[1], 1.0)
    return Scenery([*_outside(easel), Plane(0.72, wall), Plane(1.0, floor)], lamp)


def kitchen(easel: Easel) -> Scenery:
    """Tiles, cupboards, a stove and a lamp over the table."""
    lamp, hole = (690.0, 170.0, 0.9), (440.0, 150.0, 640.0, 340.0)

    def wall(canvas: Any) -> None:
        _wall(canvas, easel, "teal", [hole], lamp, dado=False)
        tile = easel.colour("cream")
        for row in range(3):
            for column in range(36):
                x, y = EDGE[0] + column * 62, 350 + row * 34
                brush.fill(canvas, brush.box(x, y, x + 58, y + 30, 2), mix(tile, easel.hour.air, 0.30 + 0.08 * ((row + column) % 2)), 0.85)
        _window_frame(canvas, easel, hole, curtains=easel.colour("yellow"))
        for x in (-330, -150, 30, 210, 820, 1000, 1180, 1360):
            easel.sheet(canvas, brush.box(x, 96, x + 166, 268, 4), easel.colour("slate"), drop=6)
            brush.pen(canvas, brush.box(x + 16, 112, x + 150, 252, 4), mix(easel.colour("slate"), easel.hour.shade, 0.35), 3)
            brush.fill(canvas, brush.oval(x + 148, 236, 5, 5), easel.colour("yellow"))
        for i, name in enumerate(("rust", "yellow", "cream", "moss")):
            easel.sheet(canvas, brush.box(206 + i * 46, 422, 240 + i * 46, 462, 7), easel.colour(name), drop=3)
        easel.sheet(canvas, between(460, 478), easel.colour("oak"), drop=4, shape=0.2)
        easel.sheet(canvas, between(478, SILL), easel.colour("slate"), drop=0, shape=0.2)
        for x in range(-420, 1740, 180):
            brush.pen(canvas, brush.box(x + 14, 494, x + 166, 578, 4), mix(easel.colour("slate"), easel.hour.shade, 0.35), 3)
        _stove(canvas, easel, 905)

    def floor(canvas: Any) -> None:
        _chequers(canvas, easel)

    def hanging(canvas: Any) -> None:
        _hanging_lamp(canvas, easel, lamp[0], lamp[1])

    return Scenery([*_outside(easel), Plane(0.72, wall), Plane(lamp[2], hanging), Plane(1.0, floor)], lamp)


def attic(easel: Easel) -> Scenery:
    """Sloping beams, a round window with the night in it, trunks and boxes."""
    lamp = (760.0, 250.0, 0.9)

    def wall(canvas: Any) -> None:
        import skia

        colour = mix(easel.colour("timber"), easel.hour.shade, 0.25)
        path = skia.Path(whole())
        path.addPath(brush.oval(420, 290, 92, 92))
        path.setFillType(skia.PathFillType.kEvenOdd)
        easel.sheet(canvas, path, colour, drop=0, shape=0.2)
        canvas.save()
        canvas.clipPath(path)
        for x in range(-460, 1740, 88):
            brush.pen(canvas, brush.poly([(x, EDGE[1]), (x, SILL)], closed=False), mix(colour, easel.hour.shade, 0.4), 3, 0.7)
        _pool(canvas, easel, lamp)
        canvas.restore()
        brush.pen(canvas, brush.oval(420, 290, 96, 96), easel.colour("oak"), 13)
        for line in ([(420, 196), (420, 384)], [(326, 290), (514, 290)]):
            brush.pen(canvas, brush.poly(line, closed=False), easel.colour("oak"), 7)
        for i, (x, w, h, name) in enumerate(((96, 150, 96, "oak"), (150, 96, 176, "rust"), (1010, 190, 110, "brown"), (1060, 110, 190, "slate"), (1230, 150, 130, "oak"))):
            if i % 2 == 0:
                easel.sheet(canvas, brush.box(x, SILL - h, x + w, SILL + 6, 4), easel.colour(name), drop=6, shape=0.8)
                brush.pen(canvas, brush.poly([(x, SILL - h * 0.6), (x + w, SILL - h * 0.6)], closed=False), mix(easel.colour(name), easel.hour.shade, 0.4), 5)
            else:
                easel.sheet(canvas, brush.box(x, SILL - h, x + w, SILL - h + 84, 3), easel.colour(name), drop=5, shape=0.8)

    def beams(canvas: Any) -> None:
        for side in (-1, 1):
            slope = brush.poly([(640 - side * 40, -60), (640 - side * 40, 30), (640 + side * 720, 560), (640 + side * 1100, 560), (640 + side * 1100, -300)])
            easel.sheet(canvas, slope, mix(easel.colour("walnut"), easel.hour.shade, 0.3), drop=12, shape=0.4)
            for i in range(4):
                x = 640 + side * (150 + i * 170)
                y = 30 + (150 + i * 170) * 0.74
                easel.sheet(canvas, brush.poly([(x, y - 8), (x + side * 34, y + 16), (x + side * 34, -300), (x, -300)]), easel.colour("timber"), drop=6)
        easel.sheet(canvas, between(18, 52), easel.colour("timber"), drop=8, shape=0.4)
        _bulb(canvas, easel, lamp[0], lamp[1], 40)

    return Scenery([*_outside(easel, (400, 250)), Plane(0.72, wall), Plane(lamp[2], beams, band=(EDGE[1], 640)), Plane(1.0, lambda canvas: _boards(canvas, easel))], lamp)


def lamp_room(easel: Easel) -> Scenery:
    """The glass room at the top of a lighthouse: panes all round and the great lens."""
    lamp = (640.0, 318.0, 0.8)

    def far_sea(canvas: Any) -> None:
        brush.wash(canvas, between(452, EDGE[3]), (0, 452), (0, 600), ((0.0, easel.hour.land[0], 1.0), (1.0, easel.hour.land[3], 1.0)))

    def panes(canvas: Any) -> None:
        wood = easel.colour("timber")
        easel.sheet(canvas, between(EDGE[1], 46), mix(wood, easel.hour.shade, 0.35), drop=8, shape=0.2)
        for k in range(-6, 7):
            x = 640 + k * 168
            easel.sheet(canvas, brush.box(x - 10, 30, x + 10, 500), wood, drop=5, shape=0.9)
        easel.sheet(canvas, between(244, 254), wood, drop=4, shape=0.2)
        easel.sheet(canvas, between(488, 640), mix(wood, easel.hour.shade, 0.25), drop=0, shape=0.2)
        easel.sheet(canvas, between(480, 498), easel.colour("oak"), drop=5, shape=0.2)
        for k in range(-9, 12):
            easel.sheet(canvas, brush.box(590 + k * 112, 516, 690 + k * 112, SILL - 12, 7), mix(wood, easel.hour.shade, 0.42), drop=0, rim=1.2)
        _pool(canvas, easel, lamp)

    def lens(canvas: Any) -> None:
        _lens(canvas, easel, lamp[0], lamp[1])

    return Scenery([*sky(easel), Plane(0.1, far_sea), Plane(0.72, panes), Plane(1.0, lambda canvas: _boards(canvas, easel)), Plane(lamp[2], lens, band=(20, 700))], lamp)


def station(easel: Easel) -> Scenery:
    """A platform under iron arches: clock, bench, hanging lamps, rails beyond."""
    lamp = (860.0, 214.0, 0.9)

    def train(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("town"), 430, 20, 2.4)), easel.hour.sheet(0.3), drop=5, shape=0)
        car = easel.colour("rust")
        for x in (-420, 160, 740, 1320):
            easel.sheet(canvas, brush.box(x, 300, x + 556, 540, 16), car, drop=7, shape=0.4)
            brush.fill(canvas, brush.box(x, 404, x + 556, 416), easel.colour("cream"), 0.8)
            for i in range(5):
                wx = x + 34 + i * 102
                lit = named()["lamp"] if easel.dark else easel.hour.sky[1]
                brush.fill(canvas, brush.box(wx, 326, wx + 74, 392, 8), lit)
                if easel.dark:
                    brush.halo(canvas, wx + 37, 360, 90, easel.hour.light, 0.24)
        brush.fill(canvas, between(536, 620), easel.hour.sheet(1.0))

    def arches(canvas: Any) -> None:
        iron = mix(easel.colour("teal"), easel.hour.shade, 0.45)
        easel.sheet(canvas, between(EDGE[1], 70), iron, drop=8, shape=0.2)
        for x in (-200, 220, 640, 1060, 1480):
            easel.sheet(canvas, brush.box(x - 11, 60, x + 11, 600, 3), iron, drop=5, shape=1)
            for side in (-1, 1):
                brush.pen(canvas, brush.smooth([(x, 210), (x + side * 60, 120), (x + side * 190, 74)], closed=False), iron, 10)
        easel.sheet(canvas, brush.oval(430, 170, 54, 54), iron, drop=6)
        brush.fill(canvas, brush.oval(430, 170, 44, 44), mix(named()["cream"], easel.hour.light, 0.3))
        for tip in ((430, 136), (452, 182)):
            brush.pen(canvas, brush.poly([(430, 170), tip], closed=False), named()["ink"], 5)
        for x in (lamp[0], lamp[0] - 840, lamp[0] + 420):
            _hanging_lamp(canvas, easel, x, lamp[1])

    def platform(canvas: Any) -> None:
        easel.sheet(canvas, between(SILL, EDGE[3]), mix(easel.colour("slate"), easel.hour.sheet(0.8), 0.4), drop=7, shape=0)
        brush.fill(canvas, between(SILL + 8, SILL + 17), easel.colour("yellow"), 0.85)
        for i in range(-14, 15):
            brush.pen(canvas, brush.poly([(640 + i * 110, SILL + 17), (640 + i * 240, EDGE[3])], closed=False), easel.hour.shade, 2.4, 0.5)
        brush.wash(canvas, between(SILL, EDGE[3]), (0, 640), (0, 900), ((0.0, easel.hour.shade, 0.0), (1.0, easel.hour.shade, 0.6)))
        _bench(canvas, easel, 190)

    return Scenery([*sky(easel, 440, (1040, 120)), Plane(0.35, train), Plane(lamp[2], arches, band=(EDGE[1], 620)), Plane(1.0, platform)], lamp)


def corridor(easel: Easel) -> Scenery:
    """A corridor that runs away from us, doors on both sides, lamps on the walls."""
    lamp = (330.0, 262.0, 0.9)

    def depth(canvas: Any) -> None:
        wall = easel.colour(easel.dice("wall").choice(("moss", "plum", "slate")))
        brush.fill(canvas, whole(), wall)
        end = (500.0, 210.0, 780.0, 520.0)
        corners = ((EDGE[0], EDGE[1]), (EDGE[2], EDGE[1]), (EDGE[2], 790.0), (EDGE[0], 790.0))
        inner = ((end[0], end[1]), (end[2], end[1]), (end[2], end[3]), (end[0], end[3]))
        for i, share in ((0, 0.55), (1, 0.18), (2, 0.5), (3, 0.05)):
            j = (i + 1) % 4
            side = brush.poly([corners[i], corners[j], inner[j], inner[i]])
            brush.fill(canvas, side, mix(wall if i != 2 else easel.colour("timber"), easel.hour.shade, share))
        brush.fill(canvas, brush.box(*end), mix(wall, easel.hour.shade, 0.35))
        brush.fill(canvas, brush.box(590, 290, 690, 520, 4), mix(easel.hour.sky[2], easel.hour.sky_light, 0.2))
        brush.halo(canvas, 640, 400, 230, easel.hour.sky_light, 0.30)
        for side in (-1, 1):
            for near, far in ((640, 500), (380, 300), (230, 190)):
                x0, x1 = 640 + side * near, 640 + side * far
                door = brush.poly([(x0, 365 - near * 0.42), (x1, 365 - far * 0.42), (x1, 365 + far * 0.56), (x0, 365 + near * 0.56)])
                easel.sheet(canvas, door, easel.colour("brown"), drop=4, shape=0.6)
        runner = brush.poly([(572, 520), (708, 520), (1080, EDGE[3]), (200, EDGE[3])])
        brush.wash(canvas, runner, (0, 520), (0, 760), ((0.0, mix(easel.colour("rust"), easel.hour.shade, 0.4), 1.0), (1.0, easel.colour("rust"), 1.0)))
        for x, y, size in ((lamp[0], lamp[1], 1.0), (1280 - lamp[0], lamp[1], 1.0), (462, 296, 0.55), (818, 296, 0.55)):
            _sconce(canvas, easel, x, y, size)
        _pool(canvas, easel, lamp)

    return Scenery([Plane(0.8, depth)], lamp)


def vehicle(easel: Easel) -> Scenery:
    """Inside a carriage: the land goes by behind a wide window, a lamp in the roof."""
    lamp, hole = (640.0, 66.0, 0.9), (150.0, 130.0, 1130.0, 408.0)

    def hills(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("by"), 372, 30, 2.0)), easel.hour.sheet(0.3), drop=5, shape=0)

    def poles(canvas: Any) -> None:
        dice = easel.dice("poles")
        for i in range(7):
            x = EDGE[0] + 120 + i * 310 + dice.uniform(-40, 40)
            brush.fill(canvas, brush.oval(x + 90, 420, dice.uniform(50, 90), dice.uniform(40, 80)), easel.hour.sheet(0.7))
            brush.fill(canvas, brush.box(x - 4, 170, x + 4, 470), easel.hour.sheet(0.85))
        brush.fill(canvas, between(396, 470), easel.hour.sheet(0.7))

    def inside(canvas: Any) -> None:
        import skia

        wall = easel.colour("rust")
        path = skia.Path(whole())
        path.addRoundRect(skia.Rect.MakeLTRB(*hole), 26, 26)
        path.setFillType(skia.PathFillType.kEvenOdd)
        easel.sheet(canvas, path, mix(wall, easel.hour.shade, 0.2), drop=0, shape=0.2)
        brush.pen(canvas, brush.box(*hole, 26), easel.colour("oak"), 12)
        brush.pen(canvas, brush.poly([(640, hole[1]), (640, hole[3])], closed=False), easel.colour("oak"), 12)
        for x in (-60, 1110):
            easel.sheet(canvas, brush.box(x, 318, x + 230, 660, 30), easel.colour("teal"), drop=9, shape=0.8)
            for i in range(3):
                brush.fill(canvas, brush.oval(x + 55 + i * 60, 390, 6, 6), mix(easel.colour("teal"), easel.hour.shade, 0.4))
        easel.sheet(canvas, between(84, 96), easel.colour("oak"), drop=4, shape=0.2)
        canvas.save()
        canvas.clipPath(path)
        _pool(canvas, easel, lamp)
        canvas.restore()
        brush.fill(canvas, brush.box(590, 54, 690, 76, 10), mix(named()["slate"], named()["glow"], easel.burn))

    planes = [*sky(easel, 420), Plane(0.3, hills, drift=-34, band=(250, EDGE[3])), Plane(0.5, poles, drift=-190, band=(150, 480))]
    return Scenery([*planes, Plane(0.85, inside), Plane(1.0, lambda canvas: _boards(canvas, easel))], lamp)


def _outside(easel: Easel, disc: tuple[float, float] = (300.0, 200.0)) -> list[Plane]:
    """What a window shows."""

    def hills(canvas: Any) -> None:
        easel.sheet(canvas, land(ridge(easel.dice("outside"), 372, 20, 1.6)), easel.hour.sheet(0.35), drop=4, shape=0)

    return [*sky(easel, 420, disc), Plane(0.16, hills, band=(300, EDGE[3]))]


def _wall(canvas: Any, easel: Easel, name: str, holes: list[Hole], lamp: tuple[float, float, float], dado: bool = True) -> Colour:
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
    _pool(canvas, easel, lamp)
    canvas.restore()
    if dado:
        wood = mix(easel.colour("timber"), easel.hour.shade, 0.12)
        easel.sheet(canvas, between(456, SILL), wood, drop=4, shape=0.2)
        easel.sheet(canvas, between(446, 462), easel.colour("oak"), drop=3, shape=0.2)
        for x in range(-450, 1740, 124):
            easel.sheet(canvas, brush.box(x, 480, x + 98, 566, 4), mix(wood, easel.hour.shade, 0.24), drop=0, rim=1.3)
        easel.sheet(canvas, between(SILL - 12, SILL + 2), easel.colour("timber"), drop=2, shape=0.2)
    return colour


def _pool(canvas: Any, easel: Easel, lamp: tuple[float, float, float]) -> None:
    """The lamp's light on what is behind it, and the dark where it does not reach."""
    dim = (0.34 if easel.dark else 0.08) * (1 - 0.45 * easel.burn)
    brush.wash(canvas, whole(), (0, EDGE[1]), (0, 620), ((0.0, easel.hour.shade, dim * 1.5), (0.75, easel.hour.shade, dim * 0.6), (1.0, easel.hour.shade, dim)))
    if easel.burn > 0:
        brush.halo(canvas, lamp[0], lamp[1], 760, easel.hour.light, 0.62 * easel.burn)


def _window_frame(canvas: Any, easel: Easel, hole: Hole, curtains: Colour) -> None:
    left, top, right, bottom = hole
    wood = easel.colour("cream", 0.15)
    brush.wash(canvas, brush.box(*hole), (left, top), (right, bottom), ((0.0, easel.hour.sky_light, 0.16), (0.5, easel.hour.sky_light, 0.0), (1.0, easel.hour.sky_light, 0.08)))
    brush.pen(canvas, brush.box(*hole), easel.hour.shade, 15, 0.5)
    brush.pen(canvas, brush.box(*hole), wood, 11)
    for line in ([((left + right) / 2, top), ((left + right) / 2, bottom)], [(left, top + (bottom - top) * 0.42), (right, top + (bottom - top) * 0.42)]):
        brush.pen(canvas, brush.poly(line, closed=False), wood, 6)
    easel.sheet(canvas, brush.box(left - 20, bottom + 4, right + 20, bottom + 18, 3), wood, drop=5)
    for side, edge in ((-1, left), (1, right)):
        drape = brush.smooth([(edge - side * 30, top - 26), (edge + side * 44, top - 26), (edge + side * 50, bottom * 0.5 + top * 0.5), (edge + side * 44, bottom + 46),
                              (edge - side * 2, bottom + 46), (edge - side * 2, top + (bottom - top) * 0.62)], ease=0.7)  # fmt: skip
        easel.sheet(canvas, drape, curtains, drop=6, shape=0.9)
        for i in range(3):
            x = edge + side * (8 + i * 13)
            brush.pen(canvas, brush.smooth([(x, top - 20), (x + side * 3, (top + bottom) / 2), (x, bottom + 40)], closed=False), mix(curtains, easel.hour.shade, 0.35), 2.6, 0.6)
    easel.sheet(canvas, brush.box(left - 62, top - 34, right + 62, top - 25, 4), easel.colour("oak"), drop=3)


def _framed(canvas: Any, easel: Easel, x: float, y: float, wide: float, tall: float, wall: Colour) -> None:
    easel.sheet(canvas, brush.box(x, y, x + wide, y + tall, 2), easel.colour("oak"), drop=5)
    brush.fill(canvas, brush.box(x + 7, y + 7, x + wide - 7, y + tall - 7), mix(easel.hour.sheet(0.1), easel.colour("sand"), 0.5))
    hills = [(x + 7, y + tall - 7), (x + 7, y + tall * 0.6), (x + wide * 0.35, y + tall * 0.42), (x + wide * 0.6, y + tall * 0.66), (x + wide - 7, y + tall * 0.5), (x + wide - 7, y + tall - 7)]
    brush.fill(canvas, brush.poly(hills), mix(easel.colour("teal"), wall, 0.3))


def _shelf(canvas: Any, easel: Easel, x: float, y: float, wide: float, rows: int) -> None:
    dice, wood = easel.dice("shelf"), easel.colour("oak")
    easel.sheet(canvas, brush.box(x - 10, y - 44, x + wide + 10, y + rows * 80 + 30, 3), mix(wood, easel.hour.shade, 0.55), drop=7)
    for row in range(rows):
        foot, at = y + 32 + row * 80, x + 4
        while at < x + wide - 16:
            thick, tall = dice.uniform(9, 19), dice.uniform(38, 58)
            brush.fill(canvas, brush.box(at, foot - tall, at + thick, foot, 1.5), easel.colour(dice.choice(("rust", "teal", "yellow", "plum", "moss", "cream", "navy", "rose"))))
            brush.fill(canvas, brush.box(at + 2, foot - tall + 7, at + thick - 2, foot - tall + 10), easel.colour("cream"), 0.6)
            at += thick + dice.choice((1, 1, 1, 9))
        easel.sheet(canvas, brush.box(x - 10, foot, x + wide + 10, foot + 8, 1), wood, drop=3)


def _boards(canvas: Any, easel: Easel) -> None:
    dice, wood = easel.dice("boards"), mix(easel.colour("timber"), easel.colour("oak"), 0.25)
    brush.fill(canvas, between(SILL, EDGE[3]), mix(wood, easel.hour.shade, 0.45))
    for i in range(-15, 16):
        x0, x1 = 640 + i * 84, 640 + (i + 1) * 84 - 3
        board = brush.poly([(x0, SILL), (x1, SILL), (640 + (x1 - 640) * 2.2, EDGE[3]), (640 + (x0 - 640) * 2.2, EDGE[3])])
        brush.fill(canvas, board, mix(wood, easel.hour.shade, dice.uniform(0.10, 0.30)))
    brush.wash(canvas, between(SILL, EDGE[3]), (0, SILL), (0, 860), ((0.0, easel.hour.shade, 0.42), (0.12, easel.hour.shade, 0.06), (1.0, easel.hour.shade, 0.6)))
    if easel.burn > 0:
        brush.fill(canvas, brush.oval(720, 664, 520, 52), easel.hour.light, 0.20 * easel.burn, soft=22)


def _chequers(canvas: Any, easel: Easel) -> None:
    one, other = easel.colour("cream"), easel.colour("rust")
    rows = [SILL, 606, 626, 652, 686, 730, 790, 870, EDGE[3]]
    for r, (top, bottom) in enumerate(zip(rows, rows[1:], strict=False)):
        a, b = 1 + (top - SILL) / 240, 1 + (bottom - SILL) / 240
        for i in range(-16, 16):
            tile = brush.poly([(640 + i * 74 * a, top), (640 + (i + 1) * 74 * a, top), (640 + (i + 1) * 74 * b, bottom), (640 + i * 74 * b, bottom)])
            brush.fill(canvas, tile, mix(one if (i + r) % 2 else other, easel.hour.shade, 0.28))
    brush.wash(canvas, between(SILL, EDGE[3]), (0, SILL), (0, 860), ((0.0, easel.hour.shade, 0.45), (0.12, easel.hour.shade, 0.10), (1.0, easel.hour.shade, 0.62)))


def _standing_lamp(canvas: Any, easel: Easel, x: float, y: float) -> None:
    iron = mix(easel.colour("walnut"), easel.hour.shade, 0.3)
    easel.sheet(canvas, brush.box(x - 3.5, y, x + 3.5, 616, 2), iron, drop=3)
    easel.sheet(canvas, brush.smooth([(x - 34, 622), (x, 606), (x + 34, 622)], ease=0.7), iron, drop=4)
    shade = brush.poly([(x - 54, y + 34), (x - 28, y - 46), (x + 28, y - 46), (x + 54, y + 34)])
    easel.sheet(canvas, shade, mix(easel.colour("sand"), named()["glow"], 0.85 * easel.burn), drop=6, shape=0.4)
    if easel.burn > 0:
        easel.glow(canvas, x, y, 300, 0.60 * easel.burn)


def _hanging_lamp(canvas: Any, easel: Easel, x: float, y: float) -> None:
    brush.pen(canvas, brush.poly([(x, EDGE[1]), (x, y - 26)], closed=False), easel.colour("ink"), 3.4)
    if easel.burn > 0:
        brush.fill(canvas, brush.oval(x, y + 10, 22, 19), named()["glow"], easel.burn)
    shade = brush.smooth([(x - 60, y + 12), (x - 34, y - 22), (x - 9, y - 34), (x + 9, y - 34), (x + 34, y - 22), (x + 60, y + 12)], ease=0.6)
    easel.sheet(canvas, shade, easel.colour("rust"), drop=6, shape=1)
    brush.fill(canvas, brush.oval(x, y + 12, 58, 6), mix(easel.colour("walnut"), named()["glow"], easel.burn))
    if easel.burn > 0:
        easel.glow(canvas, x, y + 16, 300, 0.55 * easel.burn)


def _bulb(canvas: Any, easel: Easel, x: float, y: float, top: float) -> None:
    brush.pen(canvas, brush.poly([(x, top), (x, y - 22)], closed=False), easel.colour("ink"), 3)
    brush.fill(canvas, brush.box(x - 7, y - 26, x + 7, y - 10, 2), easel.colour("oak"))
    brush.fill(canvas, brush.oval(x, y + 4, 14, 16), mix(named()["slate"], named()["glow"], easel.burn))
    if easel.burn > 0:
        easel.glow(canvas, x, y + 4, 320, 0.60 * easel.burn)


def _sconce(canvas: Any, easel: Easel, x: float, y: float, size: float) -> None:
    easel.sheet(canvas, brush.box(x - 6 * size, y, x + 6 * size, y + 34 * size, 3), easel.colour("oak"), drop=3)
    cup = brush.poly([(x - 24 * size, y - 34 * size), (x + 24 * size, y - 34 * size), (x + 12 * size, y + 6 * size), (x - 12 * size, y + 6 * size)])
    easel.sheet(canvas, cup, mix(easel.colour("sand"), named()["glow"], 0.85 * easel.burn), drop=4)
    if easel.burn > 0:
        easel.glow(canvas, x, y - 18 * size, 230 * size, 0.5 * easel.burn)


def _stove(canvas: Any, easel: Easel, x: float) -> None:
    iron = mix(easel.colour("black"), easel.hour.air, 0.22)
    easel.sheet(canvas, brush.box(x, 440, x + 180, SILL + 4, 6), iron, drop=6)
    brush.fill(canvas, brush.box(x + 30, 500, x + 150, 566, 6), mix(iron, named()["ember"], 0.75 if easel.dark else 0.25))
    for i in range(4):
        brush.fill(canvas, brush.oval(x + 36 + i * 36, 470, 8, 8), easel.colour("grey"))
    easel.sheet(canvas, brush.smooth([(x + 52, 440), (x + 46, 402), (x + 128, 402), (x + 122, 440)], ease=0.5), easel.colour("rust"), drop=4)
    brush.pen(canvas, brush.smooth([(x + 54, 402), (x + 87, 366), (x + 120, 402)], closed=False), easel.colour("ink"), 4)


def _bench(canvas: Any, easel: Easel, x: float) -> None:
    wood, iron = easel.colour("oak"), mix(easel.colour("ink"), easel.hour.air, 0.2)
    for leg in (x + 10, x + 210):
        easel.sheet(canvas, brush.box(leg, 520, leg + 9, 628, 2), iron, drop=3)
    for y in (500, 522, 560):
        easel.sheet(canvas, brush.box(x - 8, y, x + 236, y + 14, 3), wood, drop=3)


def _lens(canvas: Any, easel: Easel, x: float, y: float) -> None:
    brass = mix(easel.colour("oak"), easel.colour("yellow"), 0.45)
    easel.sheet(canvas, brush.smooth([(x - 92, 500), (x + 92, 500), (x + 80, 590), (x + 106, 656), (x - 106, 656), (x - 80, 590)], ease=0.4), mix(brass, easel.hour.shade, 0.3), drop=8, shape=1)
    easel.sheet(canvas, brush.box(x - 112, 484, x + 112, 506, 8), brass, drop=5, shape=1)
    glass = brush.smooth([(x - 58, y - 182), (x + 58, y - 182), (x + 118, y - 60), (x + 124, y + 40), (x + 84, y + 168), (x - 84, y + 168), (x - 124, y + 40), (x - 118, y - 60)], ease=0.9)
    dull = mix(named()["slate"], easel.hour.shade, 0.35)
    easel.sheet(canvas, glass, mix(dull, named()["lamp"], 0.9 * easel.burn), drop=8, shape=0.7)
    canvas.save()
    canvas.clipPath(glass, doAntiAlias=True)
    brush.halo(canvas, x, y, 190, named()["glow"], 0.98 * easel.burn)
    shine = mix(named()["mist"], named()["white"], 0.3 + 0.7 * easel.burn)
    for k in range(-7, 8):
        ring = brush.smooth([(x - 140, y + k * 24 + abs(k) * 2), (x, y + k * 24 - k * 4), (x + 140, y + k * 24 + abs(k) * 2)], closed=False)
        brush.pen(canvas, ring, shine, 2.6, 0.34 + 0.3 * easel.burn)
    for radius, share in ((34, 0.75), (60, 0.55), (88, 0.4)):
        brush.pen(canvas, brush.oval(x, y, radius, radius * 1.04), shine, 3.6, share)
    brush.wash(canvas, brush.poly([(x - 96, y - 190), (x - 52, y - 190), (x - 86, y + 170), (x - 110, y + 170)]), (x - 100, 0), (x - 50, 0), ((0.0, named()["white"], 0.0), (0.5, named()["white"], 0.20), (1.0, named()["white"], 0.0)))
    canvas.restore()
    brush.pen(canvas, glass, brass, 5)
    easel.sheet(canvas, brush.box(x - 70, y - 196, x + 70, y - 178, 7), brass, drop=4, shape=1)
    easel.sheet(canvas, brush.smooth([(x - 60, y - 194), (x, y - 244), (x + 60, y - 194)], ease=0.6), mix(brass, easel.hour.shade, 0.25), drop=4, shape=1)
    if easel.burn > 0:
        for i in range(10):
            a = math.tau * i / 10 + 0.2
            ray = brush.poly([(x, y), (x + 900 * math.cos(a - 0.06), y + 900 * math.sin(a - 0.06)), (x + 900 * math.cos(a + 0.06), y + 900 * math.sin(a + 0.06))])
            brush.wash(canvas, ray, (x, y), (x + 620 * math.cos(a), y + 620 * math.sin(a)), ((0.0, named()["glow"], 0.22 * easel.burn), (1.0, named()["glow"], 0.0)), soft=9)
        easel.glow(canvas, x, y, 430, 0.85 * easel.burn)
