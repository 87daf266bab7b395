"""Landmarks of a picture lifted to three dimensions on bones of known length.

MediaPipe Pose gives where each joint is in the picture, and a guess of its depth on a scale that nobody states. The
actor's bones tell that scale: it is the one on which they keep their proportions best. Then each joint lies on its
line of sight, at its depth; every bone is given its known length in the direction so found, from the hips outwards; and
the body stands where PnP puts it, with the camera's intrinsics. The one-euro filter smooths landmarks and place.
MediaPipe's own joints in metres are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _pose as pose
from filmbench.harness import models
from filmbench.harness.media import joints
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.protocols import LocalEngine, Media, ProviderSpec, Refusal
from filmbench.harness.types import Outcome, Request

CHAIN = (
    *((f"{side}_hip", "pelvis", "hips") for side in ("right", "left")),
    ("neck", "pelvis", "trunk"),
    *((f"{side}_shoulder", "neck", "shoulders") for side in ("right", "left")),
    *((f"{side}_{joint}", f"{side}_{parent}", bone)
      for side in ("right", "left")
      for joint, parent, bone in (("elbow", "shoulder", "upper_arm"), ("wrist", "elbow", "forearm"),
                                  ("knee", "hip", "thigh"), ("ankle", "knee", "shin"))),
)  # fmt: skip
"""Joint, parent and bone, in the order they are lifted. Hips and shoulders count half, from their middle."""
NAMES = ("pelvis", *(joint for joint, *_ in CHAIN))
PARENTS = (-1, *(NAMES.index(parent) for _, parent, _ in CHAIN))
DEPTH_SCALES = tuple(step / 40 for step in range(41))
"""The guessed depth may be overstated, but not by how much."""
ROUNDS = 3
"""How often lines of sight are drawn anew with the distance that PnP found."""


class PoseLift(LocalEngine):
    """See the module's text. Needs the sample's camera and skeleton."""

    spec = ProviderSpec(
        id="local/pose-lift",
        contracts=("mocap",),
        title="Lifted landmarks",
        revision="1",
        licence="Apache-2.0",
        requires=pose.REQUIRES,
        local=True,
        verified="live",
    )

    def __init__(self) -> None:
        self._detector: pose.Detector | None = None

    def identity(self) -> Mapping[str, str]:
        """Versions, and the landmark model's sha256."""
        return {"engine": pose.engine(), "weights": models.entry(pose.WEIGHTS).sha256}

    def load(self) -> None:
        """Check the weights, then import MediaPipe."""
        self._detector = self._detector or pose.Detector()

    def render(self, request: Request, media: Media, folder: Path) -> Mapping[str, tuple[Path, str]]:
        """Joints and BVH."""
        film, bones = pose.given(request, media, "video"), pose.given(request, media, "skeleton")
        if bones is None or "camera" not in request.sample.inputs:
            raise Refusal("needs the camera and the actor's skeleton")
        try:
            lengths = joints.skeleton(bones)
        except BadMedia as error:
            raise Refusal(str(error), Outcome.INVALID) from error
        self.load()
        assert film is not None and self._detector is not None
        tracks = self._detector.follow(film).smoothed()
        camera = pose.camera_of(request, media, tracks.size)
        assert camera is not None
        motion = lifted(tracks, camera, lengths)
        return pose.written(motion, folder)


def lifted(tracks: pose.Tracks, camera: joints.Camera, lengths: Mapping[str, float]) -> joints.Motion:
    """The motion on bones of ``lengths`` metres, in the world where the camera is placed, else in its frame."""
    import numpy as np

    by_name = {name: tracks.image[:, index] for index, name in enumerate(pose.LANDMARKS)}
    by_name["pelvis"] = (by_name["left_hip"] + by_name["right_hip"]) / 2
    by_name["neck"] = (by_name["left_shoulder"] + by_name["right_shoulder"]) / 2
    image = np.stack([by_name[name] for name in NAMES], axis=1)
    known = np.array([_length(lengths, bone) for *_, bone in CHAIN])
    depth, metres = _scales(image, known)
    shift = np.stack([metres * camera.focal[0]] * 3, axis=1)
    for _ in range(ROUNDS):
        body = _on_bones(_unprojected(image, depth * metres, shift[:, 2], camera), known)
        shift = pose.place(body, image, camera)
    places = body + pose.one_euro(shift, tracks.fps)[:, None]
    return joints.Motion(
        positions=camera.to_world(places) if camera.placed else places,
        names=NAMES,
        parents=PARENTS,
        fps=tracks.fps,
        space="world" if camera.placed else "camera",
        detected=tracks.detected,
    )


def _length(lengths: Mapping[str, float], bone: str) -> float:
    return lengths[bone] / 2 if bone in ("hips", "shoulders") else lengths[bone]


def _scales(image: Any, known: Any) -> tuple[float, Any]:
    """What the guessed depth is to be multiplied by, one number for the film, and metres a pixel, (frames,).

    Chosen is the depth scale on which the bones' sizes in pixels are most nearly in the proportions of their lengths:
    the least mean over frames of the spread (sd) of the logarithms of size over length.
    """
    import numpy as np

    bones = np.stack([image[:, NAMES.index(joint)] - image[:, NAMES.index(parent)] for joint, parent, _ in CHAIN], 1)
    sizes = [np.maximum(np.linalg.norm(bones * [1.0, 1.0, scale], axis=2), 1e-6) / known for scale in DEPTH_SCALES]
    best = int(np.argmin([np.log(size).std(axis=1).mean() for size in sizes]))
    return DEPTH_SCALES[best], 1 / np.median(sizes[best], axis=1)


def _unprojected(image: Any, depth: Any, away: Any, camera: joints.Camera) -> Any:
    """Each joint on its line of sight: (frames, joints, 3) in the camera's frame.

    ``depth`` (frames,) turns guessed depths into metres, ``away`` (frames,) is how far the hips are.
    """
    import numpy as np

    z = away[:, None] + image[..., 2] * depth[:, None]
    (fx, fy), (cx, cy) = camera.focal, camera.centre
    return np.stack([(image[..., 0] - cx) / fx * z, (image[..., 1] - cy) / fy * z, z], axis=-1)


def _on_bones(points: Any, known: Any) -> Any:
    """The body around its pelvis with every bone of its ``known`` length, turned as in ``points``."""
    import numpy as np

    body = np.zeros_like(points)
    for (joint, parent, _), length in zip(CHAIN, known, strict=True):
        end, start = NAMES.index(joint), NAMES.index(parent)
        bone = points[:, end] - points[:, start]
        body[:, end] = body[:, start] + bone * (length / np.maximum(np.linalg.norm(bone, axis=1, keepdims=True), 1e-9))
    return body


PROVIDERS = (PoseLift(),)
