"""Level of the sound itself: programme loudness, true peak, clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, check, python, scored, signature
from filmbench.metrics.selfcheck import Expect

FILTER = "DeMan"
GATING_BLOCK = 0.4
OVERSAMPLING = 4
FULL_SCALE = 32767 / 32768
FLAT_RUN = 3


class Loudness:
    """Integrated programme loudness. LUFS (equal to LKFS), two-sided: what is right is the delivery's affair.

    What: does the take arrive at a usable level? Common targets: EBU R 128 -23 LUFS ±0.5 LU (±1 LU live),
    streaming of speech -16 to -19 LUFS.
    Needs: the take as decoded, all channels at its own rate; at most five channels, in the order
    left, right, centre, left surround, right surround. At least 0.4 s, one gating block.
    Range: from -70 (the absolute gate) to about +3. A sine of 997 Hz at full scale reads -3.01 in one channel
    and 0.00 in two: a mono file read here sounds 3 LU louder once it is played on two loudspeakers.
    Ignores: silence around and inside the speech (two gates).
    Known failures: it measures a programme; single seconds of one line read up to 5 LU apart, so a very
    short line says little about the level of a scene.
    Provenance: library ``pyloudnorm`` with the filter class "DeMan"; its default class reads 0.04 LU low.
    Pinned by the sines of BS.1770-4 and by cases 3, 4 and 5 of EBU Tech 3341.
    Licence: MIT.
    """

    specs = (
        MetricSpec(
            id="tts.loudness_lufs",
            title="Loudness",
            unit="LUFS",
            signature=signature(
                "tts.loudness_lufs", "pyloudnorm", settings=f"BS.1770-4;filter:{FILTER};block:{GATING_BLOCK}"
            ),
            contracts=("tts",),
            higher_is_better=None,
            provenance="library",
            decimals=1,
            requires=(python("pyloudnorm", "pip install pyloudnorm"),),
            licence="MIT",
        ),
    )

    expects = (Expect(damage=None, ignores={"delay": 0.1, "padding": 0.5, "rate": 0.1}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        clip = view.output("speech")
        return scored(self.specs, lambda: (integrated(clip.channels(), clip.rate),))


class TruePeak:
    """Highest level of the waveform between the samples too. dBTP; below 0 is safe, EBU R 128 asks for at most -1.

    What: will a converter or a lossy encoder overload on this take?
    Needs: the take as decoded, every channel by itself, four times oversampled.
    Range: up to about +3 for hard-clipped files; descriptive, since the lower is not the better.
    Known failures: four-fold oversampling may read up to 0.6 dB low near half the sampling rate, where speech has
    next to no energy. A file that was clipped and then turned down reads as safe: see ``tts.clipping``.
    Provenance: library ``scipy.signal.resample_poly`` (its Kaiser window) under the rule of ITU-R BS.1770-4,
    Annex 2; pinned by the sines of EBU Tech 3341.
    Licence: BSD-3-Clause.
    """

    specs = (
        MetricSpec(
            id="tts.true_peak_dbtp",
            title="True peak",
            unit="dBTP",
            signature=signature("tts.true_peak_dbtp", "scipy", settings=f"BS.1770-4;oversampling:{OVERSAMPLING}"),
            contracts=("tts",),
            higher_is_better=None,
            provenance="library",
            decimals=1,
            requires=(python("scipy", "pip install scipy"),),
            licence="BSD-3-Clause",
        ),
    )

    expects = (Expect(damage=None, ignores={"delay": 0.01, "padding": 0.01, "rate": 0.3}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        clip = view.output("speech")
        return scored(self.specs, lambda: (true_peak(clip.channels(), clip.rate),))


class Clipping:
    """Share of samples that lie in a flat top at full scale.

    What: did the vendor overdrive the take?
    Range: 0 to 100 percent, lower is better, 0 is right.
    Needs: the take as decoded; the mean over its channels. A flat top is a run of three or more samples whose
    size reaches the greatest positive 16-bit value (32767/32768); a lone peak at full scale is no clipping.
    Known failures: a file that was clipped and then turned down, re-sampled or sent through a lossy codec has no
    flat top left at full scale and reads 0.
    Provenance: proxy, ours: the field has no agreed measure. The run length follows what editors call a clip.
    Licence: Apache-2.0.
    """

    specs = (
        MetricSpec(
            id="tts.clipping",
            title="Clipping",
            unit="%",
            signature=f"tts.clipping|filmbench:1|run:{FLAT_RUN};full_scale:32767/32768",
            contracts=("tts",),
            higher_is_better=False,
            provenance="proxy",
            low=0.0,
            high=100.0,
            decimals=3,
            worst=100.0,
        ),
    )

    expects = (Expect(damage="overdrive", ignores={"delay": 0.01}),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech``."""
        clip = view.output("speech")
        return scored(self.specs, lambda: (clipped_percent(clip.channels(), clip.rate),))


def integrated(samples: Any, rate: int) -> float:
    """Integrated loudness in LUFS of samples of shape (n,) or (n, channels) at ``rate`` Hz (ITU-R BS.1770-4).

    Raises :class:`Unmeasurable` below one gating block, above five channels, or when all lies under the gate.
    """
    import numpy as np
    import pyloudnorm

    check(samples, rate, least=GATING_BLOCK)
    if samples.ndim == 2 and samples.shape[1] > 5:
        raise Unmeasurable(f"{samples.shape[1]} channels: loudness is defined for at most five")
    meter = pyloudnorm.Meter(rate, filter_class=FILTER, block_size=GATING_BLOCK)
    lufs = float(meter.integrated_loudness(samples.astype(np.float64)))
    if not np.isfinite(lufs):
        raise Unmeasurable("no part is louder than the gate of -70 LUFS")
    return lufs


def levelled(samples: Any, rate: int, lufs: float) -> Any:
    """The samples, (n,), brought to ``lufs``, or as near as full scale allows. Raises as :func:`integrated`."""
    import numpy as np

    gain = 10 ** ((lufs - integrated(samples, rate)) / 20)
    return samples * np.float32(min(gain, 1 / np.abs(samples).max()))


def true_peak(samples: Any, rate: int) -> float:
    """Highest level in dBTP over all channels of samples of shape (n, channels) (ITU-R BS.1770-4, Annex 2)."""
    import numpy as np
    from scipy.signal import resample_poly

    check(samples, rate, least=0.0)
    peaks = [np.abs(resample_poly(channel, OVERSAMPLING, 1)).max() for channel in samples.T.astype(np.float64)]
    return float(20 * np.log10(max(*peaks, np.abs(samples).max())))


def clipped_percent(samples: Any, rate: int) -> float:
    """Percent of the samples (n, channels) that lie in runs of ``FLAT_RUN`` or more at full scale."""
    import numpy as np

    check(samples, rate, least=0.0)
    at_top = np.abs(samples) >= FULL_SCALE
    edges = np.diff(at_top, axis=0, prepend=False, append=False)
    run = [ends - starts for starts, ends in (np.flatnonzero(channel).reshape(-1, 2).T for channel in edges.T)]
    lengths = np.concatenate(run)
    return float(100 * lengths[lengths >= FLAT_RUN].sum() / samples.size)


METRICS = (Loudness(), TruePeak(), Clipping())
