"""From the takes and scores of a run to one value per arm and sample, which is the unit of every statistic.

Aggregates start from the plan: every planned take has a row, whether it was made or not, and scores are joined
to it. Takes of one sample are averaged first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from filmbench.harness.contracts import Contract
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.types import NothingMeasured, Outcome, UsageError
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROLES = ("reference", "arm", "floor")
UNIT = ["dataset", "language", "sample"]
NUMBERS = (
    *("epoch", "cores", "characters", "seconds", "queue_s", "limiter_s", "retry_s", "first_byte_s"),
    *("first_content_s", "total_s", "model_load_s", "quoted_usd", "billed_usd", "human_minutes"),
)


def tidy(takes: pd.DataFrame) -> pd.DataFrame:
    """A takes frame in a fixed order, with what every statistic needs as columns.

    Added: ``unit`` and ``group`` (integers: the sample, its cluster or itself), ``made`` (it ended somehow),
    ``counted`` (it stays in the denominator), ``judged`` (without a result it counts as a bad one), ``ok``, ``id``
    (integer of key and epoch). ``live`` is filled in for takes that were not made. The order does not depend on the
    order of the rows given. Raises :class:`NothingMeasured` for an empty plan and :class:`UsageError` for several
    contracts.
    """
    if takes.empty:
        raise NothingMeasured("no take was planned", "look at the suite with: filmbench plan")
    contracts = sorted(takes["contract"].dropna().unique())
    if len(contracts) > 1:
        raise UsageError(
            f"unlike tasks are never ranked together: {', '.join(contracts)}", "make a table for each contract"
        )
    order = ["role", "arm", *UNIT, "take", "epoch", "key"]
    frame = takes.assign(**{name: takes[name].astype("Float64").astype("float64") for name in NUMBERS})
    frame["epoch"] = frame["epoch"].fillna(-1).astype("int64")
    frame["cached"] = frame["cached"].astype("boolean").fillna(False).astype(bool)
    frame = frame.sort_values(order, kind="stable", na_position="first", ignore_index=True)
    frame["unit"] = frame.groupby(UNIT, dropna=False, sort=True).ngroup()
    own = "\x00" + frame["unit"].astype(str)
    frame["group"] = (
        frame.assign(cluster=frame["cluster"].astype("object").where(frame["cluster"].notna(), own))
        .groupby(["dataset", "cluster"], dropna=False, sort=True)
        .ngroup()
    )
    outcome = frame["outcome"].astype("object").where(frame["outcome"].notna(), "")
    frame["made"] = outcome != ""
    frame["counted"] = frame["made"] & (outcome != Outcome.UNSUPPORTED.value)
    frame["judged"] = frame["counted"] & (outcome != Outcome.RETIRED.value)
    frame["ok"] = outcome == Outcome.OK.value
    frame["id"] = frame.groupby(["key", "epoch"], sort=True).ngroup()
    known = frame["live"].astype("boolean")
    frame["live"] = known.fillna(known.groupby(frame["arm"]).transform("max")).fillna(True).astype(bool)
    return frame


def ordered_specs(metrics: Sequence[MetricSpec], contract: Contract) -> list[MetricSpec]:
    """The contract's metrics without repeats, primary ones first, else in the order given."""
    own = {spec.id: spec for spec in metrics if contract.id in spec.contracts}
    first = [own.pop(id) for id in contract.primary if id in own]
    return [*first, *own.values()]


def names(values: pd.Series) -> tuple[str, ...]:
    """The distinct texts of a column, sorted, without missing ones."""
    return tuple(sorted(values.dropna().astype(str).unique()))


@dataclass(frozen=True, slots=True)
class Gap:
    """Takes that came out well and yet have no score: how many, and the reason given most often."""

    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Column:
    """One metric's values, joined to the rows of a tidy takes frame; all arrays have its length.

    A take's value is ``top / bottom``: value and one for a mean metric, the (scaled) additive statistics for a
    corpus metric. NaN where there is none; ``reason`` says why.
    """

    spec: MetricSpec
    top: Floats
    bottom: Floats
    reason: NDArray[np.object_]

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Which takes have a value."""
        return ~np.isnan(self.top)


def columns(frame: pd.DataFrame, scores: pd.DataFrame, specs: Sequence[MetricSpec]) -> tuple[Column, ...]:
    """The values of each metric for the takes of a tidy ``frame``.

    Raises :class:`UsageError` when one metric was scored with two signatures, or one take twice.
    """
    wanted = scores[scores["metric"].isin([spec.id for spec in specs])]
    refuse_unlike_signatures(wanted)
    ids = frame.drop_duplicates("id")[["key", "epoch", "id"]]
    joined = wanted.astype({"epoch": "int64"}).merge(ids, on=["key", "epoch"], how="inner")
    doubled = joined.duplicated(["id", "metric"])
    if doubled.any():
        first = joined[doubled].iloc[0]
        raise UsageError(f"take {first['key'][:12]} has two scores of {first['metric']}", "score the run anew")
    by_metric = {str(metric): part for metric, part in joined.groupby("metric")}
    return tuple(_column(frame, by_metric.get(spec.id), spec) for spec in specs)


def refuse_unlike_signatures(scores: pd.DataFrame) -> None:
    """Raise :class:`UsageError` when a metric's scores were made in two ways."""
    pairs = scores[["metric", "signature"]].drop_duplicates().sort_values(["metric", "signature"])
    unlike = pairs[pairs.duplicated("metric", keep=False)]
    if not unlike.empty:
        metric = unlike["metric"].iloc[0]
        both = " and ".join(unlike.loc[unlike["metric"] == metric, "signature"])
        raise UsageError(
            f"{metric} was scored in unlike ways, which cannot share a column: {both}",
            "score all takes anew with: filmbench score",
        )


def _column(frame: pd.DataFrame, scores: pd.DataFrame | None, spec: MetricSpec) -> Column:
    size = int(frame["id"].max()) + 1
    top, bottom = np.full(size, np.nan), np.full(size, np.nan)
    reason = np.full(size, "not scored", dtype=object)
    if scores is not None:
        at = scores["id"].to_numpy()
        top[at], bottom[at] = _parts(scores, spec)
        given = scores["reason"].astype("object")
        reason[at] = given.where(given.notna(), "no reason given").to_numpy()
    ids = frame["id"].to_numpy()
    return Column(spec, top[ids], bottom[ids], reason[ids])


def _parts(scores: pd.DataFrame, spec: MetricSpec) -> tuple[Floats, Floats]:
    if spec.statistics is None:
        values = scores["value"].to_numpy(dtype=np.float64, na_value=np.nan)
        return values, np.ones_like(values)
    known = scores["statistics"].notna().to_numpy()
    given = scores["statistics"].to_numpy()[known]
    parts = []
    for name in spec.statistics:
        part = np.full(len(scores), np.nan)
        part[known] = np.fromiter(map(itemgetter(name), given), dtype=np.float64, count=len(given))
        parts.append(part)
    return scale(spec) * parts[0], parts[1]


def scale(spec: MetricSpec) -> float:
    """What a corpus metric's ratio is multiplied with: 100 for a percentage."""
    return 100.0 if spec.unit == "%" else 1.0


def per_sample(frame: pd.DataFrame, column: Column, by: Iterable[str], failures_as_worst: bool) -> pd.DataFrame:
    """One row per sample and value of the columns ``by``, takes averaged: ``unit, group, top, bottom``.

    With ``failures_as_worst`` a judged take that did not come out well scores ``spec.worst`` (intention to
    treat); a corpus metric then takes its denominator from the same sample elsewhere, else the mean one.
    Takes that were not made, are unsupported, of a retired model, or well but unscored are left out.
    """
    top, bottom = column.top.copy(), column.bottom.copy()
    ok, judged = frame["ok"].to_numpy(), frame["judged"].to_numpy()
    top[~ok], bottom[~ok] = np.nan, np.nan
    if failures_as_worst and column.spec.worst is not None:
        failed = judged & ~ok
        weights = _usual_weight(frame, bottom) if column.spec.statistics else np.ones_like(bottom)
        top[failed], bottom[failed] = column.spec.worst * weights[failed], weights[failed]
    keys = [*by, "unit", "group"]
    table: Any = frame[keys].assign(top=top, bottom=bottom)
    table = table[~np.isnan(top) & ~np.isnan(bottom)]
    result: pd.DataFrame = table.groupby(keys, sort=True, as_index=False, observed=True)[["top", "bottom"]].mean()
    return result


def _usual_weight(frame: pd.DataFrame, bottom: Floats) -> Floats:
    """The denominator a sample usually has, for takes that have none; NaN when nothing at all was measured."""
    import pandas as pd

    known = pd.Series(bottom)
    if known.isna().all():
        return np.full(len(bottom), np.nan)
    usual = known.groupby(frame["unit"].to_numpy()).transform("mean")
    return usual.fillna(float(known.mean())).to_numpy(dtype=np.float64)


def gaps(frame: pd.DataFrame, column: Column, by: str) -> dict[Any, Gap]:
    """For each value of ``by``: the takes that are well but have no value in ``column``."""
    lacking = frame["ok"].to_numpy() & ~column.measured
    if not lacking.any():
        return {}
    reasons = frame.loc[lacking, [by]].assign(reason=column.reason[lacking])
    counts = reasons.groupby([by, "reason"]).size().reset_index(name="count")
    counts = counts.sort_values([by, "count", "reason"], ascending=[True, False, True])
    total = counts.groupby(by)["count"].sum()
    first = counts.drop_duplicates(by).set_index(by)["reason"]
    return {value: Gap(int(total[value]), str(first[value])) for value in total.index}
