"""Chroma key: what has the screen's hue becomes transparent, by how far it lies towards the screen's colour.

Colours are turned into the chroma plane of BT.601 and there so that the screen lies on the first axis. What remains
of that axis once the distance from it is taken away is how much screen shows through. Source: van den Bergh
and Lalioti, "Software chroma keying in an immersive virtual environment", South African Computer Journal 24, 1999.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request

NARROWING = 1.0
"""Screen hue lost for each unit of chroma beside the axis: an acceptance angle of 90 degrees."""
LEAST_CHROMA = 0.05
"""A colour with less chroma (of 0.5 at most) is no key."""


class ChromaKey(LocalEngine):
    """Needs a screen and its colour (``key_colour``); a shot without one is ``unsupported``."""

    spec = ProviderSpec(
        id="local/chroma-key",
        contracts=("editing/roto",),
        title="Chroma key",
        revision="1",
        licence="Apache-2.0",
        params={
            "clear": Param("float", "share of the screen's chroma from which on a pixel is transparent", default=0.75),
            "solid": Param("float", "share of the screen's chroma up to which a pixel is opaque", default=0.1),
        },
        requires=(pictures.OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Plain arithmetic."""
        return {"engine": package_version("numpy")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Key every frame."""
        key = _chroma(_colour(request))
        if float(key @ key) < LEAST_CHROMA**2:
            raise Refusal("a grey key_colour has no hue to key on", Outcome.INVALID)
        clear, solid = (float(request.arm.params[name]) for name in ("clear", "solid"))
        if not 0 <= solid < clear <= 1:
            raise Refusal("solid must lie below clear, both within 0..1")
        source = pictures.shot(request, media)
        return pictures.made("matte", _keyed(source.pictures(), key, clear, solid), source, folder)


def _colour(request: Request) -> Any:
    import numpy as np

    text = request.sample.inputs.get("key_colour")
    if not isinstance(text, str):
        raise Refusal("the shot has no key_colour: there is no screen to key")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text.strip()):
        raise Refusal(f"key_colour {text!r} is not written as #rrggbb", Outcome.INVALID)
    return np.frombuffer(bytes.fromhex(text.strip()[1:]), np.uint8)


def _chroma(rgb: Any) -> Any:
    """Cb and Cr of BT.601 in -0.5..0.5: float32, (..., 2)."""
    import numpy as np

    weights = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
    return (rgb.astype(np.float32) / 255) @ weights.T


def _keyed(frames: Iterator[Any], key: Any, clear: float, solid: float) -> Iterator[Any]:
    """The opacity of each frame: uint8, (height, width)."""
    import numpy as np

    length = float(np.hypot(*key))
    along, beside = key / length, np.array([-key[1], key[0]]) / length
    for rgb in frames:
        chroma = _chroma(rgb)
        share = (chroma @ along - NARROWING * np.abs(chroma @ beside)) / length
        alpha = (clear - share) / (clear - solid)
        yield np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)


PROVIDERS = (ChromaKey(),)
