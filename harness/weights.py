"""One total over several metrics, only where a suite gives the weights: ``[weights]``, metric to weight.

A total mixes what has no common unit, so every metric is first put on a scale that no arm of the table moves: 0 at the
metric's worst possible value and 1 at its best one; a metric without such bounds has 0 at the floor row and 1 at the
reference row. The total is the weighted mean, times 100, over the samples where the arm has all of the metrics.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.clusters import linearised
from filmbench.harness.stats.intervals import Estimate, mean_interval, missing
from filmbench.harness.types import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from filmbench.harness.leaderboard import Row


BOUNDS = "its bounds"
"""The scale of a metric that cannot be worse than 0 or better than 1 on it."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """One metric of the total: its share of the weights (0..1) and the values that count 0 and 1.

    ``worst`` and ``best`` are ``None`` with the ``reason`` where it has no scale in this table; then there is no total.
    """

    metric: MetricSpec
    share: float
    worst: float | None
    best: float | None
    bounds: str
    reason: str | None = None


def check(weights: Mapping[str, float], specs: Sequence[MetricSpec]) -> None:
    """Raise :class:`UsageError` for a weight on a metric that the suite does not measure, or that cannot be summed."""
    known = {spec.id: spec for spec in specs}
    for id in weights:
        if id not in known:
            near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else None
            raise UsageError(f"[weights] names {id!r}, which the suite does not measure", hint)
        if known[id].higher_is_better is None:
            raise UsageError(f"{id} has no better direction, so it takes no weight")
        if known[id].over == "set":
            raise UsageError(f"{id} is measured over whole arms, so it takes no weight")


def weigh(weights: Mapping[str, float], specs: Sequence[MetricSpec], rows: Sequence[Row]) -> tuple[Weighing, ...]:
    """The weighted metrics of one table with their scales; none where the suite weighs none of its metrics."""
    chosen = [spec for spec in specs if weights.get(spec.id)]
    whole = sum(weights[spec.id] for spec in chosen)
    return tuple(_weighing(spec, weights[spec.id] / whole, rows) for spec in chosen)


def _weighing(spec: MetricSpec, share: float, rows: Sequence[Row]) -> Weighing:
    first, last = (spec.low, spec.high) if spec.higher_is_better else (spec.high, spec.low)
    worst, best = first if spec.worst is None else spec.worst, last
    if worst is not None and best is not None:
        return Weighing(spec, share, worst, best, BOUNDS)
    floor, reference = (
        next((row.values[spec.id].value for row in rows if row.role == role), None) for role in ("floor", "reference")
    )
    if floor is None or reference is None:
        return Weighing(spec, share, None, None, "", "no bounds, and no floor and reference rows to go by")
    if floor == reference or (reference > floor) != spec.higher_is_better:
        return Weighing(spec, share, None, None, "", "no bounds, and the floor is no worse than the reference")
    return Weighing(spec, share, floor, reference, "the floor and the reference")


def totals(
    rows: Sequence[int], samples: Mapping[str, pd.DataFrame], weighed: Sequence[Weighing]
) -> dict[int, Estimate]:
    """The total of each of the table's ``rows``, 0..100 within the scales.

    ``samples`` are each metric's values per sample and row, failures at their worst where there is one.
    """
    if not weighed:
        return {}
    unscaled = [one for one in weighed if one.worst is None]
    if unscaled:
        why = f"{unscaled[0].metric.title}: {unscaled[0].reason}"
        return dict.fromkeys(rows, missing(why))
    tables = [samples[one.metric.id] for one in weighed]
    return {row: _total(row, tables, weighed) for row in rows}


def _total(row: int, tables: Sequence[pd.DataFrame], weighed: Sequence[Weighing]) -> Estimate:
    parts = [table[table["row"] == row].set_index("unit") for table in tables]
    units = parts[0].index
    for part in parts[1:]:
        units = units.intersection(part.index)
    if units.empty:
        return missing("no sample has all of the weighted measures")
    points = np.zeros(len(units))
    for part, one in zip(parts, weighed, strict=True):
        assert one.worst is not None and one.best is not None
        kept = part.loc[units]
        if not kept["bottom"].sum() > 0:
            return missing(f"{one.metric.title} counts nothing on these samples")
        values = linearised(kept["top"].to_numpy(), kept["bottom"].to_numpy())
        points = points + 100 * one.share * (values - one.worst) / (one.best - one.worst)
    found = mean_interval(points, parts[0].loc[units, "group"])
    return found.clipped(0, 100) if all(one.bounds == BOUNDS for one in weighed) else found
