"""How long takes took: medians and tails with order-statistic bounds, our own waits kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from filmbench.harness.stats.intervals import Estimate, missing
from filmbench.harness.stats.percentiles import median, tail
from filmbench.harness.types import Outcome

if TYPE_CHECKING:
    import pandas as pd

WAITS = ("queue", "limiter", "retry")


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per take of one arm (the real-time factor is a ratio), from sending to the last byte.

    Takes that timed out count as never ended. The ``takes`` were made between the dates given, in whatever run:
    a cached figure keeps its date, and the same takes give the same table. ``waits`` are median seconds of our
    own making, which no other figure holds. ``model_load`` is the median of a local engine's start.
    """

    total: Estimate
    total_p95: Estimate
    first_byte: Estimate
    first_content: Estimate
    real_time_factor: Estimate
    model_load: float | None = None
    waits: Mapping[str, float | None] = field(default_factory=dict)
    takes: int = 0
    first_made: str | None = None
    last_made: str | None = None
    machines: tuple[str, ...] = ()
    first_content_p95: Estimate = field(default_factory=lambda: missing("not observed"))


def latency(takes: pd.DataFrame) -> Latency:
    """Latency of the takes of one arm, live or not (rows of a tidy takes frame).

    A local engine timed on several machines has no latency: the reason names them.
    """
    timed = takes[(takes["ok"] & takes["total_s"].notna()) | (takes["outcome"] == Outcome.TIMED_OUT.value)]
    places = machines(timed)
    if timed.empty or not timed["ok"].any():
        return _none("no take was timed", places)
    if len(places) > 1 and timed["provider"].str.startswith("local/").any():
        return _none(f"timed on {len(places)} machines: {', '.join(places)}", places)
    units = int(timed["unit"].nunique())
    ended = timed["ok"]
    total = timed["total_s"].where(ended, np.inf)
    good = timed[ended]
    made = good["made_at"].dropna().astype(str)
    loads = good["model_load_s"]
    return Latency(
        median(total, units, timed["group"]),
        tail(total, 0.95, units, timed["group"]),
        _column(good["first_byte_s"], good),
        _column(good["first_content_s"], good),
        _column(good["total_s"] / good["seconds"].where(good["seconds"] > 0), good),
        _median_or_none(loads[loads > 0]),
        {wait: _median_or_none(good[f"{wait}_s"]) for wait in WAITS},
        len(timed),
        made.min() if len(made) else None,
        made.max() if len(made) else None,
        places,
        _tail(good["first_content_s"], good),
    )


def _column(values: pd.Series, rows: pd.DataFrame) -> Estimate:
    known = values.notna()
    if not known.any():
        return missing("not observed")
    return median(values[known], int(rows.loc[known, "unit"].nunique()), rows.loc[known, "group"])


def _tail(values: pd.Series, rows: pd.DataFrame) -> Estimate:
    known = values.notna()
    if not known.any():
        return missing("not observed")
    return tail(values[known], 0.95, int(rows.loc[known, "unit"].nunique()))


def _median_or_none(values: pd.Series) -> float | None:
    known = values.dropna()
    return float(known.median()) if len(known) else None


def machines(takes: pd.DataFrame) -> tuple[str, ...]:
    """The hosts that made the takes, with their cores, sorted."""
    pairs = takes[["host", "cores"]].dropna(subset=["host"]).drop_duplicates()
    names = (
        f"{host} ({int(cores)} cores)" if cores == cores and cores is not None else str(host)
        for host, cores in zip(pairs["host"], pairs["cores"], strict=True)
    )
    return tuple(sorted(names))


def _none(reason: str, places: tuple[str, ...]) -> Latency:
    gone = missing(reason)
    return Latency(gone, gone, gone, gone, gone, machines=places, first_content_p95=gone)
