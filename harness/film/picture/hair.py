"""Hair, beards, hats and glasses: what lies behind a head and what lies upon it. Places are as in ``faces``."""

from __future__ import annotations

import math
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, Light, mix, named
from filmbench.harness.film.picture.faces import Skull, on
from filmbench.harness.film.picture.wardrobe import Outfit


def draw_behind(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, light: Light, sway: float) -> None:
    """What hangs behind the head."""
    colour = mix(named()[outfit.hair], light.hour.shade, 0.22)
    k, back = shape.cheek, -math.sin(math.radians(yaw)) * 16
    if outfit.hat == "hood":
        _hood(canvas, shape, yaw, mix(named()[outfit.top], light.hour.shade, 0.42), light, grow=15, low=104)
        return
    match outfit.hair_style:
        case "long":
            hair = brush.smooth(
                [
                    (back, -108),
                    (k + 14 + back * 0.5, -52),
                    (k + 20 + back, 30),
                    (k + 14 + back + sway, 118),
                    (k * 0.45 + back + sway, 146),
                    (-k * 0.45 + back + sway, 146),
                    (-k - 14 + back + sway, 118),
                    (-k - 20 + back, 30),
                    (-k - 14 + back * 0.5, -52),
                ]
            )
            brush.piece(canvas, hair, colour, light, drop=4, rim=3)
        case "bob":
            hair = brush.smooth(
                [
                    (back, -110),
                    (k + 14, -52),
                    (k + 22 + back, 24),
                    (k + 12 + back + sway * 0.5, 84),
                    (k * 0.5, 74),
                    (-k * 0.5, 74),
                    (-k - 12 + back + sway * 0.5, 84),
                    (-k - 22 + back, 24),
                    (-k - 14, -52),
                ]
            )
            brush.piece(canvas, hair, colour, light, drop=4, rim=3)
        case "bun":
            if outfit.hat is None:
                brush.piece(canvas, brush.oval(back * 1.5, -122, 36, 33), named()[outfit.hair], light, drop=3, rim=3)
        case "ponytail" | "plait":
            side = -1 if yaw >= 0 else 1
            x = side * (k + 4) + back
            tail = brush.limb(
                [(x - side * 18, -30), (x + side * 34, 14), (x + side * 16 + sway * 1.6, 112)], (34, 40, 12)
            )
            brush.piece(canvas, tail, colour, light, drop=3, rim=3)
        case "curly":
            for i in range(13):
                turn = math.pi * (0.96 + i / 12 * 1.08)
                brush.piece(
                    canvas,
                    brush.oval(math.cos(turn) * (k + 8) + back * 0.5, -18 + math.sin(turn) * 92, 34, 33),
                    colour,
                    light,
                    drop=0,
                    rim=2.5,
                    shape=0.6,
                )
        case _:
            pass


def draw_upon(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, light: Light, sway: float, seed: int) -> None:
    """Fringe and cap of hair, beard, glasses and hat on a head whose face is seen."""
    hair = named()[outfit.hair]
    if outfit.hair_style != "bald":
        _cap_of_hair(canvas, outfit, shape, yaw, hair, light, seed)
    else:
        for side in (-1, 1):
            brush.piece(canvas, brush.oval(side * (shape.cheek - 1), -2, 11, 30), hair, light, drop=0, rim=2)
    if outfit.beard or outfit.moustache:
        _moustache(canvas, outfit, shape, yaw, hair, light)
    if outfit.glasses:
        _glasses(canvas, shape, yaw, light)
    _hat(canvas, outfit, shape, yaw, light, sway)


def draw_back(canvas: Any, outfit: Outfit, shape: Skull, light: Light, sway: float) -> None:
    """The back of a head."""
    k, hair = shape.cheek, named()[outfit.hair]
    for side in (-1, 1):
        brush.piece(canvas, brush.oval(side * (k + 1), 14, 11, 20), mix(hair, named()["umber"], 0.6), light, drop=0)
    low = {"long": 140.0, "bob": 84.0, "curly": 70.0}.get(outfit.hair_style, 62.0)
    wide = {"long": 1.12, "bob": 1.16, "curly": 1.2}.get(outfit.hair_style, 1.0)
    if outfit.hat == "hood":
        cloth = named()[outfit.top]
        _hood(canvas, shape, 0.0, mix(cloth, light.hour.shade, 0.12), light, grow=3, low=78)
        brush.pen(
            canvas,
            brush.smooth([(2, -120), (6, -40), (3, 50), (0, 94)], closed=False),
            mix(cloth, light.hour.shade, 0.35),
            3.5,
            0.8,
        )
        for side in (-1, 1):
            fold = brush.smooth([(side * 70, -70), (side * 52, 0), (side * 64, 70)], closed=False)
            brush.pen(canvas, fold, mix(cloth, light.hour.shade, 0.30), 5, 0.45)
        return
    back = brush.smooth(
        [
            (0, -108),
            (k * 0.74, -88),
            ((k + 8) * wide, -26),
            ((k + 4) * wide, 30),
            ((k - 10) * wide + sway, low),
            (0, low + 12),
            (-(k - 10) * wide + sway, low),
            (-(k + 4) * wide, 30),
            (-(k + 8) * wide, -26),
            (-k * 0.74, -88),
        ]
    )
    brush.piece(canvas, back, hair, light, drop=3, rim=3.5)
    strand = mix(hair, light.hour.shade, 0.30)
    for i in range(-3, 4):
        brush.pen(
            canvas, brush.smooth([(i * 7, -92), (i * 20, -20), (i * 21 + sway, low - 12)], closed=False), strand, 3, 0.5
        )
    if outfit.hair_style in ("ponytail", "plait"):
        brush.piece(
            canvas, brush.limb([(0, -20), (sway, 50), (sway * 2, 128)], (40, 44, 14)), hair, light, drop=4, rim=3
        )
    _hat(canvas, outfit, shape, 180.0, light, sway)


def _cap_of_hair(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, hair: Colour, light: Light, seed: int) -> None:
    k, lean = shape.cheek, math.sin(math.radians(yaw))
    up = {"spiky": 8, "curly": 10}.get(outfit.hair_style, 4)

    def line(x: float, y: float) -> tuple[float, float]:
        return on(shape, x, yaw)[0], y

    locks = {
        0: [line(80, -18), line(66, -48), line(38, -57), line(8, -54), line(-22, -64), line(-52, -56), line(-80, -18)],
        1: [line(82, -14), line(70, -44), line(30, -66), line(0, -78), line(-30, -66), line(-70, -44), line(-82, -14)],
        2: [line(80, -16), line(64, -46), line(34, -50), line(0, -49), line(-34, -50), line(-64, -46), line(-80, -16)],
        3: [line(80, -16), line(58, -66), line(26, -70), line(-6, -60), line(-40, -49), line(-66, -44), line(-80, -16)],
    }[seed % 4 if outfit.hair_style not in ("short", "spiky") else (1, 3)[seed % 2]]
    low = 26 if outfit.hair_style in ("bob", "long", "curly") else 8
    side = 5 if outfit.hair_style in ("bob", "long") else 0
    crown = [
        (-k - 5 - side + lean * 3, low),
        (-k - 9 - side, -40),
        (-k * 0.74 - 4, -94 - up),
        (lean * -6, -112 - up),
        (k * 0.74 + 4, -94 - up),
        (k + 9 + side, -40),
        (k + 5 + side + lean * 3, low),
    ]
    if outfit.hair_style == "spiky":
        crown[2:5] = [
            (-k * 0.9, -96),
            (-k * 0.52, -112),
            (-k * 0.42, -128),
            (-k * 0.12, -116),
            (k * 0.06, -134),
            (k * 0.3, -116),
            (k * 0.56, -126),
            (k * 0.86, -98),
        ]
    path = brush.smooth([*crown, *locks], ease=0.8)
    brush.piece(canvas, path, hair, light, drop=2.5, rim=3.5)
    strand = mix(hair, light.hour.shade, 0.30)
    for i in (-2, -1, 1, 2):
        a, b = on(shape, i * 26 + 6, yaw)[0], on(shape, i * 32, yaw)[0]
        brush.pen(canvas, brush.smooth([(a * 0.4, -106), (a * 0.85, -90), (b, -66)], closed=False), strand, 2.6, 0.42)
    if outfit.hair_style == "curly" and outfit.hat is None:
        for i in range(7):
            x = on(shape, (i - 3) * 25, yaw)[0]
            brush.piece(canvas, brush.oval(x, -84 + abs(i - 3) * 7, 24, 23), hair, light, drop=1.5, rim=2.5, shape=0.7)


def draw_beard(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, skin: Colour, light: Light) -> None:
    """A full beard, before the lips are drawn upon it."""
    if not outfit.beard:
        return
    shift = math.sin(math.radians(yaw)) * 20
    k, j, chin = shape.cheek, shape.jaw, shape.chin
    full = brush.smooth(
        [
            (-k * 0.985 + shift * 0.3, 14),
            (-k * 0.97 + shift * 0.45, 52),
            (-j * 0.80 + shift, chin + 2),
            (-j * 0.3 + shift * 1.2, chin + 27),
            (shift * 1.3, chin + 32),
            (j * 0.3 + shift * 1.2, chin + 27),
            (j * 0.80 + shift, chin + 2),
            (k * 0.97 + shift * 0.45, 52),
            (k * 0.985 + shift * 0.3, 14),
            (on(shape, 62, yaw)[0], 42),
            (on(shape, 34, yaw)[0], 47),
            (on(shape, 0, yaw)[0], 49),
            (on(shape, -34, yaw)[0], 47),
            (on(shape, -62, yaw)[0], 42),
        ],
        ease=0.8,
    )
    brush.piece(canvas, full, named()[outfit.hair], light, drop=2, rim=3)
    x, narrow = on(shape, 0, yaw, 1.05)
    brush.fill(canvas, brush.oval(x, 68, 36 * narrow, 21), mix(skin, light.hour.shade, 0.10))


def _moustache(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, hair: Colour, light: Light) -> None:
    for side in (-1, 1):
        points = [(on(shape, side * x, yaw, 1.05)[0], y) for x, y in ((1, 48), (20, 45), (40, 56), (20, 54))]
        brush.piece(canvas, brush.smooth(points), mix(hair, light.hour.sky_light, 0.08), light, drop=1, rim=2)


def _glasses(canvas: Any, shape: Skull, yaw: float, light: Light) -> None:
    frame = mix(named()["black"], named()["oak"], 0.35)
    centres = []
    for side in (-1, 1):
        x, narrow = on(shape, side * 38.7, yaw, 1.04)
        centres.append((x, narrow))
        brush.fill(canvas, brush.oval(x, 8, 29 * max(narrow, 0.5), 28), light.hour.sky_light, 0.10)
        brush.pen(canvas, brush.oval(x, 8, 29 * max(narrow, 0.5), 28), frame, 4.2)
    (a, na), (b, nb) = centres
    brush.pen(canvas, brush.smooth([(a + 28 * na, 6), ((a + b) / 2, 0), (b - 28 * nb, 6)], closed=False), frame, 4.2)


def _hat(canvas: Any, outfit: Outfit, shape: Skull, yaw: float, light: Light, sway: float) -> None:
    if outfit.hat is None:
        return
    colour, k, lean = named()[outfit.hat_colour], shape.cheek, math.sin(math.radians(yaw))
    band = named()["cream"] if outfit.hat_colour != "cream" else named()["rust"]
    match outfit.hat:
        case "beanie":
            dome = brush.smooth(
                [
                    (-k - 9, -56),
                    (-k - 4, -100),
                    (-k * 0.5, -140),
                    (0, -150),
                    (k * 0.5, -140),
                    (k + 4, -100),
                    (k + 9, -56),
                    (0, -66),
                ]
            )
            brush.piece(canvas, dome, colour, light, drop=3, rim=4)
            for i in range(-4, 5):
                brush.pen(
                    canvas,
                    brush.smooth([(i * 21 + lean * 6, -74), (i * 19, -112), (i * 9, -142)], closed=False),
                    mix(colour, light.hour.shade, 0.4),
                    3,
                    0.6,
                )
            brush.piece(
                canvas,
                brush.smooth(
                    [
                        (-k - 13, -72),
                        (-k * 0.5 + lean * 4, -86),
                        (k * 0.5 + lean * 4, -86),
                        (k + 13, -72),
                        (k + 11, -46),
                        (k * 0.5 + lean * 5, -55),
                        (-k * 0.5 + lean * 5, -55),
                        (-k - 11, -46),
                    ],
                    ease=0.8,
                ),
                band,
                light,
                drop=3,
                rim=3.5,
            )
            brush.piece(canvas, brush.oval(sway * 0.8 - lean * 6, -158, 21, 20), band, light, drop=2, rim=3.5)
        case "cap":
            dome = brush.smooth(
                [
                    (-k - 8, -48),
                    (-k - 2, -96),
                    (-k * 0.5, -126),
                    (lean * 8, -132),
                    (k * 0.5, -126),
                    (k + 2, -96),
                    (k + 8, -48),
                    (0, -58),
                ]
            )
            brush.piece(canvas, dome, colour, light, drop=3, rim=4)
            brush.pen(
                canvas,
                brush.smooth([(-k - 4, -60), (0, -70), (k + 4, -60)], closed=False),
                mix(colour, light.hour.shade, 0.5),
                7,
            )
            if math.cos(math.radians(yaw)) > 0:
                x = lean * 70
                peak = brush.smooth(
                    [
                        (x - 66, -58),
                        (x + lean * 30, -70),
                        (x + 66, -58),
                        (x + 58 + lean * 26, -45),
                        (x + lean * 40, -47),
                        (x - 58 + lean * 26, -45),
                    ]
                )
                brush.piece(canvas, peak, mix(colour, light.hour.shade, 0.35), light, drop=4, rim=3)
            brush.piece(canvas, brush.oval(lean * 8, -132, 8, 6), band, light, drop=0)
        case "hood":
            if math.cos(math.radians(yaw)) > 0:
                _hood_front(canvas, shape, yaw, named()[outfit.top], light)
        case "kerchief":
            wrap = brush.smooth(
                [
                    (-k - 10, 10),
                    (-k - 12, -50),
                    (-k * 0.7, -104),
                    (0, -120),
                    (k * 0.7, -104),
                    (k + 12, -50),
                    (k + 10, 10),
                    (on(shape, 72, yaw)[0], -36),
                    (on(shape, 36, yaw)[0], -64),
                    (on(shape, 0, yaw)[0], -70),
                    (on(shape, -36, yaw)[0], -64),
                    (on(shape, -72, yaw)[0], -36),
                ]
            )
            brush.piece(canvas, wrap, colour, light, drop=3, rim=4)
            for i in range(-3, 4):
                brush.fill(canvas, brush.oval(i * 26, -84 + abs(i) * 6, 4, 4), band, 0.8)
        case _:
            crown = brush.smooth(
                [
                    (-k * 0.82, -66),
                    (-k * 0.74, -126),
                    (-k * 0.2, -140),
                    (k * 0.2, -140),
                    (k * 0.74, -126),
                    (k * 0.82, -66),
                    (0, -60),
                ],
                ease=0.8,
            )
            brush.piece(canvas, crown, colour, light, drop=3, rim=4)
            brush.pen(canvas, brush.smooth([(-k * 0.80, -76), (0, -70), (k * 0.80, -76)], closed=False), band, 13)
            brim = brush.smooth(
                [(-k - 46, -62), (-k * 0.5, -76), (k * 0.5, -76), (k + 46, -62), (k * 0.5, -51), (-k * 0.5, -51)]
            )
            brush.piece(canvas, brim, mix(colour, light.hour.sky_light, 0.06), light, drop=5, rim=4)


def _hood(canvas: Any, shape: Skull, yaw: float, colour: Colour, light: Light, grow: float, low: float) -> None:
    k, back = shape.cheek + grow, -math.sin(math.radians(yaw)) * 15
    hood = brush.smooth(
        [
            (back, -126),
            (k * 0.78 + back * 0.7, -104),
            (k + 7 + back * 0.4, -34),
            (k + 5, 34),
            (k - 12, low),
            (0, low + 22),
            (-k + 12, low),
            (-k - 5, 34),
            (-k - 7 + back * 0.4, -34),
            (-k * 0.78 + back * 0.7, -104),
        ]
    )
    brush.piece(canvas, hood, colour, light, drop=5, rim=4)


def _hood_front(canvas: Any, shape: Skull, yaw: float, colour: Colour, light: Light) -> None:
    """The rim of the hood round the face: a ring, open below the chin."""
    k, lean = shape.cheek, math.sin(math.radians(yaw))
    outer = [
        (-k * 0.52, 106),
        (-k - 14, 62),
        (-k - 21 - lean * 6, -20),
        (-k * 0.84 - lean * 8, -98),
        (-lean * 12, -130),
        (k * 0.84 - lean * 8, -98),
        (k + 21 - lean * 6, -20),
        (k + 14, 62),
        (k * 0.52, 106),
    ]
    inner = [
        (k * 0.60, 92),
        (k * 0.97 + lean * 5, 44),
        (k + 2 + lean * 5, -16),
        (k * 0.78 + lean * 8, -74),
        (lean * 14, -98),
        (-k * 0.78 + lean * 8, -74),
        (-k - 2 + lean * 5, -16),
        (-k * 0.97 + lean * 5, 44),
        (-k * 0.60, 92),
    ]
    brush.piece(canvas, brush.smooth([*outer, *inner], ease=0.95), colour, light, drop=4, rim=4)
    brush.pen(
        canvas,
        brush.smooth(
            [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in zip(outer, reversed(inner), strict=True)], closed=False
        ),
        mix(colour, light.hour.shade, 0.30),
        2.6,
        0.7,
    )
