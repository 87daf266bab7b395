"""Sky, moon and sun, stars, clouds, and the paper sea."""

from __future__ import annotations

import math
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import mix, named
from filmbench.harness.film.picture.scenery import EDGE, Easel, Plane, whole


def sky(easel: Easel, horizon: float = 452.0, disc: tuple[float, float] = (258.0, 112.0)) -> list[Plane]:
    """The sky with its moon or sun at ``disc``, and the clouds before it."""

    def heaven(canvas: Any) -> None:
        stops = easel.hour.sky
        brush.wash(
            canvas,
            whole(),
            (0, EDGE[1] * 0.4),
            (0, horizon),
            [(i / (len(stops) - 1), c, 1.0) for i, c in enumerate(stops)],
        )
        if easel.hour.stars:
            _stars(canvas, easel, horizon)
        _disc(canvas, easel, *disc)

    return [Plane(0.05, heaven), *_clouds(easel, horizon)]


def _stars(canvas: Any, easel: Easel, horizon: float) -> None:
    dice = easel.dice("stars")
    strength = 1.0 if easel.setting.time == "night" else 0.45
    for _ in range(300):
        x, high = dice.uniform(EDGE[0], EDGE[2]), dice.random() ** 1.5
        y = EDGE[1] + high * (horizon - 60 - EDGE[1])
        size = dice.choice((0.8, 1.0, 1.0, 1.4, 2.0))
        brush.fill(
            canvas, brush.oval(x, y, size, size), named()["glow"], dice.uniform(0.25, 0.9) * (1 - 0.7 * high) * strength
        )
    for _ in range(7):
        x, y, size = dice.uniform(0, 1280), dice.uniform(-40, horizon * 0.5), dice.uniform(4, 7)
        star = brush.poly(
            [
                (
                    x + (size if i % 2 == 0 else size * 0.22) * math.sin(i * math.pi / 4),
                    y - (size if i % 2 == 0 else size * 0.22) * math.cos(i * math.pi / 4),
                )
                for i in range(8)
            ]
        )
        brush.fill(canvas, star, named()["glow"], 0.9 * strength)


def _disc(canvas: Any, easel: Easel, x: float, y: float) -> None:
    pale, time = easel.hour.sky_light, easel.setting.time
    if time == "night":
        brush.halo(canvas, x, y, 260, pale, 0.42)
        for radius, share in ((88, 0.10), (68, 0.14)):
            brush.fill(canvas, brush.oval(x, y, radius, radius), pale, share)
        brush.fill(canvas, brush.oval(x, y + 3, 49, 49), easel.hour.shade, 0.35, soft=6)
        brush.fill(canvas, brush.oval(x, y, 48, 48), mix(named()["cream"], named()["glow"], 0.5))
        for dx, dy, r in ((-13, -11, 9), (12, 12, 13), (-6, 20, 6), (20, -16, 5)):
            brush.fill(canvas, brush.oval(x + dx, y + dy, r, r * 0.92), named()["sand"], 0.55)
        return
    low = {"day": y, "dawn": 330.0, "dusk": 372.0}[time]
    brush.halo(canvas, x + 120, low, 420, easel.hour.light, 0.55)
    for radius, share in ((98, 0.16), (76, 0.22)):
        brush.fill(canvas, brush.oval(x + 120, low, radius, radius), easel.hour.light, share)
    brush.fill(canvas, brush.oval(x + 120, low, 52, 52), mix(easel.hour.light, named()["glow"], 0.6))


def _clouds(easel: Easel, horizon: float) -> list[Plane]:
    planes = []
    for row, (y, speed, depth) in enumerate(((90.0, 3.0, 0.08), (210.0, 5.0, 0.12))):
        dice = easel.dice(f"clouds{row}")
        heaps = [(dice.uniform(EDGE[0], EDGE[2]), y + dice.uniform(-40, 50), dice.uniform(90, 190)) for _ in range(5)]
        colour = mix(
            easel.hour.sky[min(2 + row, 4)], easel.hour.sky_light, 0.22 if easel.setting.time == "night" else 0.80
        )

        def paint(canvas: Any, heaps: Any = heaps, colour: Any = colour) -> None:
            for x, high, wide in heaps:
                _cloud(canvas, easel, x, high, wide, colour)

        planes.append(Plane(depth, paint, drift=speed, band=(y - 130, y + 130)))
    return planes


def _cloud(canvas: Any, easel: Easel, x: float, y: float, wide: float, colour: Any) -> None:
    share = 0.20 if easel.dark else 0.62
    tall = wide * 0.22
    top = [
        (-1.0, 0.0),
        (-0.72, -0.55),
        (-0.40, -0.42),
        (-0.12, -1.05),
        (0.26, -0.86),
        (0.46, -0.40),
        (0.76, -0.50),
        (1.0, 0.0),
    ]
    puff = brush.smooth([*((x + px * wide, y + py * tall) for px, py in top), (x, y + tall * 0.16)])
    brush.fill(canvas, puff, easel.hour.shade, 0.07 if easel.dark else 0.03, soft=7)
    brush.wash(canvas, puff, (x, y - tall), (x, y + tall * 0.2), ((0.0, colour, share), (1.0, colour, share * 0.35)))


def sea(easel: Easel, horizon: float, strips: int = 6, low: float = 640.0) -> list[Plane]:
    """Paper waves: strips cut in scallops that are rocked to and fro."""
    far, near = mix(easel.hour.sky[3], easel.hour.land[0], 0.65), easel.hour.land[3]
    planes = []

    def water(canvas: Any) -> None:
        brush.wash(
            canvas,
            brush.box(EDGE[0], horizon, EDGE[2], EDGE[3]),
            (0, horizon),
            (0, low),
            ((0.0, mix(easel.hour.sky[4], far, 0.45), 1.0), (0.25, far, 1.0), (1.0, near, 1.0)),
        )
        dice = easel.dice("glints")
        for i in range(90):
            y = horizon + 5 + (i / 90) ** 1.4 * (low - horizon)
            x, wide = 262 + dice.gauss(0, 22 + i * 1.2), dice.uniform(6, 26)
            brush.fill(
                canvas, brush.box(x - wide, y, x + wide, y + 1.7, 1), easel.hour.sky_light, dice.uniform(0.15, 0.55)
            )

    planes.append(Plane(0.14, water, band=(horizon - 4, EDGE[3])))
    for i in range(strips):
        u = (i + 1) / strips
        top = horizon + 10 + (low - horizon - 30) * u**1.35
        colour = mix(mix(far, near, u), easel.hour.sky_light, 0.05)
        length, high = 70 + 95 * u, 5 + 11 * u

        def paint(
            canvas: Any, top: float = top, colour: Any = colour, length: float = length, high: float = high, i: int = i
        ) -> None:
            _strip(canvas, easel, top, colour, length, high, i)

        planes.append(
            Plane(
                0.16 + 0.34 * u,
                paint,
                sway=(10 + 20 * u, 2 + 3 * u, 3.4 + 0.5 * (i % 3), i * 1.9),
                band=(top - 30, EDGE[3] if i == strips - 1 else top + 90),
            )
        )
    return planes


def _strip(canvas: Any, easel: Easel, top: float, colour: Any, length: float, high: float, i: int) -> None:
    import skia

    path, crest = skia.Path(), skia.Path()
    x = EDGE[0] - 80 + (i * 37) % length
    path.moveTo(x, top + 320)
    path.lineTo(x, top)
    crest.moveTo(x, top)
    while x < EDGE[2] + 80:
        for one in (path, crest):
            one.cubicTo(
                x + length * 0.30, top - high * 0.2, x + length * 0.52, top - high * 1.5, x + length * 0.74, top - high
            )
            one.quadTo(x + length * 0.84, top - high * 0.5, x + length, top)
        x += length
    path.lineTo(x, top + 320)
    path.close()
    brush.fill(canvas, path, easel.hour.shade, 0.28, soft=6)
    brush.wash(
        canvas,
        path,
        (0, top - high),
        (0, top + 90),
        ((0.0, colour, 1.0), (1.0, mix(colour, easel.hour.shade, 0.30), 1.0)),
    )
    brush.pen(canvas, crest, easel.hour.sky_light, 1.7, 0.34)
