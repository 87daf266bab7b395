"""A leaderboard for the eye: tables with columns that align, intervals as dots on a scale, one sentence."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.leaderboard import by_language as boards_by_language
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.ranking import BY_VOTES
from filmbench.harness.report import sheets, words
from filmbench.harness.stats.intervals import Estimate

if TYPE_CHECKING:
    import pandas as pd

_BOUNDS = re.compile(r"(?P<value>\S+)(?P<bounds> \[.*\]| \(≤.*\))?(?P<n> n [\d,]+)?")
_TEXTS = ("Arm", "Languages", "Machine", "Made")
_TICKS = 4
_VOTES = MetricSpec(BY_VOTES, "Rating by votes", "", BY_VOTES, (), True, "library", decimals=0)
"""People's ratings, drawn and told as any other figure."""


@dataclass(frozen=True, slots=True)
class Column:
    """``names`` holds the arms; ``figures`` are aligned right; a ``split`` column has an interval beside each value."""

    header: str
    names: bool
    figures: bool
    split: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose cells are (value, interval); ``roles`` are those of the rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """One arm on the scale, places in percent of its width. ``off`` tells that the value lies beyond the scale."""

    arm: str
    role: str
    text: str
    at: float
    low: float | None
    high: float | None
    off: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One live arm between what it costs (``at``) and how good it is (``up``), both in percent of the plot."""

    number: int
    arm: str
    text: str
    at: float
    up: float
    front: bool


@dataclass(frozen=True, slots=True)
class Scatter:
    """Quality against cost or latency. ``path`` are the corners of the front's line; ticks as those of a plot."""

    title: str
    across: str
    points: tuple[Point, ...]
    path: tuple[tuple[float, float, float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    rungs: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """One metric: a dot with its interval for each arm, over ticks (place in percent, label)."""

    title: str
    better: str
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]


def tables(board: Leaderboard, document: sheets.Document) -> tuple[Table, ...]:
    """The document's sheets."""
    return tuple(_table(board, sheet) for sheet in document.sheets)


def by_language(
    board: Leaderboard, takes: pd.DataFrame, scores: pd.DataFrame, metrics: Sequence[MetricSpec]
) -> tuple[tuple[str, Table], ...]:
    """Language and quality table, where the board mixes several languages."""
    if len(board.languages) < 2:
        return ()
    found = boards_by_language(takes, scores, metrics, board.seed)
    return tuple((name, _table(one, sheets.document(one).sheets[0])) for name, one in found.items())


def _table(board: Leaderboard, sheet: sheets.Sheet) -> Table:
    cells = [[_cell(text) for text in row] for row in sheet.rows]
    columns = [
        Column(header, header == "Arm", header not in _TEXTS, any(row[place][1] for row in cells))
        for place, header in enumerate(sheet.headers)
    ]
    roles = tuple(row.role for row in board.rows)
    return Table(sheet.title, tuple(columns), tuple(tuple(row) for row in cells), roles)


def _cell(text: str) -> tuple[str, str]:
    found = _BOUNDS.fullmatch(text)
    return (found["value"], f"{found['bounds'] or ''}{found['n'] or ''}".strip()) if found else (text, "")


def plots(board: Leaderboard) -> tuple[Plot, ...]:
    """One plot for each primary metric that was measured, and one for people's votes."""
    found = [_plot(spec, [(row, row.values[spec.id]) for row in board.rows]) for spec in _primary(board)]
    votes = [(row, row.voted.rating) for row in board.rows if row.voted]
    return tuple(one for one in (*found, _plot(_VOTES, votes)) if one)


def _primary(board: Leaderboard) -> list[MetricSpec]:
    return [spec for spec in board.columns if spec.id in board.primary]


def _plot(spec: MetricSpec, levels: Sequence[tuple[Row, Estimate]]) -> Plot | None:
    """The scale spans people and arms; a floor far off must not squeeze them, so it may lie beyond the edge."""
    measured = [(row, found) for row, found in levels if found.value is not None]
    if not measured:
        return None
    voices = [found for row, found in measured if row.role != "floor"] or [found for _, found in measured]
    ends = [bound for found in voices for bound in _span(found)]
    ticks = _nice(min(ends), max(ends))
    better = {True: "better →", False: "← better", None: ""}[spec.higher_is_better]
    dots = tuple(_dot(row, found, spec.decimals, ticks[0], ticks[-1]) for row, found in measured)
    return Plot(words.heading(spec), better, dots, _labelled(ticks, spec.unit))


def _labelled(ticks: Sequence[float], unit: str) -> tuple[tuple[float, str], ...]:
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step % 1 else 0
    before, after = ("$" if unit == "$" else ""), (" %" if unit == "%" else "")
    return tuple(
        (_place(tick, ticks[0], ticks[-1]), f"{before}{words.number(tick, decimals)}{after}") for tick in ticks
    )


def _dot(row: Row, found: Estimate, decimals: int, start: float, end: float) -> Dot:
    assert found.value is not None
    low, high = (None if bound is None else _place(bound, start, end) for bound in (found.low, found.high))
    off = not start <= found.value <= end
    text = f"{words.number(found.value, decimals)}"
    return Dot(words.arm(row.arm, row.role, row.live), row.role, text, _place(found.value, start, end), low, high, off)


def scatters(board: Leaderboard) -> tuple[Scatter, ...]:
    """Quality against cost and against latency, with the Pareto front; each where two arms differ in it."""
    spec = _VOTES if board.ranked_by == BY_VOTES else next((s for s in board.columns if s.id == board.ranked_by), None)
    if spec is None:
        return ()
    price = "$ per 1,000 characters" if board.contract == "tts" else "$ per good take"
    by_cost = [(row, row.cost.unit_price, row.tradeoff.cost) for row in board.rows]
    by_time = [(row, row.latency.total.value, row.tradeoff.latency) for row in board.rows]
    found = (_scatter(spec, price, "$", by_cost), _scatter(spec, "seconds a take, median", "s", by_time))
    return tuple(one for one in found if one)


def _scatter(
    spec: MetricSpec, across: str, unit: str, rows: Sequence[tuple[Row, float | None, bool | None]]
) -> Scatter | None:
    known = [
        (row, value, row.tradeoff.quality, mark)
        for row, value, mark in rows
        if mark is not None and value is not None and row.tradeoff.quality is not None
    ]
    costs, levels = [value for _, value, _, _ in known], [level for _, _, level, _ in known]
    if len(set(costs)) < 2:
        return None
    ticks, rungs = _nice(0.0, max(costs)), _nice(min(levels), max(levels))
    spell = words.money if unit == "$" else words.significant
    points = tuple(
        Point(
            number,
            words.arm(row.arm, row.role, row.live),
            f"{words.number(level, spec.decimals)} {spec.unit} at {spell(value)}{'' if unit == '$' else f' {unit}'}",
            _place(value, ticks[0], ticks[-1]),
            _upwards(level, rungs),
            mark,
        )
        for number, (row, value, level, mark) in enumerate(known, start=1)
    )
    title = f"{words.heading(spec)} and {across}"
    rising = tuple((100 - place, label) for place, label in _labelled(rungs, spec.unit))
    return Scatter(title, across, points, _path(points), _labelled(ticks, unit), rising)


def _upwards(level: float, rungs: Sequence[float]) -> float:
    return round(100 - _place(level, rungs[0], rungs[-1]), 2)


def _path(points: Sequence[Point]) -> tuple[tuple[float, float, float, float], ...]:
    """The front's line, as steps: no arm gives more for less than its corners."""
    corners = sorted({(point.at, point.up) for point in points if point.front})
    steps = []
    for (x, y), (next_x, next_y) in itertools.pairwise(corners):
        steps += [(x, y, next_x, y), (next_x, y, next_x, next_y)]
    return tuple(steps)


def _span(found: Estimate) -> list[float]:
    return [bound for bound in (found.value, found.low, found.high) if bound is not None]


def _place(value: float, start: float, end: float) -> float:
    return round(100 * min(1.0, max(0.0, (value - start) / (end - start))), 2)


def _nice(low: float, high: float) -> list[float]:
    """Round tick values that hold both ends between them."""
    rough = ((high - low) or abs(high) or 1.0) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def finding(board: Leaderboard) -> str:
    """What the ranks say, in one sentence."""
    ranked = [row for row in board.rows if row.rank]
    spec = next((spec for spec in (_VOTES, *board.columns) if spec.id == board.ranked_by), None)
    if not ranked or spec is None:
        return "Nothing has been measured yet."
    name = spec.title[:1].lower() + spec.title[1:] if spec.title[1:].islower() else spec.title
    first = [row for row in ranked if row.rank and row.rank[0] == 1]
    best = "highest" if spec.higher_is_better else "lowest"
    names = _listed([words.one_line(row.arm, 60) for row in first])
    if len(ranked) == 1:
        return f"{names} is the only arm measured: there is nothing to compare it with."
    if len(first) == 1:
        return f"{names} has the {best} {name} of {len(ranked)} arms at 95 % confidence."
    if len(first) == len(ranked):
        return f"The {len(ranked)} arms cannot be told apart on {name} at 95 %; more lines could do it."
    return f"{names} cannot be told apart at the top: any may have the {best} {name} of {len(ranked)} arms (95 %)."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
