"""Making a translated line as long as the line it replaces: speaking faster first, stretching last.

Bounds: the voice is asked for 0.85 to 1.25 of its own rate (an engine without a rate is not), then WSOLA
changes the tempo by at most 0.9 to 1.15, the pitch kept. What is still too long runs into the pause behind it.
Only what would run into the next line, or past the end, is compressed further, to at most twice its tempo.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _programs as programs
from filmbench.adapters.local._voices import Speaker, bare
from filmbench.harness.protocols import Refusal
from filmbench.harness.types import Outcome

SLOWEST_RATE, FASTEST_RATE = 0.85, 1.25
SLOWEST_TEMPO, FASTEST_TEMPO = 0.9, 1.15
LAST_RESORT_TEMPO = 2.0
CLOSE_ENOUGH = 0.03
BREATH = 0.08
"""Seconds left free before the next line."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is said from ``start`` to ``end``, in seconds of the source."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A spoken line: samples, float32, shape (n,), at ``rate`` Hz, to begin at ``start`` seconds."""

    start: float
    samples: Any
    rate: int


def fitted(lines: Sequence[Line], seconds: float, speaker: Speaker, folder: Path) -> list[Placed]:
    """Every line spoken in its place. Raises :class:`Refusal` (invalid) where one cannot be said in time."""
    ends = [line.start - BREATH for line in lines[1:]] + [seconds]
    return [_fitted(line, end - line.start, speaker, folder) for line, end in zip(lines, ends, strict=True)]


def _fitted(line: Line, room: float, speaker: Speaker, folder: Path) -> Placed:
    wanted = max(line.end - line.start, 0.1)
    samples, rate = speaker.say(line.text)
    pace = _bounded(len(samples) / rate / wanted, SLOWEST_RATE, FASTEST_RATE)
    if speaker.paced and abs(pace - 1) > CLOSE_ENOUGH:
        samples, rate = speaker.say(line.text, round(pace, 3))
    natural = len(samples) / rate
    tempo = _bounded(natural / wanted, SLOWEST_TEMPO, FASTEST_TEMPO)
    tempo = max(tempo, natural / max(room, 1e-3))
    if tempo > LAST_RESORT_TEMPO:
        raise Refusal(f"{line.text[:40]!r} takes {natural:.1f} s, there are {room:.1f} s for it", Outcome.INVALID)
    if abs(tempo - 1) > CLOSE_ENOUGH or natural > room:
        samples = stretched(samples, rate, tempo, folder)
    return Placed(line.start, samples[: max(0, int(room * rate))], rate)


def _bounded(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))


def stretched(samples: Any, rate: int, tempo: float, folder: Path) -> Any:
    """``samples`` at ``tempo`` times their speed, their pitch kept, by WSOLA (atempo) in the packaged ffmpeg.

    ffmpeg's filter drops some hundredths of a second at both ends, so silence is put there and cut away again. Its
    Rubber Band would lose a tenth of a second and move the pitch of a short line by up to 5 %.
    """
    import ffmpeg
    import imageio_ffmpeg
    import numpy as np
    import soundfile

    before, after = folder / "before.wav", folder / "after.wav"
    soundfile.write(before, np.pad(samples, rate // 4), rate, subtype="FLOAT")
    graph = ffmpeg.input(str(before)).filter("atempo", f"{tempo:.5f}")
    command = graph.output(str(after), acodec="pcm_f32le").overwrite_output()
    subprocess.run(
        ffmpeg.compile(command, cmd=imageio_ffmpeg.get_ffmpeg_exe()),
        check=True,
        capture_output=True,
        timeout=programs.TIMEOUT,
        env=programs.environment(),
    )
    made, _ = soundfile.read(after, dtype="float32")
    return bare(made)


def ffmpeg_version() -> str:
    """The packaged ffmpeg, whose atempo does the stretching."""
    import imageio_ffmpeg

    return f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"
