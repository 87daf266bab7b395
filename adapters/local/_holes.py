"""What engines that remove something share: the shot with its hole, checked to fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from filmbench.adapters.local import _pictures as pictures
from filmbench.harness.protocols import Media, Refusal
from filmbench.harness.types import Outcome, Request


@dataclass(frozen=True, slots=True)
class Holed:
    """A shot and the film of its mask, of one length."""

    source: pictures.Shot
    mask: pictures.Shot

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """Every frame with its hole: uint8 RGB (height, width, 3), bool (height, width)."""
        masks = self.mask.greys(self.source.size)
        for rgb, grey in zip(self.source.pictures(), masks, strict=True):
            yield rgb, grey >= 128


def holed(request: Request, media: Media) -> Holed:
    """The roles ``video`` and ``mask``. Raises :class:`Refusal` where they do not fit or leave nothing to see."""
    found = Holed(pictures.shot(request, media), pictures.shot(request, media, "mask"))
    lengths = found.source.facts.frames, found.mask.facts.frames
    if lengths[0] != lengths[1]:
        raise Refusal(f"the mask has {lengths[1]} frames, the video {lengths[0]}", Outcome.INVALID)
    if all(hole.all() for _, hole in found.pairs()):
        raise Refusal("the mask covers every picture whole: there is nothing to fill it from", Outcome.INVALID)
    return found
