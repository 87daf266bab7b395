"""A body in any tool's joints: found by the names that the usual rigs give them, its unit by the length of a leg."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.joints import BODY, Motion

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


def body(path: Path, names: Sequence[str], places: Any, fps: float) -> Motion:
    """The joints of ``BODY`` among ``places`` (frames, joints, 3), Y up, in metres of their own world.

    Raises :class:`BadMedia` for a rig whose joints have other names than those of ``RIGS`` and for one as large as no
    person; ``path`` is the file it came from.
    """
    import numpy as np

    own = places[:, _rig(path, [name.rpartition(":")[2] for name in names])]
    hip, knee, ankle = (BODY.index(f"left_{joint}") for joint in ("hip", "knee", "ankle"))
    leg = float(np.linalg.norm(own[0, hip] - own[0, knee]) + np.linalg.norm(own[0, knee] - own[0, ankle]))
    unit = next((unit for unit, (low, high) in UNITS.items() if low <= leg <= high), None)
    if unit is None:
        raise BadMedia(path, f"a leg of {leg:g} units is no person's in metres, centimetres, millimetres or inches")
    parents = tuple(-1 if name.endswith(("shoulder", "hip")) else index - 1 for index, name in enumerate(BODY))
    return Motion(own * unit, BODY, parents, fps, "own", np.ones(len(own), bool))


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
