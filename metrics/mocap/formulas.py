"""The formulas of motion capture, in plain numpy: places in metres, shape (frames, joints, 3); no media, no reasons.

After yohanshin/WHAM, ``lib/eval/eval_utils.py`` and ``evaluate_emdb.py`` (MIT), written anew; the tests pin them to
the values of the original functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

CHUNK = 100
"""Frames that are aligned together by W- and WA-MPJPE."""
AUC_THRESHOLDS = tuple(0.005 * step for step in range(31))
"""0 to 150 mm in 31 steps, in metres."""


def distances(one: Any, other: Any) -> Any:
    """How far each joint is from its counterpart: (frames, joints) metres."""
    return np.linalg.norm(one - other, axis=-1)


def centred(places: Any, around: tuple[int, ...]) -> Any:
    """``places`` with the middle of the joints ``around`` taken away in each frame."""
    return places - places[:, list(around)].mean(axis=1, keepdims=True)


def similarity(places: Any, truth: Any, scaled: bool = True) -> tuple[Any, Any, Any]:
    """Scale, rotation (determinant +1) and shift that bring ``places`` nearest to ``truth``, both (…, n, 3).

    Least squares by Umeyama (1991). The answers have shapes (…, 1, 1), (…, 3, 3) and (…, 1, 3):
    ``scale * places @ rotation + shift``.
    """
    from_mean, to_mean = places.mean(axis=-2, keepdims=True), truth.mean(axis=-2, keepdims=True)
    source, target = places - from_mean, truth - to_mean
    u, strengths, vt = np.linalg.svd(np.swapaxes(source, -1, -2) @ target)
    flip = np.ones_like(strengths)
    flip[..., 2] = np.where(np.linalg.det(u @ vt) < 0, -1.0, 1.0)
    rotation = (u * flip[..., None, :]) @ vt
    spread = np.maximum((source**2).sum(axis=(-1, -2)), 1e-12)
    scale = (strengths * flip).sum(axis=-1) / spread if scaled else np.ones_like(spread)
    scale = scale[..., None, None]
    return scale, rotation, to_mean - scale * (from_mean @ rotation)


def aligned(places: Any, truth: Any) -> Any:
    """``places`` brought onto ``truth`` by one similarity a frame (Procrustes)."""
    scale, rotation, shift = similarity(places, truth)
    return scale * (places @ rotation) + shift


def share_within(errors: Any, metres: float) -> float:
    """PCK: the share, 0..1, of ``errors`` that are at most ``metres``."""
    return float((errors <= metres).mean())


def area_under_curve(errors: Any) -> float:
    """The mean PCK over ``AUC_THRESHOLDS``, 0..1."""
    return float(np.mean([share_within(errors, threshold) for threshold in AUC_THRESHOLDS]))


def acceleration_errors(places: Any, truth: Any, fps: float) -> Any:
    """How far accelerations differ: (frames − 2, joints) m/s²."""
    return distances(np.diff(places, 2, axis=0), np.diff(truth, 2, axis=0)) * fps**2


def jerks(places: Any, fps: float) -> Any:
    """Sizes of the third derivative: (frames − 3, joints) m/s³."""
    return np.linalg.norm(np.diff(places, 3, axis=0), axis=-1) * fps**3


def chunked_errors(places: Any, truth: Any, leading: int | None) -> Any:
    """Errors (frames, joints) after one similarity for each chunk of ``CHUNK`` frames.

    It is found on the chunk's ``leading`` frames (W-MPJPE: 2), or on all of them (WA-MPJPE: ``None``). A last chunk
    of a single frame joins the one before.
    """
    starts = list(range(0, len(places), CHUNK))
    if len(starts) > 1 and len(places) - starts[-1] < 2:
        starts.pop()
    errors = []
    for start, end in zip(starts, [*starts[1:], len(places)], strict=True):
        part, true = places[start:end], truth[start:end]
        scale, rotation, shift = similarity(part[:leading].reshape(-1, 3), true[:leading].reshape(-1, 3))
        errors.append(distances(scale * (part @ rotation) + shift, true))
    return np.concatenate(errors)


def path_length(root: Any) -> float:
    """How far ``root`` (frames, 3) travels, in metres."""
    return float(np.linalg.norm(np.diff(root, axis=0), axis=-1).sum())


def root_errors(root: Any, truth: Any) -> Any:
    """How far a path (frames, 3) is from the true one after turning and shifting it whole: (frames,) metres."""
    scale, rotation, shift = similarity(root, truth, scaled=False)
    return np.linalg.norm(scale * (root @ rotation) + shift - truth, axis=-1)


def drift(root: Any, truth: Any) -> float:
    """How far the two paths' ends lie apart when they start in one point, in metres."""
    return float(np.linalg.norm((root[-1] - root[0]) - (truth[-1] - truth[0])))


def slides(feet: Any, truth: Any, fps: float, contact: float, counted: Any | None = None) -> Any:
    """Speeds in m/s of ``feet`` (frames, feet, 3) at each step in which the true foot is slower than ``contact`` m/s.

    ``counted`` bool (frames − 1,) leaves steps out.
    """
    speeds, true = (np.linalg.norm(np.diff(each, axis=0), axis=-1) * fps for each in (feet, truth))
    still = true < contact
    return speeds[still if counted is None else still & counted[:, None]]


def bone_variation(places: Any, bones: tuple[tuple[int, int], ...]) -> Any:
    """The coefficient of variation over time, sd / mean, of each bone's length: (bones,)."""
    ends = np.array(bones)
    lengths = np.linalg.norm(places[:, ends[:, 0]] - places[:, ends[:, 1]], axis=-1)
    return lengths.std(axis=0) / np.maximum(lengths.mean(axis=0), 1e-9)
