"""The two sides of a comparison: which takes they are, and which samples they have in common."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from filmbench.harness.types import NothingMeasured, UsageError
from filmbench.harness.units import UNIT, Column, per_sample, tidy

if TYPE_CHECKING:
    import pandas as pd

SIDES = ("base", "candidate")
_ELSEWHERE = 1_000_000_000


def select(takes: pd.DataFrame, name: str) -> pd.DataFrame:
    """The takes of the arm called ``name``, or of the only arm of a provider of that name."""
    chosen = takes[takes["arm"] == name]
    if chosen.empty:
        of_provider = takes[takes["provider"] == name]
        arms = sorted(of_provider["arm"].unique())
        if len(arms) > 1:
            raise UsageError(f"{name} has {len(arms)} arms in this run", f"name one of: {', '.join(arms)}")
        chosen = of_provider
    if chosen.empty:
        arms = sorted(takes["arm"].unique())
        near = difflib.get_close_matches(name, arms, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"arms: {', '.join(arms)}"
        raise UsageError(f"there is no arm {name!r} in this run", hint)
    return chosen


def of_one_contract(
    base: pd.DataFrame, candidate: pd.DataFrame, contract: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sides' takes of the contract that both answer; ``contract`` names it where there are several."""
    common = sorted(set(base["contract"]) & set(candidate["contract"]))
    if contract is None and len(common) > 1:
        raise UsageError(f"both answer several contracts: {', '.join(common)}", f"choose one: --contract {common[0]}")
    chosen = contract or (common[0] if common else None)
    if chosen not in common:
        asked = sorted({*base["contract"], *candidate["contract"]})
        raise UsageError(f"the two have no contract {contract or ''} in common", f"they answer: {', '.join(asked)}")
    return base[base["contract"] == chosen], candidate[candidate["contract"] == chosen]


def both_sides(base: pd.DataFrame, candidate: pd.DataFrame) -> pd.DataFrame:
    """One tidy frame whose ``arm`` is the side and whose ``label`` is the arm."""
    import pandas as pd

    parts = [
        part.assign(label=part["arm"], arm=side, role="arm")
        for side, part in zip(SIDES, (base, candidate), strict=True)
    ]
    frame = tidy(pd.concat(parts, ignore_index=True))
    made = frame[frame["counted"]]
    shared = made.groupby("id")["arm"].nunique()
    same = int((shared == 2).sum())
    if same:
        raise UsageError(
            f"{same} of {len(shared)} takes stand on both sides: an epoch cannot be compared with itself",
            "ask again with: filmbench run --reuse never, or name two arms that differ",
        )
    live = frame.groupby("arm")["live"].agg(["min", "max"])
    if bool(live["max"].any()) and not bool(live["min"].all()):
        raise UsageError(
            "live takes and takes from another endpoint never mix", "compare two live arms, or two of that endpoint"
        )
    return frame


def apart(takes: pd.DataFrame, scores: pd.DataFrame, others: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``takes`` and ``scores`` with epochs that no other take in ``others`` has.

    Every ledger counts its epochs from 0, so one take of a baseline from elsewhere and another of this store may have
    the same key and epoch; when they were made tells them apart. What is the same take keeps its number.
    """
    place = ["key", "epoch"]
    here = others.drop_duplicates(place).set_index(place)["made_at"]
    there = takes.set_index(place)["made_at"]
    met = there.index.intersection(here.index)
    foreign = [at for at in met.unique() if there.loc[[at]].iloc[0] != here.loc[at]]
    if not foreign:
        return takes, scores

    def moved(frame: pd.DataFrame) -> pd.DataFrame:
        met = frame.set_index(place).index.isin(foreign)
        return frame.assign(epoch=frame["epoch"].where(~met, frame["epoch"] + _ELSEWHERE))

    return moved(takes), moved(scores)


def common_samples(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """The counted takes of samples that both sides have, and the names of those that only one has."""
    counted = frame[frame["counted"]]
    sides = counted.groupby("unit")["arm"].nunique()
    both = counted["unit"].map(sides) == 2
    planned = frame[~frame["unit"].isin(counted.loc[both, "unit"])]
    only = {side: _sample_names(planned[planned["arm"] == side]) for side in SIDES}
    if not both.any():
        raise NothingMeasured(
            "no sample was answered by both sides", "run both on one dataset version and language, then compare"
        )
    return counted[both].reset_index(drop=True), only


def _sample_names(frame: pd.DataFrame) -> tuple[str, ...]:
    found = frame[UNIT].drop_duplicates().sort_values(UNIT)
    return tuple(
        sample if language != language or language is None else f"{sample} ({language})"
        for _, language, sample in found.itertuples(index=False)
    )


def aligned(common: pd.DataFrame, column: Column, failures_as_worst: bool) -> pd.DataFrame:
    """One row per sample that has a value on both sides: ``top_base, bottom_base, top_candidate, …, group``."""
    table = per_sample(common, column, ["arm"], failures_as_worst)
    base, candidate = (table[table["arm"] == side].drop(columns="arm") for side in SIDES)
    return base.merge(candidate, on=["unit", "group"], suffixes=("_base", "_candidate"), how="inner").sort_values(
        "unit"
    )
