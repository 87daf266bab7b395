"""Palettes: five sheets of colour from far to near, a sky, and one light, after the hour or as the client asks."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from filmbench.adapters.local.painting.words import Brief

Colour = tuple[float, float, float]
"""sRGB, each 0..1."""


@dataclass(frozen=True, slots=True)
class Palette:
    """``sky`` runs from the zenith to the horizon, ``land`` from the farthest sheet to the nearest; one ``light``."""

    sky: tuple[Colour, ...]
    land: tuple[Colour, ...]
    light: Colour
    accent: Colour
    dark: bool

    def sheet(self, nearness: float) -> Colour:
        """The colour of a sheet, 0 the farthest and 1 the nearest."""
        return along(self.land, nearness)

    def lit(self, colour: Colour, amount: float) -> Colour:
        """``colour`` with the light upon it."""
        return mix(colour, self.light, amount)


def hexes(text: str) -> tuple[Colour, ...]:
    """The colours in ``#102040 #f0c080``. Raises ``ValueError`` where a word is none."""
    words = text.replace(",", " ").split()
    wrong = [word for word in words if not re.fullmatch(r"#[0-9a-fA-F]{6}", word)]
    if wrong or not words:
        raise ValueError(f"{wrong[0] if wrong else text!r} is no colour: write #rrggbb")
    return tuple((int(w[1:3], 16) / 255, int(w[3:5], 16) / 255, int(w[5:7], 16) / 255) for w in words)


def mix(one: Colour, other: Colour, amount: float) -> Colour:
    """``one`` moved by ``amount`` (0..1) towards ``other``."""
    return (
        one[0] + (other[0] - one[0]) * amount,
        one[1] + (other[1] - one[1]) * amount,
        one[2] + (other[2] - one[2]) * amount,
    )


def along(colours: Sequence[Colour], place: float) -> Colour:
    """The colour at ``place`` (0..1) of a ramp."""
    at = min(max(place, 0.0), 1.0) * (len(colours) - 1)
    low = min(int(at), len(colours) - 2)
    return mix(colours[low], colours[low + 1], at - low)


def _ramp(text: str) -> tuple[Colour, ...]:
    return hexes(text)


HOURS = {
    "night": Palette(
        _ramp("#0b1a3c #12305c #23608a #6f9f9b"), _ramp("#467a8a #2c5f78 #1d4763 #15314c #0e1f35"),
        (1.0, 0.83, 0.52), (0.75, 0.23, 0.21), dark=True,
    ),
    "dusk": Palette(
        _ramp("#2b2f5e #6a4c7d #c8747a #f4b183"), _ramp("#a3728a #75577e #4d4370 #33305a #1e1f3f"),
        (1.0, 0.80, 0.48), (0.84, 0.34, 0.25), dark=True,
    ),
    "dawn": Palette(
        _ramp("#6f9bbd #a8c1cf #f0cfc0 #fbe3bd"), _ramp("#b9b3bf #8f9aac #66818f #46656f #2c464d"),
        (1.0, 0.90, 0.66), (0.86, 0.45, 0.33), dark=False,
    ),
    "day": Palette(
        _ramp("#3f86b8 #6aaacb #a5cfd9 #e2efe2"), _ramp("#9dc0bd #72a592 #548b6c #3b6f52 #25503c"),
        (1.0, 0.95, 0.76), (0.82, 0.33, 0.25), dark=False,
    ),
    "grey": Palette(
        _ramp("#6d7c88 #8796a0 #a9b4b8 #cbd0cd"), _ramp("#a2acaf #828f94 #63737a #48585f #2f3d44"),
        (0.98, 0.88, 0.66), (0.66, 0.30, 0.26), dark=False,
    ),
}  # fmt: skip


def palette(brief: Brief, asked: Sequence[Colour] = ()) -> Palette:
    """The palette of a brief: the client's own colours where there are any, else the hour's, tuned by the mood."""
    base = HOURS[brief.light]
    if asked:
        return _of(asked, brief.light)
    if brief.weather == "fog":
        base = _towards(base, base.sky[-1], 0.30)
    if brief.weather == "snow":
        white = mix((0.93, 0.95, 0.98), base.sky[0], 0.40 if base.dark else 0.08)
        base = replace(base, land=tuple(mix(one, white, 0.72 - 0.10 * i) for i, one in enumerate(base.land)))
    if brief.weather == "storm":
        base = _towards(base, (0.16, 0.20, 0.27), 0.35)
    if "warm" in brief.moods:
        base = _towards(base, (0.93, 0.62, 0.33), 0.14)
    if "cold" in brief.moods:
        base = _towards(base, (0.55, 0.71, 0.86), 0.16)
    if "eerie" in brief.moods:
        base = _towards(base, (0.20, 0.30, 0.28), 0.25)
    return base


def _towards(base: Palette, colour: Colour, amount: float) -> Palette:
    return replace(
        base,
        sky=tuple(mix(one, colour, amount) for one in base.sky),
        land=tuple(mix(one, colour, amount * 0.8 * (1 - i / 6)) for i, one in enumerate(base.land)),
    )


def _of(asked: Sequence[Colour], hour: str) -> Palette:
    """The client's colours by lightness: the darkest is nearest, the light is the most glowing of the brighter half.

    Nothing is mixed in from outside, so that a picture's main colours are those that were asked for.
    """
    ordered = sorted(asked, key=_lightness)
    bright = ordered[len(ordered) // 2 :]
    light = max(bright, key=lambda colour: _lightness(colour) + 0.6 * _warmth(colour))
    body = [colour for colour in ordered if colour != light] or ordered
    if len(body) == 1:
        body = [mix(body[0], (0.0, 0.0, 0.0), 0.4), body[0]]
    skies = {"night": body[: max(2, len(body) - 1)], "dusk": [*body[: len(body) // 2 + 1], light]}
    sky = skies.get(hour, [body[-1], light])
    return Palette(tuple(sky), tuple(reversed(body)), light, max(body, key=_warmth), HOURS[hour].dark)


def _lightness(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _warmth(colour: Colour) -> float:
    hue, _, saturation = colorsys.rgb_to_hls(*colour)
    return saturation * max(0.0, 1 - min(abs(hue - 0.09), 1 - abs(hue - 0.09)) * 5)
