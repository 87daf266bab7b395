"""How far the melody of a take lies from a person's reading of the same text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from filmbench.harness.protocols import MetricSpec, View
from filmbench.harness.types import Score
from filmbench.metrics import measure
from filmbench.metrics.measure import Unmeasurable
from filmbench.metrics.tts import alignment

LEAST_VOICED = 20
"""Aligned frames (of 10 ms) voiced in both, below which pitch is not compared."""
STILL = 0.01
"""Standard deviation, in cents, below which a pitch does not move: it is rounding."""


def _spec(
    id: str,
    title: str,
    unit: str,
    better: bool,
    low: float,
    high: float | None = None,
    provenance: Literal["reimplementation", "proxy"] = "reimplementation",
) -> MetricSpec:
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=measure.signature(id, *alignment.PACKAGES, settings=alignment.SETTINGS),
        contracts=("tts",),
        higher_is_better=better,
        provenance=provenance,
        low=low,
        high=high,
        worst=high if not better else low,
        decimals=2 if unit == "r" else 1 if unit == "%" else 0,
        references=("speech",),
        features=("f0",),
        requires=alignment.REQUIRES,
        licence="MIT",
    )


class F0Errors:
    """Pitch against a person reading the same text, along the warping path of ``tts.mcd``.

    What, over aligned frames that are voiced in both: ``tts.f0_rmse_cents``, the root mean square of
    1200 log2(f/f'), 0 upwards, lower is better; ``tts.f0_contour_rmse_cents``, the same after each side's
    median is taken away, so that a voice of another register is judged by its melody (proxy: no published
    counterpart of this name); ``tts.f0_correlation``, Pearson's r of log pitch, −1..1, higher is better.
    Over all aligned frames: ``tts.vuv_error``, the share of frames voiced in one and not in the other, 0 to
    100 %, lower is better.
    Needs: the take and a human reading, 0.2 s of voice in both. Provenance: re-implementation on WORLD's
    DIO + StoneMask, pinned on synthetic glides and vibrato whose pitch is known. Licence: MIT.
    Known failures: ``f0_rmse_cents`` between a man and a woman is about 1200 whatever the melody is; there
    is more than one good melody for a line, so these tell likeness, not quality; octave errors of the
    tracker count as errors; VERSA and ESPnet report Hz, pitch from another tracker and another path.
    """

    specs = (
        _spec("tts.f0_rmse_cents", "F0 RMSE against the human reading", "cents", False, 0.0),
        _spec(
            "tts.f0_contour_rmse_cents",
            "F0 RMSE, registers levelled (proxy)",
            "cents",
            False,
            0.0,
            provenance="proxy",
        ),
        _spec("tts.f0_correlation", "F0 correlation with the human reading", "r", True, -1.0, 1.0),
        _spec("tts.vuv_error", "Voicing error", "%", False, 0.0, 100.0),
    )

    def score(self, view: View) -> Sequence[Score]:
        """Score the role ``speech`` against its reading."""
        try:
            aligned = alignment.against_reading(view)
        except Unmeasurable as error:
            return [Score(spec.id, None, str(error)) for spec in self.specs]
        pitch = measure.scored(self.specs[:3], lambda: pitch_errors(aligned.take.hz, aligned.reading.hz))
        return [*pitch, Score("tts.vuv_error", voicing_error(aligned.take.hz, aligned.reading.hz))]


def pitch_errors(take: Any, reading: Any) -> tuple[float, float, float]:
    """RMSE in cents, RMSE in cents around the medians, and r of log pitch; aligned Hz, 0 where unvoiced.

    Raises :class:`Unmeasurable` where fewer than 20 frames are voiced in both, or a pitch never moves.
    """
    import numpy as np

    both = (take > 0) & (reading > 0)
    if both.sum() < LEAST_VOICED:
        raise Unmeasurable(f"too little voice in both: {int(both.sum())} frames of 10 ms")
    ours, theirs = (1200 * np.log2(hz[both]) for hz in (take, reading))
    if min(ours.std(), theirs.std()) < STILL:
        raise Unmeasurable("a pitch that never moves has no correlation")
    off = ours - theirs
    level = np.median(ours) - np.median(theirs)
    rmse, contour = (float(np.sqrt(np.square(error).mean())) for error in (off, off - level))
    return rmse, contour, float(np.corrcoef(ours, theirs)[0, 1])


def voicing_error(take: Any, reading: Any) -> float:
    """Share of aligned frames voiced in one and not in the other, 0..100 %."""
    return float(100 * ((take > 0) != (reading > 0)).mean())


METRICS = (F0Errors(),)
