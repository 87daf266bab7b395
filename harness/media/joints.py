"""A body in motion: named joints in metres, frame by frame, in an ``.npz`` of plain arrays.

``positions`` float32 (frames, joints, 3); ``names`` the joints; ``parents`` the index of each joint's parent
(−1 for the root); ``fps``; ``space``: ``world`` (metres, fixed origin, Y up), ``camera`` (metres, X right, Y
down, Z away from the camera) or ``root`` (metres, the pelvis at the origin in every frame, so that where the
body is in the room is not known; axes as in ``camera``) or ``own`` (metres, fixed origin, Y up, as the maker laid its
axes: how they lie to the camera or to a reference is not known); ``detected`` bool (frames,): whether a body was found
in that frame.

Every tool names more joints than it shares with others; ``BODY`` are those that all of them mean the same by, and
the only ones that metrics look at.

A camera is JSON: ``width`` and ``height`` in pixels, ``fx fy cx cy`` in pixels, and, where its place is known,
``rotation`` (3 × 3) and ``translation`` (3, metres) that bring world points into its frame. A skeleton is JSON too:
lengths in metres of ``hips`` and ``shoulders`` (from left to right), ``trunk`` (between their middles),
``upper_arm``, ``forearm``, ``thigh`` and ``shin``.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from filmbench.harness.archives import DAMAGED
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.documents import read_json
from filmbench.harness.types import Artifact

MEDIA_TYPE = "application/x-npz"
MOST_BYTES = 512 * 2**20
MOST_VALUES = 50_000_000
Space = Literal["world", "camera", "root", "own"]
BODY = tuple(
    f"{side}_{joint}" for side in ("right", "left") for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
)
BONES = ("hips", "shoulders", "trunk", "upper_arm", "forearm", "thigh", "shin")


@dataclass(frozen=True, slots=True)
class Motion:
    """See the module's text. Frames without a body hold the last one seen and are not ``detected``."""

    positions: Any
    names: tuple[str, ...]
    parents: tuple[int, ...]
    fps: float
    space: Space
    detected: Any

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.positions) / self.fps


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera. ``rotation`` (3, 3) and ``translation`` (3,) are ``None`` where its place is not known."""

    width: int
    height: int
    focal: tuple[float, float]
    centre: tuple[float, float]
    rotation: Any | None
    translation: Any | None

    @property
    def placed(self) -> bool:
        """Whether its place in the world is known."""
        return self.rotation is not None

    def from_world(self, points: Any) -> Any:
        """World ``points`` (…, 3) in the camera's frame. The camera must be placed."""
        return points @ self.rotation.T + self.translation  # type: ignore[union-attr]

    def to_world(self, points: Any) -> Any:
        """Points (…, 3) of the camera's frame in the world. The camera must be placed."""
        return (points - self.translation) @ self.rotation


def camera(path: Path) -> Camera:
    """The camera in a JSON file. Raises :class:`BadMedia`."""
    import numpy as np

    facts = read_json(path)
    try:
        turn, shift = facts.get("rotation"), facts.get("translation")
        found = Camera(
            width=int(facts["width"]),
            height=int(facts["height"]),
            focal=(float(facts["fx"]), float(facts["fy"])),
            centre=(float(facts["cx"]), float(facts["cy"])),
            rotation=None if turn is None else np.array(turn, np.float64).reshape(3, 3),
            translation=None if turn is None else np.array(shift, np.float64).reshape(3),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadMedia(path, f"no camera ({type(error).__name__}: {error})") from error
    turned = found.rotation
    if min(found.focal) <= 0 or min(found.width, found.height) <= 0:
        raise BadMedia(path, "a camera without size or focal length")
    if turned is not None and not (np.allclose(turned @ turned.T, np.eye(3), atol=1e-3) and np.linalg.det(turned) > 0):
        raise BadMedia(path, "the camera's rotation is none")
    return found


def skeleton(path: Path) -> dict[str, float]:
    """The bone lengths in a JSON file, all of ``BONES``. Raises :class:`BadMedia`."""
    lengths = read_json(path)
    try:
        found = {bone: float(lengths[bone]) for bone in BONES}
    except (KeyError, TypeError, ValueError) as error:
        raise BadMedia(path, f"no skeleton ({type(error).__name__}: {error})") from error
    if not all(0 < length < 5 for length in found.values()):
        raise BadMedia(path, "bones must be between 0 and 5 m long")
    return found


class MotionClip:
    """One artifact's motion, read once."""

    def __init__(self, artifact: Artifact, path: Path) -> None:
        self.artifact = artifact
        self.path = path

    @cached_property
    def motion(self) -> Motion:
        """The motion. Raises :class:`BadMedia`."""
        return read(self.path)


def write(path: Path, motion: Motion) -> tuple[Path, str]:
    """Write ``motion``; gives the path and its media type."""
    import numpy as np

    np.savez(  # not compressed: the same motion gives the same bytes with every zlib
        path,
        positions=np.asarray(motion.positions, np.float32),
        names=np.asarray(motion.names, np.str_),
        parents=np.asarray(motion.parents, np.int32),
        fps=np.float64(motion.fps),
        space=np.str_(motion.space),
        detected=np.asarray(motion.detected, bool),
    )
    return path, MEDIA_TYPE


def read(path: Path) -> Motion:
    """The motion in ``path``. Raises :class:`BadMedia` for what is not one: arrays only, nothing is executed."""
    import numpy as np

    if path.stat().st_size > MOST_BYTES:
        raise BadMedia(path, f"more than the {MOST_BYTES / 2**20:.0f} MB allowed")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_VALUES * 4:
                raise BadMedia(path, "unpacks to more than is allowed")
        with np.load(path, allow_pickle=False) as arrays:
            motion = Motion(
                positions=np.asarray(arrays["positions"], np.float64),
                names=tuple(str(name) for name in arrays["names"]),
                parents=tuple(int(parent) for parent in arrays["parents"]),
                fps=float(arrays["fps"]),
                space=_space(str(arrays["space"])),
                detected=np.asarray(arrays["detected"], bool),
            )
    except DAMAGED as error:
        raise BadMedia(path, f"no motion ({type(error).__name__}: {error})") from error
    _check(path, motion)
    return motion


def facts(path: Path) -> dict[str, Any]:
    """What the probe tells of a motion. Raises :class:`BadMedia`."""
    motion = read(path)
    return {
        "media_type": MEDIA_TYPE,
        "seconds": motion.seconds,
        "frames": len(motion.positions),
        "joints": len(motion.names),
        "fps": motion.fps,
        "space": motion.space,
        "detected": float(motion.detected.mean()),
    }


def _space(name: str) -> Space:
    match name:
        case "world" | "camera" | "root" | "own":
            return name
        case _:
            raise ValueError(f"there is no space {name!r}")


def _check(path: Path, motion: Motion) -> None:
    import numpy as np

    shape = motion.positions.shape
    if len(shape) != 3 or shape[2] != 3 or not shape[0]:
        raise BadMedia(path, f"positions have the shape {shape}, not (frames, joints, 3)")
    if not len(motion.names) == len(motion.parents) == shape[1] or len(motion.detected) != shape[0]:
        raise BadMedia(path, "names, parents or detected do not fit the positions")
    if not np.isfinite(motion.positions).all() or not motion.fps > 0:
        raise BadMedia(path, "holds positions that are not numbers, or no frame rate")
