"""Two arms, or one arm then and now: paired differences on the samples both were asked for.

A pure function of takes and scores. Takes of one sample are averaged first, clusters are respected, failures
count as the metric's worst value where it has one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from filmbench.harness import contracts
from filmbench.harness.cost import Cost, cost
from filmbench.harness.latency import Latency, latency, machines
from filmbench.harness.pairs import SHOWN, Pair, sample_pairs
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.sides import SIDES, aligned, apart, both_sides, common_samples, of_one_contract, select
from filmbench.harness.stats.bootstrap import median_ratio_interval
from filmbench.harness.stats.intervals import Estimate, missing, rate_interval
from filmbench.harness.stats.paired import (
    Difference,
    Pairing,
    benjamini_hochberg,
    holm,
    paired,
    paired_ratios,
    samples_needed,
)
from filmbench.harness.stats.verdict import ALPHA, Ruling, verdict
from filmbench.harness.types import UsageError
from filmbench.harness.units import Column, columns, names, ordered_specs

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: who it is, when it was made, how often it came out well on the common samples."""

    arm: str
    provider: str
    live: bool
    first_made: str | None
    last_made: str | None
    answered_models: tuple[str, ...]
    takes: int
    ok: int
    success: Estimate
    latency: Latency
    cost: Cost


@dataclass(frozen=True, slots=True)
class Change:
    """One metric: the level of both sides on the same samples, and the difference candidate minus base.

    ``failures`` says whether ``difference`` counts them as the worst value; ``given_success`` is always over the
    samples both did well. ``p`` is two-sided and adjusted by Benjamini and Hochberg over the metrics that have no
    margin; ``ruling`` is set for those that have one, adjusted by Holm over them. ``wins`` is the share of samples on
    which the candidate is better, ties counting half; ``None`` without a better direction.
    """

    spec: MetricSpec
    base: float | None
    candidate: float | None
    difference: Difference
    given_success: Difference
    failures: str
    p: float | None = None
    ruling: Ruling | None = None
    wins: float | None = None

    @property
    def shown(self) -> str | None:
        """``better``, ``worse``, ``higher`` or ``lower`` when the adjusted test shows it, else ``None``."""
        if self.p is None or self.p > ALPHA or not self.difference.delta:
            return None
        up = self.difference.delta > 0
        if self.spec.higher_is_better is None:
            return "higher" if up else "lower"
        return "better" if up == self.spec.higher_is_better else "worse"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate against base. ``paired_samples`` were asked of both; the others are listed and left out."""

    contract: str
    title: str
    datasets: tuple[str, ...]
    languages: tuple[str, ...]
    base: Side
    candidate: Side
    paired_samples: int
    clusters: int
    only_base: tuple[str, ...]
    only_candidate: tuple[str, ...]
    changes: tuple[Change, ...]
    success: Difference
    total_ratio: Estimate
    first_content_ratio: Estimate
    cost_ratio: float | None
    pairs_by: str | None
    losses: tuple[Pair, ...]
    gains: tuple[Pair, ...]
    seed: int

    def change(self, metric: str) -> Change:
        """The change of ``metric``. Raises ``KeyError``."""
        for change in self.changes:
            if change.spec.id == metric:
                return change
        raise KeyError(metric)


def compare(
    takes: pd.DataFrame,
    scores: pd.DataFrame,
    metrics: Sequence[MetricSpec],
    base: str,
    candidate: str,
    seed: int = 0,
    *,
    margins: Mapping[str, float] | None = None,
    corrected: bool = True,
    contract: str | None = None,
    base_takes: pd.DataFrame | None = None,
    base_scores: pd.DataFrame | None = None,
) -> Comparison:
    """Compare two arms by label (or provider, where one arm has it) of one run, or of two.

    With ``base_takes`` and ``base_scores`` the base is looked for in that earlier run, so that both may be the
    same arm. ``contract`` chooses where arms of these names answer several. ``margins`` (metric id to a size in the
    metric's unit) ask for verdicts; their tests are ``corrected`` by Holm, since any of them may speak first; to
    claim that *all* metrics are not worse needs no correction.

    Raises :class:`UsageError` for an unknown arm, for takes that stand on both sides (an epoch compared with
    itself), for a live side against one that is not, for a bad margin; :class:`NothingMeasured` when no sample
    was asked of both.
    """
    old_takes, old_scores = (takes, scores) if base_takes is None else (base_takes, base_scores)
    if old_scores is None:
        raise UsageError("an earlier run has takes and scores; only its takes were given")
    if old_takes is not takes:
        old_takes, old_scores = apart(old_takes, old_scores, takes)
    frame = both_sides(*of_one_contract(select(old_takes, base), select(takes, candidate), contract))
    if old_scores is not scores:
        import pandas as pd

        scores = pd.concat([old_scores, scores], ignore_index=True).drop_duplicates(
            ["key", "epoch", "metric", "signature"]
        )
    asked = contracts.contract(str(frame["contract"].iloc[0]))
    specs = [spec for spec in ordered_specs(metrics, asked) if spec.over == "take"]
    _check_margins(margins or {}, specs)
    common, only = common_samples(frame)
    measured = columns(common, scores, specs)
    changes = _judged(_changes(common, measured, seed), margins or {}, corrected)
    pairs_by = next((c for c in measured if c.spec.higher_is_better is not None and c.measured.any()), None)
    pairs = sample_pairs(common, pairs_by) if pairs_by else []
    sides = {side: _side(common[common["arm"] == side]) for side in SIDES}
    return Comparison(
        asked.id,
        asked.title,
        names(common["dataset"]),
        names(common["language"]),
        sides["base"],
        sides["candidate"],
        int(common["unit"].nunique()),
        int(common["group"].nunique()),
        only["base"],
        only["candidate"],
        tuple(replace(change, wins=_wins(change)) for change in changes),
        _success_change(common, seed),
        _median_ratio(common, "total_s", seed),
        _median_ratio(common, "first_content_s", seed),
        _cost_ratio(sides["base"].cost, sides["candidate"].cost),
        pairs_by.spec.id if pairs_by and pairs else None,
        tuple(pair for pair in pairs[:SHOWN] if pair.gain < 0),
        tuple(pair for pair in pairs[::-1][:SHOWN] if pair.gain > 0),
        seed,
    )


def _changes(common: pd.DataFrame, measured: Sequence[Column], seed: int) -> list[Change]:
    """The change of every column; they are tested together."""
    tables = [aligned(common, column, worst) for column in measured for worst in (column.spec.worst is not None, False)]
    differences = _differences(tables, seed)
    return [
        _change(column, tables[place], differences[place], differences[place + 1])
        for place, column in zip(range(0, len(tables), 2), measured, strict=True)
    ]


def _change(column: Column, found: pd.DataFrame, difference: Difference, given_success: Difference) -> Change:
    if difference.delta is None and not column.measured.any():
        reasons = column.reason[~column.measured]
        difference = replace(difference, reason=str(sorted(set(reasons))[0]))
    levels = [_ratio(found[f"top_{side}"], found[f"bottom_{side}"]) for side in SIDES]
    failures = "counted as the worst value" if column.spec.worst is not None else "left out"
    return Change(column.spec, levels[0], levels[1], difference, given_success, failures)


def _differences(tables: Sequence[pd.DataFrame], seed: int) -> list[Difference]:
    pairings: dict[int, Pairing] = {}
    for place, table in enumerate(tables):
        parts = [table[f"{part}_{side}"].to_numpy() for side in SIDES for part in ("top", "bottom")]
        if parts[1].sum() > 0 and parts[3].sum() > 0:
            pairings[place] = Pairing(parts[0], parts[1], parts[2], parts[3], table["group"].to_numpy())
    known = dict(zip(pairings, paired_ratios(list(pairings.values()), seed), strict=True))
    nothing = Difference(None, reason="no sample in common has a value on both sides")
    return [known.get(place, nothing) for place in range(len(tables))]


def _ratio(top: pd.Series, bottom: pd.Series) -> float | None:
    return float(top.sum() / bottom.sum()) if bottom.sum() > 0 else None


def _wins(change: Change) -> float | None:
    higher = change.difference.higher
    if higher is None or change.spec.higher_is_better is None:
        return None
    return higher if change.spec.higher_is_better else 1 - higher


def _check_margins(margins: Mapping[str, float], specs: Sequence[MetricSpec]) -> None:
    known = {spec.id: spec for spec in specs}
    for id, margin in margins.items():
        if id not in known:
            near = difflib.get_close_matches(id, known, n=3, cutoff=0.5)
            raise UsageError(
                f"a margin names {id!r}, which is not compared", f"did you mean {' or '.join(near)}?" if near else None
            )
        if known[id].higher_is_better is None:
            raise UsageError(f"{id} has no better direction, so it takes no margin")
        if not 0 <= margin < float("inf"):
            raise UsageError(
                f"the margin of {id} is {margin}; it is a size in {known[id].unit or 'its unit'}, 0 or more"
            )


def _judged(changes: Sequence[Change], margins: Mapping[str, float], corrected: bool) -> tuple[Change, ...]:
    """Verdicts for the metrics with a margin (Holm over them if ``corrected``), adjusted p-values for the others."""
    gated = [change for change in changes if change.spec.id in margins]
    free = [change for change in changes if change.spec.id not in margins]
    sides = [_one_sided(change) for change in gated]
    adjusted = holm if corrected else list
    worse, better = (adjusted([side[which] for side in sides]) for which in (0, 1))
    done = {
        change.spec.id: replace(change, ruling=_ruling(change, margins[change.spec.id], p_worse, p_better))
        for change, p_worse, p_better in zip(gated, worse, better, strict=True)
    }
    for change, p in zip(free, benjamini_hochberg([change.difference.p for change in free]), strict=True):
        done[change.spec.id] = replace(change, p=p)
    return tuple(done[change.spec.id] for change in changes)


def _one_sided(change: Change) -> tuple[float | None, float | None]:
    """p-values against "not worse" and against "not better"."""
    found = change.difference
    return (found.p_below, found.p_above) if change.spec.higher_is_better else (found.p_above, found.p_below)


def _ruling(change: Change, margin: float, p_worse: float | None, p_better: float | None) -> Ruling:
    found = change.difference
    interval = None if found.low90 is None or found.high90 is None else (found.low90, found.high90)
    return verdict(
        found.delta,
        interval,
        margin,
        bool(change.spec.higher_is_better),
        p_worse=p_worse,
        p_better=p_better,
        needed=samples_needed(found, margin),
    )


def _side(takes: pd.DataFrame) -> Side:
    first = takes.iloc[0]
    made = takes["made_at"].dropna().astype(str)
    rates = takes.groupby(["unit", "group"])["ok"].mean()
    return Side(
        str(first["label"]),
        str(first["provider"]),
        bool(first["live"]),
        made.min() if len(made) else None,
        made.max() if len(made) else None,
        names(takes["answered_model"]),
        len(takes),
        int(takes["ok"].sum()),
        rate_interval(rates, rates.index.get_level_values("group")),
        latency(takes),
        cost(takes),
    )


def _success_change(common: pd.DataFrame, seed: int) -> Difference:
    """Change of the success rate in percentage points."""
    rates = common.groupby(["unit", "group", "arm"])["ok"].mean().unstack("arm")
    return paired(100 * rates["base"], 100 * rates["candidate"], rates.index.get_level_values("group"), seed)


def _median_ratio(common: pd.DataFrame, name: str, seed: int) -> Estimate:
    """Ratio of median latencies over the samples that both sides have timed, takes averaged."""
    known = common[common["ok"] & common[name].notna()]
    if untimed := [side for side in SIDES if not (known["arm"] == side).any()]:
        return missing(f"no take of the {' or the '.join(untimed)} was timed")
    if known["provider"].str.startswith("local/").any():
        places = [machines(known[known["arm"] == side]) for side in SIDES]
        if places[0] != places[1]:
            return missing(f"timed on different machines: {'; '.join(places[0])} and {'; '.join(places[1])}")
    table = known.groupby(["unit", "group", "arm"])[name].mean().unstack("arm").reindex(columns=list(SIDES)).dropna()
    if table.empty:
        return missing("not observed on both sides")
    groups = table.index.get_level_values("group")
    return median_ratio_interval(table["base"], table["candidate"], groups, seed)


def _cost_ratio(base: Cost, candidate: Cost) -> float | None:
    """Cost of the candidate over the base's, both priced whole; ``None`` when one is unpriced or the base is free."""
    if base.at_least or candidate.at_least:
        return None
    before, after = base.unit_price, candidate.unit_price
    return after / before if before and after is not None else None
