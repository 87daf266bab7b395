"""A take and its reference on the same joints, at the same times, in the same axes.

- Joints: the 12 that all tools mean the same by (shoulders, elbows, wrists, hips, knees, ankles).
- Times: those of the reference's frames. A take at another rate is interpolated linearly; after its end it holds its
  last pose, and those frames count as missed.
- Missed frames stay in: they are scored with the pose that the take holds there. Frames in which the reference itself
  was not seen are left out.
- Axes: the reference's. A take in the camera's axes is turned by the sample's camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from filmbench.harness.media import joints
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.joints import BODY, Motion
from filmbench.harness.protocols import MetricSpec, View
from filmbench.metrics.measure import Unmeasurable, signature

HIPS = tuple(BODY.index(f"{side}_hip") for side in ("right", "left"))
ANKLES = tuple(BODY.index(f"{side}_ankle") for side in ("right", "left"))
LIMBS = tuple(
    (BODY.index(f"{side}_{upper}"), BODY.index(f"{side}_{lower}"))
    for side in ("right", "left")
    for upper, lower in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
)
"""Upper arms, forearms, thighs and shins: bones that no pose changes."""
SERVED = ("mocap", "editing/cg-character")
"""The contracts whose takes hold a skeleton."""
SETTINGS = "joints:body12;root:hips-mid;resample:linear;missed:held"


def column(
    id: str,
    title: str,
    unit: str,
    settings: str = "",
    *,
    higher: bool = False,
    high: float | None = None,
    provenance: Literal["reimplementation", "proxy"] = "reimplementation",
    decimals: int = 1,
    alone: bool = False,
    contracts: tuple[str, ...] = ("mocap",),
) -> MetricSpec:
    """A column of this family, from 0 upwards. ``settings`` join the family's; ``alone``: no reference is looked at."""
    family = "" if alone else SETTINGS
    return MetricSpec(
        id=id,
        title=title,
        unit=unit,
        signature=signature(id, "numpy", settings=";".join(filter(None, (family, settings)))),
        contracts=contracts,
        higher_is_better=higher,
        provenance=provenance,
        low=0.0,
        high=high,
        worst=0.0 if higher else None,
        decimals=decimals,
        needs=("joints",),
        references=() if alone else ("joints",),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """``places`` and ``truth`` float64 (frames, 12, 3) in metres; ``found`` bool (frames,).

    ``axes`` says why the two have different axes, ``rooted`` why the take's path is not known; ``None``: all is well.
    ``runs`` int (frames,): frames of one run follow one another without a gap in the reference.
    """

    places: Any
    truth: Any
    found: Any
    fps: float
    runs: Any
    axes: str | None
    rooted: str | None

    def steps(self, order: int) -> Any:
        """Which differences of ``order`` along time use frames of one run only: bool (frames − order,)."""
        return self.runs[order:] == self.runs[: len(self.runs) - order]

    def need_axes(self) -> None:
        """Raise :class:`Unmeasurable` where the axes are not the same."""
        if self.axes:
            raise Unmeasurable(self.axes)

    def need_root(self) -> None:
        """Raise :class:`Unmeasurable` where the take does not say where the body is."""
        if self.rooted:
            raise Unmeasurable(self.rooted)

    def need_frames(self, count: int) -> None:
        """Raise :class:`Unmeasurable` for fewer than ``count`` frames in a row."""
        if len(self.runs) < count or not self.steps(count - 1).any():
            raise Unmeasurable(f"too short: {len(self.runs)} frames, at least {count} in a row are needed")


def pair(view: View) -> Pair:
    """The take of ``view`` beside its reference. Raises :class:`Unmeasurable`."""
    import numpy as np

    take, truth = captured(view), reference(view)
    seen = np.flatnonzero(truth.detected)
    if not len(seen):
        raise Unmeasurable("the reference holds no frame with a body")
    times = np.arange(len(truth.positions)) / truth.fps
    places, found = at(take, times)
    camera = _camera(view)
    places, axes = _turned(places, take.space, truth.space, camera)
    own = "own" in (take.space, truth.space)  # such axes stand still, so that paths in them can be laid onto each other
    return Pair(
        places=places[seen],
        truth=body(truth)[seen],
        found=found[seen],
        fps=truth.fps,
        runs=seen - np.arange(len(seen)),
        axes=axes,
        rooted=_unrooted(take, "the motion") or _unrooted(truth, "the reference") or (None if own else axes),
    )


def captured(view: View) -> Motion:
    """The take's motion. Raises :class:`Unmeasurable` where it lacks one of the 12 joints."""
    try:
        motion: Motion = view.output("joints").motion
    except KeyError:
        raise Unmeasurable("the take gave no joints") from None
    _complete(motion, "the motion")
    return motion


def reference(view: View) -> Motion:
    """The true motion. Raises :class:`Unmeasurable`."""
    clip = view.reference("joints")
    if clip is None:
        raise Unmeasurable("the sample has no reference motion")
    motion: Motion = clip.motion
    _complete(motion, "the reference")
    return motion


def _complete(motion: Motion, whose: str) -> None:
    if missing := [name for name in BODY if name not in motion.names]:
        raise Unmeasurable(f"{whose} has no {missing[0]}")


def _unrooted(motion: Motion, whose: str) -> str | None:
    return f"{whose} does not say where the body is (hip-centred)" if motion.space == "root" else None


def body(motion: Motion) -> Any:
    """The 12 joints in the order of ``BODY``: (frames, 12, 3)."""
    return motion.positions[:, [motion.names.index(name) for name in BODY]]


def at(motion: Motion, times: Any) -> tuple[Any, Any]:
    """The 12 joints at ``times`` in seconds, and whether a body was found in the frames around each."""
    import numpy as np

    places, last = body(motion), len(motion.positions) - 1
    frames = np.minimum(times * motion.fps, last)
    before = np.floor(frames + 1e-6).astype(int)
    after = np.minimum(before + 1, last)
    share = np.clip(frames - before, 0.0, 1.0)
    share[share < 1e-6] = 0.0
    mixed = places[before] * (1 - share)[:, None, None] + places[after] * share[:, None, None]
    found = motion.detected[before] & (motion.detected[after] | (share == 0.0))
    return mixed, found & (times * motion.fps < last + 1 - 1e-6)


def _camera(view: View) -> joints.Camera | None:
    document = view.input("camera")
    if document is None:
        return None
    try:
        return joints.camera(document.path)
    except BadMedia as error:
        raise Unmeasurable(str(error)) from error


def _turned(places: Any, space: str, wanted: str, camera: joints.Camera | None) -> tuple[Any, str | None]:
    """``places`` in the axes of the space ``wanted``, or the reason why they cannot be."""
    if "own" in (space, wanted):
        return places, "how the motion's own axes lie to those of the reference is not known"
    if (space == "world") == (wanted == "world"):
        return places, None
    if camera is None or camera.rotation is None:
        return places, f"no camera relates the axes of the motion ({space}) to those of the reference ({wanted})"
    if space == "world":
        return camera.from_world(places), None
    return (camera.to_world(places) if space == "camera" else places @ camera.rotation), None
