"""Figures of a leaderboard: levels with intervals, quality against cost and time, latencies, how takes ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
from filmbench.dashboards import theme
from filmbench.harness.leaderboard import Leaderboard, Row
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import words
from filmbench.harness.report.listening import OUTCOME_WORDS

Against = Literal["cost", "latency"]
LINE = 34
"""Pixels of one arm in a figure."""
CONFIG = {"displayModeBar": False}


def named(row: Row) -> str:
    """A row's name as plotly shows it: strangers' words must not become markup."""
    return _words(words.arm(row.arm, row.role, row.live))


def intervals(board: Leaderboard, spec: MetricSpec, colours: Mapping[str, str]) -> go.Figure:
    """A dot with its 95 % interval for each arm, best rank on top."""
    figure = go.Figure()
    for row in board.rows:
        found = row.values[spec.id]
        if found.value is None:
            continue
        above = None if found.high is None else found.high - found.value
        below = None if found.low is None else found.value - found.low
        told = f"{named(row)}<br>{words.estimate(found, spec.decimals)} {_words(spec.unit)}<br>n {found.n}"
        figure.add_scatter(
            x=[found.value],
            y=[named(row)],
            error_x={"type": "data", "array": [above], "arrayminus": [below], "thickness": 3, "width": 0},
            mode="markers",
            marker={"size": 11, "color": theme.colour(row.role, row.arm, colours)},
            hovertemplate=f"{told}<extra></extra>",
            showlegend=False,
        )
    better = {True: "better →", False: "← better", None: ""}[spec.higher_is_better]
    figure.update_layout(**_layout(len(board.rows), _words(spec.title), better), **_arms(board))
    figure.update_xaxes(title=_axis(spec.unit), tickformat=",")
    return figure


def tradeoff(board: Leaderboard, spec: MetricSpec, against: Against, colours: Mapping[str, str]) -> go.Figure | None:
    """Quality against cost or time, one dot an arm; ``None`` where no arm has both, or all are free."""
    figure = go.Figure()
    for row in board.rows:
        level, other = row.values[spec.id], _other(row, against)
        if level.value is None or other is None or row.role != "arm":
            continue
        told = f"{named(row)}<br>{words.estimate(level, spec.decimals)} {_words(spec.unit)}<br>{_told(row, against)}"
        figure.add_scatter(
            x=[other],
            y=[level.value],
            mode="markers",
            cliponaxis=False,
            name=named(row),
            marker={"size": 13, "color": theme.colour(row.role, row.arm, colours)},
            hovertemplate=f"{told}<extra></extra>",
        )
    if not figure.data or not any(max(trace.x) > 0 for trace in figure.data):
        return None
    front = [row for row in board.rows if spec.id == board.ranked_by and getattr(row.tradeoff, against)]
    best = sorted((_other(row, against) or 0.0, row.values[spec.id].value) for row in front)
    if best:
        figure.add_scatter(
            x=[other for other, _ in best],
            y=[level for _, level in best],
            mode="lines",
            name="no arm is both better and " + ("cheaper" if against == "cost" else "faster"),
            line={"color": theme.FLOOR, "dash": "dot", "shape": "hv"},
            hoverinfo="skip",
        )
    what, towards = _AGAINST[against]
    better = {True: "↑ better", False: "↓ better", None: ""}[spec.higher_is_better]
    figure.update_layout(**_layout(6, f"{_words(spec.title)} and {what}", f"{better}   {towards}"))
    figure.update_layout(legend={"orientation": "h", "y": -0.3, "yanchor": "top"})
    figure.update_xaxes(title=_unit_of(board, against), rangemode="tozero")
    figure.update_yaxes(title=_axis(spec.unit))
    return figure


def latencies(board: Leaderboard, takes: pd.DataFrame, colours: Mapping[str, str]) -> go.Figure | None:
    """Every good take's seconds, with the box of its quarters, one line an arm; ``None`` where nothing was timed."""
    good = takes[(takes["outcome"] == "ok") & takes["total_s"].notna()]
    figure = go.Figure()
    shown = [row for row in board.rows if row.role == "arm"]
    for row in shown:
        seconds = good.loc[(good["arm"] == row.arm) & (good["live"] == row.live), "total_s"].astype(float)
        if seconds.empty:
            continue
        figure.add_box(
            x=seconds,
            y=[named(row)] * len(seconds),
            name=named(row),
            orientation="h",
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            marker={"color": theme.colour(row.role, row.arm, colours), "size": 5, "opacity": 0.65},
            hovertemplate="%{x:.3f} s<extra>" + named(row) + "</extra>",
            showlegend=False,
        )
    if not figure.data:
        return None
    figure.update_layout(**_layout(len(figure.data), "Time to make a take", "← faster, each dot a take"))
    figure.update_yaxes(categoryorder="array", categoryarray=[named(row) for row in shown][::-1], automargin=True)
    figure.update_xaxes(title="Seconds, from sending to the last byte (log scale)", type="log", tickvals=_DECADES)
    return figure


def outcomes(board: Leaderboard) -> go.Figure:
    """How the planned takes of each arm ended, in percent of those that count."""
    figure = go.Figure()
    counts = {named(row): _ended(row) for row in board.rows}
    kinds = [*theme.OUTCOMES, *sorted({kind for ended in counts.values() for kind in ended} - {*theme.OUTCOMES})]
    for kind in kinds:
        if not any(ended.get(kind) for ended in counts.values()):
            continue
        shares = [100 * ended.get(kind, 0) / max(1, sum(ended.values())) for ended in counts.values()]
        word = "came out well" if kind == "ok" else OUTCOME_WORDS.get(kind, kind)
        figure.add_bar(
            x=shares,
            y=list(counts),
            name=word,
            orientation="h",
            marker={"color": theme.OUTCOMES.get(kind, theme.FLOOR)},
            customdata=[[ended.get(kind, 0), sum(ended.values())] for ended in counts.values()],
            hovertemplate="%{y}: %{x:.0f} % " + word + " (%{customdata[0]} of %{customdata[1]} takes)<extra></extra>",
        )
    figure.update_layout(**_layout(len(board.rows), "How takes ended", "unsupported takes stay out"), **_arms(board))
    figure.update_layout(barmode="stack", showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    figure.update_layout(margin_t=96, height=figure.layout.height + 30)
    figure.update_xaxes(title="Share of takes (%)", range=[0, 100])
    return figure


_DECADES = [step * 10**power for power in range(-4, 5) for step in (1, 3)]
_AGAINST = {"cost": ("cost", "← cheaper"), "latency": ("time", "← faster")}


def _other(row: Row, against: Against) -> float | None:
    return row.cost.unit_price if against == "cost" else row.latency.total.value


def _told(row: Row, against: Against) -> str:
    if against == "cost":
        return words.money(row.cost.unit_price, row.cost.at_least)
    return f"{words.seconds(row.latency.total)} s"


def _unit_of(board: Leaderboard, against: Against) -> str:
    if against == "latency":
        return "Seconds to make a take, median"
    per_text = any(row.cost.per_1000_characters is not None for row in board.rows)
    return f"US dollars per {'1,000 characters' if per_text else 'good take'}"


def _ended(row: Row) -> dict[str, int]:
    ended = {"ok": row.ok}
    for failure in row.failures:
        if failure.outcome != "unsupported":
            ended[failure.outcome] = ended.get(failure.outcome, 0) + failure.count
    return ended


def _layout(lines: int, title: str, subtitle: str) -> dict[str, Any]:
    return {
        "title": {"text": title, "subtitle": {"text": subtitle}},
        "height": 160 + LINE * lines,
        "margin": {"l": 8, "r": 16, "t": 72, "b": 8},
    }


def _arms(board: Leaderboard) -> dict[str, Any]:
    names = [named(row) for row in board.rows]
    return {"yaxis": {"categoryorder": "array", "categoryarray": names[::-1], "automargin": True}}


def _axis(unit: str) -> str:
    return {"": "Score", "%": "Percent (%)", "s": "Seconds"}.get(unit) or unit


def _words(text: str) -> str:
    """plotly reads a few HTML tags, and ``$…$`` as formulas, in what it shows."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
