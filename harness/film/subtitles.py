"""Subtitles of one language as SRT and WebVTT: at most two lines of 42 letters, as long as the line is spoken."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from filmbench.harness.film.timeline import Timeline

WIDTH = 42
LINGER = 0.35
GAP = 0.08


def write(
    timeline: Timeline, texts: Mapping[str, str], seconds: Mapping[str, float], folder: Path, name: str
) -> tuple[Path, Path]:
    """``name.srt`` and ``name.vtt`` in ``folder``. ``texts`` and ``seconds`` are by line."""
    cues = list(_cues(timeline, texts, seconds))
    srt, vtt = folder / f"{name}.srt", folder / f"{name}.vtt"
    blocks = (f"{n}\n{_clock(a, ',')} --> {_clock(b, ',')}\n{text}\n" for n, (a, b, text) in enumerate(cues, 1))
    srt.write_text("\n".join(blocks), encoding="utf-8")
    spans = (f"{_clock(a, '.')} --> {_clock(b, '.')}\n{text}\n" for a, b, text in cues)
    vtt.write_text("WEBVTT\n\n" + "\n".join(spans), encoding="utf-8")
    return srt, vtt


def _cues(
    timeline: Timeline, texts: Mapping[str, str], seconds: Mapping[str, float]
) -> Iterable[tuple[float, float, str]]:
    spoken = [line for line in timeline.lines if line.line in texts and line.line in seconds]
    for index, line in enumerate(spoken):
        end = line.start + seconds[line.line] + LINGER
        if index + 1 < len(spoken) and spoken[index + 1].start > line.start:
            end = min(end, max(line.start + 0.5, spoken[index + 1].start - GAP))
        pieces = [
            text[at : at + 2] for text in [textwrap.wrap(texts[line.line], WIDTH)] for at in range(0, len(text), 2)
        ]
        letters = sum(len(part) for piece in pieces for part in piece)
        at = line.start
        for piece in pieces:
            until = at + (end - line.start) * sum(map(len, piece)) / max(letters, 1)
            yield at, min(until, timeline.seconds), "\n".join(piece)
            at = until


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}{point}{whole % 1000:03d}"
