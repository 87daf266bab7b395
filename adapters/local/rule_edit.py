"""Editing by instruction, by rule: a short list of looks, each a fixed change of colour, and nothing else.

It understands an instruction whose every word is either filler ("make the shot …") or belongs to one look; anything
more, or two looks at once, it does not take on. :data:`LOOKS` is the whole list. sRGB in, sRGB out; the same change for
every frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request

FILLER = frozenset(
    (
        *("a", "add", "an", "appear", "apply", "as", "bit", "can", "change", "convert", "effect", "feel"),
        *("footage", "for", "frame", "from", "give", "image", "in", "into", "it", "its", "let", "light"),
        *("lighting", "like", "little", "look", "looks", "make", "more", "now", "of", "on", "picture"),
        *("please", "put", "scene", "set", "shot", "slightly", "so", "some", "that", "the", "this", "time"),
        *("to", "turn", "video", "with", "you"),
    )
)
BLUE_HOUR = (0.55, 0.75, 1.2)
SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Look:
    """One change: the words that ask for it, and what it does to a picture of 0..1, float32 (height, width, 3)."""

    words: frozenset[str]
    change: Callable[[Any], Any]


def _grey(rgb: Any) -> Any:
    import numpy as np

    return (rgb @ np.array(LUMA, np.float32))[..., None]


def _saturated(rgb: Any, share: float) -> Any:
    return _grey(rgb) + (rgb - _grey(rgb)) * share


def _tinted(rgb: Any, gains: tuple[float, float, float]) -> Any:
    import numpy as np

    return rgb * np.array(gains, np.float32)


def _sepia(rgb: Any) -> Any:
    """Old print: half sepia, black lifted, white lowered."""
    import numpy as np

    toned = 0.5 * rgb + 0.5 * (rgb @ np.array(SEPIA, np.float32).T)
    return 0.08 + 0.84 * toned


LOOKS: Mapping[str, Look] = {
    "night": Look(frozenset({"night", "nighttime"}), lambda rgb: _tinted(_saturated(rgb, 0.5) ** 1.3 * 0.6, BLUE_HOUR)),
    "day": Look(frozenset({"day", "daylight", "daytime"}), lambda rgb: _tinted(rgb**0.75, (1.04, 1.02, 0.98))),
    "warmer": Look(frozenset({"warm", "warmer"}), lambda rgb: _tinted(rgb, (1.12, 1.0, 0.84))),
    "cooler": Look(frozenset({"cool", "cooler", "colder"}), lambda rgb: _tinted(rgb, (0.86, 1.0, 1.14))),
    "brighter": Look(frozenset({"bright", "brighter"}), lambda rgb: rgb**0.75),
    "darker": Look(frozenset({"dark", "darker"}), lambda rgb: rgb**1.4),
    "black and white": Look(frozenset({"black", "and", "white", "monochrome", "greyscale", "grayscale"}), _grey),
    "vintage": Look(frozenset({"vintage", "sepia", "old"}), _sepia),
    "fog": Look(frozenset({"fog", "foggy", "mist", "misty", "haze"}), lambda rgb: 0.55 * _saturated(rgb, 0.8) + 0.38),
}


class RuleEdit(LocalEngine):
    """Says what it understands when it is asked for something else (``unsupported``)."""

    spec = ProviderSpec(
        id="local/rule-edit",
        contracts=("editing/prompt",),
        title="Looks by rule",
        revision="1",
        licence="Apache-2.0",
        requires=(pictures.OPENCV,),
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Plain arithmetic."""
        return {"engine": package_version("numpy")}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Change every frame as the instruction says."""
        look = LOOKS[understood(str(request.sample.inputs.get("instruction", "")))]
        source = pictures.shot(request, media)
        changed = (_applied(rgb, look) for rgb in source.pictures())
        return pictures.made("video", changed, source, folder, sound=True)


def understood(instruction: str) -> str:
    """The look that ``instruction`` asks for. Raises :class:`Refusal` for what it does not understand."""
    words = set(re.findall(r"[\w'-]+", instruction.lower()))
    if not words:
        raise Refusal("the instruction is empty", Outcome.INVALID)
    fitting = [
        name for name, look in LOOKS.items() if words & look.words and words <= FILLER | look.words and words != {"and"}
    ]
    if len(fitting) != 1:
        raise Refusal(f"not understood: {instruction.strip()!r}; it knows {', '.join(LOOKS)}")
    return fitting[0]


def _applied(rgb: Any, look: Look) -> Any:
    import numpy as np

    changed = look.change(rgb.astype(np.float32) / 255)
    return np.broadcast_to(np.rint(np.clip(changed, 0, 1) * 255), rgb.shape).astype(np.uint8)


PROVIDERS = (RuleEdit(),)
