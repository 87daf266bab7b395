"""Are music and effects still there? The background of a dub against the source's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.dubbing import intervals, sound
from filmbench.metrics.features.speech_segments import FEATURES as SEGMENTS
from filmbench.metrics.measure import Unmeasurable, python, scored, signature
from filmbench.metrics.tts.si_sdr import si_sdr

BOTTOM, CEILING = -30.0, 100.0
FRAME, HOP = 512, 256
FLOOR = 1e-10
_SETTINGS = f"sr:{sound.RATE}|margin:{sound.MARGIN}|lag:{sound.LARGEST_LAG}|cut:{BOTTOM:g}..{CEILING:g}"


def _spec(id: str, title: str, higher: bool | None, provenance: str, core: bool = True) -> MetricSpec:
    library = provenance == "library"
    return MetricSpec(
        id=id,
        title=title,
        unit="dB",
        signature=signature(id, "torchmetrics", settings=f"{_SETTINGS}|{SEGMENTS[0].spec.signature}"),
        contracts=("dubbing",),
        higher_is_better=higher,
        provenance="library" if library else "proxy",
        low=BOTTOM if library else None,
        high=CEILING if library else None,
        decimals=1,
        needs=("dubbed",),
        features=(SEGMENTS[0].spec.id,),
        requires=(python("torch"), python("torchmetrics"), *SEGMENTS[0].spec.requires),
        worst=BOTTOM if library else None,
        core=core,
    )


class BackgroundKept:
    """The background outside speech, against the source's: SI-SDR, log-spectral distance, level.

    What: wherever neither source nor dub speaks (speech widened by 0.25 s), the dub should be the source.
    ``background_si_sdr``: SI-SDR over all those parts at once, so that one gain for the whole scene costs nothing;
    higher is better, cut at 100 (identical) and -30 (nothing of it left). ``background_lsd``: root mean square
    difference of log power spectra over frames of 32 ms, the same one gain taken out; lower is better.
    ``background_level``: how much louder the dub's background is; 0 is right.
    Needs: a source with background (above -60 dBFS) and half a second outside speech. A constant delay of up to 1 s is
    taken out first: it is the affair of ``dubbing.av_offset``.
    Ignores: what happens under speech: ``background_under_speech``.
    Known failures: the untouched source wins (100 dB); a lossy codec costs most of it (AAC at 96 to 128 kb/s leaves 15
    to 25 dB), so compare arms of one delivery format. A take that speaks all the time leaves nothing to measure.
    Provenance: library torchmetrics (SI-SDR); proxy (distance and level, ours).
    Source: Le Roux et al., ICASSP 2019. Licence: Apache-2.0.
    """

    specs = (
        _spec("dubbing.background_si_sdr", "Background kept outside speech, SI-SDR", True, "library"),
        _spec("dubbing.background_lsd", "Background, log-spectral distance (ours)", False, "proxy", core=False),
        _spec("dubbing.background_level", "Background level against the source's (ours)", None, "proxy"),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the input ``source``."""

        def measured() -> tuple[float, float, float]:
            source, free = sound.background(view)
            dub = _aligned(view, source, free)
            change = sound.decibels(dub[free]) - sound.decibels(source[free])
            if sound.decibels(dub[free]) < sound.QUIET_DBFS - 40:
                return BOTTOM, spectral_distance(source, dub, free), change
            return max(BOTTOM, si_sdr(source[free], dub[free])), spectral_distance(source, dub, free), change

        return scored(self.specs, measured)


class BackgroundUnderSpeech:
    """How loud the known background still is while somebody speaks.

    What: the background's stem projected out of the dub where source or dub speaks, in dB against the stem outside
    speech. 0: as loud as between the lines; -24: ducked by 24 dB; cut at -30, below which it drowns in the speech.
    Two-sided: mixers duck music on purpose. Formula: 20 log10 of <dub, stem> / <stem, stem> under speech over the same
    outside it. Needs: the sample's ``background``. Known failures: speech that correlates with the music by chance
    moves it by a few dB below about -20.
    Provenance: proxy, ours. Licence: Apache-2.0.
    """

    specs = (_spec("dubbing.background_under_speech", "Background under speech (ours)", None, "proxy", core=False),)

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``dubbed`` against the reference ``background``."""
        return scored(self.specs, lambda: (_under_speech(view),))


def _under_speech(view: View) -> float:
    import numpy as np

    given = view.reference("background")
    if given is None:
        raise Unmeasurable("the sample has no stem of its background")
    source, free = sound.background(view)
    stem = sound.shifted(sound.samples(given), 0, len(source)).astype(np.float64)
    dub = _aligned(view, source, free).astype(np.float64)
    under = np.zeros(len(source), bool)
    for start, end in intervals.source_times(view):
        under[int(start * sound.RATE) : int(end * sound.RATE)] = True
    gains = [float(dub[part] @ stem[part]) / max(float(stem[part] @ stem[part]), FLOOR) for part in (under, free)]
    if gains[1] < 10 ** (BOTTOM / 20):
        raise Unmeasurable("the take keeps no background outside speech to compare with")
    return float(20 * np.log10(max(gains[0] / gains[1], 10 ** (BOTTOM / 20))))


def _aligned(view: View, source: Any, free: Any) -> Any:
    """The dub, shape as the source, a constant delay of the background taken out where it can be seen."""
    dub = sound.samples(view.output("dubbed"))
    late, likeness = sound.lag(source, free, dub)
    return sound.shifted(dub, late if likeness >= sound.LEAST_LIKENESS else 0, len(source))


def spectral_distance(source: Any, dub: Any, free: Any) -> float:
    """Log-spectral distance in dB of two waves (n,) over the frames that lie in ``free`` whole, one gain taken out."""
    import numpy as np

    starts = np.arange(0, len(source) - FRAME + 1, HOP)
    counts = np.append(0, np.cumsum(free))
    starts = starts[counts[starts + FRAME] - counts[starts] == FRAME]
    if not len(starts):
        raise Unmeasurable("no frame of 32 ms lies outside speech")
    gain = 10 ** ((sound.decibels(source[free]) - sound.decibels(dub[free])) / 20)
    window = np.hanning(FRAME)
    levels = [
        10 * np.log10(np.square(np.abs(np.fft.rfft(wave[starts[:, None] + np.arange(FRAME)] * window))) + FLOOR)
        for wave in (source.astype(np.float64), dub.astype(np.float64) * gain)
    ]
    return float(np.sqrt(np.mean(np.square(levels[0] - levels[1]), axis=1)).mean())


METRICS = (BackgroundKept(), BackgroundUnderSpeech())
