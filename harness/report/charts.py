"""A leaderboard for the eye: tables with columns that align, intervals as dots on a scale, one sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.leaderboard import by_language as boards_by_language
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import sheets, words
from filmbench.harness.stats.intervals import Estimate

if TYPE_CHECKING:
    import pandas as pd

_BOUNDS = re.compile(r"(?P<value>\S+)(?P<bounds> \[.*\]| \(≤.*\))?(?P<n> n [\d,]+)?")
_TEXTS = ("Arm", "Languages", "Machine", "Made")
_TICKS = 4


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
    """One plot for each primary metric that was measured."""
    specs = [spec for spec in board.columns if spec.id in board.primary]
    return tuple(_plot(board, spec) for spec in specs if any(_level(row, spec).value is not None for row in board.rows))


def _plot(board: Leaderboard, spec: MetricSpec) -> Plot:
    """The scale spans people and arms; a floor far off must not squeeze them, so it may lie beyond the edge."""
    measured = [row for row in board.rows if _level(row, spec).value is not None]
    voices = [row for row in measured if row.role != "floor"] or measured
    ends = [bound for row in voices for bound in _span(_level(row, spec))]
    ticks = _nice(min(ends), max(ends))
    better = {True: "better →", False: "← better", None: ""}[spec.higher_is_better]
    dots = tuple(_dot(row, spec, ticks[0], ticks[-1]) for row in measured)
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step % 1 else 0
    labels = [f"{words.number(tick, decimals)}{' %' if spec.unit == '%' else ''}" for tick in ticks]
    places = [_place(tick, ticks[0], ticks[-1]) for tick in ticks]
    return Plot(words.heading(spec), better, dots, tuple(zip(places, labels, strict=True)))


def _dot(row: Row, spec: MetricSpec, start: float, end: float) -> Dot:
    found = _level(row, spec)
    assert found.value is not None
    low, high = (None if bound is None else _place(bound, start, end) for bound in (found.low, found.high))
    off = not start <= found.value <= end
    text = f"{words.number(found.value, spec.decimals)}"
    return Dot(words.arm(row.arm, row.role, row.live), row.role, text, _place(found.value, start, end), low, high, off)


def _level(row: Row, spec: MetricSpec) -> Estimate:
    return row.values[spec.id]


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
    spec = next((spec for spec in board.columns if spec.id == board.ranked_by), None)
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
