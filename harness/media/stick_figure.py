"""A motion as a moving stick figure, for people who look at a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from filmbench.harness.media.joints import Motion

PAPER, FLOOR, UNSEEN = (250, 249, 246), (176, 172, 164), (188, 188, 188)
MIDDLE, LEFT, RIGHT = (52, 56, 64), (36, 110, 180), (206, 92, 44)
MARGIN = 0.1
_FINE = 4
"""Binary places of a pixel that lines are drawn to."""


def frames(motion: Motion, size: tuple[int, int] = (480, 480)) -> Iterator[Any]:
    """RGB pictures (uint8, (height, width, 3)) of ``size`` (width, height), one for each frame of ``motion``.

    The body is seen from its own front, as it stands on average, by a still camera without perspective that keeps
    the whole motion in view. Its left is blue, its right orange; frames without a detected body are grey.
    """
    import cv2
    import numpy as np

    width, height = size
    points, floor = _flat(motion)
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    low[1] = min(low[1], floor)
    scale = (1 - 2 * MARGIN) * min(width / max(high[0] - low[0], 1e-6), height / max(high[1] - low[1], 1e-6))
    middle = (low + high) / 2
    pixels = (points - middle) * [scale, -scale] + [width / 2, height / 2]
    ground = round((middle[1] - floor) * scale + height / 2)
    fixed = np.rint(pixels * 2**_FINE).astype(int).tolist()
    thick = max(1, min(size) // 120)
    for joints, seen in zip(fixed, motion.detected, strict=True):
        picture = np.full((height, width, 3), PAPER, np.uint8)
        cv2.line(picture, (0, ground), (width, ground), FLOOR, thick, cv2.LINE_AA)
        for joint, parent in enumerate(motion.parents):
            if parent >= 0:
                colour = _colour(motion.names[joint]) if seen else UNSEEN
                cv2.line(picture, joints[parent], joints[joint], colour, thick, cv2.LINE_AA, _FINE)
        for joint, place in enumerate(joints):
            colour = _colour(motion.names[joint]) if seen else UNSEEN
            cv2.circle(picture, place, (thick + 1) << _FINE, colour, -1, cv2.LINE_AA, _FINE)
        yield picture


def _flat(motion: Motion) -> tuple[Any, float]:
    """Metres to the viewer's right and up, (frames, joints, 2), and how high the floor is.

    In the world the floor is at 0, or under the lowest joint where that is lower; elsewhere always the latter.
    """
    import numpy as np

    if motion.space in ("camera", "root"):
        flat = motion.positions[..., :2] * [1.0, -1.0]
        return flat, float(flat[..., 1].min())
    right = _leftward(motion)
    flat = np.stack([motion.positions[..., 0] * right[0] + motion.positions[..., 2] * right[1],
                     motion.positions[..., 1]], axis=-1)  # fmt: skip
    lowest = float(flat[..., 1].min())
    return flat, min(0.0, lowest) if motion.space == "world" else lowest


def _leftward(motion: Motion) -> tuple[float, float]:
    """The level direction (X, Z) from the body's right to its left, on average: the viewer's right."""
    import numpy as np

    try:
        left, right = (motion.names.index(f"{side}_hip") for side in ("left", "right"))
    except ValueError:
        return 1.0, 0.0
    x, _, z = (motion.positions[:, left] - motion.positions[:, right]).mean(axis=0)
    length = float(np.hypot(x, z))
    return (float(x) / length, float(z) / length) if length > 1e-6 else (1.0, 0.0)


def _colour(name: str) -> tuple[int, int, int]:
    if name.startswith("left_"):
        return LEFT
    return RIGHT if name.startswith("right_") else MIDDLE
