"""Captions as SubRip (SRT): untrusted text, its lines with their times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import read_text

MOST_LINES = 100_000
_TIME = r"(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_MARKUP = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One caption: ``start`` and ``end`` in seconds, its text without markup."""

    start: float
    end: float
    text: str


def read(path: Path) -> tuple[Line, ...]:
    """The captions of a file, in its order.

    Raises :class:`BadMedia` for a file without any, with too many, and for captions that end before they start or begin
    before the one ahead of them.
    """
    blocks = re.split(r"\n\s*\n", read_text(path).removeprefix("\ufeff").replace("\r\n", "\n"))
    if len(blocks) > MOST_LINES:
        raise BadMedia(path, f"more than {MOST_LINES:,} captions")
    lines = tuple(line for line in map(_line, blocks) if line)
    if not lines:
        raise BadMedia(path, "no captions")
    starts = [line.start for line in lines]
    if starts != sorted(starts) or any(line.end < line.start for line in lines):
        raise BadMedia(path, "captions whose times do not follow each other")
    return lines


def _line(block: str) -> Line | None:
    rows = block.strip("\n").split("\n")
    for at, row in enumerate(rows[:2]):  # the number before the times may be missing
        if found := _TIMES.match(row):
            times = [int(part) for part in found.groups()]
            start, end = (3600 * h + 60 * m + s + ms / 1000 for h, m, s, ms in (times[:4], times[4:]))
            return Line(start, end, _MARKUP.sub("", " ".join(rows[at + 1 :])))
    return None
