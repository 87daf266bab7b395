"""The cut: which shot stands when, and when each line is spoken. Times are seconds of the film, on a common grid.

Every cut lies on a twelfth of a second, which is a whole frame of the film (24 a second) and of its preview (12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from filmbench.harness.film.shot import Shot

GRID = 12


def on_grid(seconds: float) -> float:
    """``seconds`` lengthened to the next twelfth, at least one."""
    return max(1, math.ceil(seconds * GRID - 1e-6)) / GRID


@dataclass(frozen=True, slots=True)
class Placed:
    """A shot and when it begins."""

    shot: Shot
    start: float

    @property
    def end(self) -> float:
        """When it gives way."""
        return self.start + self.shot.seconds

    def frames(self, fps: int) -> tuple[int, int]:
        """Its first frame in the film and the first behind it."""
        return round(self.start * fps), round(self.end * fps)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line in the film: from ``start`` for ``slot`` seconds, which is its longest reading in any language.

    ``shot`` is where it begins. ``seen`` says whether the speaker's mouth is in the picture.
    """

    line: str
    who: str
    start: float
    slot: float
    shot: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """A scene's stretch of the film."""

    title: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole cut, in order."""

    title: str
    shots: tuple[Placed, ...]
    lines: tuple[Spoken, ...]
    chapters: tuple[Chapter, ...]

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return self.shots[-1].end if self.shots else 0.0

    def frames(self, fps: int) -> int:
        """How many frames the film has."""
        return round(self.seconds * fps)

    def shot_of(self, line: str) -> Placed:
        """The shot in which ``line`` begins."""
        wanted = next(spoken.shot for spoken in self.lines if spoken.line == line)
        return next(placed for placed in self.shots if placed.shot.id == wanted)


def slots(lengths: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Each line's slot: its longest reading. ``lengths`` is language to line to seconds."""
    found: dict[str, float] = {}
    for readings in lengths.values():
        for line, seconds in readings.items():
            found[line] = max(found.get(line, 0.0), seconds)
    return found
