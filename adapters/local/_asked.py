"""What a picture or clip was asked to be, read out of a request's texts, with the limits of our own engines."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path
from typing import Any

from filmbench.adapters.local.painting.colours import Colour, hexes
from filmbench.harness.protocols import Media, Refusal
from filmbench.harness.types import Artifact, Outcome, Request

SIDES = (16, 4096)
MOST_PIXELS = 4096 * 2304
MOST_SECONDS = 30.0
FRAME_RATES = (1.0, 60.0)
MOST_FRAME_PIXELS = 1_500_000_000
"""Pixels of a whole clip: 30 s of 1280×720 at 50 frames a second."""
PNG = "image/png"
MACHINE_MADE = "machine-made"


def prompt(request: Request) -> str:
    """The prompt. Raises :class:`Refusal` (invalid) where it says nothing."""
    text = _text(request, "prompt")
    if not re.search(r"\w", text):
        raise Refusal("the prompt is empty", Outcome.INVALID)
    return text


def size(request: Request) -> tuple[int, int]:
    """Width and height in pixels. Raises :class:`Refusal` (invalid)."""
    text = _text(request, "size")
    found = re.fullmatch(r"\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*", text)
    if not found:
        raise Refusal(f"{text!r} is no size: write 1280x720", Outcome.INVALID)
    width, height = int(found[1]), int(found[2])
    if not all(SIDES[0] <= side <= SIDES[1] for side in (width, height)) or width * height > MOST_PIXELS:
        limits = f"sides of {SIDES[0]} to {SIDES[1]} pixels and {MOST_PIXELS:,} pixels in all"
        raise Refusal(f"{width}x{height} is out of bounds: {limits}", Outcome.INVALID)
    return width, height


def timing(request: Request) -> tuple[int, float]:
    """How many frames, and frames a second. Raises :class:`Refusal` (invalid)."""
    seconds, fps = _number(request, "seconds"), _number(request, "fps")
    if not 0 < seconds <= MOST_SECONDS:
        raise Refusal(f"{seconds:g} seconds are out of bounds: more than 0, at most {MOST_SECONDS:g}", Outcome.INVALID)
    if not FRAME_RATES[0] <= fps <= FRAME_RATES[1]:
        raise Refusal(
            f"{fps:g} frames a second are out of bounds: {FRAME_RATES[0]:g} to {FRAME_RATES[1]:g}", Outcome.INVALID
        )
    frames = max(1, round(seconds * fps))
    width, height = size(request)
    if frames * width * height > MOST_FRAME_PIXELS:
        raise Refusal(f"{frames} frames of {width}x{height} are more than this engine makes at once", Outcome.INVALID)
    return frames, fps


def palette(request: Request) -> tuple[Colour, ...]:
    """The colours asked for; none where none were. Raises :class:`Refusal` (invalid)."""
    text = request.sample.inputs.get("palette")
    try:
        return hexes(text) if isinstance(text, str) else ()
    except ValueError as error:
        raise Refusal(str(error), Outcome.INVALID) from None


def seed(request: Request) -> int:
    """From the arm's ``seed``, the words asked and the take's number: equal requests paint equal pictures."""
    parts = [str(request.arm.params.get("seed", 0)), str(request.take), str(request.sample.inputs.get("prompt"))]
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:6], "big")


def picture(request: Request, media: Media, wanted: tuple[int, int]) -> Any | None:
    """The image that was given, cut to the shape of ``wanted`` and scaled to it: uint8 RGB; ``None`` without one.

    Raises :class:`Refusal` (invalid) for what is no picture, is seen through, or holds more than 8 bits (HDR).
    """
    import numpy as np
    from filmbench.harness.media.decode import BadMedia
    from filmbench.harness.media.still import ImageClip
    from filmbench.harness.media.video import resized

    given = request.sample.inputs.get("image")
    if not isinstance(given, Artifact):
        return None
    clip = ImageClip(given, media.path(given))
    try:
        pixels = clip.rgba
    except BadMedia as error:
        raise Refusal(f"the image: {error.reason}", Outcome.INVALID) from None
    if (pixels[..., 3] < 255).any():
        raise Refusal("the image is partly transparent: flatten it first", Outcome.INVALID)
    height, width = pixels.shape[:2]
    scale = min(width / wanted[0], height / wanted[1])
    across, down = max(1, math.floor(wanted[0] * scale)), max(1, math.floor(wanted[1] * scale))
    left, top = (width - across) // 2, (height - down) // 2
    return np.ascontiguousarray(resized(pixels[top : top + down, left : left + across, :3], wanted))


def saved(pixels: Any, path: Path, comment: str) -> tuple[Path, str]:
    """Write RGB or RGBA ``pixels`` as PNG that says it was made by a machine, and what of the prompt it shows."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_itxt("Comment", f"{MACHINE_MADE}; {comment}" if comment else MACHINE_MADE)
    Image.fromarray(pixels).save(path, pnginfo=words, compress_level=4)
    return path, PNG


def _text(request: Request, role: str) -> str:
    found = request.sample.inputs.get(role)
    if not isinstance(found, str):
        raise Refusal(f"no {role} was given", Outcome.INVALID)
    return found


def _number(request: Request, role: str) -> float:
    text = _text(request, role)
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Refusal(f"{text!r} is no number of {role}", Outcome.INVALID)
    return found
