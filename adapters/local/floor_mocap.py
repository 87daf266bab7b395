"""Motions that must do badly at what counts: a table where one of them does not is a table not to trust.

``pose`` says which:

- ``t_pose``: a body of average build stands in a T-pose and never moves, where the reference's hips are on average,
  facing the way X points. It wins whatever asks for calm: jitter, foot slide, bone drift, detection rate;
- ``mirrored``: the reference reflected left to right about its own hips, joints keeping their names: a capture that
  takes depth the wrong way round. Turning cannot bring it back, so PA-MPJPE must see it; which plane it was reflected
  in makes no difference to that. Its hips are where they should be and its bones are rigid, so it ties with the truth
  in RTE, root drift and bone drift, and nearly so in jitter.

Both are made of the reference; a sample without one is ``unsupported``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.harness.media import bvh, joints
from filmbench.harness.protocols import LocalEngine, Media, Param, ProviderSpec, Refusal
from filmbench.harness.types import Artifact, Request

T_POSE = {
    "pelvis": (0.0, 0.0, 0.0), "neck": (0.0, 0.50, 0.0),
    "right_shoulder": (0.0, 0.50, 0.18), "right_elbow": (0.0, 0.50, 0.46), "right_wrist": (0.0, 0.50, 0.72),
    "left_shoulder": (0.0, 0.50, -0.18), "left_elbow": (0.0, 0.50, -0.46), "left_wrist": (0.0, 0.50, -0.72),
    "right_hip": (0.0, 0.0, 0.09), "right_knee": (0.0, -0.42, 0.09), "right_ankle": (0.0, -0.83, 0.09),
    "left_hip": (0.0, 0.0, -0.09), "left_knee": (0.0, -0.42, -0.09), "left_ankle": (0.0, -0.83, -0.09),
}  # fmt: skip
"""Metres around the middle of the hips, Y up, facing X."""
PARENTS = (-1, 0, 1, 2, 3, 1, 5, 6, 0, 8, 9, 0, 11, 12)


class FloorMocap(LocalEngine):
    """One wrong motion an arm; see the module's text for each."""

    spec = ProviderSpec(
        id="local/floor-mocap",
        contracts=("mocap",),
        title="Wrong motion",
        revision="1",
        licence="the dataset's",
        params={"pose": Param("str", "what is wrong", default="t_pose", choices=("t_pose", "mirrored"))},
        role="floor",
        local=True,
        verified="live",
    )

    def identity(self) -> Mapping[str, str]:
        """Nothing but the reference decides what comes out."""
        return {}

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Joints and BVH. Raises :class:`Refusal` without a reference."""
        reference = request.sample.references.get("joints")
        if not isinstance(reference, Artifact):
            raise Refusal("no reference motion to go by")
        truth = joints.read(media.path(reference))
        motion = t_posed(truth) if request.arm.params["pose"] == "t_pose" else mirrored(truth)
        return {
            "joints": joints.write(folder / "joints.npz", motion),
            "bvh": bvh.write(folder / "motion.bvh", motion),
        }


def t_posed(truth: joints.Motion) -> joints.Motion:
    """A T-pose as long as ``truth``, where its hips are on average."""
    import numpy as np

    upright = [1.0, 1.0, 1.0] if truth.space == "world" else [1.0, -1.0, -1.0]
    body = np.array(list(T_POSE.values())) * upright + _hips(truth).mean(axis=0)
    frames = len(truth.positions)
    still = np.repeat(body[None], frames, axis=0)
    return joints.Motion(still, tuple(T_POSE), PARENTS, truth.fps, truth.space, np.ones(frames, bool))


def mirrored(truth: joints.Motion) -> joints.Motion:
    """``truth`` reflected along Z about the middle of its hips, frame by frame."""
    hips = _hips(truth)[:, None]
    positions = (truth.positions - hips) * [1.0, 1.0, -1.0] + hips
    return joints.Motion(positions, truth.names, truth.parents, truth.fps, truth.space, truth.detected)


def _hips(truth: joints.Motion) -> Any:
    """The middle of the hips: (frames, 3)."""
    left, right = (truth.names.index(f"{side}_hip") for side in ("left", "right"))
    return (truth.positions[:, left] + truth.positions[:, right]) / 2


PROVIDERS = (FloorMocap(),)
