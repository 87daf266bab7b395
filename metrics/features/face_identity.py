"""Who is seen, as a point in dlib's face space."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import Any

from filmbench.harness import models
from filmbench.harness.media.decode import BadMedia
from filmbench.harness.media.faces import FaceFinder
from filmbench.harness.media.video import VideoClip
from filmbench.harness.protocols import FeatureSpec
from filmbench.harness.types import Json, Sample
from filmbench.metrics.features.mouth import VISION_EXTRA
from filmbench.metrics.measure import python, signature, weights

EVERY_SECONDS = 0.5


class FaceIdentity:
    """dlib's descriptor of the face twice a second: ``{"vectors": [[128 floats], …]}``, or ``{"reason"}``.

    The largest face that MediaPipe finds is aligned by dlib's five landmarks and described by its ResNet, whose authors
    take two descriptors less than 0.6 apart for one person. The 68-point model is not used: the licence of the pictures
    it was taught on is doubtful.
    Source: Davis King, dlib (BSL-1.0); models of github.com/davisking/dlib-models (CC0).
    """

    spec = FeatureSpec(
        id="face_identity",
        signature=signature(
            "face_identity", "dlib-bin", "mediapipe",
            weights=("dlib-face-resnet", "dlib-face-5-points"), settings=f"every:{EVERY_SECONDS}s",
        ),
        requires=(
            python("mediapipe", VISION_EXTRA), python("dlib", VISION_EXTRA),
            weights("dlib-face-resnet"), weights("dlib-face-5-points"),
        ),
    )  # fmt: skip

    def settings(self, sample: Sample) -> Mapping[str, str]:
        """Nothing of the sample."""
        return {}

    def compute(self, clip: Any, sample: Sample) -> Json:
        """Describe the face in ``clip``."""
        if not isinstance(clip, VideoClip):
            return {"reason": "there is no picture"}
        try:
            vectors = _vectors(clip)
        except BadMedia as error:
            return {"reason": error.reason}
        return {"vectors": vectors} if vectors else {"reason": "no face was found"}


def _vectors(clip: VideoClip) -> list[Json]:
    import dlib

    points, network = _dlib()
    vectors: list[Json] = []
    due = 0.0
    with closing(FaceFinder()) as finder, closing(clip.frames()) as frames:
        for frame in frames:
            if frame.time + 1e-6 < due:
                continue
            due += EVERY_SECONDS
            faces = finder.find(frame.rgb)
            if faces:
                left, top, right, bottom = _box(max(faces, key=lambda face: float(face[:, 1].max() - face[:, 1].min())))
                shape = points(frame.rgb, dlib.rectangle(left, top, right, bottom))
                vectors.append([round(value, 6) for value in network.compute_face_descriptor(frame.rgb, shape)])
    return vectors


def _box(face: Any) -> tuple[int, int, int, int]:
    """A square about brows to chin, as dlib's own detector frames a face."""
    x0, (x1, y1) = face[:, 0].min(), face.max(axis=0)
    half = 0.5 * (x1 - x0)
    across, down = (x0 + x1) / 2, y1 - half
    return round(across - half), round(down - half), round(across + half), round(down + half)


@cache
def _dlib() -> tuple[Any, Any]:
    import dlib

    return (
        dlib.shape_predictor(str(models.path("dlib-face-5-points"))),
        dlib.face_recognition_model_v1(str(models.path("dlib-face-resnet"))),
    )


FEATURES = (FaceIdentity(),)
