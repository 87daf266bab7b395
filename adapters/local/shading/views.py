"""Whole views of the renderer: one frame at one time."""

from __future__ import annotations

from typing import Any

from filmbench.adapters.local.painting.words import Brief
from filmbench.adapters.local.shading import air, noise

PLACES = ("sky", "sea", "hills")
"""What the renderer knows; it has no trees, streets or rooms."""
DRAWN = frozenset({"moon", "sun", "stars", "clouds"})
"""The things it can put there."""


def frame(brief: Brief, view: air.Lighting, size: tuple[int, int], seed: int, time: float = 0.0) -> Any:
    """The picture of ``brief`` at ``time`` seconds: uint8, shape (height, width, 3)."""
    import numpy as np

    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5) / height, (y + 0.5) / height
    stars = brief.light == "night" and view.glare > 0
    if brief.place == "sea":
        horizon = 0.46
        split = int(horizon * height)
        above = air.heaven(view, x[:split], horizon - y[:split], seed, time, stars, 1 / height)
        sea = air.water(view, x[split:], y[split:] - horizon, seed, time)
        fade = np.exp(-(y[split:] - horizon) * 26)
        sea = air.blend(sea, np.array(view.colours.sky[-1]), fade * 0.55)
        picture = np.concatenate([above, sea])
    elif brief.place == "hills":
        horizon = 0.50
        picture = air.heaven(view, x, np.maximum(horizon + 0.08 - y, 0.004), seed, time, stars, 1 / height)
        land, mask = air.terrain(view, width, height, horizon, seed, brief.weather == "snow", eye=0.10 * time)
        picture = np.where(mask[..., None], land, picture)
    else:
        picture = air.heaven(view, x, np.maximum(0.97 - y, 0.004), seed, time, stars, 1 / height)
    if brief.weather == "fog":
        bank = noise.fractal(x * 1.3 + 0.05 * time, y * 3.0, 4, seed + 90, time * 0.1) * 0.5 + 0.5
        picture = air.blend(
            picture,
            np.array(view.colours.sky[-1]),
            np.clip(bank * 0.7 * np.exp(-(((y - 0.62) / 0.28) ** 2)) * 1.25, 0, 0.9),
        )
    if brief.weather in ("rain", "storm"):
        picture = air.blend(picture, np.array(view.colours.sky[-1]) * 0.5 + 0.5, rain(x, y, seed, time))
    if brief.weather == "snow":
        picture = air.blend(picture, np.array((1.0, 1.0, 1.0)), snow(x, y, seed, time))
    return finished(picture, seed)


def rain(x: Any, y: Any, seed: int, time: float) -> Any:
    """Opacity of falling streaks in three depths, 0..1."""
    import numpy as np

    total = np.zeros(x.shape, np.float32)
    for depth, (across, long, speed) in enumerate(((46, 5.0, 1.3), (70, 7.0, 1.0), (110, 10.0, 0.8))):
        lane = x * across - y * across * 0.16
        column = np.floor(lane)
        start = (noise.hashed(column.astype(np.int64), np.asarray(depth), np.asarray(3), seed) & 1023) / 1023.0
        fall = y * long * 0.35 - time * speed * 2.6 + start * 13
        drop = np.floor(fall)
        h = noise.hashed(column.astype(np.int64), drop.astype(np.int64), np.asarray(depth + 9), seed)
        thin = np.clip(1 - np.abs(lane - column - 0.5) * (5.0 - depth), 0, 1)
        length = np.clip(1 - np.abs(fall - drop - 0.5) * 3.2, 0, 1)
        total += np.where((h & 255) < 130, thin * length, 0).astype(np.float32) * (0.42 - 0.09 * depth)
    return np.clip(total, 0, 0.7)


def snow(x: Any, y: Any, seed: int, time: float) -> Any:
    """Opacity of drifting flakes in three depths, 0..1."""
    import numpy as np

    total = np.zeros(x.shape, np.float32)
    for depth, (cells, speed, radius) in enumerate(((9, 0.30, 0.10), (16, 0.22, 0.11), (28, 0.15, 0.13))):
        u, v = (x + 0.02 * np.sin(time * 0.9 + y * 6 + depth)) * cells, (y - time * speed) * cells
        i, j = np.floor(u), np.floor(v)
        h = noise.hashed(i.astype(np.int64), j.astype(np.int64), np.asarray(depth + 20), seed)
        away = np.hypot(u - i - ((h & 255) / 255 * 0.6 + 0.2), v - j - (((h >> 8) & 255) / 255 * 0.6 + 0.2))
        total += np.where((h >> 16) & 1, np.clip((radius - away) / (radius * 0.6), 0, 1), 0).astype(np.float32) * (
            0.9 - 0.2 * depth
        )
    return np.clip(total, 0, 0.95)


def fire(size: tuple[int, int], seed: int, time: float) -> Any:
    """Flames over embers against the night: rising noise, narrowed with height; uint8 (height, width, 3)."""
    import numpy as np

    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, up = (x + 0.5 - width / 2) / height, 1 - (y + 0.5) / height
    sway = noise.fractal(x * 2.0 + 5, up * 1.6 - time * 1.1, 3, seed, time * 0.5) * 0.11 * up
    tongues = noise.fractal((x + sway) * 4.6, up * 2.7 - time * 2.3, 5, seed + 9, time * 0.8) * 0.5 + 0.5
    body = np.exp(-(((x + sway) / (0.30 - 0.22 * np.clip(up, 0, 1))) ** 2))
    heat = np.clip(body * (1.25 - 1.15 * up) * (0.45 + 0.95 * tongues) * np.clip(up * 9, 0, 1), 0, 1.2) ** 1.45
    dark = air.gradient(((0.02, 0.03, 0.07), (0.05, 0.07, 0.14)), up)
    picture = dark + (np.exp(-np.hypot(x, (up - 0.25) * 0.8) * 3.2) * 0.40)[..., None] * np.array(
        (1.0, 0.45, 0.16), np.float32
    )
    flame = air.gradient(
        ((0.12, 0.02, 0.01), (0.75, 0.16, 0.03), (1.0, 0.55, 0.10), (1.0, 0.88, 0.48), (1.0, 0.98, 0.86)),
        np.clip(heat, 0, 1),
    )
    picture = air.blend(picture, flame, np.clip(heat * 1.8, 0, 1))
    embers = (
        noise.plane(x * 26, np.minimum(up, 0.10) * 60, seed + 30) * 0.5
        + 0.5
        + 0.25 * noise.moving(x * 9, up * 9, time * 1.5, seed + 31)
    )
    bed = np.clip((0.085 + 0.018 * noise.plane(x * 7, up * 0, seed + 32) - up) * 40, 0, 1) * np.clip(
        1.25 - np.abs(x) * 1.9, 0, 1
    )
    picture = air.blend(
        picture,
        air.gradient(((0.05, 0.02, 0.02), (0.55, 0.10, 0.03), (1.0, 0.60, 0.2)), np.clip(embers - 0.1, 0, 1)),
        bed,
    )
    spark = np.zeros(x.shape, np.float32)
    u, v = (x + 0.03 * np.sin(up * 9 + time)) * 15, (up - time * 0.42) * 9
    i, j = np.floor(u), np.floor(v)
    h = noise.hashed(i.astype(np.int64), j.astype(np.int64), np.asarray(50), seed)
    away = np.hypot((u - i - 0.5) * 0.6, v - j - 0.5)
    spark = (
        np.where((h & 7) == 0, np.clip(1 - away * 11, 0, 1), spark)
        * np.exp(-(((x) / 0.42) ** 2))
        * np.clip(1.1 - up, 0, 1)
    )
    picture = air.blend(picture, np.array((1.0, 0.72, 0.3)), spark)
    return finished(picture, seed)


def finished(picture: Any, seed: int) -> Any:
    """A gentle shoulder, a vignette and one bit of still grain against banding; uint8."""
    import numpy as np

    height, width = picture.shape[:2]
    y, x = np.mgrid[-1 : 1 : complex(0, height), -1 : 1 : complex(0, width)].astype(np.float32)
    picture = np.where(picture > 0.8, 0.8 + 0.2 * np.tanh((picture - 0.8) / 0.2), picture)
    picture = picture * (1 - 0.22 * np.clip((x * x + y * y) / 2, 0, 1) ** 1.5)[..., None]
    grain = np.random.default_rng(seed).standard_normal((height, width, 1)).astype(np.float32)
    return np.clip(np.rint(picture * 255 + grain * 1.3), 0, 255).astype(np.uint8)
