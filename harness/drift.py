"""Did a vendor change a model without a word? Asked apart from whether it became worse.

The same suite on a schedule makes runs that should differ by chance only. For each arm the names as answered are
compared, and every measured column, paired by sample: quality, and what no gate looks at (loudness, length). How long
a take took is no sign: that moves with the hour. What moved after Benjamini and Hochberg over all arms and columns is
drift, whichever way it moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from filmbench.harness.results import Results, compared
from filmbench.harness.stats.paired import Difference, benjamini_hochberg, paired
from filmbench.harness.types import NothingMeasured, UsageError

if TYPE_CHECKING:
    import pandas as pd

FALSE_ALARMS = 0.01
"""The share of moved columns that may be chance: a canary that sings every night is not heard."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One column of one arm: ``difference`` is now minus then on the same samples, ``p`` adjusted over all columns."""

    column: str
    difference: Difference
    p: float | None

    @property
    def drifted(self) -> bool:
        """Whether chance no longer explains it."""
        return self.p is not None and self.p <= FALSE_ALARMS


@dataclass(frozen=True, slots=True)
class ArmDrift:
    """One arm then and now. ``same_bytes`` is the share of samples whose media are the very same."""

    arm: str
    contract: str
    names_then: tuple[str, ...]
    names_now: tuple[str, ...]
    columns: tuple[Moved, ...]
    same_bytes: float
    samples: int

    @property
    def renamed(self) -> bool:
        """Whether it answered by another name."""
        return self.names_then != self.names_now

    @property
    def drifted(self) -> bool:
        """Whether name or output changed."""
        return self.renamed or any(column.drifted for column in self.columns)


@dataclass(frozen=True, slots=True)
class Drift:
    """All arms of two runs of one suite, and arms that could not be compared, with the reason."""

    then: str
    now: str
    arms: tuple[ArmDrift, ...]
    left_out: dict[str, str]

    @property
    def drifted(self) -> tuple[ArmDrift, ...]:
        """The arms that changed."""
        return tuple(arm for arm in self.arms if arm.drifted)


def drift(then: Results, now: Results) -> Drift:
    """Compare every live arm of ``now`` with itself in ``then``. Raises :class:`NothingMeasured` when none compares."""
    places = now.takes.loc[now.takes["role"] == "arm", ["contract", "arm"]].drop_duplicates()
    found: list[ArmDrift] = []
    left_out: dict[str, str] = {}
    for contract, arm in places.itertuples(index=False):
        try:
            found.append(_arm(then, now, str(contract), str(arm)))
        except (NothingMeasured, UsageError) as reason:
            left_out[f"{arm} ({contract})"] = str(reason)
    if not found:
        raise NothingMeasured(
            f"no arm of {now.run} compares with {then.run}: {next(iter(left_out.values()), 'it has none')}",
            "ask again with: filmbench run SUITE --reuse never",
        )
    adjusted = iter(benjamini_hochberg([column.difference.p for arm in found for column in arm.columns]))
    return Drift(then.run, now.run, tuple(_adjusted(arm, adjusted) for arm in found), left_out)


def _adjusted(arm: ArmDrift, p_values: Iterator[float | None]) -> ArmDrift:
    return replace(arm, columns=tuple(replace(column, p=next(p_values)) for column in arm.columns))


def _arm(then: Results, now: Results, contract: str, arm: str) -> ArmDrift:
    pair = compared(now, arm, arm, then, contract=contract)
    old, new = (_means(one.takes, contract, arm) for one in (then, now))
    both = old.join(new, lsuffix="_then", rsuffix="_now", how="inner")
    columns = [Moved(change.spec.title, change.difference, None) for change in pair.changes]
    known = both.dropna(subset=["seconds_then", "seconds_now"])
    groups = known["cluster_now"].fillna(known.index.to_series().astype(str))
    length = paired(known["seconds_then"], known["seconds_now"], groups, now.suite.seed)
    columns.append(Moved("Length (s)", length, None))
    same = (both["artifact_then"] == both["artifact_now"]).mean() if len(both) else 0.0
    return ArmDrift(
        arm,
        contract,
        pair.base.answered_models,
        pair.candidate.answered_models,
        tuple(column for column in columns if column.difference.delta is not None),
        float(same),
        pair.paired_samples,
    )


def _means(takes: pd.DataFrame, contract: str, arm: str) -> pd.DataFrame:
    """Good takes by sample: their mean length, and one medium to tell whether anything changed at all."""
    good = takes[(takes["contract"] == contract) & (takes["arm"] == arm) & (takes["outcome"] == "ok")]
    by_sample = good.groupby(["dataset", "language", "sample"], dropna=False)
    return by_sample.agg(
        seconds=("seconds", "mean"),
        artifact=("artifact", "min"),
        cluster=("cluster", "first"),
    )
