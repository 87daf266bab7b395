"""Scenes that people built: a street in one-point perspective, and a room with a window."""

from __future__ import annotations

from typing import Any

from filmbench.adapters.local.painting import heavens, props
from filmbench.adapters.local.painting.colours import Palette, mix
from filmbench.adapters.local.painting.easel import Easel, below, down, flat, glow, shape, stroke
from filmbench.adapters.local.painting.words import Brief


def city(easel: Easel, brief: Brief, palette: Palette) -> None:
    """Two skylines, then a street whose houses, kerbs and lamps run to one vanishing point."""
    width, height, unit = easel.width, easel.height, easel.unit
    heavens.heavens(easel, brief, palette, height * 0.72)
    for row in range(3):
        _skyline(easel, palette, row)
    x, y = width * easel.between(0.44, 0.56), height * 0.66
    tone = palette.sheet(0.9)
    with easel.layer("street", 0.40) as canvas:
        canvas.drawPath(
            shape([(-2, height + 2), (-2, y + 6 * unit), (width + 2, y + 6 * unit), (width + 2, height + 2)]),
            down(y, height, [mix(palette.sheet(0.55), palette.light, 0.14), mix(tone, props.BLACK, 0.15)]),
        )
        road = mix(palette.sheet(0.7), props.BLACK, 0.12)
        canvas.drawPath(
            shape([(x - 6 * unit, y), (x + 6 * unit, y), (width * 0.86, height + 2), (width * 0.14, height + 2)]),
            down(y, height, [mix(road, palette.light, 0.25), road]),
        )
        for mark in range(9):
            a, b = 0.06 + mark**1.7 * 0.03, 0.06 + (mark + 0.45) ** 1.7 * 0.03
            ya, yb = y + a * (height - y), y + b * (height - y)
            canvas.drawPath(
                shape(
                    [
                        (x + (width / 2 - x) * a - 8 * a * unit, ya),
                        (x + (width / 2 - x) * a + 8 * a * unit, ya),
                        (x + (width / 2 - x) * b + 8 * b * unit, yb),
                        (x + (width / 2 - x) * b - 8 * b * unit, yb),
                    ]
                ),
                flat(mix(road, palette.light, 0.4), 0.7),
            )
    for near in (0.16, 0.34, 0.62, 1.0):
        _terrace(easel, palette, x, y, near)
    lamps = []
    for near in (0.22, 0.42, 0.80):
        with easel.layer("lamps", 0.42 - 0.36 * near) as canvas:
            for side in (-1, 1):
                foot = y + near * (height - y) * 0.98
                lamps.append(
                    (props.lantern(canvas, palette, x + side * near * width * 0.355, foot, 330 * unit * near), near)
                )
    for spot, near in lamps:
        props.shine(easel, palette, [spot], 190 * unit * near, 0.05, 0.8)


def _skyline(easel: Easel, palette: Palette, row: int) -> None:
    import skia

    width, height, unit = easel.width, easel.height, easel.unit
    near = row / 2
    tone = palette.sheet(0.12 + 0.34 * near)
    with easel.layer(f"skyline {row + 1}", 0.86 - 0.16 * row) as canvas:
        x = -20.0 * unit
        while x < width:
            wide = easel.between(46, 104) * unit * (0.8 + 0.35 * near)
            top = height * (0.46 + 0.10 * near - easel.between(0, 0.20) * (1 - 0.35 * near))
            body = mix(tone, palette.sky[-1], easel.between(0, 0.10))
            canvas.drawRect(
                skia.Rect(x, top, x + wide, height * 0.75),
                down(top, height * 0.75, [body, mix(body, palette.sky[-1], 0.22)]),
            )
            kind = easel.between(0, 1)
            if kind < 0.45:
                canvas.drawPath(
                    shape(
                        [
                            (x - 3 * unit, top + 1),
                            (x + wide + 3 * unit, top + 1),
                            (x + wide / 2, top - wide * easel.between(0.3, 0.7)),
                        ]
                    ),
                    flat(mix(body, props.BLACK, 0.12)),
                )
            elif kind < 0.6:
                canvas.drawRect(skia.Rect(x + wide * 0.3, top - 22 * unit, x + wide * 0.45, top + 2), flat(body))
                canvas.drawLine(x + wide * 0.7, top, x + wide * 0.7, top - 46 * unit, stroke(body, 2 * unit))
            _windows(
                canvas,
                easel,
                palette,
                body,
                (x, top, x + wide, height * 0.70),
                15 * unit,
                0.32 if palette.dark else 0.8,
            )
            x += wide + easel.between(0, 7) * unit


def _windows(
    canvas: Any,
    easel: Easel,
    palette: Palette,
    wall: Any,
    box: tuple[float, float, float, float],
    cell: float,
    lit: float,
) -> None:
    import skia

    left, top, right, bottom = box
    columns, rows = int((right - left) / cell), int((bottom - top) / (cell * 1.35))
    dim = mix(wall, props.BLACK, 0.22) if palette.dark else mix(wall, props.BLACK, 0.16)
    for column in range(columns):
        for row in range(rows):
            x, y = left + (column + 0.5) * (right - left) / columns, top + (row + 0.75) * cell * 1.35
            shines = palette.dark and easel.between(0, 1) < lit
            paint = flat(mix(palette.light, wall, easel.between(0, 0.35))) if shines else flat(dim)
            canvas.drawRect(skia.Rect(x - cell * 0.21, y - cell * 0.32, x + cell * 0.21, y + cell * 0.32), paint)


def _terrace(easel: Easel, palette: Palette, x: float, y: float, near: float) -> None:
    """A house on either side of the street, its facade foreshortened; ``near`` is 1 at the lens."""
    width, height, unit = easel.width, easel.height, easel.unit
    tone = palette.sheet(0.45 + 0.5 * near)
    with easel.layer(f"houses {near:g}", 0.44 - 0.34 * near) as canvas:
        for side in (-1, 1):
            inner, outer, deep = near * width * 0.40, near * width * 0.40 + width * 0.62, near * 0.62
            tall = easel.between(1.0, 1.28)
            base, roof = y + near * (height - y), y - near * height * 0.52 * tall
            back, inner_back = y + deep * (height - y), deep * width * 0.40
            roof_back = y - deep * height * 0.52 * tall
            wall = mix(tone, palette.accent, easel.between(0.0, 0.16))
            facade = shape(
                [
                    (x + side * inner, base),
                    (x + side * inner, roof),
                    (x + side * inner_back, roof_back),
                    (x + side * inner_back, back),
                ]
            )
            front = shape(
                [(x + side * inner, base), (x + side * inner, roof), (x + side * outer, roof), (x + side * outer, base)]
            )
            gable = shape(
                [
                    (x + side * (inner - 10 * near * unit), roof + 2),
                    (x + side * outer, roof + 2),
                    (x + side * outer, roof - near * 150 * unit),
                    (x + side * (inner + near * 130 * unit), roof - near * 150 * unit),
                ]
            )
            canvas.drawPath(gable, flat(mix(wall, props.BLACK, 0.42)))
            canvas.drawPath(front, down(roof, base, [wall, mix(wall, props.BLACK, 0.22)]))
            canvas.drawPath(facade, down(roof, base, [mix(wall, palette.light, 0.10), mix(wall, props.BLACK, 0.05)]))
            for floor in (0.22, 0.50, 0.78):
                for share in (0.18, 0.42, 0.66, 0.86):
                    _pane(
                        canvas,
                        easel,
                        palette,
                        wall,
                        x,
                        y,
                        side,
                        (near - (near - deep) * share, floor, tall),
                        (width, height),
                    )


def _pane(
    canvas: Any,
    easel: Easel,
    palette: Palette,
    wall: Any,
    x: float,
    y: float,
    side: int,
    place: tuple[float, float, float],
    size: tuple[int, int],
) -> None:
    """A window on a facade that recedes: its corners lie on lines to the vanishing point."""
    deep, floor, tall = place
    width, height = size
    corners = []
    for d in (deep * 0.965, deep * 1.035):
        top, bottom = y - d * height * 0.52 * tall, y + d * (height - y) * 0.45
        corners.append(
            (x + side * d * width * 0.40, top + (floor - 0.07) * (bottom - top), top + (floor + 0.07) * (bottom - top))
        )
    (xa, ta, ba), (xb, tb, bb) = corners
    shines = palette.dark and easel.between(0, 1) < 0.5
    colour = mix(palette.light, wall, easel.between(0, 0.25)) if shines else mix(wall, props.BLACK, 0.32)
    canvas.drawPath(shape([(xa, ta), (xb, tb), (xb, bb), (xa, ba)]), flat(colour))


def interior(easel: Easel, brief: Brief, palette: Palette) -> None:
    """A room seen straight on: a window on the weather, floor boards to the vanishing point, one warm lamp."""
    width, height = easel.width, easel.height
    heavens.heavens(easel, brief, palette, height * 0.52)
    view = height * 0.50 - easel.ridge(2.2, 4) * height * 0.03
    with easel.layer("hills outside", 0.8) as canvas:
        canvas.drawPath(
            below(view, height * 0.7), down(height * 0.45, height * 0.62, [palette.sheet(0.2), palette.sheet(0.4)])
        )
    if brief.weather:
        heavens.weather(easel, brief, palette)
    wall = mix(mix(palette.sheet(0.55), palette.accent, 0.16), palette.light, 0.05)
    left, top, right, bottom = width * 0.22, height * 0.16, width * 0.78, height * 0.72
    panes = [(0.40, 0.60)] if not brief.has("windows") else [(0.27, 0.42), (0.45, 0.60)]
    holes = [(width * a, height * 0.24, width * b, height * 0.56) for a, b in panes]
    _walls(easel, palette, wall, (left, top, right, bottom), holes)
    _frames(easel, palette, holes)
    _furniture(easel, brief, palette, wall, bottom)
    flame = _table(easel, palette)
    if palette.dark or brief.has("lantern"):
        with easel.layer("lamplight", 0.06, "light") as canvas:
            reach = height * 0.70
            canvas.drawCircle(*flame, reach, glow(*flame, reach, palette.light, 0.72))


def _walls(
    easel: Easel,
    palette: Palette,
    wall: Any,
    room: tuple[float, float, float, float],
    holes: list[tuple[float, float, float, float]],
) -> None:
    import skia

    width, height, unit = easel.width, easel.height, easel.unit
    left, top, right, bottom = room
    dark = mix(wall, props.BLACK, 0.32)
    with easel.layer("back wall", 0.6) as canvas:
        canvas.save()
        for hole in holes:
            canvas.clipRect(skia.Rect(*hole), skia.ClipOp.kDifference, True)
        canvas.drawRect(
            skia.Rect(left - 1, top - 1, right + 1, bottom + 1),
            down(top, bottom, [mix(wall, palette.light, 0.05), mix(wall, palette.light, 0.16)]),
        )
        for stripe in range(29):
            x = left + (right - left) * (stripe + 0.5) / 29
            canvas.drawLine(x, top, x, bottom, stroke(mix(wall, palette.light, 0.22), 1.4 * unit, 0.28))
        canvas.restore()
        canvas.drawRect(skia.Rect(left, bottom - 20 * unit, right, bottom), flat(mix(wall, palette.light, 0.30)))
    with easel.layer("side walls", 0.45) as canvas:
        canvas.drawPath(
            shape([(-2, -2), (left, top), (left, bottom), (-2, height + 2)]),
            down(0, height, [dark, mix(wall, props.BLACK, 0.14)]),
        )
        canvas.drawPath(
            shape([(width + 2, -2), (right, top), (right, bottom), (width + 2, height + 2)]),
            down(0, height, [dark, mix(wall, props.BLACK, 0.14)]),
        )
        canvas.drawPath(
            shape([(-2, -2), (width + 2, -2), (right, top), (left, top)]),
            down(0, top, [mix(dark, props.BLACK, 0.3), dark]),
        )
        for beam in range(5):
            share = (beam + 0.5) / 5
            a, b = left + (right - left) * share, width * (share * 1.5 - 0.25)
            canvas.drawPath(
                shape([(a - 5 * unit, top), (a + 5 * unit, top), (b + 20 * unit, -2), (b - 20 * unit, -2)]),
                flat(mix(dark, props.BLACK, 0.5)),
            )
    boards = mix(palette.sheet(0.8), palette.accent, 0.30)
    with easel.layer("floor", 0.4) as canvas:
        canvas.drawPath(
            shape([(left, bottom), (right, bottom), (width + 2, height + 2), (-2, height + 2)]),
            down(bottom, height, [mix(boards, palette.light, 0.22), mix(boards, props.BLACK, 0.2)]),
        )
        for board in range(15):
            share = board / 14
            canvas.drawLine(
                left + (right - left) * share,
                bottom,
                width * (share * 1.5 - 0.25) if 0 < share < 1 else width * share,
                height,
                stroke(mix(boards, props.BLACK, 0.35), 1.8 * unit, 0.7),
            )
        oval = skia.Rect(width * 0.30, height * 0.80, width * 0.70, height * 0.95)
        canvas.drawOval(oval, flat(mix(palette.accent, props.BLACK, 0.25)))
        canvas.drawOval(
            oval.makeInset(16 * unit, 8 * unit), stroke(mix(palette.light, palette.accent, 0.35), 4 * unit, 0.8)
        )


def _frames(easel: Easel, palette: Palette, holes: list[tuple[float, float, float, float]]) -> None:
    import skia

    unit = easel.unit
    wood = mix(palette.sheet(0.75), palette.accent, 0.45)
    with easel.layer("window frames", 0.58) as canvas:
        for left, top, right, bottom in holes:
            pen = stroke(wood, 13 * unit)
            pen.setStrokeJoin(skia.Paint.kMiter_Join)
            canvas.drawRect(skia.Rect(left, top, right, bottom), pen)
            canvas.drawLine((left + right) / 2, top, (left + right) / 2, bottom, stroke(wood, 6 * unit))
            canvas.drawLine(left, (top + bottom) / 2, right, (top + bottom) / 2, stroke(wood, 6 * unit))
            canvas.drawRect(
                skia.Rect(left - 18 * unit, bottom, right + 18 * unit, bottom + 13 * unit),
                flat(mix(wood, palette.light, 0.2)),
            )
            cloth = mix(palette.accent, palette.sheet(0.7), 0.35)
            for edge, sign in ((left, 1), (right, -1)):
                fold = [
                    (edge - sign * 26 * unit, top - 20 * unit),
                    (edge + sign * 34 * unit, top - 20 * unit),
                    (edge + sign * 14 * unit, (top + bottom) / 2),
                    (edge + sign * 22 * unit, bottom + 24 * unit),
                    (edge - sign * 30 * unit, bottom + 24 * unit),
                ]
                canvas.drawPath(shape(fold), down(top, bottom, [cloth, mix(cloth, props.BLACK, 0.25)]))


def _furniture(easel: Easel, brief: Brief, palette: Palette, wall: Any, floor: float) -> None:
    """A bookcase and a picture on the back wall."""
    import skia

    width, height, unit = easel.width, easel.height, easel.unit
    wood = mix(palette.sheet(0.9), palette.accent, 0.28)
    with easel.layer("furniture", 0.5) as canvas:
        left, right, top = width * 0.645, width * 0.765, height * 0.30
        canvas.drawRect(skia.Rect(left, top, right, floor), flat(mix(wood, props.BLACK, 0.25)))
        spines = (
            palette.accent,
            palette.light,
            palette.sheet(0.2),
            palette.sheet(0.4),
            mix(palette.accent, palette.light, 0.5),
        )
        shelves = 5
        for shelf in range(shelves):
            foot = top + (shelf + 1) * (floor - top) / shelves - 6 * unit
            x = left + 7 * unit
            while x < right - 16 * unit and (brief.has("shelf") or shelf < 4):
                wide, tall = easel.between(6, 14) * unit, (floor - top) / shelves * easel.between(0.55, 0.82)
                canvas.drawRect(
                    skia.Rect(x, foot - tall, x + wide, foot),
                    flat(mix(spines[int(easel.between(0, 4.99))], wall, 0.45)),
                )
                x += wide + (easel.between(12, 40) * unit if easel.between(0, 1) < 0.12 else 1.5 * unit)
            canvas.drawRect(skia.Rect(left, foot, right, foot + 6 * unit), flat(wood))
        canvas.drawRect(skia.Rect(left, top, right, floor), stroke(wood, 6 * unit))
        art = skia.Rect(width * 0.245, height * 0.28, width * 0.335, height * 0.44)
        if not brief.has("windows"):
            canvas.drawRect(art, flat(palette.sheet(0.25)))
            canvas.drawPath(
                shape(
                    [
                        (art.left(), art.bottom()),
                        (art.left(), art.centerY() + 12 * unit),
                        (art.centerX(), art.centerY() - 14 * unit),
                        (art.right(), art.centerY() + 20 * unit),
                        (art.right(), art.bottom()),
                    ]
                ),
                flat(palette.sheet(0.7)),
            )
            canvas.drawCircle(art.right() - 26 * unit, art.top() + 24 * unit, 9 * unit, flat(palette.light))
            canvas.drawRect(art, stroke(mix(wood, palette.light, 0.3), 7 * unit))


def _table(easel: Easel, palette: Palette) -> tuple[float, float]:
    """A table at the left with a lamp on it; gives where the lamp burns."""
    import skia

    width, height, unit = easel.width, easel.height, easel.unit
    wood = mix(palette.sheet(0.95), palette.accent, 0.34)
    x, top = width * 0.235, height * 0.735
    with easel.layer("table", 0.12) as canvas:
        for leg in (-0.105, 0.095):
            canvas.drawRect(
                skia.Rect(x + leg * width, top, x + leg * width + 15 * unit, height * 0.96),
                flat(mix(wood, props.BLACK, 0.3)),
            )
        canvas.drawRect(
            skia.Rect(x - width * 0.125, top, x + width * 0.125, top + 20 * unit), flat(mix(wood, palette.light, 0.22))
        )
        canvas.drawRect(
            skia.Rect(x - width * 0.110, top + 20 * unit, x + width * 0.110, top + 50 * unit),
            flat(mix(wood, props.BLACK, 0.12)),
        )
        canvas.drawRRect(
            skia.RRect(skia.Rect(x + 60 * unit, top - 12 * unit, x + 128 * unit, top), 3, 3), flat(palette.accent)
        )
        canvas.drawRRect(
            skia.RRect(skia.Rect(x + 66 * unit, top - 22 * unit, x + 120 * unit, top - 12 * unit), 3, 3),
            flat(palette.sheet(0.3)),
        )
        canvas.drawRect(
            skia.Rect(x - 5 * unit, top - 74 * unit, x + 5 * unit, top), flat(mix(palette.light, props.BLACK, 0.55))
        )
        canvas.drawOval(
            skia.Rect(x - 30 * unit, top - 10 * unit, x + 30 * unit, top + 2 * unit),
            flat(mix(palette.light, props.BLACK, 0.6)),
        )
        shade = mix(palette.light, (1.0, 1.0, 1.0), 0.2) if palette.dark else mix(palette.light, palette.accent, 0.3)
        canvas.drawPath(
            shape(
                [
                    (x - 30 * unit, top - 140 * unit),
                    (x + 30 * unit, top - 140 * unit),
                    (x + 58 * unit, top - 66 * unit),
                    (x - 58 * unit, top - 66 * unit),
                ]
            ),
            down(top - 140 * unit, top - 66 * unit, [mix(shade, palette.accent, 0.22), shade]),
        )
    return x, top - 92 * unit
