"""Cleaned speech held against the speech before the noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, mono, python, scored, signature
from filmbench.metrics.tts.intelligibility import stoi
from filmbench.metrics.tts.perceptual import wide_band
from filmbench.metrics.tts.si_sdr import CEILING, si_sdr

RATE = 16_000
LONGER = 0.05
"""Seconds by which lengths may differ before the result is not the same recording."""


def _spec(id: str, title: str, unit: str, package: str, settings: str, **more: Any) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, package, settings=f"sr:{RATE};resample:soxr_hq;{settings}"),
        contracts=("editing/denoise-sound",),
        higher_is_better=True,
        provenance="library",
        needs=("sound",),
        references=("sound",),
        requires=(python(package),),
        **more,
    )


class AgainstClean:
    """What is left between the cleaned and the clean recording: as a wave, to the ear, to understanding.

    What: ``denoise_sound.si_sdr`` is the scale-invariant signal-to-distortion ratio in dB, ``denoise_sound.pesq_wb``
    the opinion score of wide-band PESQ, ``denoise_sound.stoi`` short-time objective intelligibility.
    Range: dB, unbounded below, cut at 100 which stands for identical; 1.04 to 4.64; about 0 to 1. Higher is better.
    Needs: the clean reading, and a result of its length in time with it: both mono at 16 kHz, at least 0.5 s.
    Ignores: level.
    Known failures: a result that is late by a sample loses tens of dB of SI-SDR and is not worse to hear: a provider's
    constant delay is its fault here. SI-SDR of the untouched sound is its signal-to-noise ratio, so at 20 dB and more
    doing nothing may beat a denoiser that touches the voice. PESQ takes at most 20 s.
    Provenance: library: torchmetrics, pesq, pystoi, as in the metrics of speech.
    Source: Le Roux et al., ICASSP 2019; ITU-T P.862.2; Taal et al., IEEE TASLP 2011.
    Licence: Apache-2.0; MIT; **PESQ's reference code inside is not free for commercial use**.
    """

    specs = (
        _spec("denoise_sound.si_sdr", "SI-SDR", "dB", "torchmetrics", "zero_mean;cap:100", high=CEILING),
        _spec(
            "denoise_sound.pesq_wb",
            "PESQ, wide band",
            "MOS-LQO",
            "pesq",
            "wb",
            low=1.0,
            high=4.65,
            worst=1.0,
            licence="MIT (wrapper), ITU-T P.862 reference code, not free for commercial use",
            licence_flag="pesq",
        ),
        _spec("denoise_sound.stoi", "STOI", "correlation", "pystoi", "10000", low=0.0, high=1.0, worst=0.0, decimals=3),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``sound`` against the reference ``sound``."""
        try:
            clean, cleaned = in_time(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        measures = (si_sdr, wide_band, stoi)
        return [
            scored((spec,), lambda measure=measure: (measure(clean, cleaned),))[0]  # type: ignore[misc]
            for spec, measure in zip(self.specs, measures, strict=True)
        ]


def in_time(view: View) -> tuple[Any, Any]:
    """The clean and the cleaned recording, mono at 16 kHz, cut to the shorter: float32, (n,) each.

    Raises :class:`Unmeasurable` without a clean one, and for lengths that differ by more than 50 ms.
    """
    reference, output = view.reference("sound"), view.output("sound")
    if reference is None:
        raise Unmeasurable("there is no clean recording")
    if abs(reference.seconds - output.seconds) > LONGER:
        raise Unmeasurable(f"not as long: {output.seconds:.3f} s against {reference.seconds:.3f} s")
    clean, cleaned = mono(reference, RATE, least=0.5), mono(output, RATE, least=0.5)
    length = min(len(clean), len(cleaned))
    return clean[:length], cleaned[:length]


METRICS = (AgainstClean(),)
