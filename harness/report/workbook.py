"""An estimate as a workbook for a producer: change an acceptance or a rate, and the typical total follows.

Typical dollars are live formulas; the percentiles are draws and stay as they were drawn. Whatever came from a script, a
file or a vendor is written as text, so that no cell of it can act as a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from filmbench.harness.film.budget import Budget
from filmbench.harness.film.estimate import Estimate
from filmbench.harness.film.lines import Line
from filmbench.harness.report import costs, words

_LONGEST = 2_000
_FIRST = 2
"""The first row of a table's figures, as the sheet counts it: below the headers."""
_UNKNOWN = "unknown"


def render(found: Estimate, budget: Budget | None = None) -> bytes:
    """The file. Equal estimates give equal bytes."""
    import xlsxwriter

    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(kept, options)
    made = datetime.combine(found.priced_on, time())
    book.set_properties({"title": words.one_line(found.film.title), "author": "filmbench", "created": made})
    pens = {
        "bold": book.add_format({"bold": True}),
        "usd": book.add_format({"num_format": "$#,##0.00"}),
        "share": book.add_format({"num_format": "0%", "bg_color": "#fff6d6"}),
        "rate": book.add_format({"num_format": "$#,##0.00", "bg_color": "#fff6d6"}),
    }
    sheets = {name: book.add_worksheet(name) for name in ("Summary", "Lines", "Breakdown", "Without AI", "Assumptions")}
    if budget:
        sheets["Choice"] = book.add_worksheet("Choice")
        _choice(sheets["Choice"], budget, pens)
    _lines(sheets["Lines"], found, pens)
    _summary(sheets["Summary"], found, budget, pens)
    _breakdown(sheets["Breakdown"], found, pens)
    _without(sheets["Without AI"], found, pens)
    _assumptions(sheets["Assumptions"], found, pens)
    book.close()
    return kept.getvalue()


def _text(sheet: Any, row: int, column: int, text: str, pen: Any = None) -> None:
    """A stranger's words: always a string, never a formula."""
    sheet.write_string(row, column, text[:_LONGEST], pen)


def _headers(sheet: Any, names: Sequence[str], widths: Sequence[int], pens: dict[str, Any]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True)):
        _text(sheet, 0, column, name, pens["bold"])
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)


def _number(sheet: Any, row: int, column: int, value: float | None, pen: Any = None) -> None:
    if value is None:
        _text(sheet, row, column, _UNKNOWN)
    else:
        sheet.write_number(row, column, value, pen)


_LINES = (
    *("Stage", "For", "Arm", "Pieces", "Vendor $, one take of each", "Core hours, one take of each"),
    *("People's hours, one take of each", "Share of takes that will do", "From", "Takes"),
    *("To vendors", "To machines", "To people", "Total", "Prices as of, and source", "Not in the sum"),
)
_HUMAN, _CORE = "Assumptions!$B$2", "Assumptions!$B$3"


def _lines(sheet: Any, found: Estimate, pens: dict[str, Any]) -> None:
    _headers(sheet, _LINES, (16, 24, 28, 8, 14, 14, 14, 12, 22, 9, 12, 12, 12, 12, 60, 60), pens)
    for number, one in enumerate(found.lines, start=_FIRST):
        row, rate = number - 1, one.acceptance.range.typical
        _text(sheet, row, 0, one.work.stage)
        _text(sheet, row, 1, one.work.name)
        _text(sheet, row, 2, one.label)
        sheet.write_number(row, 3, one.work.count)
        _number(sheet, row, 4, one.vendor_usd, pens["usd"])
        _number(sheet, row, 5, one.core_hours)
        sheet.write_number(row, 6, one.human_hours)
        sheet.write_number(row, 7, rate, pens["share"])
        _text(sheet, row, 8, one.acceptance.words)
        vendor, machine, person = one.typical(found.assumed)
        for column, formula, value in (
            (9, f"=D{number}/H{number}", one.takes),
            (10, f"=N(E{number})/H{number}", vendor),
            (11, f"=N(F{number})/H{number}*{_CORE}", machine),
            (12, f"=G{number}/H{number}*{_HUMAN}", person),
            (13, f"=SUM(K{number}:M{number})", vendor + machine + person),
        ):
            sheet.write_formula(row, column, formula, None if column == 9 else pens["usd"], value)
        _text(sheet, row, 14, _sources(one))
        _text(sheet, row, 15, "; ".join(one.gaps))


def _sources(one: Line) -> str:
    return "; ".join(f"{row.as_of}, {row.confidence}: {row.source}" for row in one.rows)


def _summary(sheet: Any, found: Estimate, budget: Budget | None, pens: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 4, 14)
    last = len(found.lines) + 1
    _text(sheet, 0, 0, found.film.title, pens["bold"])
    _text(sheet, 1, 0, costs.finding(found, budget))
    _text(sheet, 3, 0, "Total at typical values, US dollars" + (" (at least)" if found.at_least else ""), pens["bold"])
    sheet.write_formula(3, 1, f"=SUM(Lines!N{_FIRST}:N{last})", pens["usd"], found.typical)
    for row, (name, value) in enumerate((("P10", found.p10), ("P50", found.p50), ("P90", found.p90)), start=4):
        _text(sheet, row, 0, f"{name} of {found.worlds:,} draws, seed {found.seed}: as drawn, not live")
        sheet.write_number(row, 1, value, pens["usd"])
    _text(sheet, 7, 0, "Without AI, from" + (" (at least)" if found.traditional.at_least else ""))
    sheet.write_number(7, 1, found.traditional.low, pens["usd"])
    _text(sheet, 8, 0, "Without AI, to" + (" (at least)" if found.traditional.at_least else ""))
    sheet.write_number(8, 1, found.traditional.high, pens["usd"])
    _text(sheet, 9, 0, "Hours of waiting for takes")
    _number(sheet, 9, 1, found.hours)
    for column, name in enumerate(("Stage", "Total at typical values", "P10", "P50", "P90")):
        _text(sheet, 11, column, name, pens["bold"])
    for row, share in enumerate(found.stages, start=12):
        _text(sheet, row, 0, share.stage)
        formula = f"=SUMIF(Lines!$A${_FIRST}:$A${last},A{row + 1},Lines!$N${_FIRST}:$N${last})"
        sheet.write_formula(row, 1, formula, pens["usd"], share.typical)
        for column, value in enumerate((share.p10, share.p50, share.p90), start=2):
            sheet.write_number(row, column, value, pens["usd"])
    row = 13 + len(found.stages)
    for number, note in enumerate(costs.document(found, budget).notes):
        _text(sheet, row + number, 0, note)


def _breakdown(sheet: Any, found: Estimate, pens: dict[str, Any]) -> None:
    _headers(sheet, ("What", "How much", "Unit", "", "", ""), (30, 12, 10, 10, 10, 10), pens)
    row = 1
    for name, amount, unit in costs.quantities(found):
        _text(sheet, row, 0, name)
        _number(sheet, row, 1, amount)
        _text(sheet, row, 2, unit)
        row += 1
    row += 1
    for column, name in enumerate(("Character", "Language", "Lines", "Words", "Signs", "Seconds")):
        _text(sheet, row, column, name, pens["bold"])
    for part in found.film.parts:
        row += 1
        _text(sheet, row, 0, part.character)
        _text(sheet, row, 1, part.language)
        for column, value in enumerate((part.lines, part.words, part.characters, part.seconds), start=2):
            sheet.write_number(row, column, value)
    row += 2
    for column, name in enumerate(("Scene", "Number", "Eighths", "Shots", "Seconds")):
        _text(sheet, row, column, name, pens["bold"])
    for scene in found.film.scenes:
        row += 1
        _text(sheet, row, 0, scene.heading)
        for column, value in enumerate((scene.number, scene.eighths, scene.shots, scene.seconds), start=1):
            sheet.write_number(row, column, value)


def _without(sheet: Any, found: Estimate, pens: dict[str, Any]) -> None:
    names = ("Stage", "Service", "Paid per", "Quantity", "Low", "Typical", "High", "In the sum", "As of", "Confidence")
    _headers(sheet, (*names, "Source", "Note"), (16, 40, 24, 10, 12, 12, 12, 10, 12, 12, 50, 60), pens)
    for row, rate in enumerate(found.traditional.rates, start=1):
        for column, text in ((0, rate.stage), (1, rate.service), (2, rate.per), (7, "yes" if rate.in_total else "no")):
            _text(sheet, row, column, text)
        _number(sheet, row, 3, rate.quantity)
        for column, value in enumerate((rate.low, rate.typical, rate.high), start=4):
            _number(sheet, row, column, value, pens["usd"])
        for column, text in enumerate(
            (rate.as_of, rate.confidence, rate.source, rate.reason or rate.note or ""), start=8
        ):
            _text(sheet, row, column, text)


def _assumptions(sheet: Any, found: Estimate, pens: dict[str, Any]) -> None:
    _headers(sheet, ("Assumption", "Typical", "Low", "High"), (46, 14, 14, 14), pens)
    rates = found.assumed.rates
    row = 1
    for name, figure in (
        ("a person's hour, US dollars", rates.human_usd_per_hour),
        ("a core's hour, US dollars", rates.core_usd_per_hour),
    ):
        _text(sheet, row, 0, name)
        for column, value in enumerate((figure.typical, figure.low, figure.high), start=1):
            sheet.write_number(row, column, value, pens["rate"])
        row += 1
    for stage in dict.fromkeys(one.work.stage for one in found.lines):
        assumed = found.assumed.stages[stage]
        for name, figure in (
            (f"{stage}: share of takes that will do (prior)", assumed.acceptance),
            (f"{stage}: seconds a second of a take is looked at", assumed.review),
        ):
            _text(sheet, row, 0, name)
            for column, value in enumerate((figure.typical, figure.low, figure.high), start=1):
                sheet.write_number(row, column, value)
            row += 1
        _text(sheet, row, 0, f"{stage}: weight in a budget")
        sheet.write_number(row, 1, assumed.weight)
        row += 1


def _choice(sheet: Any, budget: Budget, pens: dict[str, Any]) -> None:
    _headers(sheet, ("Stage", "For", "Arm", "Quality (0 to 1)", "Median $"), (16, 28, 30, 12, 12), pens)
    for row, (group, option) in enumerate(budget.picks, start=1):
        for column, text in enumerate((group.stage, group.name, option.label)):
            _text(sheet, row, column, text)
        if option.quality is None:
            _text(sheet, row, 3, "not judged")
        else:
            sheet.write_number(row, 3, option.quality)
        sheet.write_number(row, 4, option.median, pens["usd"])
