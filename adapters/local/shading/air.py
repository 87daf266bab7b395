"""Sky, clouds, sea and terrain as functions of a pixel's direction and the time; float RGB, 0..1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from filmbench.adapters.local.painting.colours import Colour, Palette, palette
from filmbench.adapters.local.painting.words import Brief
from filmbench.adapters.local.shading import noise


@dataclass(frozen=True, slots=True)
class Lighting:
    """What a view is lit by: palette, where the sun or moon stands (in heights of the picture), how much cloud."""

    colours: Palette
    sun: tuple[float, float]
    glare: float
    cover: float
    wind: float
    haze: float
    swell: float


def stage(brief: Brief, asked: tuple[Colour, ...], seed: int) -> Lighting:
    """The set of a brief."""
    side = 0.55 if seed % 2 else 1.22
    low = brief.light in ("dusk", "dawn")
    storm, dull = brief.weather == "storm", brief.light == "grey" or brief.weather in ("rain", "fog")
    cover = 0.88 if storm else 0.75 if dull else 0.58 if brief.has("clouds") or brief.place == "sky" else 0.42
    return Lighting(
        colours=palette(brief, asked),
        sun=(side, 0.10 if low else 0.36),
        glare=0.0 if storm or dull else 0.55 if brief.light == "night" else 1.0,
        cover=cover,
        wind=2.2 if storm else 0.6 if "calm" in brief.moods else 1.0,
        haze=1.9 if brief.weather == "fog" else 1.0,
        swell=2.0 if storm else 0.55 if "calm" in brief.moods else 1.0,
    )


def blend(one: Any, other: Any, share: Any) -> Any:
    """``one`` moved towards ``other`` (…, 3) by ``share`` (…)."""
    import numpy as np

    return one + (np.asarray(other, np.float32) - one) * np.asarray(share, np.float32)[..., None]


def gradient(colours: tuple[Colour, ...], place: Any) -> Any:
    """The colours of a ramp at ``place`` (0..1), float32, shape (…, 3)."""
    import numpy as np

    stops, ramp = np.linspace(0, 1, len(colours)), np.array(colours, np.float32)
    return np.stack([np.interp(place, stops, ramp[:, channel]) for channel in range(3)], axis=-1).astype(np.float32)


def heaven(
    view: Lighting, x: Any, up: Any, seed: int, time: float, stars: bool, pixel: float = 1 / 720, disc: bool = True
) -> Any:
    """The sky in direction ``x`` (0 at the left edge) and ``up`` above the horizon, both in picture heights."""
    import numpy as np

    colours = view.colours
    tone = gradient(colours.sky, 1 - np.clip(up / 0.62, 0, 1) ** 0.75)
    far = np.hypot(x - view.sun[0], up - view.sun[1])
    tone = blend(tone, colours.light, view.glare * (0.55 * np.exp(-far * 5.5) + 0.18 * np.exp(-far * 1.6)))
    if stars:
        tone = tone + _stars(x, up, seed, pixel)[..., None]
    if disc:
        edge = np.clip((0.040 - far) / (2.5 * pixel) + 0.5, 0, 1) * view.glare
        tone = blend(tone, np.array(colours.light) * 0.35 + 0.65, np.clip(edge * 1.4, 0, 1))
    return _clouded(view, tone, x, up, seed, time, 6 if disc else 4)


def _stars(x: Any, up: Any, seed: int, pixel: float) -> Any:
    import numpy as np

    cell = 1 / 38
    i, j = np.floor(x / cell), np.floor(up / cell)
    h = noise.hashed(i.astype(np.int64), j.astype(np.int64), np.asarray(7), seed)
    at = ((h & 255) / 255.0 * 0.8 + 0.1, ((h >> 8) & 255) / 255.0 * 0.8 + 0.1)
    away = np.hypot(x / cell - i - at[0], up / cell - j - at[1]) * cell
    bright = ((h >> 16) & 255) / 255.0
    return np.where((bright > 0.72) & (up > 0.03), np.clip(1.2 - away / pixel, 0, 1) * (bright - 0.55) * 1.6, 0).astype(
        np.float32
    )


def _clouded(view: Lighting, tone: Any, x: Any, up: Any, seed: int, time: float, octaves: int) -> Any:
    """Clouds on a flat ceiling, so that they crowd towards the horizon, lit from the side of the sun."""
    import numpy as np

    reach = 0.42 / np.maximum(up + 0.10, 0.05)
    u, v = (x - 0.9) * reach * 1.35 + time * 0.06 * view.wind, reach * 2.2
    density = noise.fractal(u, v, octaves, seed + 40) * 0.5 + 0.5
    toward = 0.10 * np.tanh((view.sun[0] - x) * 5)
    shade = noise.fractal(u + toward, v - 0.06, octaves - 2, seed + 40) * 0.5 + 0.5
    opacity = np.clip((density - (0.69 - 0.34 * view.cover)) / 0.17, 0, 1)
    opacity = opacity * opacity * (3 - 2 * opacity) * np.clip(up / 0.05, 0, 1)
    lit = np.clip(0.5 + (density - shade) * 3.2, 0, 1)
    colours = view.colours
    bright = np.array(colours.light) * 0.45 + np.array(colours.sky[-1]) * 0.55
    dark = np.array(colours.sky[min(1, len(colours.sky) - 1)]) * (0.50 if view.glare == 0 else 0.78)
    body = blend(np.broadcast_to(np.asarray(dark, np.float32), tone.shape), bright, lit)
    return blend(tone, body, opacity * 0.92)


def water(view: Lighting, x: Any, below: Any, seed: int, time: float) -> Any:
    """The sea at ``below`` the horizon: waves seen in perspective, the sky in them, the sun's path on them."""
    import numpy as np

    distance = 0.11 / np.maximum(below, 1e-3)
    u, v = (x - 0.89) * distance * 7.0, distance * 9.0
    fine = np.clip(1.4 - distance * 0.9, 0.05, 1)
    drift = time * 0.9 * view.wind
    wave = noise.fractal(u * 0.5, v * 0.55 + drift * 0.6, 3, seed + 60, time * 0.5)
    ripple = noise.fractal(u * 2.1 + drift * 0.3, v * 2.4 + drift, 3, seed + 70, time * 0.9)
    tilt = view.swell * (1.0 * wave + 0.9 * ripple * fine)
    facing = np.clip(0.02 + 0.98 * (1 - np.clip(below * 1.25 + 0.08, 0, 1)) ** 2.2, 0.04, 0.96)
    mirror = heaven(
        view,
        x + tilt * 0.05,
        np.clip(below * 0.85 + 0.05 + tilt * 0.10 * fine, 0.004, 1.2),
        seed,
        time,
        False,
        disc=False,
    )
    deep = gradient(view.colours.land, np.clip(0.35 + below * 0.9, 0, 0.92))
    sea = blend(deep, mirror, np.clip(facing + tilt * 0.30, 0, 1))
    sea = sea * (1 + 0.30 * tilt * fine)[..., None]
    column = np.exp(-(((x - view.sun[0]) / (0.035 + 0.16 * below)) ** 2))
    spark = np.clip((tilt - 0.10 + 0.12 * column) * 4.0, 0, 1) * column * view.glare
    sea = blend(sea, np.array(view.colours.light), np.clip(spark, 0, 1) * 0.9)
    foam = np.clip((wave * view.swell - 0.92) * 3.5, 0, 1) * fine
    return blend(sea, np.array((0.92, 0.95, 0.96)), foam * 0.6)


def terrain(
    view: Lighting, width: int, height: int, horizon: float, seed: int, snow: bool, eye: float = 0.0
) -> tuple[Any, Any]:
    """Mountains by marching outwards over a height field: (float RGB, mask), each of shape (height, width…).

    Column by column the highest point so far hides what lies behind it; light falls by the slope towards the sun,
    and air is laid over with distance. ``eye`` moves the camera sideways.
    """
    import numpy as np

    steps = 240
    z = 1.2 * (1.0150 ** np.arange(steps, dtype=np.float32))
    columns = (np.arange(width, dtype=np.float32) / height - width / height / 2)[None, :]
    x, zz = eye + columns * z[:, None] * 0.9, np.broadcast_to(z[:, None], (steps, width))
    ground = _relief(x, zz, seed)
    step = 0.03 * z[:, None]
    slope_x, slope_z = (_relief(x + step, zz, seed) - ground) / step, (_relief(x, zz + step, seed) - ground) / step
    row = horizon * height - (ground - 1.05) / z[:, None] * 0.95 * height
    skyline = np.minimum.accumulate(row, axis=0)
    rows = np.arange(height, dtype=np.float32)
    first = np.full((height, width), steps, np.int64)
    for column in range(width):
        first[:, column] = np.searchsorted(-skyline[:, column], -rows, side="left")
    mask = first < steps
    at = np.minimum(first, steps - 1), np.broadcast_to(np.arange(width)[None, :], (height, width))
    east = 1.0 if view.sun[0] > width / height / 2 else -1.0
    light = np.clip(0.55 - 0.95 * slope_x * east + 0.25 * slope_z, 0.05, 1.25)
    steep = np.clip(np.hypot(slope_x, slope_z) - 0.5, 0, 1)
    colours = view.colours
    tone = gradient(colours.land, np.clip(0.98 - 0.10 * ground, 0.25, 1))
    tone = blend(tone, np.array(colours.land[-1]) * 0.9 + 0.06, steep * 0.6)
    if snow:
        tone = blend(tone, np.array((0.94, 0.96, 1.0)), np.clip((ground - 0.7) * 0.9, 0, 1) * (1 - steep * 0.7))
    tone = tone * (0.45 + 0.62 * light)[..., None]
    tone = blend(tone, np.array(colours.light), np.clip(light - 0.55, 0, 1) * 0.34 * max(view.glare, 0.15))
    air = 1 - np.exp(-np.maximum(zz - 1.5, 0) * 0.030 * view.haze)
    tone = blend(tone, np.array(colours.sky[-1]) * 0.75 + np.array(colours.sky[len(colours.sky) // 2]) * 0.25, air)
    return tone[at], mask


def _relief(x: Any, z: Any, seed: int) -> Any:
    """Heights of the land: a valley with rising, sharper mountains behind."""
    import numpy as np

    rise = np.clip((z - 3) / 24, 0, 1)
    peaks = noise.ridged(x * 0.062 + 3.1, z * 0.062, 7, seed)
    rolling = noise.fractal(x * 0.33, z * 0.33, 4, seed + 20) * 0.35
    return rolling * (1 - 0.4 * rise) + peaks * (0.25 + 11.0 * rise**1.5)
