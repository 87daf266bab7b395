"""From a brief to finished layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from filmbench.adapters.local.painting import built, heavens, outdoors
from filmbench.adapters.local.painting.colours import Colour, Palette, palette
from filmbench.adapters.local.painting.easel import Easel, Layer
from filmbench.adapters.local.painting.styles import STYLES
from filmbench.adapters.local.painting.words import Brief

SCENES: Mapping[str, Callable[[Easel, Brief, Palette], None]] = {
    "sky": outdoors.sky,
    "sea": outdoors.sea,
    "hills": outdoors.hills,
    "city": built.city,
    "interior": built.interior,
    "forest": outdoors.forest,
}


def paint(
    brief: Brief, size: tuple[int, int], seed: int, style: str = "cut-paper", colours: Sequence[Colour] = ()
) -> list[Layer]:
    """The layers of a scene from back to front, each ``size`` (width, height); the same seed gives the same pixels."""
    easel = Easel(*size, seed)
    chosen = palette(brief, colours)
    SCENES[brief.place](easel, brief, chosen)
    if brief.place != "interior":
        heavens.weather(easel, brief, chosen)
    return STYLES[style](easel.layers, seed)
