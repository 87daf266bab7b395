"""How a mouth moves over time for a line: from phonemes that are timed here, or from loudness alone.

Phoneme times come from speaking the text once more with a voice whose segments are known and laying that reading over
the given one by dynamic time warping of cepstra, as aeneas does. No recogniser is asked: those are left to the judges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.adapters.local._speech import narrowed
from filmbench.harness.dataset.recipes.timed_speech import PAUSES, Phoneme, speak

RATE = 16_000
HOP = 160
WINDOW = 400
COEFFICIENTS = 13
BLEND_SECONDS = 0.045
"""Half of the time over which one shape gives way to the next."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The voice whose timed reading is laid over the given one, and the letters beyond ASCII that it reads."""

    program: str
    voice: str
    letters: str = ""


GUIDES = {"en": Guide("flite", "awb"), "it": Guide("festival", "pc_diphone", "àèéìíòóùúÀÈÉÌÍÒÓÙÚ")}

_SHAPES: dict[str, tuple[float, float]] = {
    "p b m": (0.0, 0.0),
    "f v": (0.10, 0.1),
    "th dh t d n l s z ts dz nn dx L J": (0.20, 0.2),
    "k g ng hh": (0.25, 0.0),
    "ch jh sh zh S tS dZ r": (0.22, -0.4),
    "w uw uh u u1": (0.22, -0.9),
    "y iy i i1 j ih ix": (0.32, 0.7),
    "er axr ax": (0.40, -0.1),
    "eh ey e e1 E E1": (0.58, 0.4),
    "ow oy o o1 O O1": (0.58, -0.6),
    "ah ae ay": (0.80, 0.2),
    "aa ao aw a a1": (0.95, 0.0),
}
SHAPES = {name: shape for names, shape in _SHAPES.items() for name in names.split()}
"""Opening 0..1 and spread -1..1 of each phoneme, after the classes of cartoon lip charts."""
OTHER = (0.22, 0.0)
REST = (0.0, 0.0)

Motion = Callable[[float], tuple[float, float]]
"""Opening 0..1 and spread -1 (rounded) to 1 at a time in seconds."""


def timed(text: str, language: str, samples: Any, folder: Path) -> list[Phoneme]:
    """The phonemes of ``text`` with their times in ``samples`` (float32, (n,), 16 kHz).

    Raises :class:`UsageError` where the guide's program is missing and ``ValueError`` for sound without content.
    """
    import soundfile
    import soxr

    guide = GUIDES[language]
    wav = folder / "guide.wav"
    phonemes = speak(guide.program, guide.voice, narrowed(text, guide.letters), wav)
    reading, rate = soundfile.read(wav, dtype="float32")
    wav.unlink()
    warp = laid_over(soxr.resample(reading, rate, RATE, quality="HQ"), samples)
    return [Phoneme(one.name, warp(one.start), warp(one.end)) for one in phonemes]


def laid_over(reading: Any, samples: Any) -> Callable[[float], float]:
    """From a time in ``reading`` to the time in ``samples`` where the same is said (both 16 kHz)."""
    import numpy as np
    from librosa.sequence import dtw

    _, path = dtw(_cepstra(reading), _cepstra(samples), metric="euclidean")
    source, target = path[::-1].T * (HOP / RATE)
    # A plateau of the path holds several target times for one source time: its mean stands for it.
    times, first, counts = np.unique(source, return_index=True, return_counts=True)
    means = np.array([target[i : i + n].mean() for i, n in zip(first, counts, strict=True)])
    return lambda time: float(np.interp(time, times, means))


def _cepstra(samples: Any) -> Any:
    """Cepstra of 25 ms each 10 ms, each coefficient at mean 0 and deviation 1, so that voices compare. (13, n)."""
    import librosa
    import numpy as np

    if float(np.abs(samples).max(initial=0.0)) < 1e-4:
        raise ValueError("the sound is silent")
    found = librosa.feature.mfcc(
        y=np.asarray(samples, np.float32), sr=RATE, n_mfcc=COEFFICIENTS, n_fft=512, win_length=WINDOW, hop_length=HOP
    )
    return (found - found.mean(axis=1, keepdims=True)) / (found.std(axis=1, keepdims=True) + 1e-6)


def by_phonemes(phonemes: Sequence[Phoneme]) -> Motion:
    """Each phoneme's shape over its middle, straight lines from one to the next; shut throughout p, b and m."""
    keys: list[tuple[float, tuple[float, float]]] = [(0.0, REST)]
    for one in phonemes:
        shape = REST if one.name in PAUSES else SHAPES.get(one.name, OTHER)
        hold = min(BLEND_SECONDS, (one.end - one.start) / 3)
        keys += [(one.start + hold, shape), (one.end - hold, shape)]
    keys.append((phonemes[-1].end + 2 * BLEND_SECONDS if phonemes else 1.0, REST))
    return _through(keys)


def _through(keys: Sequence[tuple[float, tuple[float, float]]]) -> Motion:
    import numpy as np

    times = np.maximum.accumulate([time for time, _ in keys])
    opened, spread = (np.array([shape[i] for _, shape in keys]) for i in range(2))
    return lambda time: (float(np.interp(time, times, opened)), float(np.interp(time, times, spread)))


def by_energy(samples: Any, rate: int) -> Motion:
    """The square root of the level (RMS over 60 ms) against its own 95th percentile; no spread."""
    import numpy as np

    hop, window = max(1, rate // 100), max(1, round(0.06 * rate))
    power = np.convolve(np.square(samples, dtype=np.float64), np.full(window, 1 / window), "same")[::hop]
    level = np.sqrt(power)
    opened = np.clip(np.sqrt(level / max(float(np.percentile(level, 95)), 1e-6)), 0.0, 1.0)
    opened = np.where(opened < 0.2, 0.0, opened) * 0.8
    times = np.arange(len(opened)) * hop / rate

    def motion(time: float) -> tuple[float, float]:
        return (float(np.interp(time, times, opened)), 0.0) if math.isfinite(time) else REST

    return motion
