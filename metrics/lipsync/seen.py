"""The measured mouth of a take, as arrays, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from filmbench.harness.protocols import View
from filmbench.metrics.measure import Unmeasurable

LEAST_FRAMES = 15
LEAST_SEEN = 0.8
"""A face must be found in this share of the frames."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The frames in which the face was found: ``times`` in seconds (n,), ``aperture`` (n,), and the frame rate."""

    times: Any
    aperture: Any
    fps: float


def track(view: View, clip: Any) -> Mapping[str, Any]:
    """The feature ``mouth`` of ``clip``. Raises :class:`Unmeasurable` without a face to follow, or with two."""
    found: Mapping[str, Any] = view.feature("mouth", clip)
    if "reason" in found:
        raise Unmeasurable(str(found["reason"]))
    counts = found["faces"]
    if not any(counts):
        raise Unmeasurable("no face was found")
    if sum(count > 1 for count in counts) > len(counts) / 2:
        raise Unmeasurable("two faces: which one speaks is not said")
    if sum(map(bool, counts)) < LEAST_SEEN * len(counts):
        raise Unmeasurable(f"a face was found in {sum(map(bool, counts))} of {len(counts)} frames only")
    return found


def mouth(view: View, clip: Any) -> Seen:
    """The mouth of ``clip``. Raises :class:`Unmeasurable` as :func:`track`, and below 15 frames."""
    import numpy as np

    found = track(view, clip)
    times = np.array(found["times"])
    if len(times) < LEAST_FRAMES:
        raise Unmeasurable(f"too short: {len(times)} frames, at least {LEAST_FRAMES} are needed")
    aperture = np.array([np.nan if gap is None else gap for gap in found["aperture"]], float)
    seen = ~np.isnan(aperture)
    fps = float(1 / np.median(np.diff(times)))
    return Seen(times[seen], aperture[seen], fps)
