"""Stretches of time as (start, end) in seconds: sums, overlaps, lines. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from filmbench.harness.protocols import View
from filmbench.metrics.measure import Unmeasurable

Interval = tuple[float, float]
LINE_PAUSE = 0.6
"""Stretches nearer than this many seconds are one line."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two sets of intervals cover each other, 0..1: of the first, of both, and the harmonic mean (F1)."""

    recall: float
    iou: float
    f1: float


def source_times(view: View) -> list[Interval]:
    """Where the source speaks: the sample's ``speech_times``, else where Silero hears it.

    Raises :class:`Unmeasurable` where it speaks nowhere, and for times that are no intervals.
    """
    given = view.reference("speech_times")
    if given is None:
        return spoken(view, view.input("source"), "the source")
    try:
        return _some(merged([(float(start), float(end)) for start, end in given.json]), "the source")
    except (TypeError, ValueError):
        raise Unmeasurable("the sample's speech_times are no list of [start, end]") from None


def spoken(view: View, clip: object, name: str) -> list[Interval]:
    """Where Silero hears ``clip`` speak. Raises :class:`Unmeasurable` where it hears nobody."""
    found = view.feature("speech_segments", clip)["segments"]
    return _some(merged([(start, end) for start, end in found]), name)


def _some(intervals: list[Interval], name: str) -> list[Interval]:
    if not intervals:
        raise Unmeasurable(f"no speech is heard in {name}")
    return intervals


def merged(intervals: Sequence[Interval], gap: float = 0.0) -> list[Interval]:
    """``intervals`` in order; what touches, or lies nearer than ``gap``, becomes one."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def total(intervals: Sequence[Interval]) -> float:
    """Seconds covered by intervals that do not overlap."""
    return sum(end - start for start, end in intervals)


def common(first: Sequence[Interval], second: Sequence[Interval]) -> float:
    """Seconds covered by both; neither overlaps itself."""
    return sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in first for b in second)


def overlap(source: Sequence[Interval], dub: Sequence[Interval]) -> Overlap:
    """How ``dub`` covers ``source``. Both hold something."""
    both, first, second = common(source, dub), total(source), total(dub)
    return Overlap(both / first, both / (first + second - both), 2 * both / (first + second))


def onset_offsets(source: Sequence[Interval], dub: Sequence[Interval]) -> list[float]:
    """For each line of the source, how much later (seconds) the nearest stretch of the dub begins."""
    return [min((begin - start for begin, _ in dub), key=abs) for start, _ in source]


def length_ratios(source: Sequence[Interval], dub: Sequence[Interval]) -> list[float]:
    """For each line of the source, the dub's speech from its start to the next line's, over its own length.

    What the dub says before the first line counts with the first.
    """
    starts = [0.0, *(start for start, _ in source[1:]), float("inf")]
    return [
        common([window], dub) / (end - start) for window, (start, end) in zip(pairwise(starts), source, strict=True)
    ]


def compliant(ratios: Sequence[float], within: float) -> int:
    """How many of ``ratios`` lie within 1 ± ``within`` (the edge counts)."""
    return sum(round(abs(ratio - 1), 9) <= within for ratio in ratios)
