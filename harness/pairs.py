"""Samples of a comparison to look at and listen to, the worst loss and the best gain first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from filmbench.harness.sides import SIDES, aligned
from filmbench.harness.units import Column

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """One sample of both sides, for listening: values of the first primary metric and the artifacts' sha256.

    ``gain`` is the difference in the better direction; values are ``None`` where a side has none.
    """

    dataset: str
    language: str | None
    sample: str
    text: str
    base: float
    candidate: float
    gain: float
    base_artifact: str | None
    candidate_artifact: str | None
    base_media_type: str | None
    candidate_media_type: str | None
    base_outcome: str
    candidate_outcome: str


def sample_pairs(common: pd.DataFrame, column: Column) -> list[Pair]:
    """The five worst and five best of the samples with a value on both sides, by gain in ascending order."""
    table = aligned(common, column, column.spec.worst is not None)
    table = table[(table["bottom_base"] > 0) & (table["bottom_candidate"] > 0)]
    for side in SIDES:
        table[side] = table[f"top_{side}"] / table[f"bottom_{side}"]
    sign = 1.0 if column.spec.higher_is_better else -1.0
    table["gain"] = sign * (table["candidate"] - table["base"])
    table = table.sort_values(["gain", "unit"], kind="stable")
    shown = {side: _shown_takes(common[common["arm"] == side]) for side in SIDES}
    ends = table if len(table) <= 2 * SHOWN else table.iloc[[*range(SHOWN), *range(-SHOWN, 0)]]
    return [
        _pair(shown["base"].loc[unit], shown["candidate"].loc[unit], float(base), float(candidate), float(gain))
        for unit, base, candidate, gain in ends[["unit", *SIDES, "gain"]].itertuples(index=False)
    ]


def _shown_takes(takes: pd.DataFrame) -> pd.DataFrame:
    """The take of each sample to listen to: the first that came out well, else the first."""
    best = takes.sort_values(["unit", "ok", "take"], ascending=[True, False, True], kind="stable")
    return best.drop_duplicates("unit").set_index("unit")


def _pair(base: pd.Series, candidate: pd.Series, base_value: float, candidate_value: float, gain: float) -> Pair:
    return Pair(
        str(base["dataset"]),
        _text(base["language"]),
        str(base["sample"]),
        _text(base["text"]) or "",
        base_value,
        candidate_value,
        gain,
        _text(base["artifact"]),
        _text(candidate["artifact"]),
        _text(base["media_type"]),
        _text(candidate["media_type"]),
        str(base["outcome"]),
        str(candidate["outcome"]),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
