"""FFmpeg's ``afftdn``: noise taken off spectrum by spectrum, its floor followed while the sound runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from filmbench.adapters.local import _ffmpeg as ffmpeg
from filmbench.adapters.local import _sound as sound
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

DELAY = sound.RATE // 40
"""Samples by which the filter's output is late: two steps of its window."""


class Afftdn(LocalEngine):
    """Works at 48 kHz; knows nothing of speech."""

    spec = ProviderSpec(
        id="local/afftdn",
        contracts=("editing/denoise-sound",),
        title="FFmpeg afftdn",
        revision="1",
        licence="GPL-3.0 (FFmpeg as packaged, a program)",
        params={"reduction": Param("float", "decibels by which noise is turned down, at most", default=20.0)},
        requires=ffmpeg.NEEDS,
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """The program's version."""
        return {"engine": ffmpeg.program_version()}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Filter the whole recording."""
        reduction = float(request.arm.params["reduction"])
        if not 0.01 <= reduction <= 97:
            raise Refusal("reduction lies within 0.01 and 97 dB")
        options = {"nr": reduction, "nf": -30, "tn": 1}
        return sound.cleaned(
            request, media, folder, lambda wave: ffmpeg.filtered_sound(wave, sound.RATE, "afftdn", **options), DELAY
        )


PROVIDERS = (Afftdn(),)
