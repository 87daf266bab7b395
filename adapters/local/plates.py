"""Moving plates from the renderer: sea, clouds, mountains, rain, snow and fire, before a camera that stands still.

They are the views of ``local/shader`` with time in them: waves run, clouds drift and change, the sun's path glitters,
flames rise. Words other than place, light, weather and mood are not understood and make the prompt ``unsupported``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _asked as asked
from filmbench.adapters.local._speech import package_version
from filmbench.harness.protocols import LocalEngine, Made, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

FIRE = r"\b(?:fire|flames?|campfire|bonfire|fireplace|hearth)\b"
_WORDS = """
burn burns burning crackle crackles crackling drift drifts drifting roll rolls rolling move moves moving fall falls
falling rise rises rising glitter glitters glittering sparks ember embers logs still fixed static camera locked shot
slowly gently rippling ripples path passing pass passes in at under of over
"""
WORDS = frozenset(_WORDS.split())


class Plates(LocalEngine):
    """One clip a request."""

    spec = ProviderSpec(
        id="local/plates",
        contracts=("video",),
        title="Shader plates",
        revision="1",
        licence="Apache-2.0",
        languages=frozenset({"en"}),
        params={"seed": Param("int", "another number gives another view of the same words", default=0)},
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """What computes, and the encoder."""
        return {"engine": f"{package_version('numpy')}, {package_version('av')}"}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, Made]:
        """Make the clip. Raises :class:`Refusal` for another subject, or a size or length out of bounds."""
        from filmbench.harness.media.write import write_video

        size, (frames, fps), text = asked.size(request), asked.timing(request), asked.prompt(request)
        if "image" in request.sample.inputs or "video" in request.sample.inputs:
            raise Refusal("takes words only, neither an image nor a video")
        view = plate(text, size, asked.seed(request))
        pictures = (view(2.0 + frame / fps) for frame in range(frames))
        return {
            "video": write_video(
                folder / "video.mp4", pictures, Fraction(fps).limit_denominator(1001), comment=asked.MACHINE_MADE
            )
        }


def plate(text: str, size: tuple[int, int], seed: int) -> Callable[[float], Any]:
    """The picture (uint8 RGB) at a time in seconds, of what ``text`` asks. Raises :class:`Refusal`."""
    from filmbench.adapters.local.painting import words
    from filmbench.adapters.local.shading import air, views

    if re.search(FIRE, text.lower()):
        _all_known(re.sub(FIRE, " ", text.lower()), ())
        return lambda time: views.fire(size, seed, time)
    try:
        brief = words.read(text, views.PLACES)
    except words.NotUnderstood as error:
        raise Refusal(f"{error}; and fire") from None
    _all_known(text, tuple(brief.things - views.DRAWN))
    stage = air.stage(brief, (), seed)
    return lambda time: views.frame(brief, stage, size, seed, time)


def _all_known(text: str, undrawn: tuple[str, ...]) -> None:
    from filmbench.adapters.local.painting import words

    known = words.vocabulary() | words.JOINING | WORDS
    unknown = [word for word in re.findall(r"[a-zà-ÿ][a-zà-ÿ'-]*", text.lower()) if word not in known] + sorted(undrawn)
    if unknown:
        what = ", ".join(dict.fromkeys(unknown))
        raise Refusal(f"cannot show {what}: it knows sea, sky and hills by hour, weather and mood, and fire")


PROVIDERS = (Plates(),)
