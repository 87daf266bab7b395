"""Paths and brushes: what cut paper is drawn with. Lengths are units of a picture 1280 x 720."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from filmbench.harness.film.picture.colours import Colour, Light

Point = tuple[float, float]
Stop = tuple[float, Colour, float]
"""Where on a gradient (0..1), which colour, how opaque."""


def poly(points: Sequence[Point], closed: bool = True) -> Any:
    """Straight lines through ``points``."""
    import skia

    path = skia.Path()
    path.addPoly([skia.Point(float(x), float(y)) for x, y in points], closed)
    return path


def smooth(points: Sequence[Point], closed: bool = True, ease: float = 1.0) -> Any:
    """A curve through ``points`` (Catmull-Rom); ``ease`` below 1 makes it tighter."""
    import skia

    path, n, k = skia.Path(), len(points), ease / 6
    path.moveTo(*points[0])
    for i in range(n if closed else n - 1):
        p1, p2 = points[i], points[(i + 1) % n]
        p0 = points[i - 1] if closed or i else p1
        p3 = points[(i + 2) % n] if closed or i + 2 < n else p2
        path.cubicTo(
            p1[0] + (p2[0] - p0[0]) * k,
            p1[1] + (p2[1] - p0[1]) * k,
            p2[0] - (p3[0] - p1[0]) * k,
            p2[1] - (p3[1] - p1[1]) * k,
            *p2,
        )
    if closed:
        path.close()
    return path


def oval(x: float, y: float, rx: float, ry: float) -> Any:
    """An ellipse about its middle."""
    import skia

    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def box(left: float, top: float, right: float, bottom: float, round: float = 0.0) -> Any:
    """A rectangle, its corners rounded by ``round``."""
    import skia

    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), round, round)
    return path


def limb(joints: Sequence[Point], widths: Sequence[float]) -> Any:
    """A tapering tube through three joints, soft in the middle one, with round ends."""
    a, b, c = joints
    p, q = _between(a, b, 0.62), _between(b, c, 0.38)
    spine = [a, _between(a, p, 0.5), p]
    spine += [_between(_between(p, b, u), _between(b, q, u), u) for u in (0.25, 0.5, 0.75)]
    spine += [q, _between(q, c, 0.5), c]
    half = [_ramp(widths, i / (len(spine) - 1)) / 2 for i in range(len(spine))]
    left, right = [], []
    for i, (x, y) in enumerate(spine):
        (x0, y0), (x1, y1) = spine[max(i - 1, 0)], spine[min(i + 1, len(spine) - 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        nx, ny = -(y1 - y0) / length * half[i], (x1 - x0) / length * half[i]
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    start, end = _cap(spine[1], spine[0], half[0]), _cap(spine[-2], spine[-1], half[-1])
    return smooth([start, *left, end, *right[::-1]])


def _cap(before: Point, at: Point, reach: float) -> Point:
    length = math.hypot(at[0] - before[0], at[1] - before[1]) or 1.0
    return at[0] + (at[0] - before[0]) / length * reach, at[1] + (at[1] - before[1]) / length * reach


def _between(a: Point, b: Point, u: float) -> Point:
    return a[0] + (b[0] - a[0]) * u, a[1] + (b[1] - a[1]) * u


def _ramp(values: Sequence[float], place: float) -> float:
    at = place * (len(values) - 1)
    low = min(int(at), len(values) - 2)
    return values[low] + (values[low + 1] - values[low]) * (at - low)


def _argb(colour: Colour, alpha: float) -> int:
    import skia

    return int(skia.Color4f(*colour, min(max(alpha, 0.0), 1.0)).toColor())


def fill(canvas: Any, path: Any, colour: Colour, alpha: float = 1.0, soft: float = 0.0) -> None:
    """Fill ``path``; ``soft`` blurs its edge."""
    import skia

    paint = skia.Paint(AntiAlias=True, Color=_argb(colour, alpha))
    if soft:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, soft))
    canvas.drawPath(path, paint)


def pen(canvas: Any, path: Any, colour: Colour, width: float, alpha: float = 1.0) -> None:
    """Draw along ``path`` with round ends."""
    import skia

    canvas.drawPath(path, _stroke(skia, width, _argb(colour, alpha)))


def _stroke(skia: Any, width: float, colour: int) -> Any:
    return skia.Paint(
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
        Color=colour,
    )


def wash(canvas: Any, path: Any, start: Point, end: Point, stops: Sequence[Stop], soft: float = 0.0) -> None:
    """Fill ``path`` with a gradient from ``start`` to ``end``."""
    import skia

    paint = skia.Paint(AntiAlias=True, Dither=True, Shader=_linear(skia, start, end, stops))
    if soft:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, soft))
    canvas.drawPath(path, paint)


def _linear(skia: Any, start: Point, end: Point, stops: Sequence[Stop]) -> Any:
    return skia.GradientShader.MakeLinear(
        points=[start, end],
        colors=[_argb(colour, alpha) for _, colour, alpha in stops],
        positions=[place for place, _, _ in stops],
    )


def halo(canvas: Any, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
    """Light that fades with distance."""
    import skia

    if strength <= 0.004 or radius <= 0:
        return
    shares = ((0.0, 1.0), (0.22, 0.50), (0.5, 0.17), (1.0, 0.0))
    shader = skia.GradientShader.MakeRadial(
        center=(x, y),
        radius=radius,
        colors=[_argb(colour, strength * share) for _, share in shares],
        positions=[place for place, _ in shares],
    )
    canvas.drawCircle(x, y, radius, skia.Paint(AntiAlias=True, Dither=True, Shader=shader))


def piece(
    canvas: Any, path: Any, colour: Colour, light: Light, drop: float = 3.0, rim: float = 1.6, shape: float = 1.0
) -> None:
    """A piece of cut paper: its soft shadow ``drop`` below it, shaded by ``shape``, a ``rim`` of light at its edge."""
    import skia

    if drop:
        canvas.save()
        canvas.translate(-light.towards[0] * drop * 0.6, drop * 0.8)
        fill(canvas, path, light.hour.shade, 0.34, soft=drop)
        canvas.restore()
    bounds = path.getBounds()
    x, y, reach = bounds.centerX(), bounds.centerY(), 0.5 * math.hypot(bounds.width(), bounds.height())
    across, up = light.towards[0] * reach, light.towards[1] * reach
    lit, body, dark = light.shades(colour)
    start, end = (x + across, y + up), (x - across, y - up)
    if shape < 1.0:
        lit, dark = _nearer(lit, body, shape), _nearer(dark, body, shape)
    wash(canvas, path, start, end, ((0.0, lit, 1.0), (0.5, body, 1.0), (1.0, dark, 1.0)))
    if rim:
        strength = 0.22 + 0.68 * light.warm
        edge = light.hour.light if light.warm > 0.15 else light.hour.sky_light
        paint = _stroke(skia, rim, 0)
        paint.setShader(_linear(skia, start, end, ((0.0, edge, strength), (0.34, edge, 0.0), (1.0, edge, 0.0))))
        canvas.drawPath(path, paint)


def _nearer(colour: Colour, body: Colour, amount: float) -> Colour:
    return (
        body[0] + (colour[0] - body[0]) * amount,
        body[1] + (colour[1] - body[1]) * amount,
        body[2] + (colour[2] - body[2]) * amount,
    )
