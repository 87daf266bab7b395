"""Film out of the ordinary: what becomes of it in each stage, where it is given and where it is delivered.

``filmbench providers show`` prints this, and the tests hold every local provider to it. Vendors decide for themselves
what they take; what they deliver is judged by :data:`DELIVERED`, whoever made it. Floors and references that hand
something on without looking at it may make a take where others refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from filmbench.harness.types import Outcome

Unusual = Literal[
    "no face",
    "two faces",
    "no person",
    "two persons",
    "one frame",
    "variable frame rate",
    "odd size",
    "rotated",
    "no sound",
    "sound longer than picture",
    "alpha",
    "HDR",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of it: the outcome, and in words."""

    outcome: Outcome
    says: str

    def __str__(self) -> str:
        return self.says if self.outcome is Outcome.OK else f"{self.outcome.value}: {self.says}"


Rules = Mapping[Unusual, Rule]


def _made(says: str) -> Rule:
    return Rule(Outcome.OK, says)


def _invalid(says: str) -> Rule:
    return Rule(Outcome.INVALID, says)


_HDR = _invalid("PQ and HLG are refused, since no tone mapping is the right one; give SDR")
_UPRIGHT = _made("turned upright as its metadata asks, and delivered upright")
_OPAQUE = _made("opacity is left out: what it hides is seen as the file holds it")
_SAME_SIZE = _made("delivered at the same size")
_UNEVEN = Rule(Outcome.UNSUPPORTED, "frames that are not evenly spaced are refused; conform them first")
_CARRIED = _made("the whole sound is carried over, as long as it is")

_REWORKED: Rules = {
    "one frame": _made("delivered as one frame"),
    "variable frame rate": _UNEVEN,
    "odd size": _SAME_SIZE,
    "rotated": _UPRIGHT,
    "no sound": _made("delivered without sound"),
    "sound longer than picture": _CARRIED,
    "alpha": _OPAQUE,
    "HDR": _HDR,
}
_MATTED: Rules = {
    **_REWORKED,
    "no person": _made("an engine that looks for persons gives an empty matte"),
    "no sound": _made("a matte has no sound"),
    "sound longer than picture": _made("a matte has no sound, and is as long as the picture"),
}
_LOOKED_AT: Rules = {
    "one frame": _made("looked at like any other"),
    "variable frame rate": _made("frames are counted, whatever their times"),
    "odd size": _made("looked at like any other"),
    "rotated": _made("looked at upright"),
    "no sound": _made("sound is not listened to"),
    "sound longer than picture": _made("sound is not listened to"),
    "alpha": _OPAQUE,
    "HDR": _HDR,
}

GIVEN: Mapping[str, Rules] = MappingProxyType(
    {
        "dubbing": {
            "one frame": _made("the picture is kept, the sound dubbed"),
            "variable frame rate": _made("every picture keeps its time"),
            "odd size": _SAME_SIZE,
            "rotated": _made("the pictures are kept as they are, and so is the turn in their metadata"),
            "no sound": _invalid("there is nothing to dub"),
            "sound longer than picture": _made("all of the sound is dubbed, the picture kept as long as it is"),
            "alpha": _made("the pictures are kept as they are, opacity too"),
            "HDR": _HDR,
        },
        "lipsync": {
            "no face": _invalid("a face must be found in half of the frames"),
            "two faces": _invalid("in more than half of the frames: which one speaks is not said; else the largest"),
            "one frame": _made("it stands and speaks as long as the speech"),
            "variable frame rate": _made("read by time, and delivered with even frames"),
            "odd size": _SAME_SIZE,
            "rotated": _UPRIGHT,
            "no sound": _made("the film needs none; speech without sound is invalid"),
            "sound longer than picture": _made("the last picture stands and goes on speaking; a longer film is cut"),
            "alpha": _OPAQUE,
            "HDR": _HDR,
        },
        "mocap": {
            "no person": _invalid("nobody is found in any frame"),
            "two persons": _made("the one that is found first is followed"),
            "one frame": _made("one pose"),
            "variable frame rate": _made("read by time, and delivered at an even rate"),
            "odd size": _made("looked at like any other; a camera of another size is invalid"),
            "rotated": _made("looked at upright"),
            "no sound": _made("sound is not listened to"),
            "sound longer than picture": _made("the motion is as long as the picture"),
            "alpha": _OPAQUE,
            "HDR": _HDR,
        },
        "editing/roto": _MATTED,
        "editing/removal": _REWORKED,
        "editing/denoise-picture": _REWORKED,
        "editing/denoise-sound": {"no sound": _invalid("there is nothing to clean")},
        "editing/colour": _REWORKED,
        "editing/prompt": _REWORKED,
        "editing/cut": {
            "one frame": _invalid("words are said after the picture's end"),
            "variable frame rate": _UNEVEN,
            "odd size": _SAME_SIZE,
            "rotated": _UPRIGHT,
            "no sound": _invalid("there is nothing to hear"),
            "sound longer than picture": _invalid("if words to keep are said after the picture's end; else cut"),
            "alpha": _OPAQUE,
            "HDR": _HDR,
        },
        "editing/shots": _LOOKED_AT,
        "editing/match-cut": _LOOKED_AT,
        "video": {
            "odd size": _made("the image is cut to the shape that is asked for, and scaled"),
            "rotated": _made("the image is turned upright as its metadata asks"),
            "alpha": _invalid("an image that is partly transparent is refused; flatten it first"),
            "HDR": _invalid("an image of more than 8 bits is refused"),
        },
    }
)
"""By contract, for the film (in ``video`` the image) that is given to local providers."""

DELIVERED: Rules = MappingProxyType(
    {
        "no face": _made("what needs a face has no value"),
        "two faces": _made("in more than half of the frames: what needs one face has no value"),
        "one frame": _made("what needs motion has no value, nor has what is held against a longer reference"),
        "variable frame rate": _made("read by time"),
        "odd size": _made("brought to the reference's size; asked against delivered is a column where a size is asked"),
        "rotated": _made("seen upright"),
        "no sound": _invalid("where sound is what was asked (dubbing, cutting); else what needs sound has no value"),
        "sound longer than picture": _made("each is measured as long as it is"),
        "alpha": _OPAQUE,
        "HDR": _invalid("PQ and HLG cannot be compared with SDR"),
    }
)
"""For the film that any provider delivers, vendors too."""
