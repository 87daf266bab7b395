"""What a table tells beyond ranks: who is worth its price and its time, and which metrics tell nobody apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.intervals import Estimate
from filmbench.harness.stats.pareto import front

if TYPE_CHECKING:
    from filmbench.harness.leaderboard import Row


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """One live arm among those of its table: whether none of them is both better and cheaper (faster), by the values.

    ``quality`` is that of the ranks. ``None`` where the arm has no quality, no whole price or no latency.
    """

    quality: float | None = None
    cost: bool | None = None
    latency: bool | None = None


def tradeoffs(rows: Sequence[Row], quality: Sequence[Estimate | None], higher_is_better: bool) -> tuple[Tradeoff, ...]:
    """The place of each row, given the ``quality`` that it is ranked by."""
    good = [
        one.value if one and row.role == "arm" and row.live else None for row, one in zip(rows, quality, strict=True)
    ]
    prices = [None if row.cost.at_least else row.cost.unit_price for row in rows]
    times = [row.latency.total.value for row in rows]
    sign = -1.0 if higher_is_better else 1.0
    return tuple(
        Tradeoff(value, by_cost, by_time)
        for value, by_cost, by_time in zip(
            good, _on_front(good, prices, sign), _on_front(good, times, sign), strict=True
        )
    )


def _on_front(good: Sequence[float | None], other: Sequence[float | None], sign: float) -> list[bool | None]:
    pairs = enumerate(zip(good, other, strict=True))
    known = [(place, sign * a, b) for place, (a, b) in pairs if a is not None and b is not None]
    found: list[bool | None] = [None] * len(good)
    if known:
        marks = front(np.array([(a, b) for _, a, b in known]))
        for (place, _, _), mark in zip(known, marks, strict=True):
            found[place] = bool(mark)
    return found


def saturation(spec: MetricSpec, rows: Sequence[Row], tied: bool, margin: float | None) -> str | None:
    """Why a metric tells nobody apart here, if so: ``tied`` says that no two live arms differ for certain."""
    live = [row.values[spec.id].value for row in rows if row.role == "arm" and row.live]
    measured = [value for value in live if value is not None]
    reference = next((row.values[spec.id].value for row in rows if row.role == "reference"), None)
    if len(measured) < 2:
        return None
    if margin and reference is not None and all(abs(value - reference) <= margin for value in measured):
        return f"all {len(measured)} arms are within {margin:g} {spec.unit}".rstrip() + " of the reference"
    return f"all {len(measured)} arms tie at 95 %" if tied else None
