"""SI-SDR: damage to the waveform of a reading, in decibels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import python, scored, signature
from filmbench.metrics.selfcheck import Expect
from filmbench.metrics.tts.aligned import RATE, reading_and_copy

CEILING = 100.0
"""Stands for "identical": without a bound the number only tells how floats were rounded. 16 bits reach about 90."""


class SiSdr:
    """Scale-invariant signal-to-distortion ratio: how much of a damaged copy is not the reading.

    What: 10 log10 of the power of the copy's part that is a scaled reading over the power of the rest, means removed.
    Range: dB, unbounded below, higher is better; cut at 100, which stands for identical. 0 means as much damage
    as speech.
    Needs: a human reading and a sample-aligned copy of it, so it has values on reference and floor rows only. Both mono
    at 16 kHz, at least 0.1 s.
    Ignores: level and a constant offset.
    Known failures: no alignment: one sample of delay or a codec's phase shift costs tens of dB that nobody hears. It
    measures the wave, not the sound.
    Provenance: library torchmetrics with ``zero_mean=True`` in double precision. Without mean removal, a signal with
    an offset reads 50 dB too high.
    Source: Le Roux, Wisdom, Erdogan and Hershey, "SDR: half-baked or well done?", ICASSP 2019.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="tts.si_sdr",
            title="SI-SDR",
            unit="dB",
            signature=signature("tts.si_sdr", "torchmetrics", settings=f"sr:{RATE};resample:soxr_hq;zero_mean;cap:100"),
            contracts=("tts",),
            higher_is_better=True,
            provenance="library",
            high=CEILING,
            references=("speech",),
            requires=(python("torch"), python("torchmetrics")),
        ),
    )

    expects = (Expect(best=CEILING, ignores={"gain": 0.01, "padding": 0.01}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech`` against the reference ``speech``."""
        return scored(self.specs, lambda: (si_sdr(*reading_and_copy(view, least=0.1)),))


def si_sdr(reading: Any, copy: Any) -> float:
    """SI-SDR in dB, at most ``CEILING``, of two waves of shape (n,)."""
    import torch
    from torchmetrics.functional.audio.sdr import scale_invariant_signal_distortion_ratio

    truth, estimate = (torch.tensor(wave, dtype=torch.float64) for wave in (reading, copy))
    return min(CEILING, float(scale_invariant_signal_distortion_ratio(estimate, truth, zero_mean=True)))


METRICS = (SiSdr(),)
