"""How far a mouth should be open, from phones or from sound, and how well a measured mouth follows: pure functions.

Openings here are ordinal guesses from the height of vowels and the place of consonants (IPA chart); only their shape
over time counts, since a correlation ignores scale and offset. The drawn data and the local engines have tables of
their own: what judges is not what made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

BILABIALS = frozenset({"P", "B", "M"})
_VOWELS = {
    1.0: "AA AO AW AY AE",
    0.7: "AH EH EY OW OY",
    0.45: "ER IH UH",
    0.3: "IY UW",
}
OPENING = {name: height for height, names in _VOWELS.items() for name in names.split()} | {
    "P": 0.0, "B": 0.0, "M": 0.0, "SIL": 0.0, "F": 0.1, "V": 0.1, "W": 0.1,
}  # fmt: skip
OTHER_CONSONANTS = 0.22
SMOOTHING = 0.035
"""Standard deviation in seconds of the Gaussian that stands for the lips' inertia."""
STEP = 0.005
MOST_LAG = 0.2
"""Lags are searched up to this many seconds to either side."""
STILL = 1e-6

Curve = Callable[[Any], Any]
"""Expected opening at an array of times in seconds; 0 outside the sound."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a mouth follows a curve: Pearson's ``r`` at the best lag, ``lag`` in frames, late mouths above 0."""

    r: float
    lag: int


def of_phones(phones: Sequence[tuple[str, float, float]]) -> Curve:
    """The curve of CMU-named phones ``(name, start, end)`` in seconds."""
    import numpy as np

    end = max((stop for _, _, stop in phones), default=0.0)
    fine = np.zeros(round(end / STEP) + 1)
    for name, start, stop in phones:
        fine[round(start / STEP) : round(stop / STEP)] = OPENING.get(name, OTHER_CONSONANTS)
    return _sampled(_smoothed(fine))


def of_energy(samples: Any, rate: int) -> Curve:
    """The level of speech from 300 to 3400 Hz in dB over 40 ms windows, the loudest 40 dB of it, as a curve."""
    import numpy as np
    from scipy.signal import butter, sosfiltfilt

    band = sosfiltfilt(butter(4, (300, min(3400, 0.45 * rate)), "band", fs=rate, output="sos"), samples)
    hop = max(1, round(STEP * rate))
    power = np.convolve(np.square(band), np.full(round(0.04 * rate), 1 / round(0.04 * rate)), "same")[::hop]
    level = 10 * np.log10(power / max(float(power.max()), 1e-12) + 1e-4)
    return _sampled(_smoothed(level + 40.0))


def _smoothed(fine: Any) -> Any:
    import numpy as np

    reach = round(4 * SMOOTHING / STEP)
    kernel = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) * STEP / SMOOTHING))
    return np.convolve(np.pad(fine, reach), kernel / kernel.sum(), "valid")


def _sampled(fine: Any) -> Curve:
    import numpy as np

    times = np.arange(len(fine)) * STEP
    return lambda at: np.interp(at, times, fine, left=0.0, right=0.0)


def pearson(a: Any, b: Any) -> float:
    """Pearson's r; 0 where either does not move at all, since a still mouth follows nothing."""
    import numpy as np

    if float(np.std(a)) < STILL or float(np.std(b)) < STILL:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def best_fit(times: Any, aperture: Any, curve: Curve, fps: float) -> Fit:
    """The lag, within 200 ms and in whole frames, at which ``aperture`` follows ``curve`` best.

    ``times`` (seconds) and ``aperture`` are of shape (n,). Of equal fits the smaller lag is taken.
    """
    most = math.floor(MOST_LAG * fps + 1e-9)
    lags = sorted(range(-most, most + 1), key=lambda lag: (abs(lag), lag))
    fits = [Fit(pearson(aperture, curve(times - lag / fps)), lag) for lag in lags]
    return max(fits, key=lambda fit: fit.r)
