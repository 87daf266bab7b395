"""How long a script is on paper: the trade's page, by which scenes are scheduled in eighths.

12-point Courier on US Letter, 55 lines a page. Columns in characters: action and headings 60, speech 35,
parentheticals 25, transitions 60. One blank line parts what stands under each other; two speeches spoken at once
stand side by side in columns of 28 and are as long as the longer. Breaks over a page (``MORE``, kept-together
headings) and page breaks set by the writer are left out: they lengthen the paper, not the film.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

from filmbench.harness.film.screenplay import Dialogue, Element, Scene

PAGE = 55
WIDE, SPEECH, DIRECTION, BESIDE = 60, 35, 25, 28


def eighths(scene: Scene) -> int:
    """A scene's length in eighths of a page, rounded up: the shortest is one."""
    return max(1, math.ceil(lines(scene) * 8 / PAGE))


def pages(scenes: Iterable[Scene]) -> float:
    """The script's length in pages, rounded up to an eighth; 0 for one without a line."""
    return math.ceil(sum(map(lines, scenes)) * 8 / PAGE) / 8


def height(text: str) -> int:
    """Lines that a heading or paragraph takes, with the blank one below."""
    return sum(_wrapped(line, WIDE) for line in text.split("\n")) + 1


def lines(scene: Scene) -> int:
    """Lines a scene takes, the blank one behind each element counted."""
    heading = height(scene.heading) if scene.heading else 0
    return heading + sum(
        _height(element, beside=False) + 1 - _saved(before, element)
        for before, element in pairwise([None, *scene.elements])
        if element
    )


def _saved(before: Element | None, element: Element) -> int:
    """Lines that a speech takes less for standing beside the one before it."""
    if not (isinstance(element, Dialogue) and element.dual and isinstance(before, Dialogue)):
        return 0
    alone = _height(before, beside=False) + 1 + _height(element, beside=False) + 1
    together = max(_height(before, beside=True), _height(element, beside=True)) + 1
    return max(0, alone - together)


def _height(element: Element, *, beside: bool) -> int:
    if not isinstance(element, Dialogue):
        return height(element.text) - 1
    width = BESIDE if beside else SPEECH
    directions = sum(_wrapped(f"({said})", min(width, DIRECTION)) for _, said in element.directions)
    return 1 + directions + _wrapped(element.text, width)


def _wrapped(text: str, width: int) -> int:
    """Lines of ``text`` broken between words; a word longer than a line takes as many as it needs."""
    count, used = 0, width + 1
    for word in text.split():
        if used + 1 + len(word) <= width:
            used += 1 + len(word)
            continue
        full, rest = divmod(len(word), width)
        count += full + bool(rest)
        used = rest or width
    return count
