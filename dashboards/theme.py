"""How the pages look and speak: colours, words that stay words, errors for people."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filmbench.harness.report.listening import Figure, Word

OPTIONS = {
    "theme.light.primaryColor": "#0b6b63",
    "theme.light.backgroundColor": "#f6f4ef",
    "theme.light.secondaryBackgroundColor": "#ffffff",
    "theme.light.textColor": "#1d1b18",
    "theme.light.borderColor": "#ddd8ce",
    "theme.light.dataframeHeaderBackgroundColor": "#efece5",
    "theme.dark.primaryColor": "#5fcfc0",
    "theme.dark.backgroundColor": "#131514",
    "theme.dark.secondaryBackgroundColor": "#1b1e1d",
    "theme.dark.textColor": "#ecebe6",
    "theme.dark.borderColor": "#343937",
    "theme.dark.dataframeHeaderBackgroundColor": "#232726",
    "theme.showWidgetBorder": "true",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
}
"""What ``filmbench dashboard`` tells Streamlit."""

ROLES = {"reference": "#c07a1c", "arm": "#1f9d90", "floor": "#8a8680"}
"""Colours of plots, legible on light and on dark paper."""

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


def heard(words: Sequence[Word]) -> str:
    """What the judge heard, as HTML: what is missing struck, what is new underlined."""
    said = " ".join(
        f"<{tag}{style}>{html.escape(word.text)}</{tag}>" for word in words for tag, style in [_TAGS[word.kind]]
    )
    if all(word.kind == "same" for word in words):
        said = "every word as written" if words else "nothing"
    return f'<div style="{_SMALL}">Judge heard</div><div>{said}</div>'


_SMALL = "font-size:.8rem;opacity:.75"
_TAGS = {
    "same": ("span", ""),
    "missing": ("del", ' style="color:light-dark(#a8281c,#ff9a8d)"'),
    "added": ("ins", ' style="color:light-dark(#0b6b63,#5fcfc0);font-weight:600"'),
}
