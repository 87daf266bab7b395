"""Titles and credits: set where they cross nobody, in Comfortaa."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from filmbench.harness.film.picture import brush
from filmbench.harness.film.picture.colours import named
from filmbench.harness.film.picture.posture import ease

FAMILY = "Comfortaa"
"""The family captions are set in; a machine without it sets them in its default (``family`` tells which it was)."""


class Box(NamedTuple):
    """A rectangle of the picture, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> float:
        """The area both share."""
        return max(0.0, min(self.right, other.right) - max(self.left, other.left)) * max(
            0.0, min(self.bottom, other.bottom) - max(self.top, other.top)
        )


class Line(NamedTuple):
    """One line as it is set: its text, the font's size and the middle of its baseline."""

    text: str
    size: float
    x: float
    y: float


def family() -> str:
    """The family that captions are really set in: skia gives another one in silence where it has none of a name."""
    return str(_typeface(bold=True).getFamilyName())


def _typeface(bold: bool) -> Any:
    import skia

    style = skia.FontStyle.Bold() if bold else skia.FontStyle.Normal()
    found = skia.FontMgr().matchFamilyStyle(FAMILY, style)
    return found if found is not None and found.getFamilyName() == FAMILY else skia.Typeface("", style)


def _font(size: float, bold: bool) -> Any:
    import skia

    return skia.Font(_typeface(bold), size)


def layout(lines: Sequence[str], size: tuple[int, int], taken: Sequence[Box]) -> tuple[list[Line], Box]:
    """Set ``lines`` (the first is the title) in a picture of ``size`` (width, height), clear of ``taken``.

    Nine places and five sizes are tried, the largest that crosses nothing first; where none is free the one that
    crosses least is taken.
    """
    width, height = size
    best: tuple[float, list[Line], Box] | None = None
    for scale in (1.0, 0.86, 0.72, 0.6, 0.5):
        sizes = [(0.082 if i == 0 else 0.036) * height * scale for i in range(len(lines))]
        leads = [sizes[0] * 1.1, *(s * 1.75 for s in sizes[1:])]
        wide = max(_wide(text, s, i == 0) for i, (text, s) in enumerate(zip(lines, sizes, strict=True)))
        tall = sum(leads)
        edge = 0.055 * width
        if wide > width - 2 * edge or tall > height * 0.92:
            continue
        for across in (0.5, 0.0, 1.0):
            for down in (0.30, 0.06, 0.90):
                left = edge + across * (width - 2 * edge - wide)
                top = edge * 0.6 + down * (height - 1.2 * edge - tall)
                box = Box(left, top, left + wide, top + tall)
                cost = sum(box.meets(one) for one in taken)
                if best is None or cost < best[0]:
                    best = (cost, _set(lines, sizes, leads, left + wide / 2, top), box)
                if cost == 0:
                    return best[1], best[2]
    if best is None:  # a line wider than the picture at any size: the smallest, in the middle
        sizes = [0.03 * height] * len(lines)
        return _set(lines, sizes, [s * 1.6 for s in sizes], width / 2, height * 0.3), Box(
            0, height * 0.3, width, height * 0.3 + len(lines) * 0.05 * height
        )
    return best[1], best[2]


def _set(lines: Sequence[str], sizes: Sequence[float], leads: Sequence[float], x: float, top: float) -> list[Line]:
    placed, y = [], top
    for text, size, lead in zip(lines, sizes, leads, strict=True):
        y += lead
        placed.append(Line(text, size, x, y - 0.24 * size))
    return placed


def _wide(text: str, size: float, title: bool) -> float:
    return float(_font(size, title).measureText(text)) + _spacing(size, title) * max(len(text) - 1, 0)


def _spacing(size: float, title: bool) -> float:
    return size * (0.10 if title else 0.05)


def draw(canvas: Any, lines: Sequence[Line], box: Box, time: float, seconds: float) -> None:
    """The lines at ``time`` of a shot ``seconds`` long: they come softly, one after the other, and go together."""
    import skia

    going = ease((seconds - time) / 0.6) if seconds > 1.5 else 1.0
    margin = (box.bottom - box.top) * 0.35
    shade = brush.box(box.left - margin, box.top - margin * 0.6, box.right + margin, box.bottom + margin * 0.6, margin)
    brush.fill(canvas, shade, named()["ink"], 0.34 * going * ease(time / 0.9), soft=max(margin * 0.5, 1.0))
    for i, line in enumerate(lines):
        share = going * ease((time - 0.25 - 0.22 * i) / 0.8) if seconds > 1.5 else 1.0
        if share <= 0.01:
            continue
        title, font = i == 0, _font(line.size, i == 0)
        colour = named()["glow"] if title else named()["cream"]
        paint = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*colour, share))
        x = line.x - _wide(line.text, line.size, title) / 2
        for letter in line.text:
            canvas.drawString(letter, x, line.y, font, paint)
            x += float(font.measureText(letter)) + _spacing(line.size, title)
