"""How much must be measured to see a difference that matters, judged by how much earlier runs varied.

The variance of a paired difference has a part between samples (with clustering, as the comparison found it) and a part
between takes of one sample; more takes shrink only the latter. Samples for a one-sided test at 5 %.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from filmbench.harness.leaderboard import Row
from filmbench.harness.results import Results, compared
from filmbench.harness.types import FilmbenchError, UsageError

if TYPE_CHECKING:
    from filmbench.harness.protocols import MetricSpec

POWER = 0.8
ALPHA = 0.05
TAKES = (1, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Noise:
    """What an earlier run tells of one comparison by one metric.

    ``between`` is the variance of a sample's difference, clustering included, ``within`` the part of it that takes make
    at one take a sample; ``None`` where no sample was taken twice. ``n`` is the number of samples this rests on.
    """

    base: str
    candidate: str
    metric: MetricSpec
    delta: float
    between: float
    within: float | None
    n: int

    def variance(self, takes: int) -> float:
        """Of the difference of one sample, each side the mean of so many takes."""
        return self.between + (self.within or 0.0) / takes

    def samples(self, margin: float, takes: int = 1, power: float = POWER) -> int:
        """Samples that show a change of ``margin`` (in the metric's unit, > 0) with this power."""
        from scipy.special import ndtri

        z = float(ndtri(1 - ALPHA) + ndtri(power))
        return max(2, math.ceil(self.variance(takes) * (z / margin) ** 2))

    def power(self, margin: float, samples: int, takes: int = 1) -> float:
        """The chance, 0..1, that so many samples show a change of ``margin``."""
        from scipy.special import ndtr, ndtri

        error = math.sqrt(self.variance(takes) / samples)
        return float(ndtr(margin / error - ndtri(1 - ALPHA))) if error > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A comparison that the money could decide: how many samples it buys (all there are, at most), and the chance."""

    noise: Noise
    samples: int
    usd: float
    power: float


def noise(found: Results, metric: str, base: str, candidate: str) -> Noise:
    """What ``found`` tells of two of its arms. Raises :class:`UsageError` where it tells nothing."""
    spec = next((one for one in found.metrics if one.id == metric), None)
    if spec is None or spec.higher_is_better is None:
        why = "was not measured" if spec is None else "has no better direction"
        raise UsageError(f"{metric} {why} in {found.run}", f"measured: {', '.join(one.id for one in found.metrics)}")
    change = compared(found, base, candidate, contract=spec.contracts[0]).change(metric).difference
    if change.delta is None or not change.standard_error:
        raise UsageError(
            f"{found.run} says nothing of how {metric} varies between {base} and {candidate}",
            change.reason or "all its differences are alike",
        )
    total = change.standard_error**2 * change.n
    spreads, takes = _take_spreads(found, metric, (base, candidate))
    within = None if spreads is None else min(sum(spread**2 for spread in spreads), takes * total)
    between = total if within is None else total - within / takes
    return Noise(base, candidate, spec, change.delta, between, within, change.n)


def pairs(found: Results, metric: str, arms: Sequence[str]) -> tuple[Noise, ...]:
    """The noise of every pair of ``arms`` that ``found`` compares."""
    known = []
    for base, candidate in combinations([arm for arm in arms if arm in set(found.takes["arm"])], 2):
        try:
            known.append(noise(found, metric, base, candidate))
        except FilmbenchError:
            continue  # nothing in common, or nothing that varies
    return tuple(known)


def decide(
    noises: Sequence[Noise], margin: float, budget: float, prices: Mapping[str, float | None], most: int
) -> tuple[Choice, ...]:
    """What ``budget`` (US dollars), spent on one comparison, decides; the surest first.

    ``prices`` are dollars a sample by arm; a comparison with an unpriced arm is left out. ``most`` is how many samples
    there are. Of equally sure ones the cheaper stands first.
    """
    found = []
    for one in noises:
        each = [prices.get(arm) for arm in (one.base, one.candidate)]
        if None in each:
            continue
        price = sum(value for value in each if value is not None)
        samples = min(most, int(budget / price)) if price > 0 else most
        samples = min(samples, one.samples(margin, power=0.99))
        if samples >= 2:
            found.append(Choice(one, samples, samples * price, one.power(margin, samples)))
    return tuple(sorted(found, key=lambda choice: (-round(choice.power, 3), choice.usd)))


def _take_spreads(found: Results, metric: str, arms: tuple[str, str]) -> tuple[tuple[float, float] | None, float]:
    """Standard deviation between takes of one sample of each arm, and the takes a sample had."""
    rows: dict[str, Row] = {row.arm: row for board in found.boards() for row in board.rows if metric in row.values}
    first, second = (rows[arm].take_spread.get(metric) if arm in rows else None for arm in arms)
    asked = found.takes[found.takes["arm"].isin(arms)]
    takes = float(asked.groupby(["arm", "dataset", "language", "sample"], dropna=False).size().mean())
    return (None if first is None or second is None else (first, second)), takes
