"""The film's one palette: colours by name, the four hours, and what light does to a colour.

Everything drawn is a mix of the palette's colours, so every pixel lies in their convex hull (film grain aside).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

Colour = tuple[float, float, float]
"""sRGB, each 0..1."""


@dataclass(frozen=True, slots=True)
class Hour:
    """A time of day. ``sky`` runs from the zenith to the horizon, ``land`` from the farthest sheet to the nearest.

    ``air`` tints what is seen by ``veil`` (0..1), ``shade`` is the colour of shadow, ``light`` of what burns and
    ``sky_light`` of moon and sun.
    """

    name: str
    sky: tuple[Colour, ...]
    land: tuple[Colour, ...]
    air: Colour
    shade: Colour
    light: Colour
    sky_light: Colour
    veil: float
    stars: bool

    def sheet(self, nearness: float) -> Colour:
        """The colour of a sheet of land, 0 the farthest and 1 the nearest."""
        return along(self.land, nearness)


@dataclass(frozen=True, slots=True)
class Light:
    """What falls on a piece of paper: ``towards`` points to the source in the picture, ``warm`` 0..1 is how strong."""

    hour: Hour
    towards: tuple[float, float]
    warm: float

    def shades(self, colour: Colour) -> tuple[Colour, Colour, Colour]:
        """The lit side, the body and the dark side of a sheet of ``colour``."""
        body = mix(colour, self.hour.air, self.hour.veil * (1 - 0.55 * self.warm))
        lit = mix(mix(colour, self.hour.sky_light, 0.06), self.hour.light, 0.24 * self.warm)
        return lit, body, mix(body, self.hour.shade, 0.30 + 0.08 * self.warm)


@cache
def named() -> Mapping[str, Colour]:
    """Every colour that has a name."""
    return MappingProxyType({name: _read(code) for name, code in _table()["colours"].items()})


@cache
def hour(name: str) -> Hour:
    """``night``, ``dusk``, ``dawn`` or ``day``."""
    facts = _table()[name]
    return Hour(
        name=name,
        sky=tuple(_read(code) for code in facts["sky"]),
        land=tuple(_read(code) for code in facts["land"]),
        air=_read(facts["air"]),
        shade=_read(facts["shade"]),
        light=_read(facts["light"]),
        sky_light=_read(facts["sky_light"]),
        veil=float(facts["veil"]),
        stars=bool(facts["stars"]),
    )


def every(name: str) -> tuple[Colour, ...]:
    """All colours that a picture at this hour is mixed from."""
    its = hour(name)
    return (*named().values(), *its.sky, *its.land, its.air, its.shade, its.light, its.sky_light)


def mix(one: Colour, other: Colour, amount: float) -> Colour:
    """``one`` moved by ``amount`` (0..1) towards ``other``."""
    return (
        one[0] + (other[0] - one[0]) * amount,
        one[1] + (other[1] - one[1]) * amount,
        one[2] + (other[2] - one[2]) * amount,
    )


def along(colours: tuple[Colour, ...], place: float) -> Colour:
    """The colour at ``place`` (0..1) of a ramp."""
    at = min(max(place, 0.0), 1.0) * (len(colours) - 1)
    low = min(int(at), len(colours) - 2)
    return mix(colours[low], colours[low + 1], at - low)


@cache
def _table() -> dict[str, Any]:
    text = files("filmbench.harness.film.picture").joinpath("palette.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read(code: str) -> Colour:
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
