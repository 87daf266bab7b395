"""The sheet a maker fills in: a CSV, because a producer opens it in a spreadsheet; a line a take.

An empty cell is "not known", never zero. Only ``sample`` must be filled in. Commas, semicolons or tabs may part the
cells, as spreadsheets write them in different countries.
"""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import read_text
from filmbench.harness.types import UsageError

NAME = "manifest.csv"
COLUMNS = {
    "sample": "the sample's name, as its folder is called",
    "take": "1, 2, … where there are several takes of one sample",
    "files": "only where files are not named by the rule: role=file; role=file",
    "vendor": "whose tool it is",
    "tool_version": "the version of the tool",
    "model": "the model or preset that was chosen",
    "operator": "who worked it",
    "started": "when work began, as 2026-11-22 or 2026-11-22T09:30+01:00",
    "finished": "when it was done",
    "human_minutes": "minutes of a person's work for this take, waiting left out",
    "takes_made": "how many the tool made until this one was chosen",
    "takes_kept": "how many of them were good enough",
    "cost_usd": "what it cost in US dollars: the credits, or a share of the seat",
    "source_sha256": "of what was given to the maker; filled in already",
    "licence": "the licence or the terms that hold for the result",
    "evidence": "a file in this folder: a screenshot, an invoice",
}
"""The columns, in order, and what each is for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the maker says of one take. ``None`` is not known. Times are ISO 8601; money is US dollars."""

    vendor: str | None = None
    tool_version: str | None = None
    model: str | None = None
    operator: str | None = None
    started: str | None = None
    finished: str | None = None
    human_minutes: float | None = None
    takes_made: int | None = None
    takes_kept: int | None = None
    cost_usd: Decimal | None = None
    source_sha256: str | None = None
    licence: str | None = None
    evidence: str | None = None

    def json(self) -> dict[str, Any]:
        """What is known, as JSON; money stays text."""
        known = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in known.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet: the take (counted from 0) it is about, its files by role and the maker's facts.

    A file whose role is not said stands under the role ``""``.
    """

    number: int
    sample: str
    take: int
    files: Mapping[str, str]
    facts: Facts


class _Bad(ValueError):
    """What is wrong with one cell."""


def read(file: Path) -> tuple[Line, ...]:
    """The lines of a sheet. Raises :class:`UsageError` with file, line and column for what cannot be read."""
    try:
        text = read_text(file)
    except BadMedia as error:
        raise UsageError(
            f"{file} cannot be read: {error.reason}", "save it from the spreadsheet as CSV, UTF-8"
        ) from None
    rows = list(_rows(file, text.removeprefix("\ufeff")))
    lines: dict[tuple[str, int], Line] = {}
    for number, cells in rows:
        try:
            line = _line(number, cells)
        except _Bad as error:
            raise UsageError(f"{file}, line {number}: {error}", "leave a cell empty where it is not known") from None
        if before := lines.get((line.sample, line.take)):
            raise UsageError(
                f"{file}, line {number}: take {line.take + 1} of {line.sample} stands already in line {before.number}",
                "number the takes of a sample in the column take",
            )
        lines[line.sample, line.take] = line
    return tuple(lines.values())


def _rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The filled lines with their numbers."""
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        headers = [header.strip() for header in next(reader, [])]
        _known(file, headers)
        for cells in reader:
            filled = {name: cell.strip() for name, cell in zip(headers, cells, strict=False) if cell.strip()}
            if filled:
                yield reader.line_num, filled
    except csv.Error as error:
        raise UsageError(f"{file}, line {reader.line_num}: no CSV ({error})", "save it from the spreadsheet") from None


def _known(file: Path, headers: list[str]) -> None:
    if "sample" not in headers:
        raise UsageError(f"{file} has no column sample", f"its columns: {', '.join(COLUMNS)}")
    for header in headers:
        if header and header not in COLUMNS:
            near = difflib.get_close_matches(header, COLUMNS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"its columns: {', '.join(COLUMNS)}"
            raise UsageError(f"{file} has a column {header!r}, which means nothing here", hint)


def _line(number: int, cells: Mapping[str, str]) -> Line:
    if "sample" not in cells:
        raise _Bad("no sample is named")
    made, kept = _count(cells, "takes_made"), _count(cells, "takes_kept")
    if made is not None and kept is not None and kept > made:
        raise _Bad(f"{kept} takes kept of {made} made")
    started, finished = _time(cells, "started"), _time(cells, "finished")
    if started and finished and finished < started:
        raise _Bad("it was finished before it was started")
    minutes = _amount(cells, "human_minutes")
    words = {name: cells.get(name) for name in ("vendor", "tool_version", "model", "operator", "licence", "evidence")}
    facts = Facts(
        **words,
        started=started,
        finished=finished,
        human_minutes=None if minutes is None else float(minutes),
        takes_made=made,
        takes_kept=kept,
        cost_usd=_amount(cells, "cost_usd"),
        source_sha256=cells.get("source_sha256"),
    )
    take = _count(cells, "take")
    if take == 0:
        raise _Bad("takes are counted from 1")
    return Line(number, cells["sample"], (take or 1) - 1, _files(cells.get("files", "")), facts)


def _files(cell: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        role, equals, place = part.partition("=")
        role, place = (role.strip(), place.strip()) if equals else ("", part)
        if role in found:
            raise _Bad(f"two files are named for {role or 'one role'}: say role=file; role=file")
        found[role] = place
    return found


def _count(cells: Mapping[str, str], name: str) -> int | None:
    text = cells.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise _Bad(f"{name} cannot be {text!r}: a whole number")
    return int(text)


def _amount(cells: Mapping[str, str], name: str) -> Decimal | None:
    """A number from 0 on; a comma may stand for the point."""
    text = cells.get(name)
    if text is None:
        return None
    if re.fullmatch(r"\d{1,3},\d{3}", text):
        raise _Bad(f"{name} cannot be {text!r}: is the comma a point or does it part thousands?")
    try:
        amount = Decimal(text.removeprefix("$").replace(",", "."))
    except InvalidOperation:
        raise _Bad(f"{name} cannot be {text!r}: a number") from None
    if not amount.is_finite() or amount < 0 or not math.isfinite(float(amount)) or amount > 1_000_000:
        raise _Bad(f"{name} cannot be {text!r}")
    return amount


def _time(cells: Mapping[str, str], name: str) -> str | None:
    """A moment in UTC; one that names no zone is in UTC."""
    text = cells.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Bad(f"{name} cannot be {text!r}: write it as 2026-11-22 or 2026-11-22T09:30+01:00") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")
