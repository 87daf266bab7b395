"""What a difference means for a release, given the margin that matters. One-sided tests at 5 %."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ALPHA = 0.05


class Verdict(StrEnum):
    """The outcome of a gate on one metric."""

    REGRESSION = "regression"
    IMPROVED = "improved"
    EQUIVALENT = "equivalent"
    NOT_WORSE = "not worse"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict, the margin it was made with (metric's unit, > 0) and, if inconclusive, the samples needed."""

    verdict: Verdict
    margin: float
    needed: int | None = None
    reason: str | None = None


def verdict(
    delta: float | None,
    interval: tuple[float, float] | None,
    margin: float,
    higher_is_better: bool,
    *,
    p_worse: float | None = None,
    p_better: float | None = None,
    needed: int | None = None,
) -> Ruling:
    """Judge candidate minus base.

    ``interval`` is the 90 % interval of ``delta``; ``p_worse`` and ``p_better`` are one-sided p-values, after
    Holm where several metrics are gated; without them significance is read off the interval.

    - regression: significantly worse than no change, and the estimate beyond the margin
    - improved: the mirror image
    - equivalent: the interval inside plus or minus the margin (two one-sided tests, Schuirmann 1987)
    - not worse: the interval's worse end inside the margin
    - else inconclusive, with the samples ``needed``

    Raises ``ValueError`` for a margin below zero.
    """
    if margin < 0:
        raise ValueError(f"a margin is a size, {margin} is below zero")
    if delta is None or interval is None:
        return Ruling(Verdict.INCONCLUSIVE, margin, needed, "too few samples for an interval")
    gain = delta if higher_is_better else -delta
    low, high = interval if higher_is_better else (-interval[1], -interval[0])
    worse = high < 0 if p_worse is None else p_worse <= ALPHA
    better = low > 0 if p_better is None else p_better <= ALPHA
    if worse and gain < -margin:
        return Ruling(Verdict.REGRESSION, margin)
    if better and gain > margin:
        return Ruling(Verdict.IMPROVED, margin)
    if (-margin < low and high < margin) or low == high == 0:
        return Ruling(Verdict.EQUIVALENT, margin)
    if low > -margin:
        return Ruling(Verdict.NOT_WORSE, margin)
    return Ruling(Verdict.INCONCLUSIVE, margin, needed, "the interval reaches beyond the margin")
