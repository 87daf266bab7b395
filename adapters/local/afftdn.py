"""FFmpeg's ``afftdn``: steady noise taken off spectrum by spectrum.

The noise floor it is told is measured in the recording: 5 dB above the level that a twentieth of its 20 ms frames stay
under, so a recording needs some pauses. What is not steady, like a crowd, it can hardly tell from the voice.

Share, margin and reduction are the best by SI-SDR of 45 combinations on twelve readings of ``human-prompts`` that
``noisy-speech`` does not hold, in hiss, rumble and a crowd from other seeds and prompts: not the benchmark's samples,
but the same people and the same kinds of noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _ffmpeg as ffmpeg
from filmbench.adapters.local import _sound as sound
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Request

DELAY = sound.RATE // 40
"""Samples by which the filter's output is late: two steps of its window."""
FRAME = sound.RATE // 50
QUIET_PERCENT, ABOVE_DB = 5, 5.0
FLOOR_DB = (-80.0, -20.0)
"""Noise floors that the filter takes."""


class Afftdn(LocalEngine):
    """Works at 48 kHz; knows nothing of speech."""

    spec = ProviderSpec(
        id="local/afftdn",
        contracts=("editing/denoise-sound",),
        title="FFmpeg afftdn",
        revision="2",
        licence="GPL-3.0 (FFmpeg as packaged, a program)",
        params={"reduction": Param("float", "decibels by which noise is turned down, at most", default=30.0)},
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

        def clean(wave: Any) -> Any:
            return ffmpeg.filtered_sound(wave, sound.RATE, "afftdn", nr=reduction, nf=noise_floor(wave[:-DELAY]))

        return sound.cleaned(request, media, folder, clean, DELAY)


def noise_floor(wave: Any) -> float:
    """Where the noise of mono ``wave`` (float32, (n,), 48 kHz) seems to lie, in dB of full scale."""
    import numpy as np

    frames = wave[: max(len(wave) // FRAME, 1) * FRAME]
    powers = np.array(
        [np.mean(np.square(part, dtype=np.float64)) for part in np.split(frames, range(FRAME, len(frames), FRAME))]
    )
    quiet = 10 * np.log10(max(float(np.percentile(powers, QUIET_PERCENT)), 1e-12))
    return float(np.clip(quiet + ABOVE_DB, *FLOOR_DB))


PROVIDERS = (Afftdn(),)
