"""Things that stand in a scene: lighthouse, cottages, boats, trees, lanterns, birds."""

from __future__ import annotations

from typing import Any

from filmbench.adapters.local.painting.colours import Colour, Palette, mix
from filmbench.adapters.local.painting.easel import Easel, down, flat, glow, shape, stroke

BLACK: Colour = (0.03, 0.05, 0.09)
PAPER: Colour = (0.93, 0.93, 0.89)


def lighthouse(canvas: Any, palette: Palette, x: float, foot: float, tall: float) -> tuple[float, float]:
    """A striped tower; gives where its lamp is."""
    import skia

    wide, top = tall * 0.155, foot - tall * 0.76

    def half(y: float) -> float:
        return wide * (0.70 + 0.30 * (y - top) / (foot - top))

    shaded = mix(PAPER, palette.sheet(0.6), 0.34)
    canvas.drawPath(
        shape([(x - half(top), top), (x + half(top), top), (x + wide, foot), (x - wide, foot)]),
        down(top, foot, [PAPER, shaded]),
    )
    for band in (0.20, 0.62):
        a, b = top + band * (foot - top), top + (band + 0.20) * (foot - top)
        canvas.drawPath(
            shape([(x - half(a), a), (x + half(a), a), (x + half(b), b), (x - half(b), b)]), flat(palette.accent)
        )
    dark = mix(BLACK, palette.sheet(0.8), 0.45)
    for share in (0.48, 0.88):
        y = top + share * (foot - top)
        canvas.drawRRect(skia.RRect(skia.Rect(x - wide * 0.16, y - wide * 0.42, x + wide * 0.16, y), 3, 3), flat(dark))
    canvas.drawRect(skia.Rect(x - wide * 0.98, top - tall * 0.025, x + wide * 0.98, top), flat(dark))
    room = top - tall * 0.135
    canvas.drawRect(
        skia.Rect(x - wide * 0.52, room, x + wide * 0.52, top - tall * 0.02),
        flat(palette.light if palette.dark else mix(palette.light, PAPER, 0.5)),
    )
    for bar in (-0.5, -0.17, 0.17, 0.5):
        canvas.drawLine(x + bar * wide, room, x + bar * wide, top - tall * 0.02, stroke(dark, wide * 0.09))
    canvas.drawPath(
        shape([(x - wide * 0.72, room), (x + wide * 0.72, room), (x, room - tall * 0.105)]), flat(palette.accent)
    )
    return x, (room + top) / 2


def cottage(canvas: Any, palette: Palette, x: float, foot: float, size: float, wall: Colour) -> tuple[float, float]:
    """A small house with one lit window; gives where the window is."""
    import skia

    roof = mix(wall, BLACK, 0.45)
    canvas.drawRect(skia.Rect(x + size * 0.22, foot - size * 1.15, x + size * 0.34, foot - size * 0.6), flat(roof))
    canvas.drawRect(
        skia.Rect(x - size * 0.5, foot - size * 0.62, x + size * 0.5, foot),
        down(foot - size * 0.62, foot, [wall, mix(wall, BLACK, 0.2)]),
    )
    canvas.drawPath(
        shape([(x - size * 0.64, foot - size * 0.58), (x + size * 0.64, foot - size * 0.58), (x, foot - size * 1.12)]),
        flat(roof),
    )
    pane = palette.light if palette.dark else mix(palette.sky[-1], palette.light, 0.4)
    middle = (x - size * 0.14, foot - size * 0.32)
    canvas.drawRect(
        skia.Rect(middle[0] - size * 0.11, middle[1] - size * 0.12, middle[0] + size * 0.11, middle[1] + size * 0.12),
        flat(pane),
    )
    canvas.drawRect(skia.Rect(x + size * 0.16, foot - size * 0.36, x + size * 0.34, foot), flat(roof))
    return middle


def sailboat(canvas: Any, palette: Palette, x: float, water: float, size: float) -> None:
    """A small boat with two sails."""
    hull = mix(BLACK, palette.sheet(0.75), 0.5)
    sail = mix(PAPER, palette.sheet(0.3), 0.25 if palette.dark else 0.05)
    canvas.drawPath(
        shape(
            [
                (x - size * 0.5, water - size * 0.16),
                (x + size * 0.56, water - size * 0.16),
                (x + size * 0.36, water + size * 0.03),
                (x - size * 0.36, water + size * 0.03),
            ]
        ),
        flat(hull),
    )
    canvas.drawLine(x, water - size * 0.16, x, water - size * 1.15, stroke(hull, max(1.0, size * 0.03)))
    canvas.drawPath(
        shape(
            [
                (x + size * 0.05, water - size * 1.08),
                (x + size * 0.05, water - size * 0.24),
                (x + size * 0.5, water - size * 0.24),
            ]
        ),
        flat(sail),
    )
    canvas.drawPath(
        shape(
            [
                (x - size * 0.05, water - size * 0.92),
                (x - size * 0.05, water - size * 0.24),
                (x - size * 0.36, water - size * 0.24),
            ]
        ),
        flat(mix(sail, palette.accent, 0.75)),
    )


def pine(canvas: Any, easel: Easel, colour: Colour, x: float, foot: float, tall: float) -> None:
    """A conifer of ragged tiers."""
    trunk = tall * 0.035
    canvas.drawRect(_rect(x - trunk, foot - tall * 0.2, x + trunk, foot + tall * 0.02), flat(mix(colour, BLACK, 0.35)))
    tiers = 5
    for tier in range(tiers):
        share = tier / tiers
        low = foot - tall * (0.10 + 0.72 * share)
        wide = tall * 0.25 * (1 - share * 0.78) * easel.between(0.88, 1.12)
        lift = tall * 0.34 * (1 - share * 0.35)
        sag = tall * 0.03
        outline = [
            (x, low - lift),
            (x + wide * 0.55, low - lift * 0.32),
            (x + wide, low + sag),
            (x + wide * 0.45, low - sag * 0.3),
            (x, low + sag * 0.4),
            (x - wide * 0.45, low - sag * 0.3),
            (x - wide, low + sag),
            (x - wide * 0.55, low - lift * 0.32),
        ]
        canvas.drawPath(shape(outline), flat(mix(colour, BLACK, 0.10 * (1 - share))))


def bare_tree(canvas: Any, easel: Easel, colour: Colour, x: float, foot: float, tall: float, wide: float) -> None:
    """A tapering trunk that leaves the picture, with a few branches."""
    lean = easel.between(-0.03, 0.03) * tall
    canvas.drawPath(
        shape(
            [
                (x - wide, foot),
                (x - wide * 0.62, foot - tall * 0.5),
                (x - wide * 0.42 + lean, foot - tall),
                (x + wide * 0.42 + lean, foot - tall),
                (x + wide * 0.62, foot - tall * 0.5),
                (x + wide, foot),
                (x + wide * 1.5, foot + wide * 0.5),
                (x - wide * 1.5, foot + wide * 0.5),
            ]
        ),
        flat(colour),
    )
    for _ in range(4):
        side = 1 if easel.between(0, 1) > 0.5 else -1
        y = foot - tall * easel.between(0.35, 0.9)
        reach = wide * easel.between(3, 7)
        middle, end = (
            (x + side * reach * 0.55, y - reach * 0.25),
            (x + side * reach, y - reach * easel.between(0.5, 0.9)),
        )
        canvas.drawPath(
            shape(
                [
                    (x, y + wide * 0.5),
                    (middle[0], middle[1] + wide * 0.2),
                    end,
                    (middle[0], middle[1] - wide * 0.15),
                    (x, y - wide * 0.3),
                ]
            ),
            flat(colour),
        )


def lantern(canvas: Any, palette: Palette, x: float, foot: float, tall: float) -> tuple[float, float]:
    """A lamp on a post; gives where its flame is."""
    import skia

    iron = mix(BLACK, palette.sheet(0.9), 0.3)
    head = foot - tall
    canvas.drawRect(_rect(x - tall * 0.014, head, x + tall * 0.014, foot), flat(iron))
    canvas.drawRRect(skia.RRect(_rect(x - tall * 0.045, foot - tall * 0.05, x + tall * 0.045, foot), 2, 2), flat(iron))
    box = tall * 0.058
    lit = palette.light if palette.dark else mix(palette.light, PAPER, 0.6)
    canvas.drawPath(
        shape(
            [(x - box, head - box * 2.0), (x + box, head - box * 2.0), (x + box * 0.62, head), (x - box * 0.62, head)]
        ),
        flat(lit),
    )
    canvas.drawPath(
        shape([(x - box * 1.25, head - box * 2.0), (x + box * 1.25, head - box * 2.0), (x, head - box * 3.3)]),
        flat(iron),
    )
    for bar in (-1.0, 0.0, 1.0):
        canvas.drawLine(x + bar * box, head - box * 2.0, x + bar * box * 0.62, head, stroke(iron, max(1.0, box * 0.14)))
    return x, head - box


def birds(canvas: Any, easel: Easel, colour: Colour, number: int, top: float, bottom: float) -> None:
    """A flock of small strokes."""
    import skia

    middle = easel.between(0.35, 0.75) * easel.width
    for _ in range(number):
        x = middle + easel.between(-0.14, 0.14) * easel.width
        y, size = easel.between(top, bottom), easel.between(5, 11) * easel.unit
        path = skia.Path()
        path.moveTo(x - size, y - size * 0.25)
        path.quadTo(x - size * 0.35, y - size * 0.75, x, y)
        path.quadTo(x + size * 0.35, y - size * 0.75, x + size, y - size * 0.25)
        canvas.drawPath(path, stroke(colour, max(1.0, size * 0.16)))


def shine(
    easel: Easel,
    palette: Palette,
    spots: list[tuple[float, float]],
    radius: float,
    depth: float,
    strength: float = 0.75,
) -> None:
    """The light around lit windows and lanterns, as a layer before them."""
    if not spots or not palette.dark:
        return
    with easel.layer("glow", depth, "light") as canvas:
        for x, y in spots:
            canvas.drawCircle(x, y, radius, glow(x, y, radius, palette.light, strength))


def _rect(left: float, top: float, right: float, bottom: float) -> Any:
    import skia

    return skia.Rect(left, top, right, bottom)
