"""What a sample asks of a picture or a film: its words, its size and shape among those on offer, its length."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome, Request

_SAME_SHAPE = 0.01


def size(request: Request) -> tuple[int, int]:
    """Width and height in pixels, as the sample asks. Raises :class:`Refusal`."""
    given = str(request.sample.inputs.get("size", ""))
    found = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", given.strip())
    if not found:
        raise Refusal(f"the size {given!r} is not like 1920x1080", Outcome.INVALID)
    return int(found[1]), int(found[2])


def nearest(size: tuple[int, int], ratios: Iterable[str]) -> str:
    """The ratio on offer (``16:9``, ``1280:720``) nearest in shape to ``size``."""
    return min(ratios, key=lambda ratio: abs(math.log(size[0] / size[1]) - math.log(_quotient(ratio))))


def fitting(size: tuple[int, int], ratios: Sequence[str]) -> str:
    """Of the offers (``1280:720``) nearest in shape to ``size`` the smallest that holds it, else the largest."""
    shape = _quotient(nearest(size, ratios))
    alike = sorted((one for one in ratios if abs(math.log(_quotient(one) / shape)) < _SAME_SHAPE), key=_pixels)
    return next((one for one in alike if _pixels(one) >= size[0] * size[1]), alike[-1])


def seconds_of(request: Request) -> float:
    """How long a clip the sample asks for, in seconds. Raises :class:`Refusal`."""
    try:
        seconds = float(str(request.sample.inputs.get("seconds", "")))
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise Refusal("the sample does not say how many seconds", Outcome.INVALID)
    return seconds


def whole_seconds(request: Request, offered: Sequence[int]) -> int:
    """The fewest seconds on offer (in order) that hold what the sample asks for. Raises :class:`Refusal`."""
    seconds = seconds_of(request)
    found = next((one for one in offered if one >= seconds), None)
    if found is None:
        raise Refusal(f"{request.arm.provider} makes {offered[0]} to {offered[-1]} s, not {seconds:g}")
    return found


def painted(request: Request) -> str:
    """The place in words, and its palette after it; empty without words."""
    words, palette = str(request.sample.inputs.get("prompt", "")).strip(), request.sample.inputs.get("palette")
    if words and isinstance(palette, str) and palette.strip():
        return f"{words}\nColour palette: {palette.strip()}"
    return words


def _quotient(ratio: str) -> float:
    width, height = ratio.split(":")
    return int(width) / int(height)


def _pixels(ratio: str) -> int:
    width, height = ratio.split(":")
    return int(width) * int(height)
