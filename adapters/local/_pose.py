"""What the providers of motion share: a film's landmarks by MediaPipe Pose, smoothing, and the files of a motion.

MediaPipe Pose (BlazePose GHUM, complexity 1) finds 33 landmarks of one person: in the picture, with a relative depth,
and in metres around the middle of the hips. Of two people it follows the one it finds first. Its own smoothing is
left off, because it takes every film for one of 30 frames a second.
"""

from __future__ import annotations

import importlib.util
import logging
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filmbench.adapters.local import _speech as packages
from filmbench.harness import models
from filmbench.harness.media import bvh, joints, video
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.hush import hushed
from filmbench.harness.protocols import Media, Refusal, Requirement
from filmbench.harness.types import Artifact, Outcome, Request

WEIGHTS = "mediapipe-pose"
REQUIRES = (
    Requirement("python", "mediapipe", "pip install --no-deps mediapipe==0.10.14"),
    Requirement("python", "cv2", "pip install opencv-contrib-python-headless"),
    Requirement("weights", WEIGHTS, "pip install --no-deps mediapipe==0.10.14"),
)
LANDMARKS = {
    "head": 0,
    "right_shoulder": 12, "right_elbow": 14, "right_wrist": 16,
    "left_shoulder": 11, "left_elbow": 13, "left_wrist": 15,
    "right_hip": 24, "right_knee": 26, "right_ankle": 28, "right_toes": 32,
    "left_hip": 23, "left_knee": 25, "left_ankle": 27, "left_toes": 31,
}  # fmt: skip
"""The joints that are given, and which landmark each is. ``pelvis`` and ``neck`` are middles of hips and shoulders."""
_TREE = {
    "pelvis": None, "neck": "pelvis", "head": "neck",
    "right_shoulder": "neck", "right_elbow": "right_shoulder", "right_wrist": "right_elbow",
    "left_shoulder": "neck", "left_elbow": "left_shoulder", "left_wrist": "left_elbow",
    "right_hip": "pelvis", "right_knee": "right_hip", "right_ankle": "right_knee", "right_toes": "right_ankle",
    "left_hip": "pelvis", "left_knee": "left_hip", "left_ankle": "left_knee", "left_toes": "left_ankle",
}  # fmt: skip
MIN_CUTOFF, BETA, DERIVATIVE_CUTOFF = 1.0, 1.0, 1.0
"""The one-euro filter's cut-off at rest in Hz, what a metre a second adds to it, and the speed's own cut-off in Hz."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """Landmarks of one person, frame by frame, on an even grid of time.

    ``image`` float64 (frames, joints, 3): pixels from the left and from the top, and depth in about pixels from the
    hips' (smaller is nearer). ``metres`` (frames, joints, 3): X right, Y down, Z away, around the middle of the hips.
    ``detected`` bool (frames,): frames without a person hold the nearest earlier one that has one (the first ones
    the nearest later one). The joints are those of ``LANDMARKS``, in order.
    """

    image: Any
    metres: Any
    detected: Any
    fps: float
    size: tuple[int, int]

    def smoothed(self) -> Tracks:
        """Both through the one-euro filter; pixels are told as metres by the body's size in each unit."""
        scale = _spread(self.metres) / max(_spread(self.image[..., :2]), 1e-9)
        return replace(
            self,
            image=one_euro(self.image * scale, self.fps) / scale,
            metres=one_euro(self.metres, self.fps),
        )


def _spread(points: Any) -> float:
    """The median distance of a frame's points from their middle."""
    import numpy as np

    return float(np.median(np.linalg.norm(points - points.mean(axis=1, keepdims=True), axis=-1)))


class Detector:
    """MediaPipe Pose, its weights checked before it is imported."""

    def __init__(self) -> None:
        package = importlib.util.find_spec("mediapipe")
        if package is None or package.origin is None:
            raise models.ModelUnavailable("mediapipe is not installed", REQUIRES[0].remedy)
        if not models.path(WEIGHTS).is_relative_to(Path(package.origin).parent):
            raise models.ModelUnavailable(
                "MediaPipe runs its own files only, and they are not the pinned ones", REQUIRES[0].remedy
            )
        models.folder(WEIGHTS)
        logging.getLogger("absl").setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from mediapipe.python.solutions import pose

        self._pose = pose.Pose

    def follow(self, path: Path) -> Tracks:
        """The person in a film. Raises :class:`Refusal` where it cannot be read or shows nobody."""
        import numpy as np

        try:
            facts = video.examine(path)[0]
            with (
                warnings.catch_warnings(),
                hushed(),
                self._pose(model_complexity=1, smooth_landmarks=False) as found,
            ):
                warnings.simplefilter("ignore")
                seen = [(frame.time, found.process(np.ascontiguousarray(frame.rgb))) for frame in video.read(path)]
        except BadMedia as error:
            raise Refusal(str(error), Outcome.INVALID) from error
        size = (facts.width, facts.height)
        times = [time for time, result in seen if result.pose_landmarks]
        if not times:
            raise Refusal(f"no person found in any of {len(seen)} frames", Outcome.INVALID)
        points = np.array([_points(result, size) for _, result in seen if result.pose_landmarks])
        grid = np.arange(facts.frames) / facts.fps
        detected = np.array([bool(result.pose_landmarks) for _, result in seen])
        if facts.variable:
            points = _at(np.array(times), points, grid)
            nearest = np.abs(grid[:, None] - np.array([time for time, _ in seen])).argmin(axis=1)
            detected = detected[nearest]
        else:
            points = points[np.maximum(np.cumsum(detected) - 1, 0)]
        return Tracks(points[:, 0], points[:, 1], detected, facts.fps, size)


def _points(result: Any, size: tuple[int, int]) -> Any:
    """(2, joints, 3): the landmarks in the picture and in metres."""
    import numpy as np

    width, height = size
    image = [result.pose_landmarks.landmark[index] for index in LANDMARKS.values()]
    world = [result.pose_world_landmarks.landmark[index] for index in LANDMARKS.values()]
    return np.array(
        [[(p.x * width, p.y * height, p.z * width) for p in image], [(p.x, p.y, p.z) for p in world]], np.float64
    )


def _at(times: Any, points: Any, grid: Any) -> Any:
    """``points`` (n, …) seen at ``times``, at the times ``grid``: linear between, held outside."""
    import numpy as np

    flat = points.reshape(len(points), -1)
    return np.stack([np.interp(grid, times, column) for column in flat.T], axis=1).reshape(len(grid), *points.shape[1:])


def one_euro(values: Any, fps: float) -> Any:
    """``values`` (frames, …) through the one-euro filter: smooth at rest, quick in motion.

    It is run forwards and backwards and the two are averaged, since one alone lags behind whatever moves.
    Source: Casiez, Roussel and Vogel, "1€ filter", CHI 2012. Speed is that of each point, over its last axis.
    """
    return (_forwards(values, fps) + _forwards(values[::-1], fps)[::-1]) / 2


def _forwards(values: Any, fps: float) -> Any:
    import numpy as np

    smooth, speed = [values[0]], np.zeros_like(values[0])
    slow = _share(DERIVATIVE_CUTOFF, fps)
    for now, before in zip(values[1:], values[:-1], strict=True):
        speed = speed + slow * ((now - before) * fps - speed)
        cutoff = MIN_CUTOFF + BETA * np.linalg.norm(speed, axis=-1, keepdims=True)
        smooth.append(smooth[-1] + _share(cutoff, fps) * (now - smooth[-1]))
    return np.stack(smooth)


def _share(cutoff: Any, fps: float) -> Any:
    """How much of a new value a first-order low pass of ``cutoff`` Hz takes in."""
    return 1 / (1 + fps / (2 * math.pi * cutoff))


def place(body: Any, image: Any, camera: joints.Camera) -> Any:
    """PnP: where ``body`` (frames, joints, 3) must be shifted to be seen at ``image`` (frames, joints, ≥ 2).

    Metres in the camera's frame, (frames, 3); the body is in the camera's axes already.

    A landmark at (u, v) of a joint at (x, y, z) around the hips asks that (x + a) / (z + c) = (u − cx) / fx, and
    likewise downwards: two linear equations a joint in the shift (a, b, c), solved by least squares.
    """
    import numpy as np

    (fx, fy), (cx, cy) = camera.focal, camera.centre
    u = (image[..., 0] - cx) / fx
    v = (image[..., 1] - cy) / fy
    x, y, z = np.moveaxis(body, -1, 0)
    none, one = np.zeros_like(u), np.ones_like(u)
    left = np.concatenate([np.stack([one, none, -u], -1), np.stack([none, one, -v], -1)], axis=1)
    right = np.concatenate([u * z - x, v * z - y], axis=1)
    return np.stack([np.linalg.lstsq(a, b, rcond=None)[0] for a, b in zip(left, right, strict=True)])


def whole(points: Any, tracks: Tracks, space: joints.Space) -> joints.Motion:
    """The motion of ``points`` (frames, joints of ``LANDMARKS``, 3), with pelvis and neck."""
    import numpy as np

    by_name = {name: points[:, index] for index, name in enumerate(LANDMARKS)}
    by_name["pelvis"] = (by_name["left_hip"] + by_name["right_hip"]) / 2
    by_name["neck"] = (by_name["left_shoulder"] + by_name["right_shoulder"]) / 2
    names = tuple(_TREE)
    parents = tuple(-1 if parent is None else names.index(parent) for parent in _TREE.values())
    positions = np.stack([by_name[name] for name in names], axis=1)
    return joints.Motion(positions, names, parents, tracks.fps, space, tracks.detected)


def given(request: Request, media: Media, role: str) -> Path | None:
    """The file of an input role, ``None`` where the sample has none."""
    artifact = request.sample.inputs.get(role)
    return media.path(artifact) if isinstance(artifact, Artifact) else None


def camera_of(request: Request, media: Media, size: tuple[int, int]) -> joints.Camera | None:
    """The sample's camera. Raises :class:`Refusal` where it is none, or of other pictures than the film's."""
    path = given(request, media, "camera")
    if path is None:
        return None
    try:
        camera = joints.camera(path)
    except BadMedia as error:
        raise Refusal(str(error), Outcome.INVALID) from error
    if (camera.width, camera.height) != size:
        raise Refusal(
            f"the camera is of {camera.width}×{camera.height} pixels, the film of {size[0]}×{size[1]}", Outcome.INVALID
        )
    return camera


def written(motion: joints.Motion, folder: Path) -> Mapping[str, tuple[Path, str]]:
    """The motion as both of the contract's outputs."""
    return {
        "joints": joints.write(folder / "joints.npz", motion),
        "bvh": bvh.write(folder / "motion.bvh", motion),
    }


def engine() -> str:
    """What decides the output, beside the weights."""
    return ", ".join(packages.package_version(name) for name in ("mediapipe", "numpy", "av"))
