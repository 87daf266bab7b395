"""How a line is delivered, in figures: pace, pauses and melody, from speech segments and pitch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from filmbench.metrics.features.speech_segments import PAD
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts import syllables

FINAL = 0.300
"""Length of a line's end over which its rise is measured, in seconds."""
LEAST_VOICED = 20
"""Voiced frames (of 5 ms) below which a melody is not measured."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the statistics rest on: the text, the stretches of speech, and the pitch inside them."""

    text: str
    language: str | None
    segments: tuple[tuple[float, float], ...]
    times: Any
    hz: Any

    @classmethod
    def of(cls, text: str, tongue: str | None, segments: Any, track: Any) -> Reading:
        """From ``speech_segments`` and ``f0`` of a clip. Raises :class:`Unmeasurable` where nobody speaks."""
        import numpy as np

        spoken = tuple((start, end) for start, end in segments["segments"])
        if not spoken:
            raise Unmeasurable("no speech was found")
        hz = np.asarray(track["hz"], np.float64)
        times = np.arange(len(hz)) * track["period"]
        inside = np.zeros(len(hz), bool)
        for start, end in spoken:
            inside |= (times >= start) & (times <= end)
        kept = inside & (hz > 0)
        return cls(text, tongue, spoken, times[kept], hz[kept])

    @property
    def speech(self) -> float:
        """Seconds of speech, pauses left out."""
        return sum(end - start for start, end in self.segments)

    @property
    def pauses(self) -> list[float]:
        """Lengths of the silences between segments, in seconds, without what the detector adds to a segment."""
        return [later[0] - earlier[1] + 2 * PAD for earlier, later in pairwise(self.segments)]

    def semitones(self) -> Any:
        """Pitch around its median, in semitones, shape (voiced frames,); octave jumps of the tracker left out."""
        import numpy as np

        if len(self.hz) < LEAST_VOICED:
            raise Unmeasurable(f"too little voice: {len(self.hz)} frames of 5 ms")
        found = 12 * np.log2(self.hz / np.median(self.hz))
        return found[np.abs(found) < 12]


def speaking_rate(reading: Reading) -> float:
    """Syllables a second over the time spoken."""
    counted = syllables.count(reading.text, reading.language) if reading.language else None
    if counted is None:
        raise Unmeasurable(f"no syllable rules for the language {reading.language!r}")
    if not counted:
        raise Unmeasurable("the text holds no syllable")
    return counted / reading.speech


def pauses_per_minute(reading: Reading) -> float:
    """Pauses a minute, from the first word's beginning to the last word's end."""
    return 60 * len(reading.pauses) / (reading.segments[-1][1] - reading.segments[0][0])


def mean_pause(reading: Reading) -> float:
    """Mean length of the pauses, in seconds."""
    if not reading.pauses:
        raise Unmeasurable("the line has no pause")
    return sum(reading.pauses) / len(reading.pauses)


def f0_spread(reading: Reading) -> float:
    """Standard deviation of the pitch, in semitones."""
    return float(reading.semitones().std())


def final_rise(reading: Reading) -> float:
    """Slope of the pitch over the last 300 ms that end in voice, in semitones a second (Theil-Sen, so that a
    single octave jump of the tracker does not tilt it)."""
    import numpy as np
    from scipy.stats import theilslopes

    last = reading.times > reading.times[-1] - FINAL if len(reading.times) else np.zeros(0, bool)
    if last.sum() < LEAST_VOICED:
        raise Unmeasurable(f"too little voice at the end: {int(last.sum())} frames of 5 ms")
    return float(theilslopes(12 * np.log2(reading.hz[last]), reading.times[last]).slope)


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure of delivery: how to find it, and how it is shown."""

    id: str
    title: str
    unit: str
    decimals: int
    measure: Callable[[Reading], float]
    low: float | None = 0.0
    banded: bool = True


STATISTICS = (
    Statistic("speaking_rate", "Speaking rate", "syll/s", 2, speaking_rate),
    Statistic("pauses_per_minute", "Pauses", "1/min", 1, pauses_per_minute),
    Statistic("mean_pause", "Mean pause", "s", 2, mean_pause),
    Statistic("f0_spread", "Pitch spread", "semitones", 2, f0_spread),
    Statistic("final_rise", "Final rise on questions", "semitones/s", 1, final_rise, low=None, banded=False),
)
