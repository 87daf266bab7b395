"""Settings under a roof: room, kitchen, attic, lamp room, station, corridor and vehicle."""

from __future__ import annotations

from typing import Any

from filmbench.harness.film.picture import brush, furniture
from filmbench.harness.film.picture.colours import mix, named
from filmbench.harness.film.picture.heavens import sky
from filmbench.harness.film.picture.landmarks import cottage
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, Scenery, between, land, ridge, whole

SILL = furniture.SILL


def room(easel: Easel) -> Scenery:
    """A papered room: window, pictures, bookshelf, a standing lamp."""
    lamp, hole = (1010.0, 300.0, 1.0), (170.0, 130.0, 400.0, 400.0)
    paper = easel.dice("paper").choice(("plum", "teal", "rust", "navy", "moss"))

    def wall(canvas: Any) -> None:
        colour = furniture.wall(canvas, easel, paper, [hole], lamp)
        furniture.window_frame(canvas, easel, hole, curtains=mix(easel.colour("rust"), easel.colour("rose"), 0.3))
        furniture.shelf(canvas, easel, 640, 250, 210, 3)
        for x, y, w, h in ((498, 190, 78, 96), (505, 316, 62, 52), (1150, 170, 90, 74)):
            furniture.framed(canvas, easel, x, y, w, h, colour)

    def floor(canvas: Any) -> None:
        furniture.boards(canvas, easel)
        easel.sheet(canvas, brush.oval(640, 662, 420, 44), easel.colour("rust"), drop=2, shape=0.3)
        brush.pen(canvas, brush.oval(640, 662, 388, 38), easel.colour("sand"), 4, 0.7)
        furniture.standing_lamp(canvas, easel, lamp[0] + 120, lamp[1])

    lamp = (lamp[0] + 120, lamp[1], 1.0)
    return Scenery([*furniture.outside(easel), Plane(0.72, wall), Plane(1.0, floor)], lamp)


def kitchen(easel: Easel) -> Scenery:
    """Tiles, cupboards, a stove and a lamp over the table."""
    lamp, hole = (690.0, 170.0, 0.9), (440.0, 150.0, 640.0, 340.0)

    def wall(canvas: Any) -> None:
        furniture.wall(canvas, easel, "teal", [hole], lamp, dado=False)
        tile = easel.colour("cream")
        for row in range(3):
            for column in range(36):
                x, y = EDGE[0] + column * 62, 350 + row * 34
                brush.fill(
                    canvas,
                    brush.box(x, y, x + 58, y + 30, 2),
                    mix(tile, easel.hour.air, 0.30 + 0.08 * ((row + column) % 2)),
                    0.85,
                )
        furniture.window_frame(canvas, easel, hole, curtains=easel.colour("yellow"))
        for x in (-330, -150, 30, 210, 820, 1000, 1180, 1360):
            easel.sheet(canvas, brush.box(x, 96, x + 166, 268, 4), easel.colour("slate"), drop=6)
            brush.pen(
                canvas, brush.box(x + 16, 112, x + 150, 252, 4), mix(easel.colour("slate"), easel.hour.shade, 0.35), 3
            )
            brush.fill(canvas, brush.oval(x + 148, 236, 5, 5), easel.colour("yellow"))
        for i, name in enumerate(("rust", "yellow", "cream", "moss")):
            easel.sheet(canvas, brush.box(206 + i * 46, 422, 240 + i * 46, 462, 7), easel.colour(name), drop=3)
        easel.sheet(canvas, between(460, 478), easel.colour("oak"), drop=4, shape=0.2)
        easel.sheet(canvas, between(478, SILL), easel.colour("slate"), drop=0, shape=0.2)
        for x in range(-420, 1740, 180):
            brush.pen(
                canvas, brush.box(x + 14, 494, x + 166, 578, 4), mix(easel.colour("slate"), easel.hour.shade, 0.35), 3
            )
        furniture.stove(canvas, easel, 905)

    def floor(canvas: Any) -> None:
        furniture.chequers(canvas, easel)

    def hanging(canvas: Any) -> None:
        furniture.hanging_lamp(canvas, easel, lamp[0], lamp[1])

    return Scenery([*furniture.outside(easel), Plane(0.72, wall), Plane(lamp[2], hanging), Plane(1.0, floor)], lamp)


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
            brush.pen(
                canvas, brush.poly([(x, EDGE[1]), (x, SILL)], closed=False), mix(colour, easel.hour.shade, 0.4), 3, 0.7
            )
        furniture.pool(canvas, easel, lamp)
        canvas.restore()
        brush.pen(canvas, brush.oval(420, 290, 96, 96), easel.colour("oak"), 13)
        for line in ([(420, 196), (420, 384)], [(326, 290), (514, 290)]):
            brush.pen(canvas, brush.poly(line, closed=False), easel.colour("oak"), 7)
        for i, (x, w, h, name) in enumerate(
            (
                (96, 150, 96, "oak"),
                (150, 96, 176, "rust"),
                (1010, 190, 110, "brown"),
                (1060, 110, 190, "slate"),
                (1230, 150, 130, "oak"),
            )
        ):
            if i % 2 == 0:
                easel.sheet(canvas, brush.box(x, SILL - h, x + w, SILL + 6, 4), easel.colour(name), drop=6, shape=0.8)
                brush.pen(
                    canvas,
                    brush.poly([(x, SILL - h * 0.6), (x + w, SILL - h * 0.6)], closed=False),
                    mix(easel.colour(name), easel.hour.shade, 0.4),
                    5,
                )
            else:
                easel.sheet(
                    canvas, brush.box(x, SILL - h, x + w, SILL - h + 84, 3), easel.colour(name), drop=5, shape=0.8
                )

    def beams(canvas: Any) -> None:
        for side in (-1, 1):
            slope = brush.poly(
                [
                    (640 - side * 40, -60),
                    (640 - side * 40, 30),
                    (640 + side * 720, 560),
                    (640 + side * 1100, 560),
                    (640 + side * 1100, -300),
                ]
            )
            easel.sheet(canvas, slope, mix(easel.colour("walnut"), easel.hour.shade, 0.3), drop=12, shape=0.4)
            for i in range(4):
                x = 640 + side * (150 + i * 170)
                y = 30 + (150 + i * 170) * 0.74
                easel.sheet(
                    canvas,
                    brush.poly([(x, y - 8), (x + side * 34, y + 16), (x + side * 34, -300), (x, -300)]),
                    easel.colour("timber"),
                    drop=6,
                )
        easel.sheet(canvas, between(18, 52), easel.colour("timber"), drop=8, shape=0.4)
        furniture.bulb(canvas, easel, lamp[0], lamp[1], 40)

    return Scenery(
        [
            *furniture.outside(easel, (400, 250)),
            Plane(0.72, wall),
            Plane(lamp[2], beams, band=(EDGE[1], 640)),
            Plane(1.0, lambda canvas: furniture.boards(canvas, easel)),
        ],
        lamp,
    )


def lamp_room(easel: Easel) -> Scenery:
    """The glass room at the top of a lighthouse: panes all round and the great lens."""
    lamp = (640.0, 318.0, 0.8)

    def far_sea(canvas: Any) -> None:
        brush.wash(
            canvas,
            between(452, EDGE[3]),
            (0, 452),
            (0, 600),
            ((0.0, easel.hour.land[0], 1.0), (1.0, easel.hour.land[3], 1.0)),
        )

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
            easel.sheet(
                canvas,
                brush.box(590 + k * 112, 516, 690 + k * 112, SILL - 12, 7),
                mix(wood, easel.hour.shade, 0.42),
                drop=0,
                rim=1.2,
            )
        furniture.pool(canvas, easel, lamp)

    def lens(canvas: Any) -> None:
        furniture.lens(canvas, easel, lamp[0], lamp[1])

    return Scenery(
        [
            *sky(easel),
            Plane(0.1, far_sea),
            Plane(0.72, panes),
            Plane(1.0, lambda canvas: furniture.boards(canvas, easel)),
            Plane(lamp[2], lens, band=(20, 700)),
        ],
        lamp,
    )


def station(easel: Easel) -> Scenery:
    """A platform under iron arches: clock, bench, hanging lamps; rails beyond, and a train if the script has one."""
    lamp = (860.0, 214.0, 0.9)

    def arches(canvas: Any) -> None:
        iron = mix(easel.colour("teal"), easel.hour.shade, 0.45)
        easel.sheet(canvas, between(EDGE[1], 70), iron, drop=8, shape=0.2)
        for x in (-200, 220, 640, 1060, 1480):
            easel.sheet(canvas, brush.box(x - 11, 60, x + 11, 600, 3), iron, drop=5, shape=1)
            for side in (-1, 1):
                brush.pen(
                    canvas, brush.smooth([(x, 210), (x + side * 60, 120), (x + side * 190, 74)], closed=False), iron, 10
                )
        easel.sheet(canvas, brush.oval(430, 170, 54, 54), iron, drop=6)
        brush.fill(canvas, brush.oval(430, 170, 44, 44), mix(named()["cream"], easel.hour.light, 0.3))
        for tip in ((430, 136), (452, 182)):
            brush.pen(canvas, brush.poly([(430, 170), tip], closed=False), named()["ink"], 5)
        for at in (lamp[0], lamp[0] - 840, lamp[0] + 420):
            furniture.hanging_lamp(canvas, easel, at, lamp[1])

    def platform(canvas: Any) -> None:
        easel.sheet(
            canvas, between(SILL, EDGE[3]), mix(easel.colour("slate"), easel.hour.sheet(0.8), 0.4), drop=7, shape=0
        )
        brush.fill(canvas, between(SILL + 8, SILL + 17), easel.colour("yellow"), 0.85)
        for i in range(-14, 15):
            brush.pen(
                canvas,
                brush.poly([(640 + i * 110, SILL + 17), (640 + i * 240, EDGE[3])], closed=False),
                easel.hour.shade,
                2.4,
                0.5,
            )
        brush.wash(
            canvas,
            between(SILL, EDGE[3]),
            (0, 640),
            (0, 900),
            ((0.0, easel.hour.shade, 0.0), (1.0, easel.hour.shade, 0.6)),
        )
        furniture.bench(canvas, easel, 190)

    return Scenery(
        [
            *sky(easel, 440, (1040, 120)),
            Plane(0.35, lambda canvas: _track(canvas, easel)),
            Plane(lamp[2], arches, band=(EDGE[1], 620)),
            Plane(1.0, platform),
        ],
        lamp,
    )


def _track(canvas: Any, easel: Easel) -> None:
    """What lies behind the platform: hills, a house that is still awake, and the line."""
    easel.sheet(canvas, land(ridge(easel.dice("town"), 430, 40, 2.4)), easel.hour.sheet(0.3), drop=5, shape=0)
    easel.sheet(canvas, land(ridge(easel.dice("fields"), 510, 14, 1.3)), easel.hour.sheet(0.6), drop=5, shape=0)
    cottage(canvas, easel, 740, 508, 1.3, lit=True)
    if easel.has("train", "carriage", "carriages"):
        _train(canvas, easel)
    brush.fill(canvas, between(536, 620), easel.hour.sheet(1.0))
    _rails(canvas, easel)


def _train(canvas: Any, easel: Easel) -> None:
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


def _rails(canvas: Any, easel: Easel) -> None:
    iron, grass, dice = easel.colour("grey", 0.2), easel.colour("moss"), easel.dice("rails")
    for tie in range(-480, 1760, 58):
        brush.fill(canvas, brush.box(tie, 546, tie + 30, 586, 3), mix(easel.hour.shade, easel.colour("timber"), 0.5))
    for line, thick in ((553, 4.0), (579, 6.0)):
        brush.pen(canvas, brush.poly([(-480, line), (1760, line)], closed=False), iron, thick)
    for _ in range(260):
        x, y, tall = dice.uniform(-480, 1760), dice.uniform(556, 592), dice.uniform(8, 24)
        lean = dice.uniform(-6, 6)
        blade = brush.smooth([(x, y), (x + lean * 0.4, y - tall * 0.6), (x + lean, y - tall)], closed=False)
        brush.pen(canvas, blade, mix(grass, easel.hour.sky_light, dice.uniform(0.0, 0.2)), 2.2)


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
                door = brush.poly(
                    [(x0, 365 - near * 0.42), (x1, 365 - far * 0.42), (x1, 365 + far * 0.56), (x0, 365 + near * 0.56)]
                )
                easel.sheet(canvas, door, easel.colour("brown"), drop=4, shape=0.6)
        runner = brush.poly([(572, 520), (708, 520), (1080, EDGE[3]), (200, EDGE[3])])
        brush.wash(
            canvas,
            runner,
            (0, 520),
            (0, 760),
            ((0.0, mix(easel.colour("rust"), easel.hour.shade, 0.4), 1.0), (1.0, easel.colour("rust"), 1.0)),
        )
        for x, y, size in ((lamp[0], lamp[1], 1.0), (1280 - lamp[0], lamp[1], 1.0), (462, 296, 0.55), (818, 296, 0.55)):
            furniture.sconce(canvas, easel, x, y, size)
        furniture.pool(canvas, easel, lamp)

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
            brush.fill(
                canvas, brush.oval(x + 90, 420, dice.uniform(50, 90), dice.uniform(40, 80)), easel.hour.sheet(0.7)
            )
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
                brush.fill(
                    canvas, brush.oval(x + 55 + i * 60, 390, 6, 6), mix(easel.colour("teal"), easel.hour.shade, 0.4)
                )
        easel.sheet(canvas, between(84, 96), easel.colour("oak"), drop=4, shape=0.2)
        canvas.save()
        canvas.clipPath(path)
        furniture.pool(canvas, easel, lamp)
        canvas.restore()
        brush.fill(canvas, brush.box(590, 54, 690, 76, 10), mix(named()["slate"], named()["glow"], easel.burn))

    planes = [
        *sky(easel, 420),
        Plane(0.3, hills, drift=-34, band=(250, EDGE[3])),
        Plane(0.5, poles, drift=-190, band=(150, 480)),
    ]
    return Scenery([*planes, Plane(0.85, inside), Plane(1.0, lambda canvas: furniture.boards(canvas, easel))], lamp)
