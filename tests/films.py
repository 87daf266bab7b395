"""Small films for frame metrics, drawn and damaged in seeded ways, and a view of a take that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from filmbench.harness import framepass
from filmbench.harness.media.video import VideoClip
from filmbench.harness.media.write import write_lossless
from filmbench.harness.protocols import FrameMetric, ProviderSpec
from filmbench.harness.types import Artifact, Outcome, Sample, Score, Take, Timing

WIDTH, HEIGHT, FPS = 192, 176, 25


@dataclass
class View:
    """A take whose films lie in files."""

    video: VideoClip | None
    references: dict[str, VideoClip] = field(default_factory=dict)
    inputs_by_role: dict[str, VideoClip] = field(default_factory=dict)
    sample = Sample("s", "d", {})
    take = Take("k", 0, Outcome.OK, None, {}, Timing(), None, None, None, 1, True)
    spec = ProviderSpec("test/one", ("video",), "One", "1", "CC0")

    def output(self, role: str) -> Any:
        return self.outputs(role)[0]

    def outputs(self, role: str) -> tuple[Any, ...]:
        return (self.video,) if role == "video" and self.video else ()

    def reference(self, role: str) -> Any | None:
        return self.references.get(role)

    def input(self, role: str) -> Any | None:
        return self.inputs_by_role.get(role)

    def inputs(self, role: str) -> tuple[Any, ...]:
        return tuple(filter(None, (self.input(role),)))

    def feature(self, id: str, clip: Any) -> Any:
        raise KeyError(id)


class Studio:
    """Makes films of arrays and measures them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def film(self, frames: Iterable[Any], fps: float | Fraction = FPS) -> VideoClip:
        """A lossless film of uint8 frames, grey or RGB."""
        self._count += 1
        path, kind = write_lossless(self._folder / f"{self._count}.mkv", frames, fps)
        return VideoClip(Artifact(path.name, kind, path.stat().st_size), path)

    def place(self, name: str) -> Path:
        return self._folder / name

    def clip(self, path: Path) -> VideoClip:
        return VideoClip(Artifact(path.name, "video/mp4", path.stat().st_size), path)

    def scores(self, metrics: Sequence[FrameMetric], view: View) -> dict[str, Score]:
        """What one decoding pass gives, by column."""
        return {score.metric: score for score in framepass.watch(view, metrics)}

    def values(self, metrics: Sequence[FrameMetric], view: View) -> dict[str, float]:
        found = self.scores(metrics, view)
        missing = {id: score.reason for id, score in found.items() if score.value is None}
        assert not missing, missing
        return {id: score.value for id, score in found.items() if score.value is not None}

    view = View


def picture(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> Any:
    """Coloured cloud: uint8, (height, width, 3)."""
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 16, 235, cv2.NORM_MINMAX)


def panned(count: int, step: int = 3, height: int = HEIGHT, width: int = WIDTH) -> list[Any]:
    """A cloud that moves to the left by ``step`` pixels a frame."""
    wide = picture(1, height, width + step * count)
    return [wide[:, step * index : step * index + width] for index in range(count)]


def noisy(frames: Sequence[Any], level: float) -> list[Any]:
    chance = np.random.default_rng(5)
    return [np.clip(frame + chance.normal(0, level, frame.shape), 0, 255).astype(np.uint8) for frame in frames]
