"""DNSMOS of cleaned speech: its predicted quality, without a look at the clean recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from filmbench.harness.protocols import View
from filmbench.harness.types import Score
from filmbench.metrics.measure import mono, scored
from filmbench.metrics.tts.dnsmos import RATE, TARGET_LUFS, Dnsmos, predict
from filmbench.metrics.tts.loudness import levelled

STAGE = "denoise_sound"


class Opinion:
    """Mean opinion scores that two networks predict for the cleaned recording, made for just this task.

    What: ``denoise_sound.dnsmos_sig`` is how natural the voice is, ``denoise_sound.dnsmos_bak`` how unobtrusive what
    lies behind it, ``denoise_sound.dnsmos_ovrl`` the whole (ITU-T P.835), ``denoise_sound.dnsmos_p808`` the whole by
    another network (ITU-T P.808).
    Range: 1 bad … 5 excellent, higher is better.
    Needs: the take alone, mono at 16 kHz, brought to -26 LUFS first; at least 0.5 s.
    Ignores: which words are spoken, and whether they are those of the source.
    Known failures: a denoiser of the same school pleases these networks more than it should, and a clean telephone
    reading may score below its denoised copy. Short takes score lower: see the metric of speech that it is.
    Provenance: library: the published networks, as in ``tts.dnsmos_ovrl``.
    Source: Reddy, Gopal and Cutler, ICASSP 2022 and 2021; github.com/microsoft/DNS-Challenge.
    Licence: MIT.
    """

    specs = tuple(
        replace(
            spec,
            id=spec.id.replace("tts.", f"{STAGE}."),
            signature=spec.signature.replace("tts.", f"{STAGE}.", 1),
            contracts=("editing/denoise-sound",),
            needs=("sound",),
            core=spec.id in ("tts.dnsmos_ovrl", "tts.dnsmos_bak"),
        )
        for spec in Dnsmos.specs
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``sound``."""

        def all_four() -> tuple[float, float, float, float]:
            return predict(levelled(mono(view.output("sound"), RATE, least=0.5), RATE, TARGET_LUFS))

        return scored(self.specs, all_four)


METRICS = (Opinion(),)
