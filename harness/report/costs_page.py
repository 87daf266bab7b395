"""An estimate as one page that asks nothing of any network."""

from __future__ import annotations

from dataclasses import dataclass

from filmbench.harness.film.budget import Budget
from filmbench.harness.film.estimate import Estimate
from filmbench.harness.film.tornado import Bar
from filmbench.harness.report import costs, page, words

_SHOWN = 14
_LEFT, _RIGHT = 330.0, 750.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar of the tornado, in the drawing's units."""

    what: str
    left: float
    width: float
    title: str


def render(found: Estimate, budget: Budget | None = None) -> str:
    """The page as text. Equal estimates give equal pages."""
    style = page.ours("report.css")
    bars = found.tornado[:_SHOWN]
    ends = [end for bar in bars for end in (bar.low, bar.high)]
    least, most = min(ends, default=0.0), max(ends, default=0.0)
    return page.environment().get_template("estimate.html").render(
        document=costs.document(found, budget),
        finding=costs.finding(found, budget),
        bars=[_drawn(bar, least, most) for bar in bars] if most > least else [],
        middle=_at(found.typical, least, most) if most > least else 0.0,
        typical=words.money(found.typical),
        style=style,
        policy=page.policy(style),
    )  # fmt: skip


def _drawn(bar: Bar, least: float, most: float) -> Drawn:
    left, right = sorted((_at(bar.low, least, most), _at(bar.high, least, most)))
    title = f"{bar.from_value}: {words.money(bar.low)}; {bar.to_value}: {words.money(bar.high)}"
    return Drawn(words.one_line(bar.what, 50), left, max(1.0, right - left), title)


def _at(usd: float, least: float, most: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (usd - least) / (most - least)
