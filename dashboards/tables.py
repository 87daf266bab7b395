"""A leaderboard as sortable tables: numbers stay numbers, their units and decimals are the column's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words


@dataclass(frozen=True, slots=True)
class Table:
    """A frame with the settings of its columns."""

    title: str
    frame: pd.DataFrame
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """``format`` is a printf format for numbers, ``None`` for text. ``label`` stands in the head when it is shorter."""

    header: str
    value: Callable[[Row], Any]
    format: str | None = None
    label: str | None = None


def tables(board: Leaderboard) -> tuple[Table, ...]:
    """Quality, other measures, latency, cost, coverage: those that hold anything."""
    measured = [spec for spec in board.columns if any(row.values[spec.id].value is not None for row in board.rows)]
    first = [column for spec in measured if spec.id in board.primary for column in _levels(spec)]
    rest = [column for spec in measured if spec.id not in board.primary for column in _levels(spec)]
    found = [_table(board, "Quality", [_Column("Rank", lambda row: words.rank(row.rank)), *first, *_SUCCESS])]
    if rest:
        found.append(_table(board, "Other measures", rest))
    if any(row.latency.total.value is not None for row in board.rows):
        found.append(_table(board, "Latency", _LATENCY))
    found.append(_table(board, "Cost", _COST))
    if any(row.unsupported for row in board.rows):
        found.append(_table(board, "Coverage", _COVERAGE))
    return tuple(found)


def _levels(spec: MetricSpec) -> list[_Column]:
    def interval(row: Row) -> str:
        found = row.values[spec.id]
        return words.interval(found.low, found.high, spec.decimals) or words.NONE

    number = _Column(words.heading(spec), lambda row: row.values[spec.id].value, f"%.{spec.decimals}f")
    return [number, _Column(f"{spec.title}, 95 % interval", interval, label="95 % interval")]


_SUCCESS = (
    _Column("Success (%)", lambda row: None if row.success.value is None else 100 * row.success.value, "%.0f"),
    _Column("Good takes", lambda row: row.ok, "%d"),
    _Column("Planned takes", lambda row: row.planned, "%d"),
)
_LATENCY = (
    _Column("Total, median (s)", lambda row: row.latency.total.value, "%.3f"),
    _Column("Total, p95 (s)", lambda row: row.latency.total_p95.value, "%.3f"),
    _Column("First byte (s)", lambda row: row.latency.first_byte.value, "%.3f"),
    _Column("First audible or visible (s)", lambda row: row.latency.first_content.value, "%.3f"),
    _Column("Real-time factor", lambda row: row.latency.real_time_factor.value, "%.4f"),
    _Column("Model load (s)", lambda row: row.latency.model_load, "%.2f"),
    _Column("Timed takes", lambda row: row.latency.takes, "%d"),
    _Column("Made", lambda row: words.dates(row.latency.first_made, row.latency.last_made)),
    _Column("Machine", lambda row: "; ".join(row.latency.machines) or words.NONE),
)
_COST = (
    _Column("$ per 1,000 characters", lambda row: row.cost.per_1000_characters, "$%.4f"),
    _Column("$ per good take", lambda row: row.cost.per_good_take, "$%.4f"),
    _Column("$ per finished minute", lambda row: row.cost.per_finished_minute, "$%.4f"),
    _Column("$ per accepted second", lambda row: row.acceptance.per_second, "$%.4f"),
    _Column("$ per accepted second, 9 in 10", lambda row: row.acceptance.per_second_p90, "$%.4f"),
    _Column("Billed ($)", lambda row: row.cost.billed, "$%.4f"),
    _Column("Quoted ($)", lambda row: row.cost.quoted, "$%.4f"),
    _Column("Unpriced takes", lambda row: row.cost.unpriced, "%d"),
)
_COVERAGE = (
    _Column("Covers (%)", lambda row: 100 * row.coverage, "%.0f"),
    _Column("Unsupported takes", lambda row: row.unsupported, "%d"),
    _Column("Languages", lambda row: ", ".join(row.languages) or words.NONE),
)


def _table(board: Leaderboard, title: str, columns: Sequence[_Column]) -> Table:
    named = [_Column("Arm", lambda row: words.arm(row.arm, row.role, row.live)), *columns]
    frame = pd.DataFrame({column.header: [column.value(row) for row in board.rows] for column in named})
    for column in columns:
        if column.format:
            frame[column.header] = frame[column.header].astype(float)
    settings = {
        column.header: st.column_config.NumberColumn(format=column.format)
        if column.format
        else st.column_config.TextColumn(column.label, pinned=column.header == "Arm")
        for column in named
    }
    return Table(title, frame, settings)
