"""What stands over every scene: sky, stars, moon or sun, clouds; and fog, rain or snow before it."""

from __future__ import annotations

from typing import Any

from filmbench.adapters.local.painting import props
from filmbench.adapters.local.painting.colours import Palette, mix
from filmbench.adapters.local.painting.easel import Easel, down, flat, glow, stroke
from filmbench.adapters.local.painting.words import Brief


def heavens(easel: Easel, brief: Brief, palette: Palette, horizon: float) -> tuple[float, float]:
    """Sky, stars, moon or sun, clouds down to ``horizon`` (pixels); gives where the light stands."""
    width, height, unit = easel.width, easel.height, easel.unit
    night, sun = brief.light == "night" or brief.has("moon"), brief.light in ("dusk", "dawn") or brief.has("sun")
    x = width * (easel.between(0.14, 0.32) if easel.between(0, 1) < 0.6 else easel.between(0.66, 0.86))
    y = horizon * (easel.between(0.20, 0.36) if night else easel.between(0.74, 0.86) if sun else 0.16)
    with easel.layer("sky", 1.0, "sky") as canvas:
        canvas.drawRect(_rect(0, 0, width, height), flat(palette.sky[-1]))
        canvas.drawRect(_rect(0, 0, width, horizon), down(0, horizon, palette.sky))
    if (night or brief.has("stars")) and brief.weather not in ("fog", "storm"):
        _stars(easel, palette, horizon)
    if night or sun or brief.light == "day":
        with easel.layer("halo", 0.99, "light") as canvas:
            reach = height * (0.42 if night else 0.75)
            canvas.drawCircle(x, y, reach, glow(x, y, reach, palette.light, 0.42 if night else 0.62))
    if (night and brief.light != "day") or sun or brief.has("moon"):
        with easel.layer("moon" if night else "sun", 0.98) as canvas:
            _disc(canvas, palette, x, y, (46 if night else 54) * unit, cratered=night)
    _clouds(easel, brief, palette, horizon)
    return x, y


def _stars(easel: Easel, palette: Palette, horizon: float) -> None:
    pale = mix(palette.light, (1.0, 1.0, 1.0), 0.7)
    with easel.layer("stars", 0.995, "light") as canvas:
        for _ in range(150):
            x, y = easel.between(0, easel.width), horizon * 0.86 * easel.between(0, 1) ** 1.3
            size = easel.unit * (easel.between(0.7, 1.4) if easel.between(0, 1) < 0.85 else easel.between(1.7, 2.6))
            canvas.drawCircle(x, y, size, flat(pale, easel.between(0.35, 0.95)))


def _disc(canvas: Any, palette: Palette, x: float, y: float, radius: float, cratered: bool) -> None:
    body = mix(palette.light, (1.0, 0.98, 0.92), 0.45)
    canvas.drawCircle(x, y, radius, flat(body))
    if cratered:
        for dx, dy, size in ((-0.28, -0.22, 0.21), (0.24, 0.22, 0.28), (-0.12, 0.48, 0.14), (0.42, -0.34, 0.11)):
            canvas.drawCircle(x + dx * radius, y + dy * radius, size * radius, flat(mix(body, palette.light, 0.55)))
            canvas.drawCircle(
                x + dx * radius + 1, y + dy * radius + 1, size * radius * 0.8, flat(mix(body, palette.light, 0.35))
            )


def _clouds(easel: Easel, brief: Brief, palette: Palette, horizon: float) -> None:
    many = {"storm": 13, "rain": 11, "snow": 7}.get(brief.weather, 0) or (
        10 if brief.has("clouds") or brief.light == "grey" else 6 if brief.place == "sky" else 3
    )
    for row, share in enumerate((0.18, 0.38, 0.60)):
        tone = mix(
            palette.sky[min(row + 1, len(palette.sky) - 1)],
            palette.light if not palette.dark else palette.sky[-1],
            0.32 - 0.05 * row,
        )
        if brief.weather == "storm":
            tone = mix(tone, props.BLACK, 0.30 - 0.08 * row)
        with easel.layer(f"clouds {row + 1}", 0.96 - 0.02 * row) as canvas:
            for _ in range(max(1, many // 3 + (many % 3 > row))):
                x, y = easel.between(-0.05, 1.05) * easel.width, horizon * (share + easel.between(-0.10, 0.10))
                _cloud(canvas, easel, tone, x, y, easel.between(90, 190) * easel.unit * (1.1 - 0.2 * row))


def _cloud(canvas: Any, easel: Easel, colour: Any, x: float, y: float, size: float) -> None:
    """A flat-footed heap: one silhouette of round bumps."""
    import skia

    bank, puffs = skia.Path(), 7
    for index in range(puffs):
        share = index / (puffs - 1) * 2 - 1
        radius = size * (0.30 * (1 - share * share) + 0.10) * easel.between(0.85, 1.2)
        bank.addCircle(x + share * size, y - radius * 0.55, radius)
    bank.addRRect(skia.RRect(_rect(x - size * 1.12, y - size * 0.14, x + size * 1.12, y), size * 0.07, size * 0.07))
    canvas.save()
    canvas.clipRect(_rect(x - size * 2, y - size * 2, x + size * 2, y + 1))
    canvas.drawPath(bank, down(y - size * 0.6, y, [mix(colour, (1.0, 1.0, 1.0), 0.10), colour]))
    canvas.restore()


def weather(easel: Easel, brief: Brief, palette: Palette) -> None:
    """Fog, rain or snow over all."""
    width, height, unit = easel.width, easel.height, easel.unit
    if brief.weather == "fog":
        veil = 0.35 + 0.65 * easel.clouds(2.5)
        easel.add(
            "fog",
            0.3,
            mix(palette.sky[-1], (1.0, 1.0, 1.0), 0.15),
            0.55 * veil * band(easel, height * 0.68, height * 0.30),
        )
    if brief.weather in ("rain", "storm"):
        with easel.layer("rain", 0.02, "light") as canvas:
            for _ in range(420):
                x, y, long = (
                    easel.between(-0.1, 1.05) * width,
                    easel.between(-0.1, 1) * height,
                    easel.between(16, 46) * unit,
                )
                canvas.drawLine(
                    x,
                    y,
                    x + long * 0.22,
                    y + long,
                    stroke(mix(palette.sky[-1], (1.0, 1.0, 1.0), 0.4), 1.2 * unit, easel.between(0.12, 0.38)),
                )
    if brief.weather == "snow":
        with easel.layer("snow", 0.02, "light") as canvas:
            for _ in range(330):
                size = unit * easel.between(1.0, 2.4) if easel.between(0, 1) < 0.85 else unit * easel.between(3.0, 5.0)
                canvas.drawCircle(
                    easel.between(0, width),
                    easel.between(0, height),
                    size,
                    flat((1.0, 1.0, 1.0), easel.between(0.4, 0.9)),
                )


def band(easel: Easel, middle: float, half: float) -> Any:
    """Opacity that is 1 at the height ``middle`` and fades over ``half`` pixels to both sides; shape (height, 1)."""
    import numpy as np

    y = np.arange(easel.height)[:, None]
    return np.exp(-(((y - middle) / half) ** 2)).astype(np.float32)


def _rect(left: float, top: float, right: float, bottom: float) -> Any:
    import skia

    return skia.Rect(left, top, right, bottom)
