"""What a film maker pays until a take can be used: acceptance, and the cost of an accepted second.

A take is accepted when it came out well and meets the suite's rules (``[accept]``: metric to the worst value that will
do). Takes that a rule could not measure are not judged and stand in no rate.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.intervals import Estimate, missing, rate_interval
from filmbench.harness.types import UsageError
from filmbench.harness.units import Column
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One arm. ``rate`` is the share of takes accepted, 0..1, the mean over samples.

    ``per_second`` is US dollars billed over seconds accepted; ``takes_p50`` and ``takes_p90`` are how many takes until
    one is accepted, 5 and 9 times in 10, and ``per_second_p50``/``p90`` what a second then costs. ``None`` where
    nothing was accepted, the media have no length, or a take has no price. ``judged`` counts the takes in the rate.
    """

    rate: Estimate
    judged: int
    takes_p50: int | None = None
    takes_p90: int | None = None
    per_second: float | None = None
    per_second_p50: float | None = None
    per_second_p90: float | None = None


def accepted(frame: pd.DataFrame, measured: Sequence[Column], rules: Mapping[str, float]) -> NDArray[np.float64]:
    """1, 0 or NaN (not judged) for each take of a tidy frame; takes that did not come out well are 0."""
    verdict = np.where(frame["ok"], 1.0, 0.0)
    own = {column.spec.id: column for column in measured}
    for id, worst in rules.items():
        if id not in own:
            continue  # a rule for another contract of the suite
        column = own[id]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = column.top / column.bottom
        meets = value >= worst if column.spec.higher_is_better else value <= worst
        known = np.where(np.isnan(value), np.nan, meets.astype(float))
        verdict = np.where(verdict == 1.0, known, verdict)
    return np.where(frame["counted"], verdict, np.nan)


def acceptance(takes: pd.DataFrame) -> Acceptance:
    """Of the takes of one arm: rows of a tidy frame with ``accepted`` beside them."""
    judged = takes[takes["accepted"].notna()]
    if judged.empty:
        return Acceptance(missing("no take was judged"), 0)
    by_sample = judged.groupby(["unit", "group"])["accepted"].mean()
    rate = rate_interval(by_sample, by_sample.index.get_level_values("group"))
    bill, seconds = judged["billed_usd"], judged["seconds"]
    good = float(seconds[judged["accepted"] == 1].sum())
    first, ninth = (_takes(rate.value, chance) for chance in (0.5, 0.9))
    if not good or bill.isna().any():
        return Acceptance(rate, len(judged), first, ninth)
    each = float(bill.sum()) / len(judged) / float(seconds[judged["accepted"] == 1].mean())
    at = [None if count is None else count * each for count in (first, ninth)]
    return Acceptance(rate, len(judged), first, ninth, float(bill.sum()) / good, at[0], at[1])


def check(rules: Mapping[str, float], specs: Sequence[MetricSpec]) -> None:
    """Raise :class:`UsageError` for a rule on no metric, or on one without a better direction."""
    known = {spec.id: spec for spec in specs}
    for id in rules:
        if id not in known:
            near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
            raise UsageError(
                f"a rule for accepting takes names {id!r}, which the suite does not measure",
                f"did you mean {' or '.join(near)}?" if near else None,
            )
        if known[id].higher_is_better is None:
            raise UsageError(f"{id} has no better direction, so no take can be accepted by it")


def _takes(rate: float | None, chance: float) -> int | None:
    """Takes until one is accepted with this chance, each accepted with ``rate``."""
    if not rate:
        return None
    return 1 if rate >= chance else math.ceil(math.log(1 - chance) / math.log(1 - rate) - 1e-9)
