"""What a film maker pays until a take can be used: acceptance, and the cost of an accepted second.

A take is accepted when it came out well and meets the suite's rules (``[accept]``: metric to the worst value that will
do). People decide too: ``votes.share``, ``votes.mos`` and ``votes.mushra`` are what they said of the take. Takes that a
rule could not measure, or nobody voted on, are not judged and stand in no rate.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.ranking import MEASURES
from filmbench.harness.stats.intervals import Estimate, missing, rate_interval
from filmbench.harness.types import UsageError
from filmbench.harness.units import Column
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One arm. ``rate`` is the share of takes accepted, 0..1, the mean over samples.

    ``takes_mean`` is how many takes one accepted take needs in the mean, ``takes_p50`` and ``takes_p90`` how many do 5
    and 9 times in 10. ``per_take`` and ``per_second`` are US dollars billed over takes and seconds accepted, which is
    the price of one times ``takes_mean``; ``…_p50`` and ``…_p90`` what one then costs. ``None`` with the ``reason``
    where nothing was accepted, a take has no price, or (seconds only) the media have no length. ``judged`` counts the
    takes in the rate.
    """

    rate: Estimate
    judged: int
    takes_mean: float | None = None
    takes_p50: int | None = None
    takes_p90: int | None = None
    per_take: float | None = None
    per_take_p50: float | None = None
    per_take_p90: float | None = None
    per_second: float | None = None
    per_second_p50: float | None = None
    per_second_p90: float | None = None
    reason: str | None = None


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
        return Acceptance(missing("no take was judged"), 0, reason="no take was judged")
    by_sample = judged.groupby(["unit", "group"])["accepted"].mean()
    rate = rate_interval(by_sample, by_sample.index.get_level_values("group"))
    won = judged[judged["accepted"] == 1]
    if won.empty or not rate.value:
        return Acceptance(rate, len(judged), reason="no take was accepted")
    mean, first, ninth = len(judged) / len(won), _takes(rate.value, 0.5), _takes(rate.value, 0.9)
    found = Acceptance(rate, len(judged), mean, first, ninth)
    unpriced = int(judged["billed_usd"].isna().sum())
    if unpriced:
        return replace(found, reason=f"{unpriced} of {len(judged)} takes have no price")
    price = float(judged["billed_usd"].mean())
    found = replace(found, per_take=mean * price, per_take_p50=first * price, per_take_p90=ninth * price)
    second = price / float(won["seconds"].mean()) if (won["seconds"] > 0).all() else None
    if second is None:
        return replace(found, reason="what is made has no length")
    return replace(found, per_second=mean * second, per_second_p50=first * second, per_second_p90=ninth * second)


def check(rules: Mapping[str, float], specs: Sequence[MetricSpec]) -> None:
    """Raise :class:`UsageError` for a rule on no metric, or on one without a better direction."""
    known = {spec.id: spec for spec in (*specs, *MEASURES)}
    for id in rules:
        if id not in known:
            near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
            raise UsageError(
                f"a rule for accepting takes names {id!r}, which the suite does not measure",
                f"did you mean {' or '.join(near)}?" if near else None,
            )
        if known[id].higher_is_better is None:
            raise UsageError(f"{id} has no better direction, so no take can be accepted by it")


def _takes(rate: float, chance: float) -> int:
    """Takes until one is accepted with this chance, each accepted with ``rate``."""
    return 1 if rate >= chance else math.ceil(math.log(1 - chance) / math.log(1 - rate) - 1e-9)
