"""Scenes under the sky: the sky itself, sea, hills and forest, each painted from back to front."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from filmbench.adapters.local.painting import props
from filmbench.adapters.local.painting.colours import Palette, mix
from filmbench.adapters.local.painting.easel import Easel, below, down, flat, glow, shape, stroke
from filmbench.adapters.local.painting.heavens import band, heavens
from filmbench.adapters.local.painting.words import Brief


def sky(easel: Easel, brief: Brief, palette: Palette) -> None:
    """Mostly air: banks of cloud and one low ridge to stand on."""
    heavens(easel, brief, palette, easel.height * 0.95)
    if brief.has("birds"):
        with easel.layer("birds", 0.8) as canvas:
            props.birds(
                canvas, easel, mix(props.BLACK, palette.sheet(0.7), 0.4), 9, easel.height * 0.3, easel.height * 0.55
            )
    for row in range(2):
        base = easel.height * (0.86 + 0.07 * row) - easel.ridge(1.3 + row, 4) * easel.height * 0.035
        _land(easel, palette, f"ridge {row + 1}", 0.5 - 0.3 * row, 0.45 + 0.45 * row, base)


def sea(easel: Easel, brief: Brief, palette: Palette) -> None:
    """A bay: far headlands, an island where something stands, waves by perspective, a pier in front."""
    width, height, unit = easel.width, easel.height, easel.unit
    horizon = height * 0.60
    sun = heavens(easel, brief, palette, horizon)
    far = horizon - (0.55 + 0.45 * easel.ridge(1.1, 4)) * height * 0.075
    _land(easel, palette, "headland", 0.85, 0.0, far, bottom=horizon + height * 0.05)
    spots = _island(easel, brief, palette, horizon, side=-1 if sun[0] > width / 2 else 1)
    rough = 1.9 if brief.weather == "storm" else 0.5 if "calm" in brief.moods else 1.0
    waves = 7
    for wave in range(waves):
        near = wave / (waves - 1)
        top = horizon + (height * 1.02 - horizon) * (near**1.6) * 0.92
        _wave(easel, palette, wave, near, top, rough)
        if wave < 5 and sun[1] < horizon and brief.light != "grey" and brief.weather not in ("fog", "storm"):
            _glitter(easel, palette, sun[0], top, height * (0.02 + 0.05 * near), near)
        if brief.has("boats") and wave in (1, 3):
            with easel.layer("boats", 0.62 - 0.5 * near) as canvas:
                for _ in range(2):
                    x = width * easel.between(0.12, 0.88)
                    props.sailboat(canvas, palette, x, top + 8 * unit * (1 + near), (44 + 80 * near) * unit)
    if brief.has("lighthouse") and palette.dark and spots:
        _beam(easel, palette, spots[0])
    props.shine(easel, palette, spots, 46 * unit, 0.68)
    if brief.has("birds"):
        with easel.layer("birds", 0.5) as canvas:
            props.birds(canvas, easel, mix(props.BLACK, palette.sheet(0.8), 0.3), 7, height * 0.3, height * 0.46)
    if brief.has("pier"):
        _pier(easel, palette)
    else:
        _grass_bank(easel, palette, height * 0.93, 0.05)


def _island(easel: Easel, brief: Brief, palette: Palette, horizon: float, side: int) -> list[tuple[float, float]]:
    """A dome of land with what was asked for upon it; gives where the lights are, the lighthouse first."""
    import numpy as np

    if not (brief.has("lighthouse") or brief.has("cottages") or brief.has("pines") or easel.between(0, 1) < 0.5):
        return []
    width, height, unit = easel.width, easel.height, easel.unit
    middle, half = width * (0.5 + side * 0.24), width * 0.23
    x = np.arange(width)
    dome = np.clip(1 - ((x - middle) / half) ** 2, 0, None) ** 0.8
    line = horizon + height * 0.03 - dome * height * 0.20 - easel.ridge(9, 3) * height * 0.004 * (dome > 0)
    spots: list[tuple[float, float]] = []
    with easel.layer("island", 0.72) as canvas:
        if brief.has("lighthouse"):
            spots.append(props.lighthouse(canvas, palette, middle, line[int(middle)] + 8 * unit, 250 * unit))
        if brief.has("pines"):
            for _ in range(12):
                at = int(middle + easel.between(-0.75, 0.75) * half)
                props.pine(
                    canvas,
                    easel,
                    palette.sheet(0.55),
                    at,
                    line[min(max(at, 0), width - 1)] + 4,
                    easel.between(36, 66) * unit,
                )
        body = palette.sheet(0.32)
        canvas.drawPath(
            below(line, horizon + height * 0.05),
            down(
                horizon - height * 0.2,
                horizon + height * 0.05,
                [mix(body, palette.sky[-1], 0.16), mix(body, props.BLACK, 0.12)],
            ),
        )
        if brief.has("cottages"):
            for share in (-0.62, 0.55, 0.78):
                at = int(min(max(middle + share * half, 0), width - 1))
                spots.append(
                    props.cottage(
                        canvas, palette, at, line[at] + 12 * unit, 34 * unit, mix(palette.sheet(0.85), props.BLACK, 0.1)
                    )
                )
    return spots


def _wave(easel: Easel, palette: Palette, wave: int, near: float, top: float, rough: float) -> None:
    """A band of water with a scalloped upper edge, as a sheet of paper cut with curved scissors."""
    import numpy as np

    length, lift = easel.unit * (70 + 190 * near), easel.unit * (3 + 15 * near) * rough
    x = np.arange(easel.width) + easel.between(0, 500)
    crest = np.abs(np.sin(np.pi * x / length)) ** 0.8
    line = top + lift * crest - lift + easel.ridge(1.5, 2) * lift * 0.5
    deep = palette.sheet(0.16 + 0.66 * near)
    with easel.layer(f"wave {wave + 1}", 0.64 - 0.5 * near) as canvas:
        canvas.drawPath(
            below(line, easel.height + 2),
            down(
                top - lift,
                top + easel.height * 0.16,
                [mix(deep, palette.sky[-1], 0.18 * (1 - near)), mix(deep, props.BLACK, 0.16)],
            ),
        )
        edge = [(int(i), line[int(i)]) for i in np.arange(0, easel.width, 3)]
        canvas.drawPath(
            _open(edge), stroke(mix(deep, palette.light, 0.30), max(1.0, 1.5 * easel.unit * (0.6 + near)), 0.55)
        )


def _glitter(easel: Easel, palette: Palette, x: float, top: float, tall: float, near: float) -> None:
    with easel.layer("glitter", 0.63 - 0.5 * near, "light") as canvas:
        for _ in range(9):
            y, spread = top + easel.between(0.12, 1) * tall, (16 + 50 * near) * easel.unit
            at, long = x + float(easel.rng.normal(0, spread)), easel.between(7, 26) * easel.unit * (0.6 + near)
            canvas.drawLine(
                at - long,
                y,
                at + long,
                y,
                stroke(palette.light, (1.1 + 2.0 * near) * easel.unit, easel.between(0.25, 0.75)),
            )


def _beam(easel: Easel, palette: Palette, lamp: tuple[float, float]) -> None:
    import skia

    x, y = lamp
    with easel.layer("beam", 0.7, "light") as canvas:
        for side in (-1, 1):
            reach = easel.width * 0.75
            fan = shape(
                [(x, y), (x + side * reach, y - easel.height * 0.055), (x + side * reach, y + easel.height * 0.025)]
            )
            stops = [skia.Color4f(*palette.light, a).toColor() for a in (0.62, 0.20, 0.0)]
            shader = skia.GradientShader.MakeLinear(points=[(x, y), (x + side * reach, y)], colors=stops)
            canvas.drawPath(
                fan,
                skia.Paint(
                    AntiAlias=True,
                    Shader=shader,
                    MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 5 * easel.unit),
                ),
            )
        canvas.drawCircle(x, y, 110 * easel.unit, glow(x, y, 110 * easel.unit, palette.light, 0.95))


def _pier(easel: Easel, palette: Palette) -> None:
    import skia

    width, height, unit = easel.width, easel.height, easel.unit
    wood, dark = mix(palette.sheet(0.8), palette.accent, 0.42), mix(palette.sheet(0.95), palette.accent, 0.22)
    with easel.layer("pier", 0.06) as canvas:
        deck = height * 0.945
        canvas.drawRect(_rect(-2, deck, width + 2, height + 2), down(deck, height, [wood, dark]))
        canvas.drawRect(_rect(-2, deck, width + 2, deck + 12 * unit), flat(mix(wood, palette.light, 0.12)))
        for plank in range(-6, 26):
            x = width * plank / 20
            canvas.drawLine(x, deck + 12 * unit, width / 2 + (x - width / 2) * 1.25, height, stroke(dark, 2 * unit))
        posts = [width * share for share in (-0.03, 0.24, 0.51, 0.78, 1.05)]
        for x in posts:
            canvas.drawRRect(
                skia.RRect(_rect(x - 17 * unit, deck - 84 * unit, x + 17 * unit, deck + 18 * unit), 6, 6),
                down(deck - 84 * unit, deck, [wood, dark]),
            )
            canvas.drawRRect(
                skia.RRect(_rect(x - 21 * unit, deck - 92 * unit, x + 21 * unit, deck - 76 * unit), 7, 7),
                flat(mix(wood, palette.light, 0.15)),
            )
        for left, right in pairwise(posts):
            rope = skia.Path()
            rope.moveTo(left, deck - 56 * unit)
            rope.quadTo((left + right) / 2, deck - 6 * unit, right, deck - 56 * unit)
            canvas.drawPath(rope, stroke(mix(palette.light, wood, 0.45), 4.5 * unit))


def hills(easel: Easel, brief: Brief, palette: Palette) -> None:
    """Ridges behind one another, paler with distance; trees, cottages and a path on the nearer ones."""
    width, height, unit = easel.width, easel.height, easel.unit
    heavens(easel, brief, palette, height * 0.66)
    ridges = 5
    spots: list[tuple[float, float]] = []
    for row in range(ridges):
        near = row / (ridges - 1)
        base = height * (0.50 + 0.42 * near**1.15)
        tall = height * (0.13 - 0.075 * near)
        line = base - easel.ridge(1.1 + 0.5 * row, 5 if row < 2 else 3, 0.5 if row < 2 else 0.32) * tall
        if row in (1, 2, 3) and (brief.has("pines") or row == 3):
            _pines(easel, palette, near, line, many=26 - 5 * row if brief.has("pines") else 5)
        if row == 2 and brief.has("cottages"):
            with easel.layer("cottages", 0.62 - 0.5 * near) as canvas:
                for share in (0.28, 0.36, 0.71):
                    at = int(share * width)
                    spots.append(
                        props.cottage(
                            canvas,
                            palette,
                            at,
                            line[at] + 8 * unit,
                            46 * unit,
                            mix(palette.sheet(0.75), palette.accent, 0.14),
                        )
                    )
        _land(easel, palette, f"ridge {row + 1}", 0.86 - 0.72 * near, near, line)
        if row == 3 and brief.has("path"):
            _path(easel, palette, line)
    props.shine(easel, palette, spots, 52 * unit, 0.4)
    if brief.has("birds"):
        with easel.layer("birds", 0.5) as canvas:
            props.birds(canvas, easel, mix(props.BLACK, palette.sheet(0.8), 0.3), 8, height * 0.2, height * 0.42)
    if brief.has("lantern"):
        with easel.layer("lantern", 0.08) as canvas:
            spot = props.lantern(canvas, palette, width * 0.78, height * 1.0, 230 * unit)
        props.shine(easel, palette, [spot], 190 * unit, 0.07)
    _grass_bank(easel, palette, height * 0.97, 0.04)


def forest(easel: Easel, brief: Brief, palette: Palette) -> None:
    """Rows of trunks and firs, mist between them, a path with a light at its end."""
    width, height, unit = easel.width, easel.height, easel.unit
    heavens(easel, brief, palette, height * 0.80)
    with easel.layer("clearing", 0.9, "light") as canvas:
        x, y = width * 0.5, height * 0.55
        canvas.drawCircle(x, y, height * 0.6, glow(x, y, height * 0.6, mix(palette.sky[-1], palette.light, 0.4), 0.6))
    rows = 5
    for row in range(rows):
        near = row / (rows - 1)
        ground = height * (0.66 + 0.27 * near) - easel.ridge(1.5, 3) * 14 * unit
        tone = palette.sheet(0.08 + 0.92 * near)
        with easel.layer(f"trees {row + 1}", 0.80 - 0.72 * near) as canvas:
            spacing = (62 + 190 * near) * unit
            for index in range(int(width / spacing) + 2):
                x = (index - 0.5 + easel.between(-0.34, 0.34)) * spacing
                if abs(x - width / 2) < (0.05 + 0.13 * near) * width and row > 0:
                    continue
                if (index + row) % 3 and row < 4:
                    props.pine(
                        canvas,
                        easel,
                        tone,
                        x,
                        ground[int(min(max(x, 0), width - 1))] + 6 * unit,
                        (190 + 330 * near) * unit * easel.between(0.75, 1.15),
                    )
                else:
                    props.bare_tree(
                        canvas,
                        easel,
                        mix(tone, props.BLACK, 0.10),
                        x,
                        ground[int(min(max(x, 0), width - 1))] + 10 * unit,
                        height,
                        (6 + 26 * near) * unit,
                    )
            canvas.drawPath(
                below(ground, height + 2),
                down(height * 0.6, height, [mix(tone, palette.sky[-1], 0.10), mix(tone, props.BLACK, 0.18)]),
            )
        if row == 3:
            _trail(easel, palette, float(ground[width // 2]))
        if row < rows - 1:
            mist = easel.clouds(3) * band(easel, height * (0.66 + 0.22 * near), height * 0.16)
            easel.add(
                "mist", 0.78 - 0.72 * near, mix(palette.sky[-1], palette.light, 0.2), 0.42 * (1 - 0.5 * near) * mist
            )
    if brief.has("lantern"):
        with easel.layer("lantern", 0.2) as canvas:
            spot = props.lantern(canvas, palette, width * 0.585, height * 0.88, 190 * unit)
        props.shine(easel, palette, [spot], 240 * unit, 0.18, 0.9)
    if brief.has("fireflies"):
        with easel.layer("fireflies", 0.15, "light") as canvas:
            for _ in range(36):
                x, y = easel.between(0.05, 0.95) * width, easel.between(0.45, 0.95) * height
                canvas.drawCircle(x, y, 13 * unit, glow(x, y, 13 * unit, palette.light, 0.9))
                canvas.drawCircle(x, y, 1.8 * unit, flat(palette.light))


def _trail(easel: Easel, palette: Palette, top: float) -> None:
    """A path to the clearing, narrowing with distance."""
    width, height = easel.width, easel.height
    tone = mix(palette.sheet(0.5), palette.light, 0.30)
    left, right = [], []
    for step in range(41):
        share = step / 40
        y = top + (height + 4 - top) * share
        sway, half = (
            math.sin(share * 3.6 + 0.6) * width * 0.035 * (1 - share * 0.4),
            width * (0.008 + 0.15 * share**1.7),
        )
        left.append((width / 2 + sway - half, y))
        right.append((width / 2 + sway + half, y))
    with easel.layer("path", 0.24, "light") as canvas:
        canvas.drawPath(
            shape([*left, *reversed(right)]), down(top, height, [tone, mix(tone, palette.sheet(0.9), 0.6)], [0.75, 0.9])
        )


def _land(
    easel: Easel, palette: Palette, name: str, depth: float, near: float, line: Any, bottom: float | None = None
) -> None:
    tone = palette.sheet(near)
    low = easel.height + 2 if bottom is None else bottom
    top = float(line.min())
    with easel.layer(name, depth) as canvas:
        lit, shade = mix(tone, palette.sky[-1], 0.20 * (1 - 0.5 * near)), mix(tone, props.BLACK, 0.14 + 0.1 * near)
        canvas.drawPath(below(line, low), down(top, min(low, top + easel.height * 0.38), [lit, tone, shade]))


def _pines(easel: Easel, palette: Palette, near: float, line: Any, many: int) -> None:
    with easel.layer("pines", 0.87 - 0.72 * near) as canvas:
        for _ in range(many):
            x = int(easel.between(0.01, 0.99) * (easel.width - 1))
            props.pine(
                canvas,
                easel,
                mix(palette.sheet(near), props.BLACK, 0.14),
                x,
                line[x] + 5 * easel.unit,
                (44 + 90 * near) * easel.unit * easel.between(0.7, 1.2),
            )


def _path(easel: Easel, palette: Palette, line: Any) -> None:
    """A track that winds up to the ridge."""
    width, height = easel.width, easel.height
    at = int(0.56 * width)
    top = float(line[at])
    left, right = [], []
    for step in range(61):
        share = step / 60
        y = top + (height + 4 - top) * share
        x = at + math.sin(share * 5.2) * width * 0.07 * (0.35 + share)
        half = width * (0.004 + 0.05 * share**1.5)
        left.append((x - half, y))
        right.append((x + half, y))
    tone = mix(palette.sheet(0.45), palette.light, 0.45)
    with easel.layer("path", 0.3, "light") as canvas:
        canvas.drawPath(
            shape([*left, *reversed(right)]),
            down(top, height, [tone, mix(tone, palette.sheet(0.9), 0.3)], [0.85, 0.95]),
        )


def _grass_bank(easel: Easel, palette: Palette, base: float, depth: float) -> None:
    """The nearest edge: a bank of blades."""
    import skia

    line = base - easel.ridge(1.2, 3) * easel.height * 0.02
    tone = mix(palette.sheet(1.0), props.BLACK, 0.18)
    with easel.layer("grass", depth) as canvas:
        canvas.drawPath(below(line, easel.height + 2), flat(tone))
        for _ in range(int(210 * easel.width / easel.height / 1.78)):
            x = easel.between(0, easel.width - 1)
            foot, tall, lean = line[int(x)] + 3, easel.between(10, 38) * easel.unit, easel.between(-0.4, 0.4)
            blade = skia.Path()
            blade.moveTo(x - 2.4 * easel.unit, foot)
            blade.quadTo(x + lean * tall * 0.3, foot - tall * 0.6, x + lean * tall, foot - tall)
            blade.quadTo(x + lean * tall * 0.5, foot - tall * 0.5, x + 2.4 * easel.unit, foot)
            canvas.drawPath(blade, flat(tone))


def _open(points: list[tuple[int, float]]) -> Any:
    import skia

    path = skia.Path()
    path.moveTo(*points[0])
    for x, y in points[1:]:
        path.lineTo(x, y)
    return path


def _rect(left: float, top: float, right: float, bottom: float) -> Any:
    import skia

    return skia.Rect(left, top, right, bottom)
