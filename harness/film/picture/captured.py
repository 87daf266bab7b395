"""A captured motion as postures: the limbs of a body in space, seen from its own side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from filmbench.harness.film.picture.posture import Posture, blend
from filmbench.harness.media.joints import BODY, Motion
from filmbench.harness.types import UsageError

SHORTEST = 0.6
"""Seconds below which a clip is not taken to hold a whole cycle of two steps."""


@dataclass(frozen=True, slots=True)
class Captured:
    """``postures`` at ``fps``; ``cycle`` is the stretch of frames that repeats best, ``travel`` what it covers.

    ``travel`` is in leg lengths, read from the feet: as far as they are drawn back beneath the body.
    """

    postures: tuple[Posture, ...]
    fps: float
    cycle: tuple[int, int]
    travel: float

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.postures) / self.fps

    def at(self, seconds: float) -> Posture:
        """The posture at a time; the first and the last hold."""
        return self._between(min(max(seconds * self.fps, 0.0), len(self.postures) - 1.0))

    def cycled(self, phase: float) -> Posture:
        """The posture at ``phase`` cycles."""
        first, last = self.cycle
        return self._between(first + (phase % 1.0) * (last - first))

    def _between(self, frame: float) -> Posture:
        low = min(int(frame), len(self.postures) - 1)
        high = min(low + 1, len(self.postures) - 1)
        return blend(self.postures[low], self.postures[high], frame - low)


def captured(motion: Motion) -> Captured:
    """Read ``motion``. Raises :class:`UsageError` where a limb's joint is missing.

    Each frame is laid in the body's own plane: forward is level and square to the line through the hips. Lengths are
    over the body's own arm and leg, so that any puppet can wear the motion.
    """
    import numpy as np

    missing = [name for name in BODY if name not in motion.names]
    if missing:
        raise UsageError(
            f"a motion for a puppet lacks {', '.join(missing)}", "give one with all of shoulders to ankles"
        )
    place = motion.positions.astype(np.float64)
    if motion.space in ("camera", "root"):
        place = place * [1.0, -1.0, -1.0]
    joint = {name: place[:, motion.names.index(name)] for name in BODY}
    across = (joint["left_hip"] - joint["right_hip"]) * [1.0, 0.0, 1.0]
    across = _smoothed(np, across, max(1, round(0.12 * motion.fps)))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    forward = np.stack([-across[:, 2], np.zeros(len(across)), across[:, 0]], axis=1)
    hips = (joint["left_hip"] + joint["right_hip"]) / 2
    trunk = (joint["left_shoulder"] + joint["right_shoulder"]) / 2 - hips
    lean = np.degrees(np.arctan2((trunk * forward).sum(axis=1), trunk[:, 1]))
    arm, leg = _reach(np, joint, "shoulder", "elbow", "wrist"), _reach(np, joint, "hip", "knee", "ankle")
    ends = {
        side: (
            _flat(np, joint[f"{side}_wrist"] - joint[f"{side}_shoulder"], forward, arm),
            _flat(np, joint[f"{side}_ankle"] - joint[f"{side}_hip"], forward, leg),
        )
        for side in ("right", "left")
    }
    lift = _lift(np, motion, joint, leg)
    (near_hand, near_foot), (far_hand, far_foot) = ends["right"], ends["left"]
    postures = tuple(
        Posture(
            lean=float(np.clip(lean[i], -40, 60)),
            near_hand=_pair(near_hand[i]),
            far_hand=_pair(far_hand[i]),
            near_foot=_pair(near_foot[i]),
            far_foot=_pair(far_foot[i]),
            lift=float(lift[i]),
        )
        for i in range(len(place))
    )
    first, last = _cycle(np, ends, motion.fps)
    return Captured(postures, motion.fps, (first, last), _travel(np, ends, first, last))


def _pair(point: Any) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _reach(np: Any, joint: dict[str, Any], *chain: str) -> float:
    lengths = [
        np.linalg.norm(joint[f"{side}_{a}"] - joint[f"{side}_{b}"], axis=1)
        for side in ("left", "right")
        for a, b in pairwise(chain)
    ]
    return max(float(np.median(np.stack(lengths), axis=1).sum()) / 2, 1e-6)


def _flat(np: Any, limb: Any, forward: Any, length: float) -> Any:
    return np.stack([(limb * forward).sum(axis=1), -limb[:, 1]], axis=1) / length


def _lift(np: Any, motion: Motion, joint: dict[str, Any], leg: float) -> Any:
    """How far both feet are off the ground, in leg lengths; what a frame of its own origin cannot tell is 0."""
    if motion.space not in ("world", "own"):
        return np.zeros(len(motion.positions))
    lowest = np.minimum(joint["left_ankle"][:, 1], joint["right_ankle"][:, 1])
    above = (lowest - np.percentile(lowest, 20)) / leg
    return np.clip(np.where(above > 0.12, above, 0.0), 0.0, 0.6)


def _smoothed(np: Any, values: Any, reach: int) -> Any:
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, i], kernel, "valid") for i in range(values.shape[1])], axis=1)


def _cycle(np: Any, ends: dict[str, tuple[Any, Any]], fps: float) -> tuple[int, int]:
    """The pair of frames, at least ``SHORTEST`` apart, whose limbs lie most alike while moving alike."""
    limbs = np.concatenate([ends[side][limb] for side in ("right", "left") for limb in (0, 1)], axis=1)
    speed = np.gradient(limbs, axis=0) * (fps / 8) if len(limbs) > 1 else limbs * 0
    state, least = np.concatenate([limbs, speed], axis=1), max(2, round(SHORTEST * fps))
    best, found = float("inf"), (0, len(state) - 1)
    for first in range(max(1, len(state) - least)):
        apart = np.linalg.norm(state[first + least :] - state[first], axis=1)
        if len(apart) and apart.min() < best - 1e-9:
            best, found = float(apart.min()), (first, first + least + int(apart.argmin()))
    return found


def _travel(np: Any, ends: dict[str, tuple[Any, Any]], first: int, last: int) -> float:
    total = 0.0
    for side in ("right", "left"):
        foot, other = (np.asarray(ends[s][1])[first : last + 1] for s in (side, "left" if side == "right" else "right"))
        back = -np.diff(foot[:, 0])
        planted = foot[:-1, 1] >= other[:-1, 1]
        total += float(np.clip(back[planted], 0, None).sum())
    return max(total, 0.3)
