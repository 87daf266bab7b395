"""Which takes may be compared with the human reading sample by sample."""

from __future__ import annotations

from typing import Any

from filmbench.harness.protocols import View
from filmbench.metrics.measure import Unmeasurable, mono

RATE = 16_000


def reading_and_copy(view: View, least: float) -> tuple[Any, Any]:
    """The human reading and its damaged copy: mono at 16 kHz, of one length, aligned sample by sample.

    Only reference and floor rows are copies of the reading; another voice that reads the same words lies
    elsewhere in time, and measures of damage say nothing about it. Raises :class:`Unmeasurable` for any
    other take, for a copy whose length differs by more than one sample, and for what is too short (below
    ``least`` seconds), silent or not finite.
    """
    if view.spec.role not in ("reference", "floor"):
        raise Unmeasurable("not sample-aligned with the reading: a free reading is not a damaged copy")
    reading, copy = view.reference("speech"), view.output("speech")
    if reading is None:
        raise Unmeasurable("the sample has no human reading")
    if abs(reading.seconds - copy.seconds) > 1.001 / min(reading.rate, copy.rate):
        lengths = f"{copy.seconds:.3f} s against {reading.seconds:.3f} s"
        raise Unmeasurable(f"not sample-aligned with the reading: {lengths}")
    clean, damaged = mono(reading, RATE, least), mono(copy, RATE, least)
    length = min(len(clean), len(damaged))
    return clean[:length], damaged[:length]
