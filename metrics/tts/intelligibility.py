"""STOI and ESTOI: how much of a reading can still be understood in a damaged copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics.measure import Unmeasurable, python, scored, signature
from filmbench.metrics.selfcheck import Expect
from filmbench.metrics.tts.aligned import RATE, reading_and_copy


def _spec(id: str, title: str) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit="correlation",
        signature=signature(id, "pystoi", settings=f"sr:{RATE};resample:soxr_hq;internal:10000"),
        contracts=("tts",),
        higher_is_better=True,
        provenance="library",
        low=0.0,
        high=1.0,
        decimals=3,
        references=("speech",),
        requires=(python("pystoi"),),
        worst=0.0,
        licence="MIT",
    )


class Stoi:
    """Short-time objective intelligibility, plain (STOI) and extended (ESTOI).

    What: correlation of the short-time envelopes of a damaged copy with those of the reading it was made from, in 15
    third-octave bands over 0.384 s. ESTOI also weighs how bands move together, which tells fluctuating noise better.
    Range: about 0 to 1, higher is better; a value may fall just below 0. The reading against itself gives 1.
    Needs: a human reading and a sample-aligned copy of it, so it has values on reference and floor rows only. At least
    0.5 s with 30 frames (0.4 s) of speech: below that pystoi returns a constant, which is refused here.
    Ignores: level, and frames 40 dB under the loudest one.
    Known failures: no alignment of its own. A delay of 10 ms costs 0.1 and one of 50 ms more than half, on speech that
    sounds the same. Clipping and low-pass filters hardly move it.
    Provenance: library pystoi, called directly.
    Source: Taal, Hendriks, Heusdens and Jensen, IEEE TASLP 2011; Jensen and Taal, IEEE TASLP 2016.
    Licence: MIT.
    """

    specs = (_spec("tts.stoi", "STOI"), _spec("tts.estoi", "ESTOI"))

    expects = (
        Expect(best=1.0, ignores={"gain": 0.001, "padding": 0.001, "rate": 0.01}),
        Expect(best=1.0, ignores={"gain": 0.001, "padding": 0.001, "rate": 0.01}),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech`` against the reference ``speech``."""

        def both() -> tuple[float, float]:
            reading, copy = reading_and_copy(view, least=0.5)
            return stoi(reading, copy), stoi(reading, copy, extended=True)

        return scored(self.specs, both)


def stoi(reading: Any, copy: Any, extended: bool = False) -> float:
    """STOI, or ESTOI, of two mono waves (n,) at 16 kHz. Raises :class:`Unmeasurable` below 30 frames of speech."""
    import warnings

    from pystoi import stoi as library

    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Not enough STFT frames", category=RuntimeWarning)
        try:
            return float(library(reading, copy, RATE, extended=extended))
        except RuntimeWarning:
            raise Unmeasurable("too short: less than 0.4 s of speech is left once silence is cut") from None


METRICS = (Stoi(),)
