"""DeepMimic's humanoid as pybullet ships it: its motion files, and where its joints are in each frame.

A file is JSON: ``Frames`` of 44 numbers each, a duration in seconds, the root's place in metres (Y up), then one
rotation a joint, quaternions as w, x, y, z and hinges (knees, elbows) as an angle about Z. The body faces X, its right
side is Z. Offsets are those of the model's URDF at its scale of 1/4.

Numbers are made by IEEE basic operations and square roots only; sines are rounded, so every machine agrees.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = (
    "pelvis", "chest", "neck",
    "right_hip", "right_knee", "right_ankle", "right_shoulder", "right_elbow", "right_wrist",
    "left_hip", "left_knee", "left_ankle", "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip
PARENTS = (-1, 0, 1, 0, 3, 4, 1, 6, 7, 0, 9, 10, 1, 12, 13)
OFFSETS = (
    (0.0, 0.0, 0.0), (0.0, 0.236151, 0.0), (0.0, 0.223894, 0.0),
    (0.0, 0.0, 0.084887), (0.0, -0.421546, 0.0), (0.0, -0.40987, 0.0),
    (-0.02405, 0.2435, 0.18311), (0.0, -0.274788, 0.0), (0.0, -0.258947, 0.0),
    (0.0, 0.0, -0.084887), (0.0, -0.421546, 0.0), (0.0, -0.40987, 0.0),
    (-0.02405, 0.2435, -0.18311), (0.0, -0.274788, 0.0), (0.0, -0.258947, 0.0),
)  # fmt: skip
"""Each joint's place in its parent's frame, in metres."""
_ROTATIONS: tuple[tuple[int, int] | None, ...] = (
    (4, 4), (8, 4), (12, 4), (16, 4), (20, 1), (21, 4), (25, 4), (29, 1), None,
    (30, 4), (34, 1), (35, 4), (39, 4), (43, 1), None,
)  # fmt: skip
"""Where a frame holds each joint's rotation, and in how many numbers; wrists have none."""


@dataclass(frozen=True, slots=True)
class Posed:
    """One moment: ``places`` float64 (joints, 3) in metres, ``turns`` (joints, 3, 3) world rotations."""

    places: Any
    turns: Any


def read(path: Path, fps: int, cycles: int = 1) -> list[Posed]:
    """The motion in ``path``, ``fps`` moments a second, walked through ``cycles`` times.

    Keys are interpolated: places linearly, quaternions linearly and brought back to unit length. A further cycle
    goes on from where the one before ended.
    """
    frames: list[list[float]] = json.loads(path.read_text(encoding="utf-8"))["Frames"]
    once, ends = frames, frames[-1]
    for _ in range(cycles - 1):
        step = [ends[axis] - once[0][axis] for axis in (1, 3)]
        moved = [[f[0], f[1] + step[0], f[2], f[3] + step[1], *f[4:]] for f in once[1:]]
        frames, ends = [*frames, *moved], moved[-1]
    times = [0.0]
    for frame in frames[:-1]:
        times.append(times[-1] + frame[0])
    moments, key = [], 0
    for index in range(int(times[-1] * fps) + 1):
        time = index / fps
        while key < len(frames) - 2 and times[key + 1] <= time:
            key += 1
        share = (time - times[key]) / (times[key + 1] - times[key])
        moments.append(_posed(frames[key], frames[key + 1], share))
    return moments


def _posed(before: list[float], after: list[float], share: float) -> Posed:
    import numpy as np

    places, turns = np.zeros((len(NAMES), 3)), np.zeros((len(NAMES), 3, 3))
    for joint, parent in enumerate(PARENTS):
        turn = _turn(before, after, share, _ROTATIONS[joint])
        if parent < 0:
            places[joint] = [a + (b - a) * share for a, b in zip(before[1:4], after[1:4], strict=True)]
            turns[joint] = turn
        else:
            places[joint] = places[parent] + applied(turns[parent], np.array(OFFSETS[joint]))
            turns[joint] = np.stack([applied(turns[parent], turn[:, axis]) for axis in range(3)], axis=1)
    return Posed(places, turns)


def applied(turn: Any, vectors: Any) -> Any:
    """``turn`` (3, 3) applied to ``vectors`` (…, 3), without a library's matrix product."""
    import numpy as np

    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.stack([row[0] * x + row[1] * y + row[2] * z for row in turn], axis=-1)


def _turn(before: list[float], after: list[float], share: float, where: tuple[int, int] | None) -> Any:
    import numpy as np

    if where is None:
        return np.eye(3)
    start, count = where
    first, second = before[start : start + count], after[start : start + count]
    if count == 1:
        half = (first[0] + (second[0] - first[0]) * share) / 2
        return _matrix([round(math.cos(half), 9), 0.0, 0.0, round(math.sin(half), 9)])
    sign = 1.0 if sum(a * b for a, b in zip(first, second, strict=True)) >= 0 else -1.0
    return _matrix([a + (sign * b - a) * share for a, b in zip(first, second, strict=True)])


def _matrix(quaternion: list[float]) -> Any:
    import numpy as np

    length = math.sqrt(sum(part * part for part in quaternion))
    w, x, y, z = (part / length for part in quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
