"""Tables in every text format: terminal, Markdown, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal

from filmbench.harness.compare import Comparison
from filmbench.harness.leaderboard import Leaderboard
from filmbench.harness.protocols import MetricSpec
from filmbench.harness.report import deltas, sheets
from filmbench.harness.report.sheets import Document, Sheet

if TYPE_CHECKING:
    from rich.console import Console

Format = Literal["terminal", "markdown", "csv", "json"]
Result = Leaderboard | Comparison
WIDTH = 100


def render(result: Result, format: Format, width: int = WIDTH) -> str:
    """``result`` as text, ending in a newline; terminal tables are plain and fit into ``width`` columns."""
    match format:
        case "terminal":
            return terminal(document(result), width)
        case "markdown":
            return markdown(document(result))
        case "csv":
            return _csv(csv_lines(result))
        case "json":
            return json.dumps(plain(result), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(result: Result) -> Document:
    """The result as sheets of text: what every format for people is made of."""
    return sheets.document(result) if isinstance(result, Leaderboard) else deltas.document(result)


def csv_lines(result: Result) -> list[dict[str, Any]]:
    """The result as records with plain headings: a line an arm, or a line a metric."""
    return sheets.csv_lines(result) if isinstance(result, Leaderboard) else deltas.csv_lines(result)


def show(result: Result, console: Console) -> None:
    """Print the tables, at the console's width and in its colours."""
    show_document(document(result), console)


def show_document(text: Document, console: Console) -> None:
    """Print sheets of text, at the console's width and in its colours."""
    from rich.text import Text

    console.print(Text(text.title, style="bold"))
    console.print(Text(" · ".join(text.facts), style="dim"))
    for sheet in text.sheets:
        for part in fitted(sheet, console.width):
            console.print()
            console.print(_rich_table(part))
    if text.notes:
        console.print()
    for note in text.notes:
        console.print(Text(f"· {note}", style="dim"))


def fitted(sheet: Sheet, width: int) -> Iterator[Sheet]:
    """Split a sheet to fit into ``width`` terminal columns; each part repeats the columns that name the row."""
    widths = [_column_width(sheet, column) + _GAP for column in range(len(sheet.headers))]
    named = sum(widths[: sheet.keys]) - _GAP
    chosen: list[int] = []
    used, part = named, 0
    for column in range(sheet.keys, len(widths)):
        if chosen and used + widths[column] > width:
            yield _columns(sheet, chosen, part)
            chosen, used, part = [], named, part + 1
        chosen.append(column)
        used += widths[column]
    yield _columns(sheet, chosen, part)


def plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as JSON types; floats with ten significant digits; ``None`` stays ``None``."""
    if isinstance(value, MetricSpec):
        return {name: getattr(value, name) for name in _SPEC_FIELDS}
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.10g}")
    return value


_SPEC_FIELDS = (
    *("id", "title", "unit", "higher_is_better", "decimals"),
    *("signature", "provenance", "licence", "licence_flag"),
)


_GAP = 2
_LONGEST = 44


def terminal(text: Document, width: int = WIDTH) -> str:
    """Sheets as plain text that fits into ``width`` columns."""
    from rich.console import Console

    buffer = io.StringIO()
    show_document(text, Console(file=buffer, width=width, color_system=None, force_terminal=False))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _rich_table(sheet: Sheet) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(sheet.title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        collapse_padding=True,
    )
    for column, header in enumerate(sheet.headers):
        table.add_column(
            Text(header),
            justify="left" if _is_text(sheet, column) else "right",
            overflow="fold",
            width=_column_width(sheet, column),
        )
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _is_text(sheet: Sheet, column: int) -> bool:
    return column < sheet.keys and sheet.headers[column] not in ("Rank", "n")


def _column_width(sheet: Sheet, column: int) -> int:
    """Characters a column needs: its longest cell, or its header broken at spaces into about three lines."""
    from rich.cells import cell_len

    header = sheet.headers[column]
    longest_word = max(cell_len(word) for word in header.split())
    longest_cell = max((cell_len(row[column]) for row in sheet.rows), default=0)
    return max(longest_word, -(-cell_len(header) // 3), min(longest_cell, _LONGEST))


def _columns(sheet: Sheet, chosen: list[int], part: int) -> Sheet:
    picked = [*range(sheet.keys), *chosen]
    return Sheet(
        sheet.title if not part else f"{sheet.title} (continued)",
        tuple(sheet.headers[column] for column in picked),
        tuple(tuple(row[column] for column in picked) for row in sheet.rows),
        sheet.keys,
    )


def markdown(text: Document) -> str:
    """Sheets as GitHub's Markdown."""
    from tabulate import tabulate

    blocks = [f"## {_escaped(text.title)}", _escaped(" · ".join(text.facts))]
    for sheet in text.sheets:
        align = ["left" if _is_text(sheet, column) else "right" for column in range(len(sheet.headers))]
        rows = [[_escaped(cell) for cell in row] for row in sheet.rows]
        table = tabulate(
            rows, [_escaped(h) for h in sheet.headers], tablefmt="github", colalign=align, disable_numparse=True
        )
        blocks += [f"### {_escaped(sheet.title)}", table]
    if text.notes:
        blocks.append("\n".join(f"- {_escaped(note)}" for note in text.notes))
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    for char in "\\|<*_`":
        text = text.replace(char, f"\\{char}")
    return text


def _csv(lines: Sequence[Mapping[str, Any]]) -> str:
    """Numbers unrounded but for noise, an empty cell for what is missing."""
    buffer = io.StringIO()
    names = list(dict.fromkeys(name for line in lines for name in line))
    writer = csv.DictWriter(buffer, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain(line) for line in lines)
    return buffer.getvalue()
