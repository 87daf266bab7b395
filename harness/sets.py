"""Columns over all that an arm made, for measures that have no value of one take (FID, VBench).

A set is the takes of one arm, on one dataset, that came out well. Its scores stand in the ledger under the digest of
its members, so that another set (a take more, a language fewer) never borrows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from filmbench.harness.protocols import MetricSpec
from filmbench.harness.stats.intervals import Estimate, missing
from filmbench.harness.types import Outcome, digest

if TYPE_CHECKING:
    import pandas as pd

EPOCH = 0
"""The epoch column of a set's scores: a set has none."""
NO_INTERVAL = "a number of a whole set has no interval"


def members(takes: Iterable[tuple[str, int]]) -> str:
    """What a set is called in the ledger: the sha256 of its (request key, epoch) pairs, in any order."""
    return digest([list(pair) for pair in sorted({(str(key), int(epoch)) for key, epoch in takes})])


def names(takes: pd.DataFrame) -> tuple[str, ...]:
    """The sets of a takes frame, one an arm and dataset."""
    well = takes[takes["outcome"] == Outcome.OK.value]
    parts = well.groupby(["contract", "dataset", "role", "arm", "live"], sort=True)
    return tuple(members(zip(part["key"], part["epoch"], strict=True)) for _, part in parts)


def level(part: pd.DataFrame, scores: pd.DataFrame, spec: MetricSpec) -> Estimate | None:
    """A column's value for the rows ``part`` of one arm in a tidy takes frame; ``None`` where no take is well."""
    well = part[part["ok"]]
    if well.empty:
        return None
    name = members(zip(well["key"], well["epoch"], strict=True))
    found = scores[(scores["key"] == name) & (scores["metric"] == spec.id) & (scores["signature"] == spec.signature)]
    if found.empty:
        return missing("not scored over just these takes")
    value, reason = found["value"].iloc[0], found["reason"].iloc[0]
    if value != value:  # NaN
        return missing(str(reason))
    return Estimate(float(value), n=int(well["unit"].nunique()), reason=NO_INTERVAL)
