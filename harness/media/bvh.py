"""A motion as BVH for animation software: centimetres, Y up, channels ZXY in degrees.

Bones are rigid: each has its median length, so a motion whose bones keep their length comes out exactly, and one
whose bones do not is off by as much as they stretch. Where several bones begin in one joint, each but the first gets a
turning joint of its own, without length, as clavicles are rigged. Places tell nothing of twist: a bone is turned the
shortest way from its rest pose, which is a T-pose facing the viewer.

What is read may come from any tool; a BVH states no unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.media import bvh_read, rigs
from filmbench.harness.media.joints import Motion

MEDIA_TYPE = "model/bvh"
CENTIMETRES = 100.0
TIP = 0.2
"""How long the end of a last joint is drawn, in lengths of the bone before it."""
_OUTWARD = ("shoulder", "elbow", "wrist", "hip")
_DOWNWARD = ("knee", "ankle")


@dataclass(frozen=True, slots=True)
class _Bone:
    """From joint ``start`` to joint ``end``: its rest vector in centimetres and its world turn in each frame."""

    start: int
    end: int
    rest: Any
    turns: Any


def write(path: Path, motion: Motion) -> tuple[Path, str]:
    """Write ``motion``; gives the path and its media type. Raises ``ValueError`` unless it has exactly one root."""
    roots = [index for index, parent in enumerate(motion.parents) if parent < 0]
    if len(roots) != 1:
        raise ValueError(f"a body has one root, this one has {len(roots)}")
    places = _upright(motion)
    bones = [_bone(motion, places, parent, joint) for joint, parent in enumerate(motion.parents) if parent >= 0]
    lines = ["HIERARCHY"]
    columns = [places[:, roots[0]]]
    _joint(motion, bones, roots[0], None, lines, columns, 0)
    rows = _rows(columns)
    lines += ["MOTION", f"Frames: {len(rows)}", f"Frame Time: {1 / motion.fps:.9f}", *rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path, MEDIA_TYPE


def read(path: Path) -> Motion:
    """The joints of ``BODY`` that a BVH moves, in metres of its own world.

    Raises :class:`BadMedia` for what is no BVH, and as :func:`~filmbench.harness.media.rigs.body` does.
    """
    moved = bvh_read.parse(path)
    return rigs.body(path, moved.names, moved.places, moved.fps)


def _upright(motion: Motion) -> Any:
    """Positions in centimetres, Y up and towards the viewer Z; the camera's axes are turned about X."""
    turn = [1.0, 1.0, 1.0] if motion.space in ("world", "own") else [1.0, -1.0, -1.0]
    return motion.positions * turn * CENTIMETRES


def _bone(motion: Motion, places: Any, start: int, end: int) -> _Bone:
    import numpy as np

    vectors = places[:, end] - places[:, start]
    lengths = np.linalg.norm(vectors, axis=1)
    rest = np.array(_rest(motion.names[end])) * float(np.median(lengths))
    return _Bone(start, end, rest, _shortest(rest, vectors))


def _rest(name: str) -> tuple[float, float, float]:
    """Which way a bone points in a T-pose that faces the viewer (+Z), by the joint it leads to."""
    side, _, joint = name.partition("_")
    if side in ("left", "right"):
        if joint in _OUTWARD:
            return (1.0 if side == "left" else -1.0, 0.0, 0.0)
        return (0.0, -1.0, 0.0) if joint in _DOWNWARD else (0.0, 0.0, 1.0)
    return (0.0, 1.0, 0.0)


def _shortest(rest: Any, vectors: Any) -> Any:
    """The shortest turns from ``rest`` (3,) to each of ``vectors`` (frames, 3), as a scipy ``Rotation``."""
    import numpy as np
    from scipy.spatial.transform import Rotation

    unit = rest / max(float(np.linalg.norm(rest)), 1e-12)
    aims = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    axes = np.cross(unit, aims)
    cosines = aims @ unit
    quaternions = np.concatenate([axes, 1 + cosines[:, None]], axis=1)
    across = np.cross(unit, [0.0, 0.0, 1.0] if abs(unit[2]) < 0.9 else [1.0, 0.0, 0.0])
    quaternions[cosines < -1 + 1e-9] = [*across, 0.0]
    return Rotation.from_quat(quaternions)


def _joint(
    motion: Motion, bones: list[_Bone], joint: int, came: _Bone | None, lines: list[str], columns: list[Any], deep: int
) -> None:
    """Append ``joint`` and all below it; its turn is that of the first bone that begins in it."""
    import numpy as np

    below = [bone for bone in bones if bone.start == joint]
    offset = came.rest if came else np.zeros(3)
    pad = "  " * deep
    kind, channels = ("JOINT", "CHANNELS 3") if came else ("ROOT", "CHANNELS 6 Xposition Yposition Zposition")
    lines += [f"{pad}{kind} {motion.names[joint]}", f"{pad}{{", f"{pad}  OFFSET {_numbers(offset)}"]
    lines += [f"{pad}  {channels} Zrotation Xrotation Yrotation"]
    if not below:
        columns.append(np.zeros((len(motion.positions), 3)))
        lines += [
            f"{pad}  End Site",
            f"{pad}  {{",
            f"{pad}    OFFSET {_numbers(offset * TIP)}",
            f"{pad}  }}",
            f"{pad}}}",
        ]
        return
    first, *others = below
    own = first.turns
    columns.append(_degrees(own if came is None else came.turns.inv() * own))
    _joint(motion, bones, first.end, first, lines, columns, deep + 1)
    for bone in others:
        lines += [f"{pad}  JOINT {motion.names[joint]}_to_{motion.names[bone.end]}", f"{pad}  {{"]
        lines += [f"{pad}    OFFSET {_numbers(np.zeros(3))}", f"{pad}    CHANNELS 3 Zrotation Xrotation Yrotation"]
        columns.append(_degrees(own.inv() * bone.turns))
        _joint(motion, bones, bone.end, bone, lines, columns, deep + 2)
        lines.append(f"{pad}  }}")
    lines.append(f"{pad}}}")


def _degrees(turns: Any) -> Any:
    """Angles about Z, then X, then Y, in degrees: (frames, 3)."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # gimbal lock: any of the equal answers will do
        return turns.as_euler("ZXY", degrees=True)


def _numbers(values: Any) -> str:
    return " ".join(f"{value + 0.0:.6f}" for value in values)


def _rows(columns: list[Any]) -> list[str]:
    import numpy as np

    return [_numbers(row) for row in np.concatenate(columns, axis=1)]
