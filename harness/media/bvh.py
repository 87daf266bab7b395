"""A motion as BVH for animation software: centimetres, Y up, channels ZXY in degrees.

Bones are rigid: each has its median length, so a motion whose bones keep their length comes out exactly, and one
whose bones do not is off by as much as they stretch. Where several bones begin in one joint, each but the first gets a
turning joint of its own, without length, as clavicles are rigged. Places tell nothing of twist: a bone is turned the
shortest way from its rest pose, which is a T-pose facing the viewer.

What is read may come from any tool: the joints are found by the names that the usual rigs give them, and the unit,
which a BVH does not state, by the length of a leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filmbench.harness.media import bvh_read
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.joints import BODY, Motion

MEDIA_TYPE = "model/bvh"
CENTIMETRES = 100.0
TIP = 0.2
"""How long the end of a last joint is drawn, in lengths of the bone before it."""
RIGS = {
    "filmbench": ("{side}_shoulder", "{side}_elbow", "{side}_wrist", "{side}_hip", "{side}_knee", "{side}_ankle"),
    "HumanIK": ("{Side}Arm", "{Side}ForeArm", "{Side}Hand", "{Side}UpLeg", "{Side}Leg", "{Side}Foot"),
    "biped": ("{Side}Shoulder", "{Side}Elbow", "{Side}Wrist", "{Side}Hip", "{Side}Knee", "{Side}Ankle"),
    "mannequin": ("upperarm_{s}", "lowerarm_{s}", "hand_{s}", "thigh_{s}", "calf_{s}", "foot_{s}"),
    "Blender": ("upper_arm.{S}", "forearm.{S}", "hand.{S}", "thigh.{S}", "shin.{S}", "foot.{S}"),
}
"""What rigs call shoulder, elbow, wrist, hip, knee and ankle of a side; a prefix that ends in a colon is left out."""
UNITS = {1.0: (0.4, 1.3), 0.01: (40.0, 130.0), 0.001: (400.0, 1300.0), 0.0254: (16.0, 51.0)}
"""Metres of a unit, and how many of it a leg (thigh and shin) then has. Tried in this order."""
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

    Raises :class:`BadMedia` for what is no BVH, for a rig whose joints have other names than those of ``RIGS`` and for
    one as large as no person.
    """
    import numpy as np

    moved = bvh_read.parse(path)
    places = moved.places[:, _rig(path, [name.rpartition(":")[2] for name in moved.names])]
    hip, knee, ankle = (BODY.index(f"left_{joint}") for joint in ("hip", "knee", "ankle"))
    leg = float(np.linalg.norm(places[0, hip] - places[0, knee]) + np.linalg.norm(places[0, knee] - places[0, ankle]))
    unit = next((unit for unit, (low, high) in UNITS.items() if low <= leg <= high), None)
    if unit is None:
        raise BadMedia(path, f"a leg of {leg:g} units is no person's in metres, centimetres, millimetres or inches")
    parents = tuple(-1 if name.endswith(("shoulder", "hip")) else index - 1 for index, name in enumerate(BODY))
    return Motion(places * unit, BODY, parents, moved.fps, "own", np.ones(len(places), bool))


def _rig(path: Path, names: list[str]) -> list[int]:
    """The indices of the joints of ``BODY``, in its order."""
    for rig in RIGS.values():
        wanted = [
            name.format(side=side, Side=side.title(), s=side[0], S=side[0].upper())
            for side in ("right", "left")
            for name in rig
        ]
        if all(name in names for name in wanted):
            return [names.index(name) for name in wanted]
    raise BadMedia(path, f"none of the rigs known ({', '.join(RIGS)}) has joints of these names")


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
