"""How the pages look and speak: colours, words that stay words, errors for people."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filmbench.harness.report.listening import Figure

OPTIONS = {
    "theme.light.primaryColor": "#0b6b63",
    "theme.light.backgroundColor": "#f6f4ef",
    "theme.light.secondaryBackgroundColor": "#ffffff",
    "theme.light.textColor": "#1d1b18",
    "theme.light.borderColor": "#ddd8ce",
    "theme.light.dataframeHeaderBackgroundColor": "#efece5",
    "theme.light.codeBackgroundColor": "#efece5",
    "theme.light.codeTextColor": "#1d1b18",
    "theme.light.blueBackgroundColor": "#e2eeec",
    "theme.light.blueTextColor": "#0b5a53",
    "theme.light.yellowTextColor": "#6b4e00",
    "theme.light.grayTextColor": "#5f5c56",
    "theme.light.redTextColor": "#a8281c",
    "theme.light.greenTextColor": "#1c6b35",
    "theme.light.linkColor": "#0b6b63",
    "theme.dark.primaryColor": "#5fcfc0",
    "theme.dark.backgroundColor": "#131514",
    "theme.dark.secondaryBackgroundColor": "#1b1e1d",
    "theme.dark.textColor": "#ecebe6",
    "theme.dark.borderColor": "#343937",
    "theme.dark.dataframeHeaderBackgroundColor": "#232726",
    "theme.dark.codeBackgroundColor": "#232726",
    "theme.dark.codeTextColor": "#ecebe6",
    "theme.dark.blueBackgroundColor": "#16302d",
    "theme.dark.blueTextColor": "#9fe3d9",
    "theme.dark.yellowTextColor": "#f0d27a",
    "theme.dark.grayTextColor": "#b9b6ae",
    "theme.dark.linkColor": "#5fcfc0",
    "theme.showWidgetBorder": "true",
    "runner.magicEnabled": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
}
"""What ``filmbench dashboard`` tells Streamlit."""

STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 4.5rem; padding-bottom: 3rem }
[data-testid="stCaptionContainer"] { color: light-dark(#5f5c56, #b9b6ae); opacity: 1 }
[data-testid="stCaptionContainer"] p { color: inherit; opacity: 1 }
[class*="st-key-board-card"] { background: light-dark(#fff, #1b1e1d) }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; font-size: 1.6rem }
.fb-leaders { width: 100%; border-collapse: collapse; font-size: .95rem }
.fb-leaders th { text-align: left; font-weight: 600; font-size: .8rem; padding: .25rem .5rem .25rem 0 }
.fb-leaders td { padding: .3rem .5rem .3rem 0; border-top: 1px solid light-dark(#ddd8ce, #343937) }
.fb-leaders th:last-child, .fb-leaders td:last-child { text-align: right; padding-right: 0 }
.fb-figure { font-variant-numeric: tabular-nums; white-space: nowrap }
.fb-dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin-right: .5rem }
.fb-facts { display: grid; grid-template-columns: minmax(6rem, 12rem) 1fr; gap: .35rem 1rem }
.fb-facts { margin: 0 !important; padding: 0 !important }
.fb-facts dt { opacity: .8 }
.fb-facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums }
</style>"""

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 132 28" height="28"><style>
rect, text { fill: #0b6b63 } circle { fill: #fff } @media (prefers-color-scheme: dark) { rect, text { fill: #5fcfc0 }
circle { fill: #131514 } }</style><rect x="1" y="4" width="24" height="20" rx="4"/><circle cx="8" cy="14" r="2.5"/>
<circle cx="18" cy="14" r="2.5"/><text x="33" y="20" font-family="sans-serif" font-size="18" font-weight="700"
>filmbench</text></svg>"""

REFERENCE, FLOOR = "#b27a16", "#837e77"
ARMS = (
    *("#0f8f83", "#d2503f", "#5b74de", "#a259c4", "#3f8f4f", "#c9478f"),
    *("#2f86b8", "#a9722a", "#7d7fd0", "#6b8b23", "#c05f7d", "#3f8c8c"),
)
"""Colours of arms, legible on light and on dark paper (3 : 1 at least)."""
OUTCOMES = {
    "ok": "#3f8f4f",
    "refused": "#a259c4",
    "invalid": "#b27a16",
    "failed": "#d2503f",
    "timed_out": "#c9478f",
    "retired": "#837e77",
}
"""How takes end; whatever else may happen is grey."""


def colours(arms: Iterable[str]) -> dict[str, str]:
    """A colour for each arm's label: its own wherever it is shown, unless a neighbour of the same run has taken it."""
    taken: dict[str, int] = {}
    for label in sorted(set(arms)):
        wish = int.from_bytes(hashlib.sha256(label.encode()).digest()[:4]) % len(ARMS)
        free = (wish + step for step in range(len(ARMS)))
        taken[label] = next((place % len(ARMS) for place in free if place % len(ARMS) not in taken.values()), wish)
    return {label: ARMS[place] for label, place in taken.items()}


def colour(role: str, label: str, arms: Mapping[str, str]) -> str:
    """The colour of a row: references and floors have one each, arms their own."""
    return {"reference": REFERENCE, "floor": FLOOR}.get(role) or arms.get(label, FLOOR)


_MARKS = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]()<>#+-.!|$:~&\"'="})


def plain(text: str) -> str:
    """Text as Markdown that shows it as it is: strangers' words must not become pictures, links or headings."""
    return text.translate(_MARKS)


def figures(found: Iterable[Figure]) -> str:
    """Values with their titles side by side, as HTML."""
    cells = (
        f'<div><div style="{_SMALL}">{html.escape(one.title)}</div>'
        f'<div style="font-size:1.15rem;font-weight:600">{html.escape(one.text)}</div>'
        f'<div style="{_SMALL}">{html.escape(one.reason or "")}</div></div>'
        for one in found
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:0 1.5rem">{"".join(cells)}</div>'


def leaders(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A short table as HTML: rank, arm with its colour (of ours), value."""
    cells = "".join(
        f'<tr><td class="fb-figure">{html.escape(rank)}</td><td><span class="fb-dot" style="background:{colour}">'
        f'</span>{html.escape(arm)}</td><td class="fb-figure">{html.escape(value)}</td></tr>'
        for rank, arm, colour, value in rows
    )
    titles = "".join(f"<th scope='col'>{html.escape(title)}</th>" for title in head)
    return f'<table class="fb-leaders"><thead><tr>{titles}</tr></thead><tbody>{cells}</tbody></table>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and what they are, as HTML."""
    cells = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in rows)
    return f'<dl class="fb-facts">{cells}</dl>'


_SMALL = "font-size:.8rem;opacity:.75"
