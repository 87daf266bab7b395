"""A setting as paper planes one behind the other, and what the painters of settings share.

The stage is 1280 x 720 as the widest framing sees it; planes are painted beyond that (``EDGE``), for cameras move.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.brush import Point
from filmbench.harness.film.picture.colours import Colour, Hour, Light, hour, mix, named
from filmbench.harness.film.shot import Setting

WIDTH, HEIGHT = 1280.0, 720.0
EDGE = (-460.0, -300.0, 1740.0, 1020.0)
"""Left, top, right and bottom of what is painted."""
GROUND = 634.0
"""Where soles stand."""


@dataclass(frozen=True, slots=True)
class Plane:
    """One sheet: ``depth`` 1 stands with the actors, towards 0 far away, above 1 before them.

    ``sway`` (x, y, seconds, phase) rocks it, ``drift`` carries it on (units a second); it lies within ``band``.
    """

    depth: float
    paint: Callable[[Any], None]
    sway: tuple[float, float, float, float] | None = None
    drift: float = 0.0
    band: tuple[float, float] = (EDGE[1], EDGE[3])

    @property
    def still(self) -> bool:
        """Whether it never moves by itself."""
        return self.sway is None and not self.drift


@dataclass(slots=True)
class Scenery:
    """The planes from back to front, and where the setting's own lamp hangs: (x, y, depth)."""

    planes: list[Plane]
    lamp: tuple[float, float, float] | None = None


class Easel:
    """What a painter of settings works with: the hour, the light, the setting's words, and dice from its seed.

    ``burn`` 0..1 is how bright the setting's own lamp is.
    """

    def __init__(self, setting: Setting, light: Light, burn: float, seed: int) -> None:
        self.setting, self.light, self.burn = setting, light, burn
        self.hour: Hour = hour(setting.time)
        self.dark = setting.time in ("night", "dusk")
        self.seed = seed * 7919 + setting.seed

    def dice(self, purpose: str) -> random.Random:
        """Dice for one purpose: what one plane throws does not change another."""
        return random.Random(f"{self.seed}|{purpose}")  # noqa: S311 - a picture, not a secret

    def has(self, *words: str) -> bool:
        """Whether the setting's words name any of ``words``."""
        return any(word in self.setting.words for word in words)

    def colour(self, name: str, away: float = 0.0) -> Colour:
        """A colour of the palette as the hour tints it, faded by ``away`` (0..1) into the distance."""
        near = mix(named()[name], self.hour.air, 0.30 * self.hour.veil / 0.2 if self.dark else 0.08)
        near = mix(near, self.hour.shade, 0.28 if self.dark else 0.04)
        return mix(near, self.hour.sheet(0.15), away)

    def sheet(
        self, canvas: Any, path: Any, colour: Colour, drop: float = 5.0, rim: float = 1.2, shape: float = 0.6
    ) -> None:
        """Cut paper in this light."""
        brush.piece(canvas, path, colour, self.light, drop=drop, rim=rim, shape=shape)

    def glow(self, canvas: Any, x: float, y: float, radius: float, strength: float) -> None:
        """Warm light about a source."""
        brush.halo(canvas, x, y, radius, self.hour.light, strength)
        brush.halo(canvas, x, y, radius * 0.32, named()["glow"], min(1.0, strength * 1.3))


def ridge(dice: random.Random, base: float, tall: float, hills: float, rough: float = 0.5) -> list[Point]:
    """A skyline from edge to edge about ``base``, with ``hills`` main hills across the stage."""
    waves = [(dice.uniform(0, math.tau), dice.uniform(0.85, 1.2) * hills * 2**i, rough**i) for i in range(5)]
    points = []
    for i in range(101):
        x = EDGE[0] + (EDGE[2] - EDGE[0]) * i / 100
        y = sum(a * math.sin(phase + math.tau * f * x / WIDTH) for phase, f, a in waves)
        points.append((x, base - tall * y))
    return points


def land(points: Sequence[Point]) -> Any:
    """The ground under a skyline."""
    return brush.poly([(EDGE[0], EDGE[3]), *points, (EDGE[2], EDGE[3])])


def whole() -> Any:
    """All that is painted."""
    return brush.box(*EDGE)


def between(top: float, bottom: float) -> Any:
    """A band from edge to edge."""
    return brush.box(EDGE[0], top, EDGE[2], bottom)
