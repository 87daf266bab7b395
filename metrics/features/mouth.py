"""Where the lips are, frame by frame: MediaPipe's face mesh."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.faces import (
    CONFIDENCE,
    INNER_LOWER,
    INNER_UPPER,
    JAW,
    LEFT_EYE,
    LOWER_LIP,
    NOSE_BASE,
    OUTER_LOWER,
    OUTER_UPPER,
    RIGHT_EYE,
    SMALLEST,
    UPPER_LIP,
    FaceFinder,
    height_of,
)  # fmt: skip
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.measure import python, signature

LIPS = (*OUTER_UPPER, *OUTER_LOWER[-2:0:-1], *INNER_UPPER, *INNER_LOWER[-2:0:-1])
"""The 40 lip landmarks: round the outer edge, then round the inner one."""
VISION_EXTRA = "pip install 'filmbench[vision]' && pip install --no-deps mediapipe==0.10.14"


class MouthTrack:
    """The one face of a film, frame by frame.

    ``{"size": [width, height], "times": [s, …], "faces": [how many, …], "aperture": […], "lips": [[x, y, …], …],
    "eyes": [[x, y, x, y], …], "region": [[x, y, …], …], "box": [[x0, y0, x1, y1], …]}``, in pixels, or
    ``{"reason"}``. ``aperture`` is the inner-lip gap (landmarks 13 to 14) over the face's height (10 to 152).
    ``eyes`` are the outer corners, ``region`` the lips, the nose's base and the jaw (its convex hull is the part
    that speaks). A frame with no face holds ``null``; of two faces the larger is followed, and ``faces`` says so.
    """

    spec = FeatureSpec(
        id="mouth",
        signature=signature("mouth", "mediapipe", settings=f"static;refined;conf:{CONFIDENCE};least:{SMALLEST}px"),
        requires=(python("mediapipe", VISION_EXTRA), python("cv2", VISION_EXTRA)),
    )

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample: a face is a face."""
        return {}

    def compute(self, clip: Any, sample: Sample) -> Json:
        """Look at every frame of ``clip``."""
        if not isinstance(clip, VideoClip):
            return {"reason": "there is no picture"}
        try:
            return _track(clip)
        except BadMedia as error:
            return {"reason": error.reason}


def _track(clip: VideoClip) -> Json:
    track: dict[str, list[Json]] = {
        name: [] for name in ("times", "faces", "aperture", "lips", "eyes", "region", "box")
    }
    size: list[Json] = []
    with closing(FaceFinder()) as finder, closing(clip.frames()) as frames:
        for frame in frames:
            size = list(frame.own_size)
            faces = finder.find(frame.rgb)
            track["times"].append(round(frame.time, 4))
            track["faces"].append(len(faces))
            seen = _seen(faces[0]) if faces else dict.fromkeys(("aperture", "lips", "eyes", "region", "box"))
            for name, value in seen.items():
                track[name].append(value)
    return {"size": size, **track}


def _seen(face: Any) -> dict[str, Json]:
    import numpy as np

    gap = float(np.linalg.norm(face[UPPER_LIP] - face[LOWER_LIP]))
    return {
        "aperture": round(gap / max(height_of(face), 1e-6), 5),
        "lips": _flat(face[list(LIPS)]),
        "eyes": _flat(face[[LEFT_EYE, RIGHT_EYE]]),
        "region": _flat(face[[*LIPS[:20], NOSE_BASE, *JAW[1:-1]]]),
        "box": _flat(np.stack([face.min(axis=0), face.max(axis=0)])),
    }


def _flat(points: Any) -> list[Json]:
    return [round(float(value), 2) for value in points.ravel()]


FEATURES = (MouthTrack(),)
