"""Things people hold and things that stand about: each drawn with its foot at (0, 0), in units of the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import Colour, Light, mix, named
from filmbench.harness.film.picture.wardrobe import COLOURS, meaning, words_of

Draw = Callable[[Any, Colour, Light, float], None]
"""``draw(canvas, colour, light, used)``: ``used`` 0..1 is how far it is lit or opened."""


@dataclass(frozen=True, slots=True)
class Prop:
    """A kind of thing. ``grip`` is how high it is held; ``burns``: it is a light; ``perch``: it stands on something."""

    width: float
    height: float
    grip: float
    colour: str
    draw: Draw
    burns: bool = False
    perch: bool = True
    words: str = ""


def prop(name: str) -> tuple[Prop, Colour]:
    """What ``name`` is drawn as and in which colour; a thing of no known kind is a parcel."""
    words = words_of(name)
    kind = next(
        (PROPS[k] for word in reversed(words) for k in PROPS if word == k or word in PROPS[k].words.split()),
        PROPS["parcel"],
    )
    colour = next((found for word in words if (found := meaning(COLOURS, word))), kind.colour)
    return kind, named()[colour]


def draw_flame(canvas: Any, x: float, y: float, size: float, strength: float, flicker: float) -> None:
    """A flame whose foot is at (x, y)."""
    colours = named()
    if strength <= 0.02:
        return
    tall = size * (0.85 + 0.15 * flicker) * strength
    brush.fill(canvas, _drop(x, y, size * 0.42, tall), colours["ember"], 0.95)
    brush.fill(canvas, _drop(x, y - size * 0.03, size * 0.27, tall * 0.72), colours["lamp"])
    brush.fill(canvas, _drop(x, y - size * 0.05, size * 0.14, tall * 0.44), colours["glow"])


def _drop(x: float, y: float, half: float, tall: float) -> Any:
    return brush.smooth(
        [
            (x, y),
            (x + half, y - tall * 0.30),
            (x + half * 0.4, y - tall * 0.70),
            (x, y - tall),
            (x - half * 0.4, y - tall * 0.66),
            (x - half, y - tall * 0.28),
        ]
    )


def _lantern(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    dark = mix(colour, light.hour.shade, 0.45)
    glass = mix(mix(named()["slate"], light.hour.shade, 0.3), named()["lamp"], min(1.0, used * 1.1))
    brush.pen(canvas, brush.smooth([(-8, -32), (-7, -41), (0, -44), (7, -41), (8, -32)], closed=False), dark, 2.2)
    brush.piece(canvas, brush.box(-9.5, -29, 9.5, -5, 3), colour, light, drop=1.5, rim=1)
    brush.fill(canvas, brush.box(-7, -27, 7, -7, 2.5), glass)
    if used > 0:
        brush.fill(canvas, brush.oval(0, -16, 5.5, 8), named()["glow"], 0.55 * used, soft=2)
    draw_flame(canvas, 0, -8, 13, used, 0.6)
    brush.pen(canvas, brush.poly([(0, -27), (0, -7)], closed=False), dark, 1.0, 0.5 * (1 - used) + 0.25)
    brush.piece(canvas, brush.poly([(-12, -27), (-7, -34), (7, -34), (12, -27)]), colour, light, drop=1, rim=1)
    brush.piece(canvas, brush.box(-12, -6, 12, 0, 2), mix(colour, light.hour.shade, 0.2), light, drop=1, rim=1)


def _candle(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.smooth([(-11, -4), (11, -4), (7, 0), (-7, 0)]), named()["oak"], light, drop=1, rim=0.8)
    brush.piece(canvas, brush.box(-4, -22, 4, -3, 1.5), colour, light, drop=1, rim=0.8)
    brush.pen(canvas, brush.poly([(0, -22), (0, -26)], closed=False), named()["ink"], 1)
    draw_flame(canvas, 0, -22, 14, used, 0.5)


def _table_lamp(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(
        canvas, brush.smooth([(-9, -2), (0, -16), (9, -2), (6, 0), (-6, 0)]), named()["oak"], light, drop=1, rim=1
    )
    brush.pen(canvas, brush.poly([(0, -14), (0, -24)], closed=False), named()["oak"], 3)
    shade = brush.poly([(-17, -22), (-10, -44), (10, -44), (17, -22)])
    brush.piece(canvas, shade, mix(colour, named()["glow"], 0.75 * used), light, drop=2, rim=1)
    if used > 0:
        brush.halo(canvas, 0, -32, 18, named()["glow"], 0.6 * used)


def _fire(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    for side in (-1, 1):
        brush.piece(
            canvas,
            brush.limb([(-26 * side, -2), (0, -7), (24 * side, -12)], (9, 8, 7)),
            named()["brown"],
            light,
            drop=2,
            rim=1,
        )
    for x, size in ((-11, 26), (10, 30), (0, 46)):
        draw_flame(canvas, x, -4, size, used, 0.5)


def _torch(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.box(-4, -24, 4, 0, 2), colour, light, drop=1, rim=0.8)
    brush.piece(canvas, brush.poly([(-4, -22), (-8, -32), (8, -32), (4, -22)]), named()["grey"], light, drop=1, rim=0.8)
    brush.fill(canvas, brush.oval(0, -32, 8, 2.4), mix(named()["slate"], named()["glow"], used))


def _letter(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    if used > 0.5:
        brush.piece(canvas, brush.box(-13, -34, 13, 0, 1), named()["cream"], light, drop=1.5, rim=0.8)
        for i in range(6):
            brush.pen(
                canvas,
                brush.poly([(-9, -29 + i * 4.6), (9 - (i % 3) * 3, -29 + i * 4.6)], closed=False),
                named()["grey"],
                1,
                0.8,
            )
        return
    brush.piece(canvas, brush.box(-16, -21, 16, 0, 1), colour, light, drop=1.5, rim=0.8)
    brush.pen(
        canvas, brush.poly([(-16, -21), (0, -8), (16, -21)], closed=False), mix(colour, light.hour.shade, 0.35), 1.1
    )
    brush.fill(canvas, brush.oval(0, -9, 3.4, 3.4), named()["red"])


def _book(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    if used > 0.5:
        for side in (-1, 1):
            brush.piece(
                canvas,
                brush.poly([(0, -18), (side * 21, -23), (side * 21, -3), (0, 0)]),
                named()["cream"],
                light,
                drop=1.5,
                rim=0.8,
            )
            for i in range(4):
                brush.pen(
                    canvas,
                    brush.poly([(side * 4, -15 + i * 4), (side * 17, -18.5 + i * 4)], closed=False),
                    named()["grey"],
                    0.9,
                    0.7,
                )
        return
    brush.piece(canvas, brush.box(-12, -32, 12, 0, 2), colour, light, drop=1.5, rim=1)
    brush.fill(canvas, brush.box(8.5, -30, 11.5, -2, 0.5), named()["cream"], 0.9)
    brush.pen(canvas, brush.box(-8, -26, 5, -15, 1), mix(colour, named()["sand"], 0.7), 1.1)


def _key(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    metal = mix(colour, light.hour.light, 0.25 * light.warm)
    brush.pen(canvas, brush.oval(0, -22, 6, 6), mix(metal, light.hour.shade, 0.35), 4.4)
    brush.pen(canvas, brush.oval(0, -22, 6, 6), metal, 3)
    brush.pen(canvas, brush.poly([(0, -16), (0, 0)], closed=False), metal, 3)
    for y in (-1, -6):
        brush.pen(canvas, brush.poly([(0, y), (6, y)], closed=False), metal, 2.6)


def _box(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.box(-24, -24, 24, 0, 2), colour, light, drop=2, rim=1)
    for x in (-15, 15):
        brush.fill(canvas, brush.box(x - 2, -24, x + 2, 0), mix(colour, light.hour.shade, 0.4), 0.8)
    lift = 13 * used
    if used > 0.1:
        brush.fill(canvas, brush.box(-22, -28, 22, -23), named()["ink"], 0.9)
        brush.halo(canvas, 0, -26, 26, named()["glow"], 0.30 * used)
    lid = brush.smooth([(-25, -24 - lift), (-24, -33 - lift * 1.4), (24, -33 - lift * 1.4), (25, -24 - lift)], ease=0.5)
    brush.piece(canvas, lid, mix(colour, light.hour.sky_light, 0.08), light, drop=2, rim=1)
    brush.fill(canvas, brush.box(-3.5, -27 - lift, 3.5, -19 - lift, 1), named()["yellow"])


def _parcel(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.box(-17, -24, 17, 0, 2), colour, light, drop=2, rim=1)
    string = named()["rust"]
    brush.pen(canvas, brush.poly([(0, -24), (0, 0)], closed=False), string, 1.8)
    brush.pen(canvas, brush.poly([(-17, -12), (17, -12)], closed=False), string, 1.8)
    for side in (-1, 1):
        brush.pen(
            canvas, brush.smooth([(0, -24), (side * 7, -31), (side * 9, -25), (0, -24)], closed=False), string, 1.6
        )


def _bag(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.pen(
        canvas,
        brush.smooth([(-8, -28), (-6, -39), (6, -39), (8, -28)], closed=False),
        mix(colour, light.hour.shade, 0.4),
        2.6,
    )
    brush.piece(
        canvas,
        brush.smooth([(-19, -26), (0, -29), (19, -26), (22, -4), (0, 0), (-22, -4)], ease=0.7),
        colour,
        light,
        drop=2,
        rim=1,
    )
    brush.pen(
        canvas, brush.smooth([(-20, -17), (0, -12), (20, -17)], closed=False), mix(colour, light.hour.shade, 0.4), 1.6
    )
    brush.fill(canvas, brush.oval(0, -13, 2.6, 2.6), named()["yellow"])


def _cup(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.pen(canvas, brush.oval(9, -8, 4.5, 5), colour, 2.4)
    brush.piece(
        canvas,
        brush.smooth([(-9, -17), (9, -17), (8, -3), (5, 0), (-5, 0), (-8, -3)], ease=0.6),
        colour,
        light,
        drop=1.2,
        rim=0.8,
    )
    brush.fill(canvas, brush.oval(0, -16.5, 8, 1.8), named()["walnut"])


def _bottle(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    glass = brush.smooth(
        [(-3, -34), (3, -34), (3.4, -25), (8, -18), (8, -2), (-8, -2), (-8, -18), (-3.4, -25)], ease=0.6
    )
    brush.piece(canvas, glass, colour, light, drop=1.2, rim=1)
    brush.fill(canvas, brush.box(-6, -15, 6, -6, 1), named()["cream"], 0.85)
    brush.fill(canvas, brush.box(-3, -38, 3, -33, 1), named()["oak"])


def _flower(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.pen(canvas, brush.smooth([(0, 0), (2, -16), (-1, -30)], closed=False), named()["green"], 2.2)
    brush.piece(canvas, brush.smooth([(1, -12), (11, -19), (6, -10)]), named()["green"], light, drop=0, rim=0.5)
    for i in range(6):
        turn = i * math.tau / 6
        brush.piece(
            canvas,
            brush.oval(-1 + 6 * math.cos(turn), -34 + 6 * math.sin(turn), 4.6, 4.6),
            colour,
            light,
            drop=0,
            rim=0.6,
        )
    brush.fill(canvas, brush.oval(-1, -34, 3.6, 3.6), named()["yellow"])


def _jar(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    """Of glass, with the flowers that somebody keeps."""
    for x, lean, petals in ((-7, -16, "red"), (6, 15, "yellow"), (0, -3, "rose"), (-3, 26, "orange"), (3, -30, "red")):
        canvas.save()
        canvas.translate(x, -6)
        canvas.rotate(lean)
        canvas.scale(0.8, 0.8)
        _flower(canvas, mix(named()[petals], light.hour.shade, 0.12), light, used)
        canvas.restore()
    brush.fill(
        canvas, brush.smooth([(-13, -30), (13, -30), (14, -3), (9, 0), (-9, 0), (-14, -3)], ease=0.5), colour, 0.45
    )
    brush.pen(canvas, brush.poly([(-13, -30), (13, -30)], closed=False), named()["haze"], 2.0, 0.7)
    brush.pen(canvas, brush.poly([(-9, -25), (-9.5, -7)], closed=False), named()["white"], 1.6, 0.5)


def _umbrella(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.pen(canvas, brush.smooth([(0, -86), (0, -10), (3, -1), (8, -4)], closed=False), named()["brown"], 2.6)
    if used > 0.5:
        dome = brush.smooth(
            [
                (-58, -82),
                (-44, -108),
                (0, -124),
                (44, -108),
                (58, -82),
                (38, -88),
                (20, -82),
                (0, -88),
                (-20, -82),
                (-38, -88),
            ],
            ease=0.9,
        )
        brush.piece(canvas, dome, colour, light, drop=2.5, rim=1.4)
        return
    brush.piece(
        canvas,
        brush.smooth([(0, -90), (7, -70), (5, -36), (0, -28), (-5, -36), (-7, -70)]),
        colour,
        light,
        drop=1.5,
        rim=1,
    )


def _ball(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.oval(0, -11, 11, 11), colour, light, drop=1.5, rim=1.2)
    brush.pen(canvas, brush.smooth([(-10, -15), (0, -10), (10, -15)], closed=False), named()["cream"], 2.4, 0.8)


def _stone(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(
        canvas,
        brush.smooth([(-12, -3), (-8, -13), (3, -16), (12, -8), (10, 0), (-9, 0)]),
        colour,
        light,
        drop=1.5,
        rim=1.2,
    )
    for i in range(3):
        brush.pen(
            canvas,
            brush.smooth([(-6 + i * 5, -2), (-4 + i * 4, -10)], closed=False),
            mix(colour, light.hour.shade, 0.3),
            1,
            0.7,
        )


def _stick(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.limb([(0, 0), (1, -44), (-1, -92)], (4, 5, 4)), colour, light, drop=1.2, rim=0.8)


def _telescope(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    canvas.save()
    canvas.rotate(-68)
    for left, right, half, metal in ((-14, 6, 4.2, "oak"), (4, 24, 5.4, "yellow"), (22, 44, 6.8, "oak")):
        brush.piece(canvas, brush.box(left, -half - 6, right, half - 6, 1.5), named()[metal], light, drop=1, rim=0.8)
    canvas.restore()


def _phone(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.box(-7, -26, 7, 0, 2.6), colour, light, drop=1.2, rim=0.8)
    brush.fill(canvas, brush.box(-5.4, -23, 5.4, -4, 1), mix(named()["slate"], named()["glow"], 0.35 + 0.5 * used))


def _picture(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.box(-16, -36, 16, 0, 1), named()["oak"], light, drop=1.5, rim=0.8)
    brush.fill(canvas, brush.box(-12.5, -32.5, 12.5, -3.5), named()["sand"])
    brush.fill(canvas, brush.oval(0, -22, 5, 6), named()["brown"], 0.9)
    brush.fill(canvas, brush.smooth([(-10, -4), (-7, -13), (0, -16), (7, -13), (10, -4)]), named()["slate"], 0.9)


def _clock(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(canvas, brush.oval(0, -17, 17, 17), colour, light, drop=1.5, rim=1)
    brush.fill(canvas, brush.oval(0, -17, 13, 13), named()["cream"])
    for tip in ((0, -27), (7, -13)):
        brush.pen(canvas, brush.poly([(0, -17), tip], closed=False), named()["ink"], 1.6)


def _rope(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    for i in range(4):
        brush.pen(canvas, brush.oval(0, -5 - i * 4.5, 17 - i, 5), mix(colour, light.hour.shade, 0.4), 5.2)
        brush.pen(canvas, brush.oval(0, -5.5 - i * 4.5, 17 - i, 5), colour, 3.8)


def _bread(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(
        canvas,
        brush.smooth([(-16, -2), (-15, -11), (0, -15), (15, -11), (16, -2), (0, 0)], ease=0.8),
        colour,
        light,
        drop=1.5,
        rim=1,
    )
    for x in (-7, 0, 7):
        brush.pen(canvas, brush.poly([(x - 2, -6), (x + 2, -12)], closed=False), named()["cream"], 1.4, 0.7)


def _boat(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.pen(canvas, brush.poly([(0, -2), (0, -36)], closed=False), named()["oak"], 2)
    brush.piece(
        canvas, brush.smooth([(1.5, -35), (17, -12), (1.5, -11)], ease=0.5), named()["cream"], light, drop=1, rim=0.8
    )
    brush.piece(
        canvas, brush.smooth([(-20, -9), (20, -9), (13, 0), (-13, 0)], ease=0.6), colour, light, drop=1.5, rim=1
    )


def _bell(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(
        canvas,
        brush.smooth([(-14, -3), (-9, -10), (-7, -24), (0, -29), (7, -24), (9, -10), (14, -3), (0, -1)], ease=0.8),
        colour,
        light,
        drop=1.5,
        rim=1,
    )
    brush.fill(canvas, brush.oval(0, 0, 3, 3), named()["walnut"])


def _door(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    brush.piece(
        canvas, brush.box(-52, -272, 52, 0, 3), mix(named()["walnut"], light.hour.shade, 0.2), light, drop=4, rim=1
    )
    brush.fill(canvas, brush.box(-43, -263, 43, 0), mix(named()["ink"], named()["lamp"], 0.75 * used))
    wide = 86 * (1 - 0.72 * used)
    leaf = brush.poly([(-43, -263), (-43 + wide, -263 + 16 * used), (-43 + wide, 10 * used), (-43, 0)])
    brush.piece(canvas, leaf, colour, light, drop=2, rim=1)
    for low, high in ((-240, -150), (-128, -28)):
        brush.pen(
            canvas,
            brush.poly(
                [
                    (-43 + wide * 0.18, low),
                    (-43 + wide * 0.82, low),
                    (-43 + wide * 0.82, high),
                    (-43 + wide * 0.18, high),
                ]
            ),
            mix(colour, light.hour.shade, 0.4),
            2.4,
        )
    brush.fill(canvas, brush.oval(-43 + wide * 0.88, -128, 4.5, 4.5), named()["yellow"])


def _chair(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    for x in (-19, 19):
        brush.piece(
            canvas,
            brush.box(x - 3.2, -46, x + 3.2, 0, 1),
            mix(colour, light.hour.shade, 0.25),
            light,
            drop=1.5,
            rim=0.8,
        )
    brush.piece(canvas, brush.box(-25, -52, 25, -43, 3), colour, light, drop=2, rim=1)


def _table(canvas: Any, colour: Colour, light: Light, used: float) -> None:
    for x in (-50, 50):
        brush.piece(
            canvas, brush.box(x - 5, -80, x + 5, 0, 1), mix(colour, light.hour.shade, 0.25), light, drop=2, rim=0.8
        )
    brush.piece(canvas, brush.box(-66, -90, 66, -79, 3), colour, light, drop=3, rim=1.2)


PROPS: Mapping[str, Prop] = {
    "lantern": Prop(24, 44, 42, "rust", _lantern, burns=True, words="lanterns storm-lantern"),
    "lamp": Prop(34, 44, 20, "cream", _table_lamp, burns=True, words="lightbulb bulb"),
    "candle": Prop(22, 38, 4, "cream", _candle, burns=True, words="candles match matches candlestick"),
    "fire": Prop(56, 48, 6, "ember", _fire, burns=True, perch=False, words="campfire bonfire hearth stove"),
    "torch": Prop(16, 33, 12, "navy", _torch, burns=True, words="flashlight"),
    "letter": Prop(
        32, 22, 8, "cream", _letter, words="envelope note paper postcard telegram ticket map page drawing card"
    ),
    "book": Prop(24, 32, 14, "rust", _book, words="diary notebook logbook album journal bible"),
    "key": Prop(14, 28, 20, "yellow", _key, words="keys ring coin compass locket medal"),
    "box": Prop(50, 34, 14, "oak", _box, words="chest crate trunk case toolbox"),
    "parcel": Prop(34, 31, 14, "oak", _parcel, words="package present gift"),
    "bag": Prop(44, 40, 37, "brown", _bag, words="suitcase basket bucket satchel backpack sack handbag briefcase"),
    "cup": Prop(24, 18, 9, "cream", _cup, words="mug teacup bowl glass tea coffee teapot kettle pot"),
    "bottle": Prop(16, 38, 20, "moss", _bottle, words="flask jug"),
    "jar": Prop(28, 46, 20, "mist", _jar, words="vase pot"),
    "flower": Prop(16, 40, 14, "red", _flower, words="flowers rose tulip bouquet daisy branch leaf feather"),
    "umbrella": Prop(20, 90, 8, "rust", _umbrella, words="parasol"),
    "ball": Prop(22, 22, 10, "red", _ball, words="balloon football apple orange pebble marble egg"),
    "shell": Prop(24, 16, 8, "sand", _stone, words="stone rock seashell"),
    "stick": Prop(5, 92, 50, "brown", _stick, words="cane oar staff broom rod pole fishing-rod sword hammer"),
    "telescope": Prop(20, 44, 10, "oak", _telescope, words="spyglass binoculars"),
    "phone": Prop(14, 26, 10, "black", _phone, words="telephone radio mobile camera cellphone tablet"),
    "picture": Prop(32, 36, 12, "oak", _picture, words="photograph photo portrait painting mirror"),
    "clock": Prop(34, 34, 12, "oak", _clock, words="watch alarm-clock"),
    "rope": Prop(36, 26, 12, "sand", _rope, words="cord net string thread"),
    "bread": Prop(32, 15, 8, "oak", _bread, words="loaf cake sandwich food"),
    "boat": Prop(40, 36, 6, "red", _boat, words="toy ship sailboat"),
    "bell": Prop(28, 30, 26, "yellow", _bell, words="bells"),
    "door": Prop(104, 272, 128, "brown", _door, perch=False, words="gate hatch doorway"),
    "chair": Prop(50, 52, 48, "oak", _chair, perch=False, words="stool bench seat crate-seat armchair"),
    "table": Prop(132, 90, 80, "oak", _table, perch=False, words="desk counter workbench"),
}
"""Every kind of thing that is known."""
