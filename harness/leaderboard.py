"""The table of one contract: every arm that was planned, what came out, how good, how fast, at what cost.

A pure function of the takes and scores of a run: the same ledger gives the same table, whatever the order of
its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from filmbench.harness import contracts, ranking, sets
from filmbench.harness.acceptance import Acceptance, acceptance, accepted
from filmbench.harness.contracts import Contract
from filmbench.harness.cost import Cost, Spend, cost, spend
from filmbench.harness.latency import Latency, latency
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.ranking import BY_VOTES, Voted
from filmbench.harness.stats.clusters import Codes, Floats
from filmbench.harness.stats.intervals import Estimate, missing, rate_interval, ratio_interval
from filmbench.harness.stats.preferences import MEAN, Rating
from filmbench.harness.stats.ranks import rank_ranges, ties
from filmbench.harness.tradeoffs import Tradeoff, saturation, tradeoffs
from filmbench.harness.types import NothingMeasured, Outcome
from filmbench.harness.units import ROLES, Column, Gap, columns, gaps, names, ordered_specs, per_sample, tidy
from filmbench.harness.votes import Votes
from filmbench.harness.weights import Weighing, totals, weigh

if TYPE_CHECKING:
    import pandas as pd


UNRANKED = "no ranks: only people's votes rank this stage, and the measures here are gates"
"""The note of a contract that names no primary metric, and has no votes that rank."""
Places = Mapping[int, tuple[tuple[int, int], float | None]]
"""Rank range and lead by the number of the table's row."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Takes that did not come out well, told apart by outcome and reason."""

    outcome: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One arm. A not-live arm (another endpoint than the vendor's own) has a row of its own.

    ``rank`` is the range 1..k of ranks that the data allow, among live arms. ``coverage`` is the supported share
    of the plan, ``success`` the share of counted takes that came out well. ``values`` are levels over samples
    that came out well, ``with_failures`` the same with every failure at the metric's worst value. ``take_spread``
    is the standard deviation between takes of one sample. ``gaps`` are good takes without a score. ``tradeoff`` is its
    place between quality, cost and time, ``voted`` what people's votes make of it, ``total`` its weighted total.
    """

    arm: str
    provider: str
    role: str
    live: bool
    rank: tuple[int, int] | None
    lead: float | None
    planned: int
    made: int
    ok: int
    unsupported: int
    coverage: float
    success: Estimate
    values: Mapping[str, Estimate]
    with_failures: Mapping[str, Estimate]
    take_spread: Mapping[str, float | None]
    gaps: Mapping[str, Gap]
    latency: Latency
    cost: Cost
    acceptance: Acceptance
    languages: tuple[str, ...]
    failures: tuple[Failure, ...]
    answered_models: tuple[str, ...]
    tradeoff: Tradeoff = field(default_factory=Tradeoff)
    voted: Rating | None = None
    total: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The rows of one contract: references, then arms by rank, then floors; and what the reader must know.

    ``columns`` are the metrics, the contract's primary ones (``primary`` of them) first. ``ranked_by`` is the
    metric of the ranks, ``votes``, or ``None``: a contract without a primary metric is ranked by people alone.
    ``saturated`` says of a metric why it tells nobody apart, ``weights`` how the totals are made.
    """

    contract: str
    title: str
    datasets: tuple[str, ...]
    languages: tuple[str, ...]
    columns: tuple[MetricSpec, ...]
    primary: tuple[str, ...]
    ranked_by: str | None
    rows: tuple[Row, ...]
    accept: Mapping[str, float]
    spend: Spend
    first_made: str | None
    last_made: str | None
    seed: int
    voted: Voted | None = None
    saturated: Mapping[str, str] = field(default_factory=dict)
    weights: tuple[Weighing, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def row(self, arm: str) -> Row:
        """The first row of ``arm``. Raises ``KeyError``."""
        for row in self.rows:
            if row.arm == arm:
                return row
        raise KeyError(arm)


def leaderboard(
    takes: pd.DataFrame,
    scores: pd.DataFrame,
    metrics: Sequence[MetricSpec],
    seed: int = 0,
    languages: Sequence[str] | None = None,
    accept: Mapping[str, float] | None = None,
    *,
    votes: Votes | None = None,
    weights: Mapping[str, float] | None = None,
    margins: Mapping[str, float] | None = None,
) -> Leaderboard:
    """The table of the planned ``takes`` of one contract, restricted to ``languages`` when given.

    ``accept`` are the suite's rules for takes that will do; without any, whatever came out well does. ``votes`` are
    what people said of the takes, ``weights`` ask for a total, ``margins`` are the smallest differences that matter.

    Raises :class:`UsageError` for several contracts, for scores of one metric made in unlike ways or made twice;
    :class:`NothingMeasured` when nothing was planned (in these languages).
    """
    if languages is not None:
        takes = takes[takes["language"].isin(list(languages))]
    frame = tidy(takes)
    frame["row"] = frame.groupby(["role", "arm", "live"], sort=True).ngroup()
    contract = contracts.contract(str(frame["contract"].iloc[0]))
    specs = ordered_specs(metrics, contract)
    measured = columns(frame, scores, [spec for spec in specs if spec.over == "take"])
    said = ranking.columns(frame, votes) if votes else ()
    frame["accepted"] = accepted(frame, [*measured, *said], accept or {})
    voted = ranking.voted(frame, votes) if votes else None
    samples = _samples(frame, measured)
    rows = _rows(frame, scores, specs, samples, voted)
    ranked_by = _ranked_by(contract, samples, voted)
    places = _ranks(frame, samples[ranked_by], seed) if ranked_by in samples else {}
    weighed = weigh(weights or {}, [column.spec for column in measured], tuple(rows.values()))
    summed = totals(tuple(rows), {id: one.whole for id, one in samples.items()}, weighed)
    final = _beside_the_others(rows, specs, ranked_by, places, summed)
    ids = {*(spec.id for spec in specs), *(column.spec.id for column in said)}
    made = frame.loc[frame["made"], "made_at"].dropna().astype(str)
    return Leaderboard(
        contract.id,
        contract.title,
        names(frame["dataset"]),
        names(frame["language"]),
        tuple(specs),
        tuple(id for id in contract.primary if id in ids),
        ranked_by,
        tuple(sorted(final, key=_place)),
        {id: worst for id, worst in (accept or {}).items() if id in ids},
        spend(frame),
        made.min() if len(made) else None,
        made.max() if len(made) else None,
        seed,
        voted,
        _saturated(frame, samples, final, ranked_by, margins or {}),
        weighed,
        (*_notes(frame), *_unranked(contract, voted)),
    )


@dataclass(frozen=True, slots=True)
class _Samples:
    """One metric's values per sample and row of the table: of those that came out ``well``, and of the ``whole``."""

    column: Column
    well: pd.DataFrame
    whole: pd.DataFrame


def _samples(frame: pd.DataFrame, measured: Sequence[Column]) -> dict[str, _Samples]:
    """Of each metric in its order; where failures have no worst value the whole is what came out well."""
    found = {}
    for column in measured:
        well = per_sample(frame, column, ["row"], False)
        whole = well if column.spec.worst is None else per_sample(frame, column, ["row"], True)
        found[column.spec.id] = _Samples(column, well, whole)
    return found


def _rows(
    frame: pd.DataFrame,
    scores: pd.DataFrame,
    specs: Sequence[MetricSpec],
    samples: Mapping[str, _Samples],
    voted: Voted | None,
) -> dict[int, Row]:
    """What is known of each row of the table by itself."""
    parts = parts_by_row(frame)
    measured = [one.column for one in samples.values()]
    values = _levels([(one.column.spec, one.well) for one in samples.values()])
    bounded = [(one.column.spec, one.whole) for one in samples.values() if one.column.spec.worst is not None]
    worst = _levels(bounded)
    values |= {
        spec.id: {number: one for number, part in parts.items() if (one := sets.level(part, scores, spec))}
        for spec in specs
        if spec.over == "set"
    }
    lacking = {column.spec.id: gaps(frame, column, "row") for column in measured}
    spreads = {column.spec.id: _take_spread(frame, column) for column in measured}
    rows = {number: _row(part) for number, part in parts.items()}
    return {
        number: replace(
            rows[number],
            values={
                id: found.get(number) or _no_value(part, lacking.get(id, {}).get(number))
                for id, found in values.items()
            },
            with_failures={id: found.get(number) or _no_value(part, None) for id, found in worst.items()},
            take_spread={id: found.get(number) for id, found in spreads.items()},
            gaps={id: found[number] for id, found in lacking.items() if number in found},
            voted=voted.rating(rows[number].arm, rows[number].live) if voted else None,
        )
        for number, part in parts.items()
    }


def _ranked_by(contract: Contract, samples: Mapping[str, _Samples], voted: Voted | None) -> str | None:
    """The first measured metric of a contract that has primary ones; people alone rank the others."""
    if contract.primary:
        return next((id for id, one in samples.items() if _directed(one)), None)
    return BY_VOTES if voted and voted.preferences else None


def _directed(one: _Samples) -> bool:
    return one.column.spec.higher_is_better is not None and bool(one.column.measured.any())


def _unranked(contract: Contract, voted: Voted | None) -> tuple[str, ...]:
    """Why a contract that only people can rank has no ranks."""
    if contract.primary or (voted and voted.preferences):
        return ()
    return (UNRANKED,)


def _beside_the_others(
    rows: Mapping[int, Row],
    specs: Sequence[MetricSpec],
    ranked_by: str | None,
    places: Places,
    summed: Mapping[int, Estimate],
) -> list[Row]:
    """The rows with what is said of each beside the others: rank and lead, place on the fronts, total."""
    if ranked_by == BY_VOTES:
        places = {n: (one.ranks, _ahead(one)) for n, row in rows.items() if (one := row.voted) and one.ranks}
        quality = [row.voted.rating if row.voted else None for row in rows.values()]
    else:
        quality = [(row.with_failures.get(ranked_by or "") or row.values.get(ranked_by or "")) for row in rows.values()]
    higher = ranked_by == BY_VOTES or any(spec.id == ranked_by and spec.higher_is_better for spec in specs)
    marks = tradeoffs(tuple(rows.values()), quality, higher)
    return [
        replace(
            row,
            rank=places[number][0] if number in places else None,
            lead=places[number][1] if number in places else None,
            tradeoff=mark,
            total=summed.get(number),
        )
        for (number, row), mark in zip(rows.items(), marks, strict=True)
    ]


def _ahead(found: Rating) -> float | None:
    return None if found.rating.value is None else found.rating.value - MEAN


def _saturated(
    frame: pd.DataFrame,
    samples: Mapping[str, _Samples],
    rows: Sequence[Row],
    ranked_by: str | None,
    margins: Mapping[str, float],
) -> dict[str, str]:
    """Why metrics with a better direction tell nobody apart, by id. The ranks decide for the one that ranks."""
    ranks = [row.rank for row in rows if row.rank]
    level = all(span == (1, len(ranks)) for span in ranks)
    found = {
        id: saturation(
            one.column.spec,
            rows,
            level if id == ranked_by else ties(*_matrix(frame, one.whole)[1:]),
            margins.get(id),
        )
        for id, one in samples.items()
        if _directed(one)
    }
    return {id: why for id, why in found.items() if why}


def by_language(
    takes: pd.DataFrame, scores: pd.DataFrame, metrics: Sequence[MetricSpec], seed: int = 0
) -> dict[str, Leaderboard]:
    """One table a language, in alphabetical order."""
    return {name: leaderboard(takes, scores, metrics, seed, [name]) for name in names(takes["language"])}


def _levels(samples: Sequence[tuple[MetricSpec, pd.DataFrame]]) -> dict[str, dict[int, Estimate]]:
    """The level of each metric in each row of the table that has one, from its values per sample."""
    return {
        spec.id: {
            row: ratio_interval(part["top"], part["bottom"], part["group"]).clipped(spec.low, spec.high)
            for row, part in parts_by_row(table).items()
        }
        for spec, table in samples
    }


def parts_by_row(frame: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """The frame's rows of each row of the table."""
    return {int(part["row"].iloc[0]): part for _, part in frame.groupby("row", sort=True)}


def _take_spread(frame: pd.DataFrame, column: Column) -> dict[int, float]:
    """Pooled standard deviation between takes of one sample, for rows with repeated takes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.where(frame["ok"], column.top / column.bottom, np.nan)
    table = frame[["row", "unit"]].assign(value=values)
    table = table[np.isfinite(values)]
    stats = table.groupby(["row", "unit"])["value"].agg(["var", "count"]).reset_index()
    stats = stats[stats["count"] > 1]
    stats["weight"] = stats["count"] - 1
    stats["sum"] = stats["var"] * stats["weight"]
    pooled = stats.groupby("row")[["sum", "weight"]].sum()
    deviations = np.sqrt(pooled["sum"] / pooled["weight"])
    return {int(row): float(value) for row, value in zip(pooled.index, deviations, strict=True)}


def _ranks(frame: pd.DataFrame, one: _Samples, seed: int) -> Places:
    """Rank range and lead of each live arm, by paired comparison on common samples, failures at their worst."""
    rows, top, bottom, codes = _matrix(frame, one.whole)
    standings = rank_ranges(top, bottom, codes, bool(one.column.spec.higher_is_better), seed)
    return {
        int(row): ((standing.best, standing.worst), standing.lead)
        for row, standing in zip(rows, standings, strict=True)
    }


def _matrix(frame: pd.DataFrame, table: pd.DataFrame) -> tuple[Codes, Floats, Floats, Codes]:
    """Values per sample of the k live arms on n samples: rows (k,), top and bottom (k, n), clusters (n,)."""
    live = (frame["role"] == "arm") & frame["live"]
    table = table[table["row"].isin(frame.loc[live, "row"].unique())]
    rows, units = np.unique(table["row"]), np.unique(table["unit"])
    at = np.searchsorted(rows, table["row"]), np.searchsorted(units, table["unit"])
    top, bottom = np.full((len(rows), len(units)), np.nan), np.full((len(rows), len(units)), np.nan)
    top[at], bottom[at] = table["top"], table["bottom"]
    groups = table.drop_duplicates("unit").sort_values("unit")["group"]
    return rows, top, bottom, np.unique(groups, return_inverse=True)[1].astype(np.intp)


def _row(part: pd.DataFrame) -> Row:
    """Everything about one arm that needs no metric."""
    first = part.iloc[0]
    counted = part[part["counted"]]
    rates = counted.groupby(["unit", "group"])["ok"].mean()
    unsupported = int((part["made"] & ~part["counted"]).sum())
    return Row(
        arm=str(first["arm"]),
        provider=str(first["provider"]),
        role=str(first["role"]),
        live=bool(first["live"]),
        rank=None,
        lead=None,
        planned=len(part),
        made=int(part["made"].sum()),
        ok=int(part["ok"].sum()),
        unsupported=unsupported,
        coverage=1 - unsupported / len(part),
        success=rate_interval(rates, rates.index.get_level_values("group"))
        if len(rates)
        else missing(_why_nothing(part)),
        values={},
        with_failures={},
        take_spread={},
        gaps={},
        latency=latency(part),
        cost=cost(part),
        acceptance=acceptance(part),
        languages=names(part.loc[part["ok"], "language"]),
        failures=_failures(part),
        answered_models=names(part["answered_model"]),
    )


def _failures(part: pd.DataFrame) -> tuple[Failure, ...]:
    bad = part[part["made"] & ~part["ok"]]
    if bad.empty:
        return ()
    named = bad.assign(reason=bad["reason"].astype("object").where(bad["reason"].notna(), "no reason given"))
    counts = named.groupby(["outcome", "reason"]).size().reset_index(name="count")
    counts = counts.sort_values(["count", "outcome", "reason"], ascending=[False, True, True])
    return tuple(Failure(str(o), str(r), int(n)) for o, r, n in counts.itertuples(index=False))


def _no_value(part: pd.DataFrame, gap: Gap | None) -> Estimate:
    return missing(gap.reason if gap else _why_nothing(part))


def _why_nothing(part: pd.DataFrame) -> str:
    if not part["made"].any():
        return "not made yet"
    if not part["counted"].any():
        return "unsupported"
    return "no take came out well"


def _place(row: Row) -> tuple[Any, ...]:
    """Sort key: references, live arms by rank, unranked arms, not-live arms, floors."""
    best, worst = row.rank or (10**9, 10**9)
    return ROLES.index(row.role), not row.live, best, worst, -(row.lead or 0.0), row.arm


def _notes(frame: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    roles = set(frame.loc[frame["ok"], "role"])
    if "reference" not in roles:
        notes.append("no human reference")
    if "floor" not in roles:
        notes.append("no floor rows")
    waiting = int((~frame["made"]).sum())
    if waiting:
        notes.append(f"{waiting} of {len(frame)} planned takes are not made yet")
    unknown = int((frame["outcome"] == Outcome.SUBMIT_UNKNOWN.value).sum())
    if unknown:
        notes.append(f"{unknown} takes were sent but never answered: whether they were billed is unknown")
    retired = int((frame["outcome"] == Outcome.RETIRED.value).sum())
    if retired:
        notes.append(f"{retired} takes were asked of retired models: without a result, but no sign of bad quality")
    return tuple(notes)


def require_measured(board: Leaderboard) -> None:
    """Raise :class:`NothingMeasured` when no arm of the table has a value in any column."""
    if not any(found.value is not None for row in board.rows for found in row.values.values()):
        raise NothingMeasured("nothing was measured", "see the outcomes with: filmbench table")
