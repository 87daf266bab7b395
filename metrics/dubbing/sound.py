"""The sound of scenes: reading it, finding where nobody speaks, and how late one sound is behind another."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from filmbench.harness.protocols import View
from filmbench.metrics.dubbing import intervals
from filmbench.metrics.measure import Unmeasurable

RATE = 16_000
MARGIN = 0.25
"""Seconds around speech that are not counted as background: fades, reverberation, a detector's error."""
LEAST_SECONDS = 0.5
QUIET_DBFS = -60.0
LARGEST_LAG = 1.0
LEAST_LIKENESS = 0.3
"""A correlation below this times nothing."""


def samples(clip: Any) -> Any:
    """The sound of a clip, float32, mono at 16 kHz, shape (n,)."""
    return clip.mono(RATE)


def unspoken(view: View) -> Any:
    """Which samples of the source lie outside speech, the source's and the dub's: bool, shape (n,).

    Raises :class:`Unmeasurable` where less than half a second does.
    """
    import numpy as np

    speech = intervals.source_times(view)
    with suppress(Unmeasurable):
        speech = [*speech, *intervals.spoken(view, view.output("dubbed"), "the take")]
    free = np.ones(len(samples(view.input("source"))), bool)
    for start, end in speech:
        free[max(0, int((start - MARGIN) * RATE)) : max(0, int((end + MARGIN) * RATE))] = False
    if free.sum() < LEAST_SECONDS * RATE:
        raise Unmeasurable(f"only {free.sum() / RATE:.2f} s lie outside speech, {LEAST_SECONDS:g} s are needed")
    return free


def background(view: View) -> tuple[Any, Any]:
    """The source's samples and which of them are background. Raises :class:`Unmeasurable` where there is none."""
    source, free = samples(view.input("source")), unspoken(view)
    if decibels(source[free]) < QUIET_DBFS:
        raise Unmeasurable("the source has no background: outside speech it is silent")
    return source, free


def decibels(signal: Any) -> float:
    """RMS level in dB of full scale; -200 for silence."""
    import numpy as np

    return float(10 * np.log10(max(float(np.mean(np.square(signal, dtype=np.float64))), 1e-20)))


def lag(source: Any, free: Any, dub: Any) -> tuple[int, float]:
    """How many samples later the background comes in ``dub``, and how alike the two are then (0..1).

    The lag within one second either way at which the source's background correlates best with the dub.
    """
    import numpy as np
    from scipy.signal import correlate

    most = int(LARGEST_LAG * RATE)
    known = np.where(free, source - source[free].mean(), 0).astype(np.float64)
    padded = shifted(dub, 0, len(source) + 2 * most, before=most).astype(np.float64)
    found = correlate(padded, known, mode="valid", method="fft")
    windows = correlate(np.square(padded), free.astype(np.float64), mode="valid", method="fft")
    likeness = found / np.sqrt(np.maximum(windows * np.sum(np.square(known)), 1e-12))
    best = int(np.argmax(likeness))
    return best - most, float(likeness[best])


def shifted(signal: Any, by: int, length: int, before: int = 0) -> Any:
    """``signal`` from sample ``by - before`` on, ``length`` samples, zeros where it holds none."""
    import numpy as np

    start = by - before
    padded = np.pad(signal, (max(0, -start), max(0, start + length - len(signal))))
    return padded[max(0, start) : max(0, start) + length]
