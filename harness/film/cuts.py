"""Where the finished film is seen to be cut, held against where its timeline says so; and how light each shot is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.film.timeline import Timeline

SIZE = (160, 90)
VISIBLE = 6.0
"""Mean change of a pixel's levels (0..255, over three channels) from which a cut is one that a viewer sees."""
TIMES = 4.0
"""A cut changes the picture so many times as much as the frames around it do."""
AROUND = 6
DISSOLVED = 1.0
"""Seconds after a boundary that is no cut in which change is its own affair."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Frames: cuts of the timeline that the eye sees (``found``) or not (``unseen``: jump cuts), and ``extra`` ones."""

    expected: int
    found: int
    unseen: tuple[int, ...]
    extra: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """One pass over a film: ``changes`` (n,) from each frame to the next, and small frames of each shot's middle."""

    frames: int
    changes: Any
    middles: dict[str, Any]


def watch(film: Path, timeline: Timeline, fps: int) -> Watched:
    """Look at every frame of ``film``, small."""
    import numpy as np
    from filmbench.harness.media import video

    wanted = {sum(placed.frames(fps)) // 2: placed.shot.id for placed in timeline.shots}
    before: Any = None
    changes: list[float] = []
    middles: dict[str, Any] = {}
    count = 0
    for frame in video.read(film, SIZE):
        small = frame.rgb.astype(np.float32)
        if before is not None:
            changes.append(float(np.abs(small - before).mean()))
        if frame.index in wanted:
            middles[wanted[frame.index]] = small
        before = small
        count += 1
    return Watched(count, np.array(changes), middles)


def judged(watched: Watched, timeline: Timeline, fps: int) -> Cuts:
    """The film's cuts against the timeline's. Fades and dissolves are no cuts."""
    hard = [placed.frames(fps)[0] for placed in timeline.shots[1:] if placed.shot.joining == "cut"]
    soft = [placed.frames(fps)[0] for placed in timeline.shots if placed.shot.joining != "cut"]
    seen = _jumps(watched.changes)
    found = [cut for cut in hard if any(abs(cut - jump) <= 1 for jump in seen)]
    near = round(DISSOLVED * fps)
    extra = [
        jump
        for jump in seen
        if not any(abs(jump - cut) <= 1 for cut in hard) and not any(abs(jump - start) <= near for start in soft)
    ]
    return Cuts(len(hard), len(found), tuple(cut for cut in hard if cut not in found), tuple(extra))


def _jumps(changes: Any) -> Sequence[int]:
    """Frames that differ from the one before by much more than their neighbours do from theirs."""
    import numpy as np

    found = []
    for index in np.flatnonzero(changes > VISIBLE):
        around = np.concatenate([changes[max(0, index - AROUND) : index], changes[index + 1 : index + 1 + AROUND]])
        if changes[index] > TIMES * (float(np.median(around)) if len(around) else 0.0) and changes[index] >= around.max(
            initial=0
        ):
            found.append(int(index) + 1)
    return found
