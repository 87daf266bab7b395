"""Two readings of one text laid over each other in time: mel-cepstra, and dynamic time warping between them.

Frames are 10 ms apart at 16 kHz. A frame's spectrum is WORLD's CheapTrick envelope (pitch from the feature
``f0``), held constant below 50 Hz and above 7 kHz and warped to 24 mel-cepstral coefficients with alpha
0.41. Without that hold the roll-off of a resampling filter, or the 7 kHz at which a G.722 reading ends,
would count as timbre: 2.4 dB for speech that was once at 96 kHz. The power of a frame, its c0, is left out
everywhere, so that level does not matter. Frames more than 35 dB below a clip's loudest one are silence
and are left out too, so that neither leading silence nor the length of pauses matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from filmbench.harness.protocols import Clip, View
from filmbench.metrics import measure
from filmbench.metrics.features.f0 import FEATURES as PITCH
from filmbench.metrics.features.f0 import PERIOD as PITCH_PERIOD
from filmbench.metrics.features.f0 import RATE, world
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts.warping import warp

ORDER = 24
ALPHA = 0.41
FFT = 1024
BAND = (50.0, 7000.0)
PERIOD = 0.010
SILENCE_DB = -35.0
LEAST_FRAMES = 10
MOST_PAIRS = 16_000_000
"""Frames of one times frames of the other, at most: some 270 MB of work space, two readings of 40 s."""

SETTINGS = (
    f"mcep:cheaptrick+sp2mc|order:{ORDER}|alpha:{ALPHA}|fft:{FFT}|band:{BAND[0]:g}-{BAND[1]:g}Hz|period:{PERIOD}"
    f"|silence:{SILENCE_DB}dB|dtw:exact,steps11,01,10,euclidean|{PITCH[0].spec.signature}"
)
PACKAGES = ("pyworld", "pysptk")
REQUIRES = tuple(measure.python(package) for package in PACKAGES)


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """The sounding frames of one clip: ``mcep`` of shape (frames, 24), c1 to c24, and ``hz``, 0 where unvoiced."""

    mcep: Any
    hz: Any


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Two clips frame by frame along the warping path: all arrays have the path's length."""

    take: Spoken
    reading: Spoken


def against_reading(view: View) -> Aligned:
    """The take laid over the person's reading of the same text.

    Raises :class:`Unmeasurable` where there is no such reading, too little sound, or too much of it.
    """
    reading = view.reference("speech")
    if reading is None:
        raise Unmeasurable("there is no human reading of this line")
    clips = (view.output("speech"), reading)
    take, other = (_Track(clip.artifact.sha256, clip, view.feature("f0", clip)["hz"]) for clip in clips)
    return _aligned(take, other)


@dataclass(frozen=True, slots=True)
class _Track:
    """A clip with its pitch, known by the artifact alone: two of one artifact are equal."""

    sha256: str
    clip: Clip = field(compare=False)
    hz: Sequence[float] = field(compare=False)


@lru_cache(maxsize=1)
def _aligned(take: _Track, reading: _Track) -> Aligned:
    """Kept for the metric that comes next."""
    return align(_sounding(take), _sounding(reading))


@lru_cache(maxsize=2)
def _sounding(track: _Track) -> Spoken:
    """Kept because all takes of a sample meet the same reading."""
    return sounding(measure.mono(track.clip, RATE, least=LEAST_FRAMES * PERIOD), track.hz)


def align(take: Spoken, reading: Spoken) -> Aligned:
    """Warp two clips onto each other: the path of least summed Euclidean distance between c1 to c24."""
    for name, spoken in (("take", take), ("reading", reading)):
        if len(spoken.mcep) < LEAST_FRAMES:
            raise Unmeasurable(f"the {name} has too little sound to be aligned")
    if len(take.mcep) * len(reading.mcep) > MOST_PAIRS:
        raise Unmeasurable("too long to be aligned with the human reading")
    ours, theirs = warp(take.mcep, reading.mcep)
    return Aligned(Spoken(take.mcep[ours], take.hz[ours]), Spoken(reading.mcep[theirs], reading.hz[theirs]))


def sounding(samples: Any, hz: Sequence[float]) -> Spoken:
    """Mel-cepstra and pitch of the frames that are not silent. ``hz`` has one value each 5 ms, from time 0."""
    import numpy as np

    pyworld = world()  # first: it is what silences the warning that both packages give
    import pysptk

    pitch = np.ascontiguousarray(hz[:: round(PERIOD / PITCH_PERIOD)], np.float64)
    times = np.arange(len(pitch)) * PERIOD
    envelope = pyworld.cheaptrick(np.ascontiguousarray(samples, np.float64), pitch, times, RATE, fft_size=FFT)
    low, high = (round(edge * FFT / RATE) for edge in BAND)
    envelope[:, :low], envelope[:, high:] = envelope[:, low, None], envelope[:, high, None]
    power = 10 * np.log10(envelope.sum(axis=1))
    heard = power > power.max() + SILENCE_DB
    return Spoken(pysptk.sp2mc(envelope[heard], ORDER, ALPHA)[:, 1:], pitch[heard])
